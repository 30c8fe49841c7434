//! Requests to what routers listen with: bounded in time and size, and never sent elsewhere.
//!
//! Refuses to know what is asked.

use rustls::crypto::ring::default_provider;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Method, Request};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// How long a request may take.
const WAIT: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read: a route of Kubernetes may have a megabyte and a half.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What sends requests.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: Agent,
}

/// What is sent besides the address.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent<'a> {
    /// A token, if one is shown.
    pub(crate) token: Option<&'a str>,
    /// A body and its type; without one, it is a question.
    pub(crate) body: Option<(&'a str, &'a str)>,
    /// Whether the body is a patch.
    pub(crate) is_patch: bool,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Client {
    /// Trusts the authorities that the system trusts, or those of a PEM text instead. Keeps no
    /// connection: each request may meet another process behind the same address.
    pub(crate) fn new(authorities: Option<&[u8]>) -> Result<Self, String> {
        let roots: Vec<Certificate<'static>> = match authorities {
            None => {
                let system = rustls_native_certs::load_native_certs().certs;
                system.iter().map(|it| Certificate::from_der(it).to_owned()).collect()
            }
            Some(pem) => {
                let items = parse_pem(pem).filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                });
                items.collect()
            }
        };
        if authorities.is_some() && roots.is_empty() {
            return Err("the authority's certificates cannot be read".to_owned());
        }
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .unversioned_rustls_crypto_provider(Arc::new(default_provider()))
            .build();
        let config = Agent::config_builder()
            .timeout_global(Some(WAIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .proxy(None)
            .tls_config(tls)
            .build();
        Ok(Self { agent: Agent::new_with_config(config) })
    }

    /// Asks, or sends.
    pub(crate) fn send(&self, url: &str, sent: Sent<'_>) -> Result<Answer, String> {
        let method = match (sent.body, sent.is_patch) {
            (None, _) => Method::GET,
            (Some(_), false) => Method::POST,
            (Some(_), true) => Method::PATCH,
        };
        let (kind, body) = sent.body.unwrap_or_default();
        let mut request = Request::builder().method(method).uri(url);
        if let Some(token) = sent.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if sent.body.is_some() {
            request = request.header("content-type", kind);
        }
        let bad = |_| "its address is none".to_owned();
        let answered = if sent.body.is_some() {
            self.agent.run(request.body(body).map_err(bad)?)
        } else {
            self.agent.run(request.body(()).map_err(bad)?)
        };
        let answer = answered.map_err(|err| words(&err))?;
        let status = answer.status().as_u16();
        let body = answer.into_body().into_with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        Ok(Answer { status, body: body.map_err(|err| words(&err))? })
    }
}

/// What went wrong, without the address: it may hold a secret.
fn words(err: &ureq::Error) -> String {
    match err {
        ureq::Error::Timeout(_) => "it took too long".to_owned(),
        ureq::Error::Io(err) => err.to_string(),
        ureq::Error::HostNotFound => "its name is not known".to_owned(),
        ureq::Error::ConnectionFailed => "the connection failed".to_owned(),
        ureq::Error::Rustls(err) => format!("TLS failed: {err}"),
        ureq::Error::BadUri(_) => "its address is none".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => "its answer is too long".to_owned(),
        _ => "the request failed".to_owned(),
    }
}
