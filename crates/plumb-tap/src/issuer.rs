//! An authority for one run: whoever trusts it can be talked to in the name of any host. Its key
//! is made when the run begins, is written nowhere, and is gone with it. It refuses to know who is
//! told to trust it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, SignatureAlgorithm,
    SigningKey,
};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::tls::{ServerTls, TlsError, presenting};

/// How long certificates are good for, from a day before they are made: longer than a run takes,
/// and short of what clients refuse.
const GOOD_DAYS: u32 = 30;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Hosts whose certificates are kept. A run talks to few; one that is left out gets another.
const HOSTS_MAX: usize = 1_000;

/// Bytes of a serial number.
const SERIAL_BYTES: usize = 16;

/// Letters in a line of PEM (RFC 7468, section 2).
const PEM_LINE_LETTERS: usize = 64;

/// The authority of one run.
pub struct Issuer {
    issuer: rcgen::Issuer<'static, Key>,
    certificate: CertificateDer<'static>,
    begin: OffsetDateTime,
    end: OffsetDateTime,
    shown: Mutex<BTreeMap<String, ServerTls>>,
    distrusted: AtomicU64,
}

/// No authority, or no certificate of it.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// There is no randomness to make a key of.
    #[error("no key can be made")]
    Key,
    /// A host that no certificate can name, or a time that is none.
    #[error("no certificate can be made: {0}")]
    Certificate(String),
    /// A certificate that is of no use.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A key that certificates can be made with.
struct Key {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

impl Issuer {
    /// An authority that begins now, given as the time since 1970-01-01T00:00Z.
    ///
    /// # Errors
    /// [`IssueError`] without randomness, or at a time that certificates cannot tell.
    pub fn new(now: Duration) -> Result<Self, IssueError> {
        let (begin, end) = (at(now.saturating_sub(DAY))?, at(now + DAY * GOOD_DAYS)?);
        let key = Key::new()?;
        let mut params = params(Vec::new(), (begin, end))?;
        params.distinguished_name.push(DnType::CommonName, "plumb, for one run");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key).map_err(no_certificate)?.der().clone();
        let issuer = rcgen::Issuer::new(params, key);
        Ok(Self {
            issuer,
            certificate,
            begin,
            end,
            shown: Mutex::default(),
            distrusted: AtomicU64::new(0),
        })
    }

    /// The certificate that has to be trusted, in PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        pem(&self.certificate)
    }

    /// The same, behind all that the system trusts: for programs that take one list for all.
    #[must_use]
    pub fn bundle_pem(&self) -> String {
        // What the system cannot tell, its programs are not told by Plumb either.
        let system = rustls_native_certs::load_native_certs().certs;
        system.iter().chain([&self.certificate]).map(pem).collect()
    }

    /// What to show to whoever wants to talk to this host.
    ///
    /// # Errors
    /// [`IssueError`] for a host that no certificate can name.
    pub fn show(&self, host: &str) -> Result<ServerTls, IssueError> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shown.get(host) {
            return Ok(known.clone());
        }
        let made = ServerTls(Arc::new(self.made(host)?));
        if shown.len() < HOSTS_MAX {
            shown.insert(host.to_owned(), made.clone());
        }
        Ok(made)
    }

    fn made(&self, host: &str) -> Result<ServerConfig, IssueError> {
        let key = Key::new()?;
        let mut params = params(vec![host.to_owned()], (self.begin, self.end))?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(no_certificate)?;
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        Ok(presenting(chain, PrivatePkcs8KeyDer::from(key.pkcs8).into())?)
    }

    /// Speaks TLS with whoever wants to talk to this host; nothing where the host cannot be named,
    /// or no handshake comes about in time. The latter is counted: whoever wanted to talk did not
    /// trust the certificate, most likely.
    pub async fn speak<S>(&self, host: &str, stream: S, within: Duration) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let shown = self.show(host).ok()?;
        match timeout(within, TlsAcceptor::from(shown.config()).accept(stream)).await {
            Ok(Ok(stream)) => Some(stream),
            _ => {
                self.distrusted.fetch_add(1, Relaxed);
                None
            }
        }
    }

    /// Handshakes that failed so far.
    #[must_use]
    pub fn distrusted(&self) -> u64 {
        self.distrusted.load(Relaxed)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Issuer(key withheld)")
    }
}

