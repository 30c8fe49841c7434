//! The gate: verdicts on one rollout for platforms that ask over HTTP.
//!
//! What is answered was judged before anybody asked, so an answer waits for nobody; what is too old
//! is neither a yes nor a no. Start at [`gate`]. Refuses to judge a rollout, and to know what each
//! platform asks.

mod admitted;
mod argo;
mod asked;
pub mod board;
mod flagger;
pub mod lines;
mod prometheus;
mod spinnaker;
mod told;

use crate::access::Access;
use crate::answer::{Refusal, refusal};
use crate::gate::admitted::Gate;
use crate::gate::board::Board;
use crate::gate::lines::Told;
use crate::listen::listen;
use crate::serving::{ServeError, check_safe, check_tokens, ended_by};
use axum::Router;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_request;
use axum::routing::{any, get, post};
use plumb_engine::location::Location;
use plumb_engine::shelf;
use plumb_tap::shutdown::Closing;
use plumb_tap::tls::ServerTls;
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Judgements of series that are worked on at once.
const JUDGED_AT_ONCE: usize = 2;

/// How long to wait, once all is closed, for work on threads of its own.
const LEFT_OVERS: Duration = Duration::from_secs(2);

/// Everything a gate needs to know.
pub struct Gating {
    /// Where to listen.
    pub listener: TcpListener,
    /// What to show to clients.
    pub tls: Option<ServerTls>,
    /// Who is let in.
    pub access: Access,
    /// Where the tokens are kept.
    pub location: Location,
    /// What tells this rollout from others, for those that ask by labels.
    pub labels: BTreeMap<String, String>,
    /// Where the newest judgement hangs.
    pub board: Arc<Board>,
    /// Takes events that were sent here.
    pub told: SyncSender<Told>,
    /// Unix milliseconds.
    pub clock: fn() -> i64,
    /// Called once requests are answered.
    pub ready: Box<dyn FnOnce() + Send>,
}

impl std::fmt::Debug for Gating {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Gating").field("access", &self.access).finish_non_exhaustive()
    }
}

/// Answers until the process is told to end, or `closing`. Blocks until then.
///
/// # Errors
/// [`ServeError`] before anything was answered; never afterwards.
pub fn gate(gating: Gating, closing: Closing) -> Result<(), ServeError> {
    let Gating { listener, tls, access, location, labels, board, told, clock, ready } = gating;
    check_safe(listener.local_addr()?, tls.is_some(), access)?;
    let shelf = match access {
        Access::Loopback => None,
        Access::Tokens => Some(shelf::open(&location)?),
    };
    if let Some(shelf) = &shelf {
        check_tokens(shelf, clock())?;
    }
    let gate = Arc::new(Gate {
        shelf: shelf.map(Mutex::new),
        scheme: if tls.is_some() { "https" } else { "http" },
        labels,
        board,
        told,
        clock,
        begun: Mutex::new(BTreeSet::new()),
        room: Semaphore::new(JUDGED_AT_ONCE),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    listener.set_nonblocking(true)?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let ending = ended_by(closing);
        ready();
        listen(listener, tls, routes(gate), ending).await;
        Ok(())
    });
    runtime.shutdown_timeout(LEFT_OVERS);
    served
}

fn routes(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/v1/events", post(told::events))
        .route("/v1/judgement", get(argo::judgement))
        .route("/v1/analysis/argo", get(argo::analysis).post(argo::analysis))
        .route("/v1/flagger/{hook}", post(flagger::hook))
        .route("/v1/spinnaker", get(spinnaker::status).post(spinnaker::begin))
        .route("/judge", post(spinnaker::judge))
        .route("/api/v1/query", get(prometheus::query).post(prometheus::query))
        .route("/api/v1/query_range", get(prometheus::range).post(prometheus::range))
        .route("/metrics", get(prometheus::metrics))
        .route("/health/live", any(argo::live))
        .fallback(nowhere)
        .with_state(gate)
        .layer(map_request(async |request| named(request)))
}

/// HTTP/2 names its host in the address; everything here looks for it in the head.
fn named(mut request: Request) -> Request {
    let host = request.uri().authority().map(|authority| authority.as_str());
    let host = host.and_then(|host| HeaderValue::from_str(host).ok());
    if let Some(host) = host
        && !request.headers().contains_key(HOST)
    {
        request.headers_mut().insert(HOST, host);
    }
    request
}

async fn nowhere() -> Refusal {
    let help = "docs/book/rollout-gates.md lists the routes";
    refusal(StatusCode::NOT_FOUND, "there is nothing at this address", help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[track_caller]
    fn check(address: &str, host: Option<&str>, expected: Option<&str>) {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = address.parse().unwrap();
        if let Some(host) = host {
            request.headers_mut().insert(HOST, host.parse().unwrap());
        }
        let request = named(request);
        assert_eq!(request.headers().get(HOST).map(|host| host.to_str().unwrap()), expected);
    }

    #[test]
    fn the_host_is_told_in_the_head_whatever_the_version() {
        check("https://gate:7443/v1", None, Some("gate:7443"));
        check("https://gate:7443/v1", Some("other"), Some("other"));
        check("/v1", Some("gate"), Some("gate"));
        check("/v1", None, None);
    }
}
