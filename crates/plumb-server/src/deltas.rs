//! `POST /api/v1/deltas`: evidence comes in. Refuses to know what it is evidence of.

use crate::access::Caller;
use crate::answer::{Refusal, answer, later, refusal};
use crate::body::{received, unpacked};
use crate::daemon::Daemon;
use crate::meter::{OfOutcome, OfProject, Outcome};
use crate::project::{Project, failed};
use crate::request::{InProject, joined};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use plumb_engine::delta::{self, DELTA_BYTES_MAX, DeltaError};
use plumb_engine::tokens::Right;
use plumb_store::store::Applied;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a collector waits for room before it is told to come back.
const ROOM_WAIT: Duration = Duration::from_secs(5);

/// How long a body may take to come. A collector that stalls must not keep others out.
const BODY_WAIT: Duration = Duration::from_secs(30);

pub(crate) async fn deltas(
    State(daemon): State<Arc<Daemon>>,
    Query(asked): Query<InProject>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (caller, project) = daemon.admit(&headers, Right::Ingest, asked.project).await?;
    // Until there is room the body stays where it is: that is what slows a collector down.
    let room = timeout(ROOM_WAIT, daemon.room.acquire()).await;
    let Ok(Ok(_room)) = room else {
        daemon.meter.busy.inc();
        return Err(later(
            StatusCode::SERVICE_UNAVAILABLE,
            "the server has more to do than it can",
            "keep the delta and send it again",
            5,
        ));
    };
    let bytes = timeout(BODY_WAIT, received(body, DELTA_BYTES_MAX)).await;
    let bytes = bytes.map_err(|_| {
        refusal(StatusCode::REQUEST_TIMEOUT, "the body took too long", "send it again")
    })??;
    let (shared, owner) = (Arc::clone(&daemon), Arc::clone(&project));
    let taken =
        joined(move || take(&shared, &owner, &caller, unpacked(&headers, bytes, DELTA_BYTES_MAX)?));
    let taken = taken.await;
    if taken.is_err() {
        count(&daemon, &project, Outcome::refused);
    }
    taken
}

fn take(
    daemon: &Daemon,
    project: &Project,
    caller: &Caller,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let now_ms = (daemon.clock)();
    let key_id = project.shelf().key_id.clone();
    let received = delta::read(&bytes, &key_id).map_err(|err| refused(&err))?;
    for entry in &received.entries {
        caller.may_in(&entry.key.environment)?;
    }
    daemon.projects.spend(project, bytes.len(), now_ms)?;
    let is_foreign = received.is_foreign;
    let exchanges = received.entries.iter().map(|entry| entry.exchanges).sum();
    let applied = delta::take(&mut project.shelf(), received, now_ms).map_err(|err| {
        daemon.meter.store_failures.inc_by(u64::from(matches!(err, DeltaError::Shelf(_))));
        refused(&err)
    })?;
    let of_project = OfProject { project: project.name.clone() };
    let length = u64::try_from(bytes.len()).unwrap_or_default();
    daemon.meter.received.get_or_create(&of_project).inc_by(length);
    let (outcome, word, late) = match applied {
        Applied::New { entries_late } => {
            project.changed();
            daemon.meter.exchanges.get_or_create(&of_project).inc_by(exchanges);
            (Outcome::new, "new", entries_late)
        }
        Applied::Already => (Outcome::already, "already", 0),
        Applied::Late => (Outcome::late, "late", 0),
    };
    count(daemon, project, outcome);
    let values = if is_foreign { "left-out" } else { "kept" };
    Ok(answer(json!({ "applied": word, "entries_late": late, "values": values })))
}

fn count(daemon: &Daemon, project: &Project, outcome: Outcome) {
    let label = OfOutcome { project: project.name.clone(), outcome };
    daemon.meter.deltas.get_or_create(&label).inc();
}

fn refused(err: &DeltaError) -> Refusal {
    let help = match err {
        DeltaError::Broken { .. } => "send what `plumb observe --server` sends",
        DeltaError::Newer(_) => "bring the server up to date first, then the collectors",
        DeltaError::Ahead { .. } => "set the collector's clock",
        DeltaError::Shelf(err) => return failed(err),
    };
    refusal(StatusCode::UNPROCESSABLE_ENTITY, err.to_string(), help)
}
