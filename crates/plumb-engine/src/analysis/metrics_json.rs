//! A request of OTLP with metrics, as JSON: only what tells how many requests a component answered,
//! how, and how fast.
//!
//! Follows opentelemetry-proto's JSON encoding: names in lowerCamelCase, or as in the schema; whole
//! numbers as numbers or as text; enumerations as numbers or as their names. Refuses to know what
//! the numbers mean.

use plumb_traffic::body::{GZIP_MAGIC, gzip_head};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Bytes of a compressed file that its first key is looked for in.
const HEAD_BYTES: usize = 4_096;

/// How a line of metrics begins, whatever blanks stand between.
const KEYS: [&[u8]; 2] = [b"resourceMetrics\"", b"resource_metrics\""];

/// Whether a file begins like requests of OTLP with metrics, compressed or not.
pub(crate) fn is_metrics(head: &[u8]) -> bool {
    let is_gzip = head.starts_with(&GZIP_MAGIC);
    let unpacked = if is_gzip { gzip_head(head, HEAD_BYTES) } else { Vec::new() };
    let head = if is_gzip { &unpacked } else { head };
    let key = head.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let key = key.and_then(|key| key.strip_prefix(b"\""));
    key.is_some_and(|key| KEYS.iter().any(|known| key.starts_with(known)))
}

/// `ExportMetricsServiceRequest`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Request {
    #[serde(default, rename = "resourceMetrics", alias = "resource_metrics")]
    pub(crate) of_resources: Vec<OfResource>,
}

/// `ResourceMetrics`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OfResource {
    pub(crate) resource: Resource,
    #[serde(rename = "scopeMetrics", alias = "scope_metrics")]
    pub(crate) of_scopes: Vec<OfScope>,
}

/// `Resource`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Resource {
    pub(crate) attributes: Vec<Attribute>,
}

/// `ScopeMetrics`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OfScope {
    pub(crate) metrics: Vec<Metric>,
}

/// `Metric`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) histogram: Option<Histogram>,
    #[serde(rename = "exponentialHistogram", alias = "exponential_histogram")]
    pub(crate) exponential: Option<Histogram>,
}

/// `Histogram`, or `ExponentialHistogram`, of which the buckets are not looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Histogram {
    #[serde(rename = "dataPoints", alias = "data_points")]
    pub(crate) points: Vec<Point>,
    #[serde(rename = "aggregationTemporality", alias = "aggregation_temporality")]
    temporality: Option<Number>,
}

/// `HistogramDataPoint`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Point {
    pub(crate) attributes: Vec<Attribute>,
    #[serde(rename = "startTimeUnixNano", alias = "start_time_unix_nano")]
    start: Option<Number>,
    #[serde(rename = "timeUnixNano", alias = "time_unix_nano")]
    time: Option<Number>,
    count: Option<Number>,
    #[serde(rename = "bucketCounts", alias = "bucket_counts")]
    buckets: Vec<Number>,
    #[serde(rename = "explicitBounds", alias = "explicit_bounds")]
    pub(crate) bounds: Vec<f64>,
}

/// `KeyValue`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Attribute {
    pub(crate) key: String,
    value: Value,
}

/// `AnyValue`, as far as it is plain.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Value {
    #[serde(rename = "stringValue", alias = "string_value")]
    text: Option<String>,
    #[serde(rename = "intValue", alias = "int_value")]
    whole: Option<Number>,
    #[serde(rename = "boolValue", alias = "bool_value")]
    truth: Option<bool>,
}

/// A number, which may be written as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(u64),
    Text(String),
    Other(IgnoredAny),
}

impl Number {
    fn whole(&self) -> Option<u64> {
        match self {
            Self::Whole(whole) => Some(*whole),
            Self::Text(text) => text.parse().ok(),
            Self::Other(_) => None,
        }
    }

    /// Nanoseconds of Unix time as milliseconds; 0 is no time.
    fn at_ms(&self) -> Option<i64> {
        let nanos = self.whole().filter(|nanos| *nanos > 0)?;
        i64::try_from(nanos / 1_000_000).ok()
    }
}

impl Histogram {
    /// Whether each point counts since the one before, and not since the beginning; none where it
    /// is not said.
    pub(crate) fn is_delta(&self) -> Option<bool> {
        match self.temporality.as_ref()? {
            Number::Whole(1) => Some(true),
            Number::Whole(2) => Some(false),
            Number::Text(name) if name.ends_with("_DELTA") => Some(true),
            Number::Text(name) if name.ends_with("_CUMULATIVE") => Some(false),
            _ => None,
        }
    }
}

impl Point {
    /// Since when it counts, Unix milliseconds.
    pub(crate) fn start_ms(&self) -> Option<i64> {
        self.start.as_ref()?.at_ms()
    }

    /// When it was told, Unix milliseconds.
    pub(crate) fn at_ms(&self) -> Option<i64> {
        self.time.as_ref()?.at_ms()
    }

    /// How many there were.
    pub(crate) fn count(&self) -> Option<u64> {
        self.count.as_ref()?.whole()
    }

    /// How many of them were in each bucket: one more than there are bounds. None where the point
    /// tells no buckets, or others than it has bounds.
    pub(crate) fn buckets(&self) -> Option<Vec<u64>> {
        let buckets: Option<Vec<u64>> = self.buckets.iter().map(Number::whole).collect();
        buckets.filter(|all| !self.bounds.is_empty() && all.len() == self.bounds.len() + 1)
    }
}

impl Attribute {
    /// The value as text, where it is plain.
    pub(crate) fn text(&self) -> Option<String> {
        let whole = || self.value.whole.as_ref()?.whole().map(|whole| whole.to_string());
        let truth = || self.value.truth.map(|truth| truth.to_string());
        self.value.text.clone().or_else(whole).or_else(truth)
    }
}

/// The value of the first of these attributes that is there.
pub(crate) fn first_of(attributes: &[Attribute], names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| attributes.iter().find(|one| one.key == *name)?.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_told_from_other_lines() {
        assert!(is_metrics(b" { \"resourceMetrics\":[") && is_metrics(b"{\"resource_metrics\":[]"));
        assert!(!is_metrics(b"{\"resourceSpans\":[]}") && !is_metrics(b"[]") && !is_metrics(b""));
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        let point = r#"{"timeUnixNano":"1700000000000000000","count":3,
            "bucketCounts":["1",2],"explicitBounds":[0.5],
            "attributes":[{"key":"a","value":{"intValue":"503"}}]}"#;
        let point: Point = serde_json::from_str(point).unwrap();
        assert_eq!(point.at_ms(), Some(1_700_000_000_000));
        assert_eq!((point.count(), point.start_ms()), (Some(3), None));
        assert_eq!(point.buckets(), Some(vec![1, 2]));
        assert_eq!(first_of(&point.attributes, &["b", "a"]).as_deref(), Some("503"));
        let named = r#"{"dataPoints":[],"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA"}"#;
        assert_eq!(serde_json::from_str::<Histogram>(named).unwrap().is_delta(), Some(true));
        assert_eq!(Histogram::default().is_delta(), None);
        let strange: Point = serde_json::from_str(r#"{"count":-1,"bucketCounts":[]}"#).unwrap();
        assert_eq!((strange.count(), strange.buckets()), (None, None));
    }
}
