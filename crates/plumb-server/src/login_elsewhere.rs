//! Logging in to the pages at an identity provider: on the way there, and back.
//!
//! Refuses to know what is asked of the provider, and what pages show.

use crate::daemon::Daemon;
use crate::identity::login::{Leaving, Logins, PENDING_MS};
use crate::login::{Back, inside, turned_away, with_cookie};
use crate::outgoing::redirect;
use crate::request::joined;
use crate::session::{Began, cookie_named};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use std::sync::Arc;

/// The cookie that tells which login a browser began: nobody else's is ended in it.
const COOKIE_NAME: &str = "__Host-plumb-login";

/// What a provider sends a browser back with.
#[derive(Deserialize)]
pub(crate) struct Returned {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    error: String,
}

/// Sends a browser to the provider.
pub(crate) async fn leave(
    State(daemon): State<Arc<Daemon>>,
    Query(Back { back }): Query<Back>,
    headers: HeaderMap,
) -> Response {
    let back = inside(&back).to_owned();
    let (known, to) = (Arc::clone(&daemon), back.clone());
    let begun = joined(move || {
        let now_ms = (known.clock)();
        Ok(logins(&known).and_then(|logins| logins.begin(&to, now_ms)))
    });
    match begun.await {
        Ok(Ok(Leaving { address, state })) => {
            let seconds = PENDING_MS / 1_000;
            let cookie = format!(
                "{COOKIE_NAME}={state}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}"
            );
            with_cookie(redirect(&address), &cookie)
        }
        Ok(Err(why)) => {
            turned_away(&daemon, (&why, StatusCode::BAD_GATEWAY), &headers, &back).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Lets in who comes back from the provider.
pub(crate) async fn come_back(
    State(daemon): State<Arc<Daemon>>,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
) -> Response {
    let (known, asked) = (Arc::clone(&daemon), headers.clone());
    let ended = joined(move || Ok(end(&known, &asked, &returned)));
    match ended.await {
        Ok(Ok((cookie, back))) => {
            let gone = format!("{COOKIE_NAME}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
            with_cookie(with_cookie(redirect(&back), &cookie), &gone)
        }
        Ok(Err(why)) => {
            daemon.meter.turned_away.inc();
            turned_away(&daemon, (&why, StatusCode::UNAUTHORIZED), &headers, "/").await
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn logins(daemon: &Daemon) -> Result<&Logins, String> {
    daemon.logins.as_ref().ok_or_else(|| "nobody logs in elsewhere at this server".to_owned())
}

/// Gives the cookie of the visit that begins, and the page to lead to.
fn end(
    daemon: &Daemon,
    headers: &HeaderMap,
    returned: &Returned,
) -> Result<(String, String), String> {
    let logins = logins(daemon)?;
    if !returned.error.is_empty() {
        return Err("the provider let nobody in".to_owned());
    }
    let state = cookie_named(headers, COOKIE_NAME).filter(|state| *state == returned.state);
    let state = state.ok_or("the login was begun in another browser, or long ago")?;
    let now_ms = (daemon.clock)();
    let (caller, back) = logins.finish((state, &returned.code), now_ms)?;
    let name = caller.name.clone();
    let cookie = daemon.sessions.begin(Began::Elsewhere(caller), now_ms);
    let cookie = cookie.ok_or("the system has no randomness")?;
    daemon.note(&name, "logged-in", "");
    Ok((cookie, back))
}
