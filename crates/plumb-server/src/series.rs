//! Series from a Prometheus, or from what speaks as it does: questions over a span of time, bounded
//! in time and size.
//!
//! User and password are part of the address and come out nowhere. Refuses to know what the series
//! mean.

use crate::access::is_loopback_name;
use crate::client::{agent, words};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use plumb_engine::analysis::counters::{Series, Told};
use serde_json::Value;
use std::fmt;
use std::io::Read as _;
use std::time::Duration;
use ureq::tls::RootCerts;

/// How long a question may take.
const WAIT: Duration = Duration::from_secs(10);

/// Bytes of an answer: some thousand series over an hour.
const ANSWER_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Series in an answer: a histogram of twenty buckets, by five codes, of a hundred instances.
const SERIES_MAX: usize = 10_000;

/// Letters of its own words that are passed on.
const WORDS_MAX: usize = 300;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queries {
    /// Counters of everything that happened.
    pub total: String,
    /// Those of what failed.
    pub bad: String,
    /// Buckets of how long it took.
    pub latency: Option<String>,
}

/// Moments in Unix milliseconds, from the first to the last, a step apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moments {
    /// The first.
    pub from_ms: i64,
    /// The last, or a little less than a step after it.
    pub to_ms: i64,
    /// How far apart.
    pub step_ms: i64,
}

/// A Prometheus.
#[derive(Clone)]
pub struct Prometheus {
    /// Its address, without who asks.
    url: String,
    authorization: Option<String>,
    trusted: RootCerts,
}

impl fmt::Debug for Prometheus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Prometheus").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Prometheus {
    /// The one at `http://user:password@host:9090/path`. Nothing for what is no address.
    #[must_use]
    pub fn new(url: &str, trusted: RootCerts) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let is_fine = matches!(scheme, "http" | "https")
            && !host.is_empty()
            && !url.contains(|letter: char| letter.is_whitespace() || "?#".contains(letter));
        if !is_fine {
            return None;
        }
        let basic = |user: &str| {
            let plain: Vec<u8> = percent_decode_str(user).collect();
            format!("Basic {}", BASE64_STANDARD.encode(plain))
        };
        Some(Self {
            url: format!("{scheme}://{host}{}", path.trim_end_matches('/')),
            authorization: user.map(basic),
            trusted,
        })
    }

    /// Its address as it may be shown: without user and password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether a password goes to it over a network that others can read.
    #[must_use]
    pub fn is_overheard(&self) -> bool {
        let authority = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let host = authority.split('/').next().unwrap_or_default();
        self.authorization.is_some() && self.url.starts_with("http:") && !is_loopback_name(host)
    }

    /// Asks all questions over the same moments.
    ///
    /// # Errors
    /// Why there is no whole answer, for people.
    pub fn told(&self, queries: &Queries, moments: Moments) -> Result<Told, String> {
        let mut told = Told::default();
        let mut ask = |query: &str| {
            let (series, warnings) = self.ask(query, moments)?;
            told.warnings.extend(warnings);
            Ok::<_, String>(series)
        };
        let total = ask(&queries.total)?;
        let bad = ask(&queries.bad)?;
        let latency = queries.latency.as_deref().map(ask).transpose()?;
        Ok(Told { total, bad, latency, ..told })
    }

    fn ask(&self, query: &str, moments: Moments) -> Result<(Vec<Series>, Vec<String>), String> {
        let seconds = |ms: i64| format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000));
        let form = [
            ("query", query.to_owned()),
            ("start", seconds(moments.from_ms)),
            ("end", seconds(moments.to_ms)),
            ("step", seconds(moments.step_ms)),
            ("timeout", format!("{}s", WAIT.as_secs())),
        ];
        let mut request =
            agent(WAIT, self.trusted.clone()).post(format!("{}/api/v1/query_range", self.url));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let failed = |why: String| format!("{} cannot be asked: {why}", self.url);
        let response = request.send_form(form).map_err(|err| failed(words(&err)))?;
        let status = response.status().as_u16();
        let mut text = String::new();
        let body = response.into_body().into_with_config().limit(ANSWER_BYTES_MAX + 1);
        let read = body.reader().take(ANSWER_BYTES_MAX + 1).read_to_string(&mut text);
        read.map_err(|err| failed(err.to_string()))?;
        if text.len() as u64 > ANSWER_BYTES_MAX {
            return Err(failed(format!("it answers more than {} MiB", ANSWER_BYTES_MAX >> 20)));
        }
        let answer: Value = serde_json::from_str(&text)
            .map_err(|_| failed(format!("it answers {status} and no JSON")))?;
        series(&answer).map_err(failed)
    }
}

