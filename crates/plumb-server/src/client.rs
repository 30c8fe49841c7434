//! The other end of the API: sending deltas, fetching evidence. It waits for an answer no longer
//! than it is told, so that a gate is never held up by its server.
//!
//! Refuses to know what is done when a server does not answer.

use plumb_engine::delta;
use plumb_engine::keeper::{KeepError, Keeper, Terms};
use plumb_engine::location::Location;
use plumb_engine::releases::timeline_of;
use plumb_engine::shelf;
use plumb_gap::release::Release;
use plumb_store::store::{Applied, Delta};
use plumb_traffic::timeline::Timeline;
use rustls::crypto::ring::default_provider;
use serde_json::Value;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// How long a delta may be under way.
const DELTA_WAIT: Duration = Duration::from_secs(30);

/// How long a question for releases may take. Evidence does not wait for it any longer.
const RELEASES_WAIT: Duration = Duration::from_secs(2);

/// Bytes of an answer that is no bundle: ten thousand releases fit.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Connections kept for the next request: one command asks one server a few things.
const IDLE_MAX: usize = 2;

/// A server, and what it is shown.
#[derive(Clone)]
pub struct Remote {
    /// Its address, `https://plumb.internal`.
    pub url: String,
    /// The token, if it wants one.
    pub token: Option<String>,
    /// Whom to trust.
    pub trusted: RootCerts,
}

/// Why a server did not do what it was asked.
#[derive(Debug, Error)]
pub enum RemoteError {
    /// It could not be reached, or not in time.
    #[error("the server `{url}` cannot be reached: {why}")]
    Unreachable {
        /// Its address.
        url: String,
        /// Why.
        why: String,
    },
    /// It said no.
    #[error("the server `{url}` answered {status}: {what}")]
    Refused {
        /// Its address.
        url: String,
        /// The status.
        status: u16,
        /// Its words.
        what: String,
        /// What to do, in its words.
        help: Option<String>,
    },
    /// The address is none.
    #[error("`{0}` is no address of a server")]
    Address(String),
    /// Text that should hold certificates does not.
    #[error("cannot read the certificates: {0}")]
    Certificates(String),
}

/// What became of a part of a delta.
struct Taken {
    applied: Applied,
    are_values_kept: bool,
}

/// Which evidence to fetch.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only this environment.
    pub environment: Option<String>,
    /// Only this day (since 1970-01-01) and later.
    pub since_day: Option<i32>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Remote").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Trust in the authorities that the system trusts, and in those of a PEM text, if one is given.
///
/// # Errors
/// [`RemoteError::Certificates`] when the text holds none.
pub fn trusted(authorities_pem: Option<&[u8]>) -> Result<RootCerts, RemoteError> {
    let system = rustls_native_certs::load_native_certs().certs;
    let mut roots: Vec<Certificate<'static>> =
        system.iter().map(|it| Certificate::from_der(it).to_owned()).collect();
    if let Some(pem) = authorities_pem {
        let before = roots.len();
        for item in parse_pem(pem) {
            if let PemItem::Certificate(certificate) =
                item.map_err(|err| RemoteError::Certificates(err.to_string()))?
            {
                roots.push(certificate);
            }
        }
        if roots.len() == before {
            return Err(RemoteError::Certificates("there is none".to_owned()));
        }
    }
    Ok(RootCerts::new_with_certs(&roots))
}

/// What sends requests. Nothing is followed elsewhere: a token must not end up with a stranger.
pub(crate) fn agent(wait: Duration, trusted: RootCerts) -> Agent {
    agent_keeping(IDLE_MAX, wait, trusted)
}

/// The same, with so many connections kept for the next request.
pub(crate) fn agent_keeping(connections: usize, wait: Duration, trusted: RootCerts) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(trusted)
        .unversioned_rustls_crypto_provider(Arc::new(default_provider()))
        .build();
    let config = Agent::config_builder()
        .timeout_global(Some(wait))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_connections(connections)
        .max_idle_connections_per_host(connections)
        .proxy(None)
        .tls_config(tls)
        .build();
    Agent::new_with_config(config)
}

/// What went wrong, without the address: it may be a secret.
pub(crate) fn words(err: &ureq::Error) -> String {
    match err {
        ureq::Error::Timeout(_) => "it took too long".to_owned(),
        ureq::Error::Io(err) => err.to_string(),
        ureq::Error::HostNotFound => "its name is not known".to_owned(),
        ureq::Error::ConnectionFailed => "the connection failed".to_owned(),
        ureq::Error::Rustls(err) => format!("TLS failed: {err}"),
        ureq::Error::BadUri(_) => "its address is none".to_owned(),
        _ => "the request failed".to_owned(),
    }
}

impl Remote {
    /// Evidence as a bundle, to be read within `wait`.
    ///
    /// # Errors
    /// [`RemoteError`]; failures while reading come from the reader.
    pub fn evidence(
        &self,
        wanted: &Wanted,
        wait: Duration,
    ) -> Result<Box<dyn Read + Send>, RemoteError> {
        let address = self.address("/api/v1/evidence")?;
        let mut request = self.with_token(agent(wait, self.trusted.clone()).get(address));
        if let Some(environment) = &wanted.environment {
            request = request.query("environment", environment);
        }
        if let Some(day) = wanted.since_day {
            request = request.query("since_day", day.to_string());
        }
        let body = self.answered(request.call())?;
        Ok(Box::new(body.into_with_config().limit(u64::MAX).reader()))
    }

