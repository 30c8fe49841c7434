//! `/health/live`, `/health/ready` and `/metrics`. Refuses to mend anything.

use crate::answer::{Refusal, answer};
use crate::daemon::Daemon;
use crate::project::failed;
use crate::request::joined;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use plumb_engine::shelf::ShelfError;
use plumb_engine::tokens::Right;
use prometheus_client::encoding::text::encode;
use serde_json::json;
use std::sync::Arc;

const HEALTH_KIND: &str = "health";

/// OpenMetrics 1.0.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The process answers.
pub(crate) async fn live() -> Response {
    answer(json!({ "live": true }))
}

/// The store takes what is written: it is tried, since a disk may have filled up since. The moment
/// is told, so that whoever asks can see that both clocks agree.
pub(crate) async fn ready(State(daemon): State<Arc<Daemon>>) -> Result<Response, Refusal> {
    joined(move || {
        let now_ms = (daemon.clock)();
        let now = now_ms.to_string();
        let written =
            daemon.projects.own.shelf().store.document_put(HEALTH_KIND, "written", now.as_bytes());
        written.map_err(|err| {
            daemon.meter.store_failures.inc();
            failed(&ShelfError::Store(err))
        })?;
        Ok(answer(json!({ "ready": true, "at_ms": now_ms })))
    })
    .await
}

/// Everything that is counted.
pub(crate) async fn metrics(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    daemon.admit(&headers, Right::Read, None).await?;
    let mut text = String::new();
    // INVARIANT: writing to a string does not fail.
    let _ = encode(&mut text, &daemon.meter.registry);
    Ok(([(CONTENT_TYPE, METRICS_TYPE)], text).into_response())
}
