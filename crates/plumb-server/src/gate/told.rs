//! Events that are sent to a gate.
//!
//! Refuses to read them: whoever renews the judgement does.

use crate::answer::{Refusal, answer, later, refusal};
use crate::body::{received, unpacked};
use crate::gate::admitted::Gate;
use crate::gate::lines::Told;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use plumb_engine::tokens::Right;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::sync::mpsc::TrySendError;

/// Bytes of events at once, also of what they unpack to: some twenty thousand.
const EVENTS_BYTES_MAX: usize = 4 << 20;

/// Which version all of it is of.
#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    arm: Option<String>,
}

/// Takes events for the next judgement.
pub(crate) async fn events(
    State(gate): State<Arc<Gate>>,
    Query(of): Query<Of>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Ingest).await?;
    if of.arm.as_deref().is_some_and(|arm| arm != "control" && arm != "canary") {
        let help = "write `?arm=control` or `?arm=canary`, or let each event name its version";
        return Err(refusal(StatusCode::BAD_REQUEST, "there is no such arm", help));
    }
    let bytes = received(body, EVENTS_BYTES_MAX).await?;
    let lines = unpacked(&headers, bytes, EVENTS_BYTES_MAX)?.to_vec();
    let count = lines.len();
    match gate.told.try_send(Told { lines, arm: of.arm }) {
        Ok(()) => {
            let mut response = answer(json!({ "bytes": count }));
            *response.status_mut() = StatusCode::ACCEPTED;
            Ok(response)
        }
        Err(TrySendError::Full(_)) => Err(later(
            StatusCode::SERVICE_UNAVAILABLE,
            "more events wait than are taken in",
            "send them again",
            1,
        )),
        Err(TrySendError::Disconnected(_)) => Err(refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "nobody takes events any more",
            "the gate is closing",
        )),
    }
}
