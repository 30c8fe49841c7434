//! `POST /api/v1/releases`, `/events` and `/github`: a version went live. Refuses to know what
//! follows from that.

use crate::access::Caller;
use crate::answer::{Refusal, answer, refusal};
use crate::body::received;
use crate::daemon::Daemon;
use crate::project::{Project, failed};
use crate::request::{InProject, joined};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hmac::{Hmac, KeyInit as _, Mac as _};
use plumb_engine::clock::parse_moment;
use plumb_engine::deploy_event::{self, Announced, EventError};
use plumb_engine::judge::Scope;
use plumb_engine::tokens::Right;
use plumb_gap::release::Release;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;

/// Bytes of an event. GitHub sends at most 25 MB of anything, and a deployment is some kilobytes.
const EVENT_BYTES_MAX: usize = 1024 * 1024;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
const HANDSHAKE_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
const HANDSHAKE_ALLOWED: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const HANDSHAKE_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");

/// A release as scripts tell it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    component: String,
    version: String,
    #[serde(default)]
    environment: String,
    at: Option<String>,
}

pub(crate) async fn release(
    State(daemon): State<Arc<Daemon>>,
    Query(asked): Query<InProject>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (caller, project) = daemon.admit(&headers, Right::Release, asked.project).await?;
    let bytes = received(body, EVENT_BYTES_MAX).await?;
    let announced = told(&bytes, (daemon.clock)())?;
    joined(move || keep(&daemon, &project, &caller, &announced)).await
}

fn told(bytes: &[u8], now_ms: i64) -> Result<Announced, Refusal> {
    let help =
        "send {\"component\":…,\"version\":…,\"environment\":…,\"at\":…}, the last two if known";
    let unfit = |what: &str| refusal(StatusCode::UNPROCESSABLE_ENTITY, what, help);
    let told: Told = serde_json::from_slice(bytes).map_err(|_| unfit("that is no release"))?;
    if told.component.is_empty() || told.version.is_empty() {
        return Err(unfit("a release needs a component and a version"));
    }
    let at_ms = told.at.as_deref().map(parse_moment).transpose();
    let at_ms = at_ms.map_err(|_| unfit("`at` is no moment"))?.unwrap_or(now_ms);
    let Told { component, version, environment, .. } = told;
    let release = Release { at_ms, component, version, environment };
    Ok(Announced { releases: vec![release], others: 0 })
}

/// Collectors ask, so that traffic that does not say its version can be told one.
pub(crate) async fn list(
    State(daemon): State<Arc<Daemon>>,
    Query(asked): Query<InProject>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (caller, project) = daemon.admit(&headers, Right::Ingest, asked.project).await?;
    joined(move || {
        let releases = plumb_engine::releases::releases(&project.shelf(), &Scope::default());
        let releases = releases.map_err(|err| failed(&err))?;
        let told: Vec<Value> = releases
            .iter()
            .filter(|one| one.environment.is_empty() || caller.may_in(&one.environment).is_ok())
            .map(|one| {
                json!({
                    "at_ms": one.at_ms,
                    "component": one.component,
                    "version": one.version,
                    "environment": one.environment,
                })
            })
            .collect();
        Ok(answer(json!({ "releases": told })))
    })
    .await
}

pub(crate) async fn events(
    State(daemon): State<Arc<Daemon>>,
    Query(asked): Query<InProject>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (caller, project) = daemon.admit(&headers, Right::Release, asked.project).await?;
    let bytes = received(body, EVENT_BYTES_MAX).await?;
    let announced = deploy_event::cdevents(&bytes).map_err(|err| unreadable(&err))?;
    joined(move || keep(&daemon, &project, &caller, &announced)).await
}

/// Answers the question of CloudEvents whether events may be sent here.
/// Source: CloudEvents HTTP 1.1 web hooks, section 4.
pub(crate) async fn handshake(headers: HeaderMap) -> Response {
    let Some(origin) = headers.get(HANDSHAKE_ORIGIN) else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let allowed =
        [(HANDSHAKE_ALLOWED, origin.clone()), (HANDSHAKE_RATE, HeaderValue::from_static("120"))];
    (StatusCode::OK, allowed).into_response()
}

pub(crate) async fn github(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let secret = daemon.github_secret.clone().ok_or_else(|| {
        refusal(
            StatusCode::NOT_FOUND,
            "events of GitHub are not expected",
            "start the server with `--github-secret-file`",
        )
    })?;
    let bytes = received(body, EVENT_BYTES_MAX).await?;
    if !is_signed(&secret, &headers, &bytes) {
        daemon.meter.turned_away.inc();
        return Err(refusal(
            StatusCode::UNAUTHORIZED,
            "the signature is not that of the secret",
            "give the web hook on GitHub the secret that the server has",
        ));
    }
    let announced = deploy_event::github(&bytes).map_err(|err| unreadable(&err))?;
    let project = Arc::clone(&daemon.projects.own);
    let caller = Caller::named("github");
    joined(move || keep(&daemon, &project, &caller, &announced)).await
}

/// Compares in constant time.
fn is_signed(secret: &[u8], headers: &HeaderMap, bytes: &Bytes) -> bool {
    let said = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(said) = said.strip_prefix("sha256=").and_then(plumb_engine::shelf::from_hex) else {
        return false;
    };
    Hmac::<Sha256>::new_from_slice(secret)
        .is_ok_and(|hmac| hmac.chain_update(bytes).verify_slice(&said).is_ok())
}

fn keep(
    daemon: &Daemon,
    project: &Project,
    caller: &Caller,
    announced: &Announced,
) -> Result<Response, Refusal> {
    for release in &announced.releases {
        caller.may_in(&release.environment)?;
    }
    for release in &announced.releases {
        let kept = plumb_engine::releases::record(&mut project.shelf(), release);
        kept.map_err(|err| failed(&err))?;
        let Release { component, version, environment, .. } = release;
        let subject = format!("{component} {version} {environment}");
        daemon.note(&caller.name, "release-recorded", subject.trim_end());
        project.changed();
    }
    Ok(answer(json!({ "releases": announced.releases.len(), "others": announced.others })))
}

fn unreadable(err: &EventError) -> Refusal {
    let help = "send CDEvents 0.3 or newer, or `deployment_status` of GitHub";
    refusal(StatusCode::UNPROCESSABLE_ENTITY, err.to_string(), help)
}
