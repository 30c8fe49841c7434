//! What Spinnaker asks: a stage that is begun and then looked at, and Kayenta's remote judge.
//!
//! Refuses to know how series are judged.

use crate::answer::{Refusal, refusal};
use crate::body::received;
use crate::gate::admitted::Gate;
use crate::request::joined;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use plumb_engine::tokens::Right;
use plumb_wire::kayenta::kayenta_answer;
use serde_json::Value;
use std::sync::Arc;

/// Bytes of series: some hundred metrics of a day, minute by minute.
const SERIES_BYTES_MAX: usize = 16 << 20;

/// Where a stage is looked at. There is one rollout, and so one address.
const STAGE: &str = "/v1/spinnaker";

/// Begins a stage: it is under way already.
pub(crate) async fn begin(
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    let url = gate.url(&headers, STAGE);
    let stage = Json(gate.now().stage(&url));
    Ok((StatusCode::ACCEPTED, [(LOCATION, url)], stage).into_response())
}

/// How a stage stands.
pub(crate) async fn status(
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    let url = gate.url(&headers, STAGE);
    Ok(Json(gate.now().stage(&url)).into_response())
}

/// Judges the series that Kayenta sends.
pub(crate) async fn judge(
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    let _room = gate.room.acquire().await;
    let body = received(body, SERIES_BYTES_MAX).await?;
    joined(move || {
        let wrong = |what: String| {
            refusal(StatusCode::BAD_REQUEST, what, "send what Kayenta sends to a remote judge")
        };
        let request: Value =
            serde_json::from_slice(&body).map_err(|_| wrong("the body is not JSON".to_owned()))?;
        Ok(Json(kayenta_answer(&request).map_err(wrong)?).into_response())
    })
    .await
}
