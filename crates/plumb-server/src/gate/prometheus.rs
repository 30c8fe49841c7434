//! Queries in the form of Prometheus, for those that know no other source: Flagger's metrics,
//! Argo's `prometheus` provider, dashboards.
//!
//! Refuses to know the language of queries.

use crate::answer::Refusal;
use crate::body::received;
use crate::gate::admitted::Gate;
use crate::gate::asked::{Asked, Name, asked};
use crate::gate::board::{Point, point};
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use plumb_engine::clock::{parse_moment, parse_span};
use plumb_engine::tokens::Right;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far a query looks back for a value, in milliseconds, as Prometheus does.
const BACK_MS: i64 = 300_000;

/// Questions about a moment this close to now are about now, in milliseconds: clocks differ.
const NOW_MS: i64 = 60_000;

/// Points of one answer, as many as Prometheus gives.
const POINTS_MAX: i64 = 11_000;

/// Bytes of a form.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// The text that Prometheus scrapes.
const SCRAPED_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Form {
    #[serde(default)]
    query: String,
    time: Option<String>,
    start: Option<String>,
    end: Option<String>,
    step: Option<String>,
}

/// A value at one moment.
pub(crate) async fn query(
    State(gate): State<Arc<Gate>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    let form = form(&uri, body).await?;
    Ok(told(instant(&gate, &form)))
}

/// Values from one moment to another.
pub(crate) async fn range(
    State(gate): State<Arc<Gate>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    let form = form(&uri, body).await?;
    Ok(told(between(&gate, &form)))
}

/// The same numbers for whoever scrapes them.
pub(crate) async fn metrics(
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    let point = point(&gate.now());
    let labels = gate.labels.iter().map(|(name, value)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name}=\"{value}\"")
    });
    let labels = labels.collect::<Vec<_>>().join(",");
    let line = |name: Name| {
        let (name, value) = (name.text(), number(name, &point));
        format!("# TYPE {name} gauge\n{name}{{{labels}}} {value}\n")
    };
    let text: String = [Name::Verdict, Name::EValue, Name::LowerBound].map(line).concat();
    Ok(([(CONTENT_TYPE, SCRAPED_TYPE)], text).into_response())
}

/// What is asked stands in the address, or in the body in the same form.
async fn form(uri: &Uri, body: Body) -> Result<Form, Refusal> {
    let body = received(body, FORM_BYTES_MAX).await?;
    let text = String::from_utf8_lossy(&body);
    let of_body = format!("/?{}", text.trim()).parse::<Uri>().ok();
    let uri = of_body.as_ref().filter(|_| !text.trim().is_empty()).unwrap_or(uri);
    Ok(Query::<Form>::try_from_uri(uri).map(|Query(form)| form).unwrap_or_default())
}

fn told(result: Result<Value, String>) -> Response {
    match result {
        Ok(data) => Json(json!({ "status": "success", "data": data })).into_response(),
        Err(why) => {
            let error = json!({ "status": "error", "errorType": "bad_data", "error": why });
            (StatusCode::BAD_REQUEST, Json(error)).into_response()
        }
    }
}

fn instant(gate: &Gate, form: &Form) -> Result<Value, String> {
    let asked = asked(&form.query)?;
    let now_ms = (gate.clock)();
    let at_ms = form.time.as_deref().map(time).transpose()?.unwrap_or(now_ms);
    let newest = || Some(point(&gate.now()));
    let is_now = (at_ms - now_ms).abs() <= NOW_MS;
    let found = if is_now { newest() } else { gate.board.at(at_ms, BACK_MS) };
    let (labels, value) = match &asked {
        Asked::Number(number) => (Some(json!({})), Some(*number)),
        Asked::Named(name, _) => {
            (labels(gate, &asked), found.as_ref().map(|point| number(*name, point)))
        }
    };
    let result: Vec<Value> = labels
        .zip(value)
        .map(|(labels, value)| json!({ "metric": labels, "value": pair(at_ms, value) }))
        .into_iter()
        .collect();
    Ok(json!({ "resultType": "vector", "result": result }))
}

fn between(gate: &Gate, form: &Form) -> Result<Value, String> {
    let asked = asked(&form.query)?;
    let named = |name: &str, text: &Option<String>| {
        text.clone().ok_or_else(|| format!("`{name}` is missing"))
    };
    let start_ms = time(&named("start", &form.start)?)?;
    let end_ms = time(&named("end", &form.end)?)?;
    let step_ms = step(&named("step", &form.step)?)?;
    if end_ms < start_ms {
        return Err("the end lies before the start".to_owned());
    }
    let count = end_ms.saturating_sub(start_ms) / step_ms;
    if count >= POINTS_MAX {
        return Err(format!("more than {POINTS_MAX} points are too many: take a longer step"));
    }
    let values: Vec<Value> = (0..=count)
        .filter_map(|at| {
            let at_ms = start_ms + at * step_ms;
            let value = match &asked {
                Asked::Number(number) => *number,
                Asked::Named(name, _) => number(*name, &gate.board.at(at_ms, BACK_MS)?),
            };
            Some(pair(at_ms, value))
        })
        .collect();
    let labels = match &asked {
        Asked::Number(_) => Some(json!({})),
        Asked::Named(..) => labels(gate, &asked),
    };
    let result: Vec<Value> = labels
        .filter(|_| !values.is_empty())
        .map(|labels| json!({ "metric": labels, "values": values }))
        .into_iter()
        .collect();
    Ok(json!({ "resultType": "matrix", "result": result }))
}

/// The labels of the one series of this name; none where those that are asked for are others.
fn labels(gate: &Gate, asked: &Asked) -> Option<Value> {
    let Asked::Named(name, matchers) = asked else { return None };
    let fits = matchers.iter().all(|matcher| matcher.fits(&gate.labels));
    let name = BTreeMap::from([("__name__".to_owned(), name.text().to_owned())]);
    fits.then(|| json!(name.into_iter().chain(gate.labels.clone()).collect::<BTreeMap<_, _>>()))
}

fn number(name: Name, point: &Point) -> f64 {
    match name {
        Name::Verdict => point.verdict,
        Name::EValue => point.e_value,
        Name::LowerBound => point.low,
    }
}

fn pair(at_ms: i64, value: f64) -> Value {
    let at = std::time::Duration::from_millis(at_ms.unsigned_abs()).as_secs_f64();
    json!([at, value.to_string()])
}

/// A moment in seconds since 1970, or in RFC 3339, as Unix milliseconds.
fn time(text: &str) -> Result<i64, String> {
    match text.parse::<f64>() {
        Ok(seconds) => millis(seconds),
        Err(_) => parse_moment(text).ok(),
    }
    .ok_or_else(|| format!("`{text}` is not a moment"))
}

fn step(text: &str) -> Result<i64, String> {
    let seconds = match text.parse::<f64>() {
        Ok(seconds) => millis(seconds),
        Err(_) => parse_span(text).ok(),
    };
    let seconds = seconds.filter(|step_ms| *step_ms > 0);
    seconds.ok_or_else(|| format!("`{text}` is not a length of time"))
}

/// Seconds as milliseconds, as far as a clock goes.
fn millis(seconds: f64) -> Option<i64> {
    let duration = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    i64::try_from(duration.as_millis()).ok().filter(|ms| *ms < i64::MAX / 2)
}