    /// Whether the server is ready: it answers, and its store takes what is written. Gives its
    /// clock, in Unix milliseconds, where it tells it. No token is shown.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub fn ready(&self, wait: Duration) -> Result<Option<i64>, RemoteError> {
        let address = self.address("/health/ready")?;
        let body = self.answered(agent(wait, self.trusted.clone()).get(address).call())?;
        Ok(self.answer(body)?.get("at_ms").and_then(Value::as_i64))
    }

    /// The releases that the server knows.
    fn releases(&self) -> Result<Vec<Release>, RemoteError> {
        let request =
            agent(RELEASES_WAIT, self.trusted.clone()).get(self.address("/api/v1/releases")?);
        let answer = self.answer(self.answered(self.with_token(request).call())?)?;
        let told = answer.get("releases").and_then(Value::as_array);
        Ok(told.into_iter().flatten().filter_map(release_of).collect())
    }

    /// Sends one part of a delta.
    fn send(&self, part: &[u8]) -> Result<Taken, RemoteError> {
        let request = self.with_token(
            agent(DELTA_WAIT, self.trusted.clone()).post(self.address("/api/v1/deltas")?),
        );
        let request = request.header("content-type", "application/x-ndjson");
        let answer = self.answer(self.answered(request.send(part))?)?;
        let late = answer.get("entries_late").and_then(Value::as_u64).unwrap_or_default();
        let applied = match answer.get("applied").and_then(Value::as_str) {
            Some("already") => Applied::Already,
            Some("late") => Applied::Late,
            _ => Applied::New { entries_late: usize::try_from(late).unwrap_or(usize::MAX) },
        };
        let are_values_kept = answer.get("values").and_then(Value::as_str) != Some("left-out");
        Ok(Taken { applied, are_values_kept })
    }

    fn answer(&self, body: Body) -> Result<Value, RemoteError> {
        let mut text = String::new();
        let mut reader = body.into_with_config().limit(ANSWER_BYTES_MAX).reader();
        let read = reader.read_to_string(&mut text);
        read.map_err(|err| self.unreachable(err.to_string()))?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    fn address(&self, path: &str) -> Result<String, RemoteError> {
        let url = self.url.trim_end_matches('/');
        if url.starts_with("http://") || url.starts_with("https://") {
            Ok(format!("{url}{path}"))
        } else {
            Err(RemoteError::Address(self.url.clone()))
        }
    }

    fn with_token<T>(&self, request: ureq::RequestBuilder<T>) -> ureq::RequestBuilder<T> {
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    fn answered(
        &self,
        sent: Result<ureq::http::Response<Body>, ureq::Error>,
    ) -> Result<Body, RemoteError> {
        let response = sent.map_err(|err| self.unreachable(words(&err)))?;
        let status = response.status();
        let body = response.into_body();
        if status.is_success() {
            return Ok(body);
        }
        let mut text = String::new();
        // Whatever can be read of it is worth telling.
        drop(body.into_with_config().limit(ANSWER_BYTES_MAX).reader().read_to_string(&mut text));
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        let said = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        Err(RemoteError::Refused {
            url: self.url.clone(),
            status: status.as_u16(),
            what: said("error").unwrap_or_else(|| "it did not say why".to_owned()),
            help: said("help"),
        })
    }

    fn unreachable(&self, why: String) -> RemoteError {
        RemoteError::Unreachable { url: self.url.clone(), why }
    }
}

/// Keeps deltas at a server. Values are hashed under the key at hand here, which the server
/// must share if they are to be kept.
pub struct RemoteKeeper {
    remote: Remote,
    location: Location,
    key_id: String,
    timeline: Timeline,
    complain: Box<dyn Fn(&str) + Send>,
    has_complained: bool,
}

impl std::fmt::Debug for RemoteKeeper {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RemoteKeeper").field("remote", &self.remote).finish_non_exhaustive()
    }
}

impl RemoteKeeper {
    /// For a server, with the key of a location, which is made when it is not there. `complain`
    /// tells people what does not stop the work.
    #[must_use]
    pub fn new(remote: Remote, location: Location, complain: Box<dyn Fn(&str) + Send>) -> Self {
        let (key_id, timeline) = (String::new(), Timeline::default());
        Self { remote, location, key_id, timeline, complain, has_complained: false }
    }
}

impl Keeper for RemoteKeeper {
    fn terms(&mut self) -> Result<Terms, KeepError> {
        let (key, key_id) = shelf::key(&self.location)?;
        self.key_id.clone_from(&key_id);
        // A server that does not answer now knows no less than before.
        if let Ok(releases) = self.remote.releases() {
            self.timeline = timeline_of(releases);
        }
        Ok(Terms { key, key_id, timeline: self.timeline.clone() })
    }

    fn keep(&mut self, delta: &Delta<'_>) -> Result<Applied, KeepError> {
        let away = |err: RemoteError| KeepError::Away(err.to_string());
        let parts = delta::parts(delta, &self.key_id);
        let mut applied = Applied::Already;
        for part in parts.map_err(|err| KeepError::Away(err.to_string()))? {
            let taken = self.remote.send(&part).map_err(away)?;
            if taken.applied != Applied::Already {
                applied = taken.applied;
            }
            if !taken.are_values_kept && !self.has_complained {
                self.has_complained = true;
                (self.complain)(
                    "the server hashes values under another key, so it leaves ours out; \
                     copy its key file here to have them kept",
                );
            }
        }
        Ok(applied)
    }

    fn put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), KeepError> {
        shelf::open(&self.location)?.put(kind, key, bytes)
    }

    fn get(&mut self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, KeepError> {
        shelf::open(&self.location)?.get(kind, key)
    }
}

fn release_of(told: &Value) -> Option<Release> {
    let text = |name: &str| told.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Release {
        at_ms: told.get("at_ms")?.as_i64()?,
        component: text("component")?,
        version: text("version")?,
        environment: text("environment")?,
    })
}