/// Reads an answer of the API.
fn series(answer: &Value) -> Result<(Vec<Series>, Vec<String>), String> {
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("status") != "success" {
        return Err(format!("it refused: {}", short(text("error"))));
    }
    let data = answer.get("data");
    let kind = data.and_then(|data| data.get("resultType")).and_then(Value::as_str);
    let result = data.and_then(|data| data.get("result")).and_then(Value::as_array);
    let (Some("matrix"), Some(result)) = (kind, result) else {
        return Err("it answers what is no series".to_owned());
    };
    if result.len() > SERIES_MAX {
        return Err(format!("it tells more than {SERIES_MAX} series; ask for fewer"));
    }
    let all: Option<Vec<Series>> = result.iter().map(one).collect();
    let all = all.ok_or_else(|| "it answers series that cannot be read".to_owned())?;
    let warnings = answer.get("warnings").and_then(Value::as_array).into_iter().flatten();
    Ok((all, warnings.filter_map(Value::as_str).map(short).collect()))
}

fn one(told: &Value) -> Option<Series> {
    let labels = told
        .get("metric")?
        .as_object()?
        .iter()
        .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let points = told.get("values")?.as_array()?.iter().map(|point| {
        let [at, value] = point.as_array()?.as_slice() else { return None };
        Some((milliseconds(at.as_f64()?)?, value.as_str()?.parse().ok()?))
    });
    Some(Series { labels: labels.collect::<Option<_>>()?, points: points.collect::<Option<_>>()? })
}

fn milliseconds(seconds: f64) -> Option<i64> {
    /// The end of the year 9999.
    const SECONDS_MAX: f64 = 253_402_300_799.0;
    if !(0.0..=SECONDS_MAX).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is bounded")]
    let ms = (seconds * 1_000.0).round() as i64;
    Some(ms)
}

/// Its own words, on one line and not too many.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn prometheus(url: &str) -> Option<Prometheus> {
        Prometheus::new(url, RootCerts::new_with_certs(&[]))
    }

    #[test]
    fn user_and_password_are_sent_and_never_shown() {
        let found = prometheus("http://me:p%40ss@host.test:9090/prom/").unwrap();
        assert_eq!(found.url(), "http://host.test:9090/prom");
        let expected = format!("Basic {}", BASE64_STANDARD.encode("me:p@ss"));
        assert_eq!(found.authorization.as_deref(), Some(expected.as_str()));
        assert!(!format!("{found:?}").contains("ss"), "{found:?}");
        for url in
            ["", "host:9090", "ftp://host", "http://", "http://a b", "http://h?x", "http://@"]
        {
            assert!(prometheus(url).is_none(), "{url}");
        }
    }

    #[test]
    fn only_whole_answers_are_answers() {
        let of = |result: Value| {
            let data = json!({ "resultType": "matrix", "result": result });
            json!({ "status": "success", "data": data })
        };
        let labels = json!({ "version": "1", "__name__": "a" });
        let found = series(&of(json!([{ "metric": labels, "values": [[1.5, "2"], [2, "NaN"]] }])));
        let (found, warnings) = found.unwrap();
        assert_eq!(found[0].points[0], (1_500, 2.0));
        assert!(found[0].points[1].1.is_nan() && found[0].labels.len() == 2 && warnings.is_empty());
        let refused = series(&json!({ "status": "error", "error": "bad\n\u{1b}query" }));
        assert_eq!(refused.unwrap_err(), "it refused: bad query");
        for odd in [
            json!({}),
            json!([]),
            of(json!({})),
            of(json!([{}])),
            of(json!([{ "metric": {}, "values": [[1, 2]] }])),
            of(json!([{ "metric": {}, "values": [[1e300, "2"]] }])),
            of(json!([{ "metric": { "a": 1 }, "values": [] }])),
            json!({ "status": "success", "data": { "resultType": "vector", "result": [] } }),
        ] {
            assert!(series(&odd).is_err(), "{odd}");
        }
        let mut warned = of(json!([]));
        warned["warnings"] = json!(["a store is away"]);
        assert_eq!(series(&warned).unwrap().1, ["a store is away"]);
    }
}
