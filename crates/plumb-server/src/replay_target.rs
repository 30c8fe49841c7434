//! One instance that a replay asks: where it is, what it called what was created there, and how
//! asking it went.
//!
//! Refuses to compare what it answers, and to tell what was sent or came back.

use crate::client::words;
use crate::resent::{Fresh, resent};
use plumb_engine::clock::since_epoch;
use plumb_engine::replay::answer::Answer;
use plumb_engine::replay::ids::{Asked, Ids};
use plumb_engine::replay::reel::Recorded;
use std::io::Read as _;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;
use ureq::http::{HeaderValue, Method, Request, Response, Uri};
use ureq::{Agent, Body};

/// Bytes of an answer's body that are read; more is not compared. API payloads stay below.
pub(crate) const BODY_BYTES_MAX: u64 = 4 << 20;

/// How long one attempt to connect may take before anything is asked.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// An instance.
pub(crate) struct Target {
    /// Its address, without a slash at the end.
    url: String,
    agent: Agent,
    fresh: Fresh,
    ids: RwLock<Ids>,
    answered: AtomicU64,
    /// Why the last request without an answer had none.
    failure: Mutex<Option<String>>,
}

impl Target {
    /// An instance at an address.
    pub(crate) fn new(url: String, agent: Agent, fresh: Fresh) -> Self {
        Self {
            url,
            agent,
            fresh,
            ids: RwLock::default(),
            answered: AtomicU64::new(0),
            failure: Mutex::default(),
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Why nothing was ever answered; `None` when something was, or nothing was asked.
    pub(crate) fn silence(&self) -> Option<String> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.clone().filter(|_| self.answered.load(Ordering::Relaxed) == 0)
    }

    /// Asks; gives the answer, or that there was none, and how long it took. A safe request is sent
    /// again when its connection broke: a server may close one that is idle at any moment.
    pub(crate) fn ask(&self, recorded: &Recorded) -> (Answer, Duration) {
        let asked = self.ids.read().unwrap_or_else(PoisonError::into_inner).asked(recorded);
        let begun = since_epoch();
        let mut outcome = self.attempt(recorded, &asked);
        let is_broken = matches!(&outcome, Err(ureq::Error::Io(_) | ureq::Error::Protocol(_)));
        if is_broken && recorded.is_safe() {
            outcome = self.attempt(recorded, &asked);
        }
        let took = since_epoch().saturating_sub(begun);
        match outcome {
            Ok(answer) => {
                self.answered.fetch_add(1, Ordering::Relaxed);
                (answer, took)
            }
            Err(err) => {
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                *failure = Some(words(&err));
                (Answer::default(), took)
            }
        }
    }

    /// Learns what this instance called what a request created.
    pub(crate) fn learn(&self, recorded: &Recorded, own: &Answer) {
        self.ids.write().unwrap_or_else(PoisonError::into_inner).learn(recorded, own);
    }

    fn attempt(&self, recorded: &Recorded, asked: &Asked) -> Result<Answer, ureq::Error> {
        let Asked { path, query, body } = asked;
        let mark = if query.is_empty() { "" } else { "?" };
        let uri: Uri = format!("{}{path}{mark}{query}", self.url)
            .parse()
            // What stands there is recorded, and so nobody's to tell.
            .map_err(|_| ureq::Error::BadUri(String::new()))?;
        let mut request = Request::new(());
        *request.method_mut() = Method::from_bytes(recorded.method.as_bytes()).unwrap_or_default();
        *request.uri_mut() = uri;
        *request.headers_mut() = resent(recorded, &self.fresh);
        let has_body = !body.is_empty() || matches!(&*recorded.method, "POST" | "PUT" | "PATCH");
        let response = if has_body {
            self.agent.run(request.map(|()| body.as_slice()))
        } else {
            self.agent.run(request)
        };
        received(response?)
    }

    /// Whether somebody listens there.
    ///
    /// # Errors
    /// Why nobody does.
    pub(crate) fn listens(&self) -> Result<(), String> {
        let uri: Uri = self.url.parse().map_err(|_| "its address is none".to_owned())?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(usual);
        let addresses = (host, port).to_socket_addrs();
        let mut why = "its name is not known".to_owned();
        for address in addresses.map_err(|_| why.clone())? {
            match TcpStream::connect_timeout(&address, CONNECT_WAIT) {
                Ok(_) => return Ok(()),
                Err(err) => why = err.to_string(),
            }
        }
        Err(why)
    }
}

fn received(response: Response<Body>) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let mut bytes = Vec::new();
    let mut reader = response.into_body().into_with_config().limit(u64::MAX).reader();
    (&mut reader).take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BODY_BYTES_MAX {
        return Ok(Answer::too_large(status, headers));
    }
    Ok(Answer::received(status, headers, bytes))
}
