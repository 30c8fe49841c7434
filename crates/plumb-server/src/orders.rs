//! What people order on pages: rollouts to go on or back.
//!
//! Refuses to carry it out: whoever runs the rollout does.

use crate::answer::{Refusal, refusal};
use crate::daemon::Daemon;
use crate::login::is_from_here;
use crate::outgoing::{Kind, redirect};
use crate::pages::refused;
use crate::request::joined;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use plumb_engine::tokens::Right;
use plumb_pages::address::View;
use plumb_pages::desk::RolloutOrder;
use serde::Deserialize;
use std::sync::Arc;

/// What the form brings.
#[derive(Deserialize)]
pub(crate) struct Ordered {
    #[serde(default)]
    ticket: String,
    file: String,
    order: Order,
    reason: String,
    confirmed: String,
}

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Promote,
    Abort,
}

/// Orders a rollout to go on or back.
pub(crate) async fn order(
    State(daemon): State<Arc<Daemon>>,
    uri: Uri,
    headers: HeaderMap,
    Form(ordered): Form<Ordered>,
) -> Response {
    let asked = headers.clone();
    let given = joined(move || give(&daemon, &asked, ordered)).await;
    match given {
        Ok(()) => redirect(&View::Rollouts.plain().path("")),
        Err(refusal) => refused(refusal, Kind::Html, (&uri, &headers)),
    }
}

fn give(daemon: &Daemon, headers: &HeaderMap, ordered: Ordered) -> Result<(), Refusal> {
    is_from_here(headers)?;
    let visit = daemon.visitor_now(headers)?;
    visit.caller.may(Right::Operate)?;
    if visit.ticket.is_some_and(|ticket| ticket != ordered.ticket) {
        let what = "the form is not of this visit";
        return Err(refusal(StatusCode::FORBIDDEN, what, "load the page again"));
    }
    let Ordered { file, order, reason, confirmed, .. } = ordered;
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        let what = "an order needs a reason";
        return Err(refusal(StatusCode::BAD_REQUEST, what, "write one for those who come after"));
    }
    let by = visit.caller.name.clone();
    let is_promotion = order == Order::Promote;
    let subject = file.clone();
    let order = RolloutOrder { file, is_promotion, reason, by, confirmed };
    daemon.desk.order(&order).map_err(|what| {
        refusal(StatusCode::CONFLICT, what, "`plumb rollout status` tells where it stands")
    })?;
    let action = if is_promotion { "rollout-promoted" } else { "rollout-aborted" };
    daemon.note(&visit.caller.name, action, &subject);
    Ok(())
}
