//! Where the traffic goes: an address and the protocol spoken there. It refuses to know how a
//! connection is made.

use http::Uri;
use http::uri::{Authority, Scheme};
use rustls_pki_types::ServerName;

use crate::authority::host_of;
use crate::tls::ClientTls;

/// Where the traffic goes.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Host and port as written; what the upstream calls itself.
    pub(crate) authority: Authority,
    /// The host without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) protocol: Protocol,
    pub(crate) tls: Option<UpstreamTls>,
}

/// What it takes to speak TLS with the upstream.
#[derive(Debug, Clone)]
pub(crate) struct UpstreamTls {
    pub(crate) trust: ClientTls,
    pub(crate) name: ServerName<'static>,
}

/// The protocol spoken with the upstream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protocol {
    /// With TLS what both sides prefer; without, HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2; without TLS by prior knowledge, as gRPC does.
    Http2,
}

/// Why an address is none the tap can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// Not an address with `http` or `https`.
    #[error("`{0}` is no address of the form `http://host:port` or `https://host:port`")]
    Address(String),
    /// The tap passes paths as they are.
    #[error("`{0}` has a path, a query or a user, and only scheme, host and port are taken")]
    MoreThanHost(String),
    /// A host that no certificate can name.
    #[error("`{0}` is no name that a certificate can carry")]
    Name(String),
    /// An `https` address, and nobody to trust.
    #[error("`{0}` needs TLS, and no trusted certificates were given")]
    Untrusted(String),
}

/// Characters of an address shown in an error; hosts end at 253.
const SHOWN_CHARS_MAX: usize = 300;

/// Reads an address such as `https://api.example:8443`. `https` needs somebody to `trust`.
///
/// # Errors
/// [`UpstreamError`], with the address.
pub fn upstream(
    address: &str,
    protocol: Protocol,
    trust: Option<&ClientTls>,
) -> Result<Upstream, UpstreamError> {
    let shown = || address.chars().take(SHOWN_CHARS_MAX).collect::<String>();
    let uri: Uri = address.parse().map_err(|_| UpstreamError::Address(shown()))?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(UpstreamError::Address(shown()));
    };
    if uri.path().len() > 1 || uri.query().is_some() || authority.as_str().contains('@') {
        return Err(UpstreamError::MoreThanHost(shown()));
    }
    let host = host_of(authority).to_owned();
    let tls = if *scheme == Scheme::HTTPS {
        let trust = trust.cloned().ok_or_else(|| UpstreamError::Untrusted(shown()))?;
        let name = ServerName::try_from(host.clone()).map_err(|_| UpstreamError::Name(shown()))?;
        Some(UpstreamTls { trust, name })
    } else if *scheme == Scheme::HTTP {
        None
    } else {
        return Err(UpstreamError::Address(shown()));
    };
    let port = authority.port_u16().unwrap_or(if tls.is_some() { 443 } else { 80 });
    Ok(Upstream { authority: authority.clone(), host, port, protocol, tls })
}

impl Upstream {
    pub(crate) fn scheme(&self) -> Scheme {
        if self.tls.is_some() { Scheme::HTTPS } else { Scheme::HTTP }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: Result<(&str, u16), UpstreamError>) {
        let got = upstream(address, Protocol::Auto, None);
        let got = got.as_ref().map(|to| (&*to.host, to.port)).map_err(Clone::clone);
        assert_eq!(got, expected, "{address}");
    }

    #[test]
    fn addresses_are_hosts_and_ports() {
        check("http://api.example", Ok(("api.example", 80)));
        check("http://127.0.0.1:8080/", Ok(("127.0.0.1", 8080)));
        check("http://[::1]:8080", Ok(("::1", 8080)));
        for address in ["", "api.example", "api.example:80", "ftp://h", "http://", "/path"] {
            check(address, Err(UpstreamError::Address(address.to_owned())));
        }
        for address in ["http://h/base", "http://h?q", "http://me:pw@h"] {
            check(address, Err(UpstreamError::MoreThanHost(address.to_owned())));
        }
        check("https://h", Err(UpstreamError::Untrusted("https://h".to_owned())));
    }
}
