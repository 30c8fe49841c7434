//! The reel: captured requests as they can be asked again, without the credentials they carried.
//!
//! Held in memory for one replay and never written. Refuses to know who is asked, and how a request
//! is sent.

use super::answer::Answer;
use crate::observe::{ObserveError, exchanges};
use plumb_shape::crowd::crowded;
use plumb_shape::operation::Operation;
use plumb_traffic::exchange::{Body, Exchange, Pair};
use plumb_traffic::fold::write_operation;
use plumb_traffic::otlp::wanted as asked;
use plumb_traffic::reading::Reading;
use plumb_traffic::redact::Redaction;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::time::Duration;

/// Requests that are held at once: an hour at some thirty a second.
pub const REQUESTS_MAX: usize = 100_000;

/// Bytes of requests, and of recorded answers where those are needed, that are held at once.
pub const HELD_BYTES_MAX: usize = 512 << 20;

/// Hosts of a capture that are told apart.
const HOSTS_MAX: usize = 1_000;

/// Why a request is left out: it may change something.
pub const UNSAFE: &str = "may change something, and `--unsafe` was not given";
/// Why a request is left out: it is none of HTTP.
pub const NO_REQUEST: &str = "no request of HTTP";
/// Why a request is left out: its body was not recorded as it was sent.
pub const NO_BODY: &str = "its body is not in the capture";
/// Why a request is left out: there are enough.
pub const BEYOND_LIMIT: &str = "beyond `--limit`";
/// Why a request is left out: there are more than fit.
pub const BEYOND_ROOM: &str = "beyond what is held at once";
/// Why a request is left out: it went to somebody else.
pub const OTHER_HOST: &str = "to another host";
/// Why a request is left out: there is no answer to compare with.
pub const NO_ANSWER: &str = "recorded without an answer";

/// Methods that change nothing (RFC 9110, 9.2.1), as far as they are replayed.
const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// Methods that may.
const OTHERS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// One request that can be asked again.
#[derive(Clone, Default)]
pub struct Recorded {
    /// The operation, as the fold names it.
    pub operation: String,
    /// The method, in upper case.
    pub method: String,
    /// The path, percent-encoded.
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// Headers as they were recorded, without credentials.
    pub headers: Vec<(String, String)>,
    /// The media type of the body, where one is known.
    pub media_type: Option<String>,
    /// The body; empty without one.
    pub body: Vec<u8>,
    /// What was answered then, where it is needed.
    pub answer: Option<Answer>,
    /// How long that took.
    pub took: Option<Duration>,
}

/// Which requests are wanted.
pub struct Wanted<'a> {
    /// How many at most.
    pub limit: usize,
    /// Whether those that may change something are.
    pub methods: Methods,
    /// Which recorded answers are needed.
    pub answers: Answers,
    /// Whether requests to a host are.
    pub is_host: &'a dyn Fn(&str) -> bool,
    /// Which names are credentials.
    pub redaction: &'a Redaction,
}

/// Which methods are replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    /// `GET`, `HEAD` and `OPTIONS`.
    Safe,
    /// All of them.
    All,
}

/// Which recorded answers are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Those that tell ids.
    Created,
    /// All: they stand for the deployed version.
    All,
}

/// Requests that can be asked again, and what is not among them.
#[derive(Debug, Default)]
pub struct Reel {
    /// The requests, in the order in which they were recorded.
    pub requests: Vec<Recorded>,
    /// What was left out, with how often.
    pub left_out: BTreeMap<&'static str, u64>,
    /// Requests whose credentials were left out.
    pub without_credentials: u64,
    /// Requests by host.
    pub hosts: BTreeMap<String, u64>,
    held_bytes: usize,
}

impl fmt::Debug for Recorded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Recorded").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl fmt::Debug for Wanted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Wanted").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Recorded {
    /// Whether asking changes nothing.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        SAFE.contains(&self.method.as_str())
    }

    fn weight(&self) -> usize {
        let pairs = self.query.iter().chain(&self.headers);
        self.operation.len()
            + self.path.len()
            + self.body.len()
            + pairs.map(|(name, value)| name.len() + value.len()).sum::<usize>()
            + self.answer.as_ref().map_or(0, Answer::weight)
    }
}

impl Reel {
    /// Adds the requests of a capture, in any format that is read. `progress` is told the bytes
    /// read so far.
    ///
    /// # Errors
    /// When the format is unknown, nothing could be read, or the input failed.
    pub fn add(
        &mut self,
        name: &str,
        wanted: &Wanted<'_>,
        input: &mut dyn Read,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Reading, ObserveError> {
        let mut take = |exchange: Exchange<'_>| {
            if let Err(reason) = self.take(&exchange, wanted) {
                *self.left_out.entry(reason).or_default() += 1;
            }
        };
        exchanges((name, &asked::Wanted::default()), input, &mut take, progress)
    }

