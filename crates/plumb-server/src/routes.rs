//! Which address leads where. Refuses to know what happens there.

use crate::answer::{Refusal, refusal};
use crate::daemon::Daemon;
use crate::identity::login::RETURN_PATH;
use crate::{deltas, events, evidence, health, login, login_elsewhere, orders, pages, releases};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use std::sync::Arc;

/// Every route.
pub(crate) fn routes(daemon: Arc<Daemon>) -> Router {
    Router::new()
        .route("/api/v1/deltas", post(deltas::deltas))
        .route("/api/v1/evidence", get(evidence::evidence))
        .route("/api/v1/gap", get(evidence::gap))
        .route("/api/v1/releases", get(releases::list).post(releases::release))
        .route("/api/v1/events", post(releases::events).options(releases::handshake))
        .route("/api/v1/github", post(releases::github))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/live", get(events::stream))
        .route("/live.json", get(events::now))
        .route("/login", get(login::form).post(login::login))
        .route("/login/oidc", get(login_elsewhere::leave))
        .route(RETURN_PATH, get(login_elsewhere::come_back))
        .route("/logout", post(login::logout))
        .route("/rollouts", get(pages::page).post(orders::order))
        .route("/assets/{name}", get(pages::assets))
        .route("/", get(pages::page))
        .route("/{view}", get(pages::page))
        .fallback(nowhere)
        .with_state(daemon)
}

async fn nowhere() -> Refusal {
    let help = "docs/book/server.md lists the routes";
    refusal(StatusCode::NOT_FOUND, "there is nothing at this address", help)
}