impl Key {
    fn new() -> Result<Self, IssueError> {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        let pkcs8 = pkcs8.map_err(|_| IssueError::Key)?.as_ref().to_vec();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &random);
        Ok(Self { pair: pair.map_err(|_| IssueError::Key)?, pkcs8 })
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signed = self.pair.sign(&SystemRandom::new(), message);
        Ok(signed.map_err(|_| rcgen::Error::RemoteKeyError)?.as_ref().to_vec())
    }
}

fn params(
    hosts: Vec<String>,
    (begin, end): (OffsetDateTime, OffsetDateTime),
) -> Result<CertificateParams, IssueError> {
    let mut params = CertificateParams::new(hosts).map_err(no_certificate)?;
    let mut serial = [0; SERIAL_BYTES];
    SystemRandom::new().fill(&mut serial).map_err(|_| IssueError::Key)?;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.key_identifier_method = KeyIdMethod::PreSpecified(serial.to_vec());
    (params.not_before, params.not_after) = (begin, end);
    params.distinguished_name = rcgen::DistinguishedName::new();
    Ok(params)
}

fn at(since_epoch: Duration) -> Result<OffsetDateTime, IssueError> {
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    let time = OffsetDateTime::from_unix_timestamp(seconds);
    time.map_err(|err| IssueError::Certificate(err.to_string()))
}

fn no_certificate(err: rcgen::Error) -> IssueError {
    IssueError::Certificate(err.to_string())
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    let text = STANDARD.encode(certificate);
    let lines = text.as_bytes().chunks(PEM_LINE_LETTERS).map(String::from_utf8_lossy);
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::client;
    use rustls_pki_types::{ServerName, UnixTime};
    use tokio_rustls::TlsConnector;

    fn now() -> Duration {
        Duration::from_secs(UnixTime::now().as_secs())
    }

    /// Whether somebody who trusts `trusted` talks to `name`, given what is shown for `host`.
    async fn talks(issuer: &Issuer, trusted: &str, (host, name): (&str, &str)) -> bool {
        let (near, far) = tokio::io::duplex(1 << 16);
        let shown = TlsAcceptor::from(issuer.show(host).unwrap().config());
        let trust = client(Some(trusted.as_bytes())).unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let connector = TlsConnector::from(trust.any);
        let (client, server) = tokio::join!(connector.connect(name, near), shown.accept(far));
        client.is_ok() && server.is_ok()
    }

    #[tokio::test]
    async fn whoever_trusts_the_authority_talks_to_any_host() {
        let (issuer, other) = (Issuer::new(now()).unwrap(), Issuer::new(now()).unwrap());
        for host in ["api.example.org", "127.0.0.1", "::1"] {
            assert!(talks(&issuer, &issuer.pem(), (host, host)).await, "{host}");
            assert!(talks(&issuer, &issuer.bundle_pem(), (host, host)).await, "{host}");
            assert!(!talks(&issuer, &other.pem(), (host, host)).await, "{host}");
        }
        let elsewhere = ("api.example.org", "other.example.org");
        assert!(!talks(&issuer, &issuer.pem(), elsewhere).await);
        assert_eq!(issuer.shown.lock().unwrap().len(), 3);
    }

    #[test]
    fn what_no_certificate_can_name_is_refused() {
        let issuer = Issuer::new(now()).unwrap();
        assert!(issuer.show("größe").is_err());
        assert_eq!(format!("{issuer:?}"), "Issuer(key withheld)");
    }
}
