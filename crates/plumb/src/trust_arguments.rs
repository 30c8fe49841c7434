//! Whether a command's calls through TLS are dealt with. Refuses to know how.

use clap::Args;

/// Whether to look into TLS.
#[derive(Debug, Args)]
pub(crate) struct TrustArguments {
    /// Deal with calls through TLS as well: the command is told, by variables such as
    /// `SSL_CERT_FILE`, to trust an authority that is made for this run and gone with it
    #[arg(long)]
    pub(crate) intercept_tls: bool,
}
