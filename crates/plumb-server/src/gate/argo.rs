//! What Argo Rollouts, Kargo and scripts ask: a verdict as JSON.
//!
//! The status is 200 also for a bad canary: any other is an error to them, which is asked again and
//! not a verdict. Refuses to know how a verdict is reached.

use crate::answer::{Refusal, answer};
use crate::gate::admitted::Gate;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use plumb_engine::tokens::Right;
use serde_json::json;
use std::sync::Arc;

/// Where the whole judgement lies.
const JUDGEMENT: &str = "/v1/judgement";

/// The verdict. What was sent along is of no interest: a gate knows one rollout.
pub(crate) async fn analysis(
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    let url = gate.url(&headers, JUDGEMENT);
    Ok(Json(gate.now().analysis(&url, gate.poll_s())).into_response())
}

/// The whole judgement.
pub(crate) async fn judgement(
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    Ok(Json(gate.now().document()).into_response())
}

/// The process answers.
pub(crate) async fn live() -> Response {
    answer(json!({ "live": true }))
}
