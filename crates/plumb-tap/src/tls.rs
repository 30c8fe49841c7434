//! TLS on both sides: the tap's own certificate, and whom it trusts upstream. It refuses to know
//! where certificates are kept, and offers no way to skip checking them.

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// How protocols are called in a handshake.
const HTTP_1_1: &[u8] = b"http/1.1";
pub(crate) const HTTP_2: &[u8] = b"h2";

/// What the tap shows to its clients.
#[derive(Debug, Clone)]
pub struct ServerTls(pub(crate) Arc<ServerConfig>);

/// Whom the tap trusts upstream.
#[derive(Debug, Clone)]
pub struct ClientTls {
    /// Offers both protocols.
    pub(crate) any: Arc<ClientConfig>,
    /// Offers HTTP/1.1 only.
    pub(crate) http1: Arc<ClientConfig>,
    /// Offers HTTP/2 only.
    pub(crate) http2: Arc<ClientConfig>,
}

impl ServerTls {
    /// The same, for servers beside the tap.
    #[must_use]
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0)
    }
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Text that is no PEM.
    #[error("cannot read {what} as PEM: {why}")]
    Pem {
        /// Which of the inputs.
        what: &'static str,
        /// What is wrong with it.
        why: pem::Error,
    },
    /// A PEM text without any certificate.
    #[error("there is no certificate in {what}")]
    NoCertificate {
        /// Which of the inputs.
        what: &'static str,
    },
    /// Certificate and key do not fit together, or are of no use.
    #[error("cannot use the certificate: {0}")]
    Unusable(#[from] rustls::Error),
    /// The system trusts nobody, and no further authority was given.
    #[error("the system's trusted certificates cannot be read: {0}")]
    NoRoots(String),
}

/// What the tap shows to its clients: a chain of certificates, its own first, and its key, in PEM.
///
/// # Errors
/// [`TlsError`] if either cannot be read, or if they do not fit together.
pub fn server(chain_pem: &[u8], key_pem: &[u8]) -> Result<ServerTls, TlsError> {
    let chain = certificates(chain_pem, "the certificate")?;
    let key = PrivateKeyDer::from_pem_slice(key_pem)
        .map_err(|why| TlsError::Pem { what: "the private key", why })?;
    Ok(ServerTls(Arc::new(presenting(chain, key)?)))
}

/// The same, already read.
///
/// # Errors
/// [`TlsError`] if they do not fit together.
pub(crate) fn presenting(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()];
    Ok(config)
}

/// Trust in the authorities that the system trusts, and in those of a PEM text, if one is given.
///
/// # Errors
/// [`TlsError`] if the PEM cannot be read, or if there is nobody to trust.
pub fn client(authorities_pem: Option<&[u8]>) -> Result<ClientTls, TlsError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    // Systems carry certificates that nobody can use; the others still count.
    roots.add_parsable_certificates(system.certs);
    if let Some(authorities) = authorities_pem {
        for authority in certificates(authorities, "the trusted certificates")? {
            roots.add(authority)?;
        }
    }
    if roots.is_empty() {
        let why =
            system.errors.first().map_or_else(|| "none found".to_owned(), ToString::to_string);
        return Err(TlsError::NoRoots(why));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let offering = |protocols: &[&[u8]]| {
        let mut config = config.clone();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    };
    Ok(ClientTls {
        any: offering(&[HTTP_2, HTTP_1_1]),
        http1: offering(&[HTTP_1_1]),
        http2: offering(&[HTTP_2]),
    })
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|why| TlsError::Pem { what, why })?;
    if certificates.is_empty() { Err(TlsError::NoCertificate { what }) } else { Ok(certificates) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chain: &str, key: &str, expected: &str) {
        let error = server(chain.as_bytes(), key.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        check("", "", "there is no certificate in the certificate");
        check("-----BEGIN CERTIFICATE-----\n?", "", "cannot read the certificate as PEM");
        let chain = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        check(chain, "", "cannot read the private key as PEM");
        let error = client(Some(b"nothing")).unwrap_err().to_string();
        assert_eq!(error, "there is no certificate in the trusted certificates");
    }
}
