//! How a command is brought to trust the authority of one run, so that its calls through TLS can be
//! looked at or answered. Refuses to know which of the two is done.

use crate::failure::{Failure, outside};
use crate::render::count_u64;
use crate::terminal::Terminal;
use crate::trust_arguments::TrustArguments;
use plumb_engine::clock::since_epoch;
use plumb_tap::issuer::Issuer;
use std::fs;
use std::io;
use std::sync::Arc;
use tempfile::TempDir;

/// Where programs look for whom to trust: OpenSSL and what is built on it, Python's clients, curl,
/// AWS's clients, gRPC, Deno, and Node.js.
const VARIABLES: [&str; 7] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "DENO_CERT",
    "NODE_EXTRA_CA_CERTS",
];

/// The variable that names the authority alone, for whoever has to be told in another way.
const OWN_VARIABLE: &str = "PLUMB_CA_FILE";

/// The authority of this run, and what the command is told of it.
pub(crate) struct Trusting {
    issuer: Arc<Issuer>,
    variables: Vec<(String, String)>,
    /// Certificates only, and gone with this.
    _folder: TempDir,
}

impl Trusting {
    /// The authority, if there is to be one.
    ///
    /// # Errors
    ///
    /// When it cannot be made, or there is no folder to tell of it in.
    pub(crate) fn wanted(arguments: &TrustArguments) -> Result<Option<Self>, Failure> {
        arguments.intercept_tls.then(Self::new).transpose()
    }

    fn new() -> Result<Self, Failure> {
        let lost = |err: io::Error| outside(format!("no authority can be told of: {err}"), None);
        let issuer = Issuer::new(since_epoch())
            .map_err(|err| outside(format!("no authority can be made: {err}"), None))?;
        let folder = tempfile::Builder::new().prefix("plumb-").tempdir().map_err(lost)?;
        let (all, own) = (folder.path().join("trusted.pem"), folder.path().join("plumb.pem"));
        fs::write(&all, issuer.bundle_pem()).map_err(lost)?;
        fs::write(&own, issuer.pem()).map_err(lost)?;
        let told = |name: &str, path: &std::path::Path| {
            (name.to_owned(), path.to_string_lossy().into_owned())
        };
        let mut variables: Vec<_> = VARIABLES.iter().map(|name| told(name, &all)).collect();
        variables.push(told(OWN_VARIABLE, &own));
        Ok(Self { issuer: Arc::new(issuer), variables, _folder: folder })
    }

    /// The authority.
    pub(crate) fn issuer(&self) -> Arc<Issuer> {
        Arc::clone(&self.issuer)
    }

    /// What the command is told by variables.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        self.variables.clone()
    }

    /// Tells people of connections that came to nothing.
    pub(crate) fn tell(&self, terminal: Terminal) {
        let distrusted = self.issuer.distrusted();
        if distrusted > 0 {
            let count = count_u64(distrusted, "connection");
            terminal.complain(&format!(
                "warning: {count} through TLS failed, most likely for want of trust; programs that \
                 look at none of the usual variables find the authority in `{OWN_VARIABLE}`\n"
            ));
        }
    }
}
