//! The hooks of Flagger: a status of success, or 403 with the reason, which becomes the message of
//! its event.
//!
//! Refuses to know what each hook means for a verdict.

use crate::answer::{Refusal, refusal};
use crate::body::received;
use crate::gate::admitted::Gate;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use plumb_engine::tokens::Right;
use plumb_wire::gated::Hook;
use serde::Deserialize;
use std::sync::{Arc, PoisonError};

/// Bytes of what a hook sends: names and a few words of metadata.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// Rollouts that are remembered; whoever changes so much in one run of a gate is asked once more.
const BEGUN_MAX: usize = 10_000;

const TEXT: &str = "text/plain; charset=utf-8";

/// What tells one rollout from the next.
#[derive(Debug, Default, Deserialize)]
struct Sent {
    #[serde(default)]
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    checksum: String,
}

pub(crate) async fn hook(
    State(gate): State<Arc<Gate>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    gate.admit(&headers, Right::Read).await?;
    let hook = named(&name).ok_or_else(|| {
        refusal(
            StatusCode::NOT_FOUND,
            "Flagger has no hook of this name",
            "name one of its types, such as `confirm-promotion`",
        )
    })?;
    let body = received(body, BODY_BYTES_MAX).await?;
    // What cannot be read names no rollout, and so is none that was let through before.
    let sent: Sent = serde_json::from_slice(&body).unwrap_or_default();
    let gated = gate.now();
    let is_increase = hook == Hook::ConfirmTrafficIncrease;
    let is_first = is_increase && gated.is_unheard && gate.is_first(&sent);
    let goes_on = gated.goes_on(hook, is_first);
    if goes_on && is_first {
        gate.remember(&sent);
    }
    let status = if goes_on { StatusCode::OK } else { StatusCode::FORBIDDEN };
    Ok((status, [(CONTENT_TYPE, TEXT)], gated.message()).into_response())
}

impl Gate {
    /// Whether this rollout has not been let through yet.
    fn is_first(&self, sent: &Sent) -> bool {
        !self.begun.lock().unwrap_or_else(PoisonError::into_inner).contains(&key(sent))
    }

    fn remember(&self, sent: &Sent) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.len() >= BEGUN_MAX {
            begun.clear();
        }
        begun.insert(key(sent));
    }
}

fn key(sent: &Sent) -> String {
    format!("{}/{}/{}", sent.namespace, sent.name, sent.checksum)
}

fn named(name: &str) -> Option<Hook> {
    Some(match name {
        "confirm-rollout" => Hook::ConfirmRollout,
        "pre-rollout" => Hook::PreRollout,
        "rollout" => Hook::Rollout,
        "confirm-traffic-increase" => Hook::ConfirmTrafficIncrease,
        "confirm-promotion" => Hook::ConfirmPromotion,
        "post-rollout" => Hook::PostRollout,
        "rollback" => Hook::Rollback,
        "event" => Hook::Event,
        _ => return None,
    })
}
