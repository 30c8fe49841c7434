//! Telling pages that something was judged: as a stream of events, and for those who ask now and
//! then.
//!
//! Refuses to know what changed.

use crate::answer::Refusal;
use crate::daemon::Daemon;
use crate::request::joined;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use http_body_util::channel::{Channel, Sender};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Streams at once. Who comes later asks now and then instead.
const STREAMS_MAX: usize = 256;

/// How often a quiet stream says that it is there, so that nothing between closes it, and is asked
/// anew whether it may be: whoever lost the right hears no longer than this.
const STILL_THERE: Duration = Duration::from_secs(5);

static STREAMS: Semaphore = Semaphore::const_new(STREAMS_MAX);

/// The moment of the newest judgement.
pub(crate) async fn now(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    admitted(&daemon, headers).await?;
    let at_ms = *daemon.judged.borrow();
    Ok(Json(json!({ "version": 1, "as_of_ms": at_ms })).into_response())
}

/// Every judgement from now on, as server-sent events, for as long as whoever asked may look.
pub(crate) async fn stream(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    admitted(&daemon, headers.clone()).await?;
    let Ok(permit) = STREAMS.try_acquire() else {
        let help = "ask `/live.json` now and then";
        let status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
        return Err(crate::answer::refusal(status, "too many pages follow already", help));
    };
    let (sender, body) = Channel::<Bytes, Infallible>::new(1);
    tokio::spawn(async move {
        tell(&daemon, &headers, sender).await;
        drop(permit);
    });
    let told = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    Ok((told, Body::new(body)).into_response())
}

async fn admitted(daemon: &Arc<Daemon>, headers: HeaderMap) -> Result<(), Refusal> {
    let daemon = Arc::clone(daemon);
    joined(move || daemon.visitor_now(&headers).map(drop)).await
}

/// Tells until nobody listens, whoever listens may no longer, or the daemon closes.
async fn tell(daemon: &Arc<Daemon>, headers: &HeaderMap, mut sender: Sender<Bytes, Infallible>) {
    let Some(mut closing) = daemon.closing.get().cloned() else { return };
    let mut judged = daemon.judged.subscribe();
    let mut text = event(*judged.borrow_and_update());
    while sender.send_data(Bytes::from(text)).await.is_ok() {
        let next = tokio::select! {
            () = closing.begun() => return,
            next = timeout(STILL_THERE, judged.changed()) => next,
        };
        text = match next {
            Err(_) => ": still here\n\n".to_owned(),
            Ok(Ok(())) => event(*judged.borrow_and_update()),
            Ok(Err(_)) => return,
        };
        // A token may have ended meanwhile, or the visit that began with it.
        if admitted(daemon, headers.clone()).await.is_err() {
            return;
        }
    }
}

fn event(at_ms: i64) -> String {
    format!("event: judged\nid: {at_ms}\ndata: {{\"as_of_ms\":{at_ms}}}\n\n")
}