    /// Joins operations that differ in words which can only be data, once all captures are read.
    pub fn settle(&mut self) {
        let operations: Vec<Operation> =
            self.requests.iter().filter_map(|it| Operation::parse(&it.operation)).collect();
        let renamed: BTreeMap<String, String> = crowded(&operations)
            .into_iter()
            .map(|(from, to)| (from.to_string(), to.to_string()))
            .collect();
        for request in &mut self.requests {
            if let Some(operation) = renamed.get(&request.operation) {
                request.operation.clone_from(operation);
            }
        }
    }

    fn take(&mut self, exchange: &Exchange<'_>, wanted: &Wanted<'_>) -> Result<(), &'static str> {
        let method = exchange.method.to_ascii_uppercase();
        let is_safe = SAFE.contains(&method.as_str());
        if !is_safe && !OTHERS.contains(&method.as_str()) {
            return Err(NO_REQUEST);
        }
        if !(wanted.is_host)(&exchange.host) {
            return Err(OTHER_HOST);
        }
        if !is_safe && wanted.methods == Methods::Safe {
            return Err(UNSAFE);
        }
        let body = match &exchange.request.body {
            Body::Absent => Vec::new(),
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::Withheld(_) | Body::Document(_) => return Err(NO_BODY),
        };
        let answer = match wanted.answers {
            Answers::All => Some(Answer::recorded(exchange).ok_or(NO_ANSWER)?),
            Answers::Created if method == "POST" => Answer::recorded(exchange),
            Answers::Created => None,
        };
        if self.requests.len() >= wanted.limit {
            return Err(BEYOND_LIMIT);
        }
        let mut operation = String::new();
        write_operation(&mut operation, exchange);
        let (query, query_held) = without_credentials(&exchange.query, wanted.redaction);
        let (headers, headers_held) =
            without_credentials(&exchange.request.headers, wanted.redaction);
        let media_type = exchange.request.media_type.as_deref().map(str::to_owned);
        let path = exchange.path.to_string();
        let took = exchange.latency_ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok());
        let request =
            Recorded { operation, method, path, query, headers, media_type, body, answer, took };
        self.held_bytes += request.weight();
        if self.requests.len() >= REQUESTS_MAX || self.held_bytes > HELD_BYTES_MAX {
            return Err(BEYOND_ROOM);
        }
        self.without_credentials += u64::from(query_held + headers_held > 0);
        if self.hosts.len() < HOSTS_MAX || self.hosts.contains_key(&*exchange.host) {
            *self.hosts.entry(exchange.host.to_string()).or_default() += 1;
        }
        self.requests.push(request);
        Ok(())
    }
}

/// The pairs whose names are no credentials, and how many were.
fn without_credentials(
    pairs: &[Pair<'_>],
    redaction: &Redaction,
) -> (Vec<(String, String)>, usize) {
    let kept: Vec<(String, String)> = pairs
        .iter()
        .filter(|(name, _)| !redaction.denies(name))
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    let held = pairs.len() - kept.len();
    (kept, held)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reel(lines: &str, limit: usize, methods: Methods) -> Reel {
        let redaction = Redaction::default();
        let wanted = Wanted {
            limit,
            methods,
            answers: Answers::Created,
            is_host: &|host| host == "orders",
            redaction: &redaction,
        };
        let mut reel = Reel::default();
        reel.add("a.ndjson", &wanted, &mut lines.as_bytes(), &mut |_| ()).unwrap();
        reel.settle();
        reel
    }

    #[test]
    fn credentials_stay_behind() {
        let reel = reel(
            concat!(
                r#"{"v":1,"method":"get","url":"http://orders/a/17?api_key=k&q=a+b","#,
                r#""request":{"headers":{"Authorization":"s","Cookie":"s","X-Api-Key":"s","#,
                r#""Proxy-Authorization":"s","Accept":"*/*"}}}"#,
            ),
            10,
            Methods::Safe,
        );
        let request = &reel.requests[0];
        assert_eq!(request.operation, "GET /a/{}");
        assert_eq!(request.query, [("q".to_owned(), "a b".to_owned())]);
        assert_eq!(request.headers, [("Accept".to_owned(), "*/*".to_owned())]);
        assert_eq!(reel.without_credentials, 1);
    }

    #[test]
    fn what_is_left_out_is_counted_with_its_reason() {
        let line = |method: &str, host: &str| {
            format!(r#"{{"v":1,"method":"{method}","url":"http://{host}/a"}}"#)
        };
        let lines = [
            line("GET", "orders"),
            line("POST", "orders"),
            line("GET", "cdn"),
            line("PROPFIND", "orders"),
            line("GET", "orders"),
        ];
        let reel = reel(&lines.join("\n"), 1, Methods::Safe);
        assert_eq!(reel.requests.len(), 1);
        let expected = [(BEYOND_LIMIT, 1), (UNSAFE, 1), (NO_REQUEST, 1), (OTHER_HOST, 1)];
        assert_eq!(reel.left_out, BTreeMap::from(expected));
    }
}
