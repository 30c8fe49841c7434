//! Whom a tap trusts when it speaks TLS with a broker. It refuses to know where certificates are
//! kept, and offers no way to skip checking them.

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// Whom a tap trusts.
#[derive(Debug, Clone)]
pub struct Authority {
    pub(crate) config: Arc<ClientConfig>,
    /// The PEM text as it was given, for a client that reads it itself.
    pub(crate) pem: Option<Vec<u8>>,
}

/// Why nobody can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// Text that is no PEM.
    #[error("cannot read the trusted certificates as PEM")]
    Pem,
    /// Not even one certificate.
    #[error("there is no certificate to trust")]
    Nobody,
    /// The library refused.
    #[error("the certificates cannot be used: {0}")]
    Refused(#[from] rustls::Error),
}

/// Trust in the authorities that the system trusts, and in those of a PEM text, if one is given.
///
/// # Errors
/// [`AuthorityError`] if the PEM cannot be read, or if there is nobody to trust.
pub fn authority(pem: Option<Vec<u8>>) -> Result<Authority, AuthorityError> {
    let mut roots = RootCertStore::empty();
    // Systems carry certificates that nobody can use; the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = &pem {
        let named: Vec<_> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|_| AuthorityError::Pem)?;
        if named.is_empty() {
            return Err(AuthorityError::Nobody);
        }
        named.into_iter().try_for_each(|certificate| roots.add(certificate))?;
    }
    if roots.is_empty() {
        return Err(AuthorityError::Nobody);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Authority { config: Arc::new(config), pem })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pem: &str, expected: &str) {
        let error = authority(Some(pem.as_bytes().to_vec())).unwrap_err().to_string();
        assert_eq!(error, expected, "{pem}");
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        check("nothing", "there is no certificate to trust");
        check(
            "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
            "cannot read the trusted certificates as PEM",
        );
    }
}
