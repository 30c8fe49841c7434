//! Where a request is aimed, written the way each protocol wants it. It refuses to know who sends
//! it.

use http::header::{CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri, Version};

use crate::hop::{self, Wishes};
use crate::options::HostHeader;
use crate::upstream::Upstream;

/// What a request is aimed at.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    scheme: Scheme,
    authority: Named,
    path: PathAndQuery,
    /// The `host` header to write; none to leave the one that was sent.
    host: Option<HeaderValue>,
    pub(crate) wishes: Wishes,
}

/// Who is addressed.
#[derive(Debug, Clone)]
enum Named {
    As(Authority),
    /// In the words of the `host` header, which HTTP/1.1 has no need to read, or else as this says.
    Header(HeaderValue, Authority),
}

/// Whether a request brings a payload whose length is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Known,
    Open,
}

/// Finds out what a request is aimed at, and takes what concerned its connection out of it.
pub(crate) fn take(parts: &mut Parts, upstream: &Upstream, host: HostHeader) -> Target {
    let wishes = hop::take_wishes(&mut parts.headers);
    let sent = match host {
        HostHeader::Upstream => None,
        // What an absolute target names counts more than the header.
        HostHeader::AsSent => parts.uri.authority().cloned().map(bare),
    };
    let header = parts.headers.get(HOST);
    let (authority, host) = match (sent, header, host) {
        (Some(authority), ..) => (Named::As(authority.clone()), Some(authority)),
        (None, Some(header), HostHeader::AsSent) => {
            (Named::Header(header.clone(), upstream.authority.clone()), None)
        }
        _ => (Named::As(upstream.authority.clone()), Some(upstream.authority.clone())),
    };
    Target {
        scheme: upstream.scheme(),
        authority,
        path: parts.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/")),
        host: host.and_then(|host| HeaderValue::from_str(host.as_str()).ok()),
        wishes,
    }
}

/// Writes the target into a request for HTTP/1.1.
pub(crate) fn write_http1<B>(target: &Target, length: Length, request: &mut Request<B>) {
    *request.version_mut() = Version::HTTP_11;
    *request.uri_mut() = Uri::from(target.path.clone());
    let headers = request.headers_mut();
    if let Some(host) = &target.host {
        headers.insert(HOST, host.clone());
    }
    let framed = [CONTENT_LENGTH, TRANSFER_ENCODING];
    if length == Length::Open && !framed.iter().any(|name| headers.contains_key(name)) {
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    hop::put_wishes(headers, &target.wishes);
}

/// Writes the target into a request for HTTP/2.
pub(crate) fn write_http2<B>(target: &Target, request: &mut Request<B>) {
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(target.scheme.clone());
    uri.authority = Some(target.authority.read());
    uri.path_and_query = Some(target.path.clone());
    *request.version_mut() = Version::HTTP_2;
    // INVARIANT: with scheme, authority and path there is nothing left to refuse.
    *request.uri_mut() = Uri::from_parts(uri).unwrap_or_default();
    request.headers_mut().remove(HOST);
    hop::put_trailers(request.headers_mut(), target.wishes.trailers);
}

impl Named {
    fn read(&self) -> Authority {
        match self {
            Self::As(authority) => authority.clone(),
            Self::Header(header, otherwise) => {
                let named = header.to_str().ok().and_then(|name| name.parse().ok());
                named.unwrap_or_else(|| otherwise.clone())
            }
        }
    }
}

/// An authority without user and password, which no upstream is to be told.
fn bare(authority: Authority) -> Authority {
    let host = authority.as_str().rsplit_once('@').and_then(|(_, host)| host.parse().ok());
    host.unwrap_or(authority)
}
