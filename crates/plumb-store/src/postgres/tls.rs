//! TLS to the server, as the driver asks for it.
//!
//! Refuses to know what is said through it, and to send on a connection that nobody encrypts.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as RustlsStream;

use crate::address::{Address, Safety};

/// The protocol's name in a handshake.
const PROTOCOL: &[u8] = b"postgresql";

/// The name that is asked for where the server has none: a socket in the file system.
const NO_NAME: &str = "localhost";

/// Why TLS cannot be set up.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The file of authorities holds none.
    #[error("`{path}`, which `sslrootcert` names, holds no certificates in PEM")]
    Authorities {
        /// The file.
        path: String,
    },
    /// There are no authorities to check certificates with.
    #[error("this machine trusts no certificates")]
    NoRoots,
    /// The library refuses.
    #[error("TLS cannot be set up: {0}")]
    Unusable(#[from] rustls::Error),
}

/// Encrypts connections, and checks who answers as far as it was asked to.
#[derive(Clone, Debug)]
pub struct Tls(Arc<ClientConfig>);

/// What encrypts on the way to this address; none where it says that nothing is to be encrypted.
///
/// # Errors
/// [`TlsError`]: nobody who answers could be trusted.
pub fn tls_to(address: &Address) -> Result<Option<Tls>, TlsError> {
    match address.safety {
        Safety::Plain => Ok(None),
        safety => tls(safety, address.authorities.as_deref()).map(Some),
    }
}

/// What encrypts at this level of safety. `authorities` are trusted in place of the system's.
fn tls(safety: Safety, authorities: Option<&Path>) -> Result<Tls, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match safety {
        Safety::Verified => builder.with_root_certificates(roots(authorities)?),
        Safety::Plain | Safety::Preferred | Safety::Encrypted => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(WhoeverAnswers(provider)))
        }
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(Tls(Arc::new(config)))
}

fn roots(authorities: Option<&Path>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = authorities {
        let unread = || TlsError::Authorities { path: path.display().to_string() };
        let certificates = CertificateDer::pem_file_iter(path).map_err(|_| unread())?;
        for certificate in certificates {
            roots.add(certificate.map_err(|_| unread())?).map_err(|_| unread())?;
        }
        return if roots.is_empty() { Err(unread()) } else { Ok(roots) };
    }
    // Systems carry certificates that nobody can use; the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(TlsError::NoRoots) } else { Ok(roots) }
}

/// Takes any certificate; whoever answers must still hold its key. What `require` has always meant.
#[derive(Debug)]
struct WhoeverAnswers(Arc<CryptoProvider>);

impl ServerCertVerifier for WhoeverAnswers {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Encrypted;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, io::Error> {
        let domain = if domain.is_empty() { NO_NAME } else { domain };
        let name = ServerName::try_from(domain.to_owned()).map_err(io::Error::other)?;
        Ok(Handshake { connector: TlsConnector::from(Arc::clone(&self.0)), name })
    }
}

/// A handshake that has not begun.
#[expect(missing_debug_implementations, reason = "the connector shows nothing of itself")]
pub struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Encrypted, io::Error>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        let connecting = self.connector.connect(self.name, socket);
        Box::pin(async { connecting.await.map(Encrypted) })
    }
}

/// An encrypted connection.
#[derive(Debug)]
pub struct Encrypted(RustlsStream<Socket>);

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
