//! Logging in to the pages and out of them: a token in, a cookie out.
//!
//! Refuses to know what pages show.

use crate::access::{Access, broken, loopback};
use crate::answer::{Refusal, refusal};
use crate::daemon::Daemon;
use crate::identity::login::Logins;
use crate::outgoing::{Kind, outgoing, redirect};
use crate::request::joined;
use crate::session::Began;
use axum::extract::{Form, Query, State};
use axum::http::header::{HOST, HeaderValue, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use plumb_engine::tokens::{self, Right};
use plumb_pages::frame::login_page;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// How long whoever is turned away waits for the answer.
const WRONG_WAIT: Duration = Duration::from_millis(500);

/// Where to go back to.
#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    pub(crate) back: String,
}

/// What a login brings.
#[derive(Deserialize)]
pub(crate) struct Login {
    token: String,
    #[serde(default)]
    back: String,
}

/// What a logout brings.
#[derive(Deserialize)]
pub(crate) struct Logout {
    #[serde(default)]
    ticket: String,
}

/// The form.
pub(crate) async fn form(
    State(daemon): State<Arc<Daemon>>,
    Query(Back { back }): Query<Back>,
    headers: HeaderMap,
) -> Response {
    match daemon.access {
        Access::Loopback => redirect("/"),
        Access::Tokens => {
            let page = login_page("", inside(&back), elsewhere(&daemon));
            outgoing(Kind::Html, page.into_bytes(), &headers)
        }
    }
}

/// Lets somebody in who shows a token that may read.
pub(crate) async fn login(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
    Form(Login { token, back }): Form<Login>,
) -> Response {
    let back = inside(&back).to_owned();
    let asked = headers.clone();
    let known = Arc::clone(&daemon);
    let begun = joined(move || begin(&known, &asked, &token)).await;
    match begun {
        Ok(cookie) => with_cookie(redirect(&back), &cookie),
        Err(refused) => {
            turned_away(&daemon, (&refused.what, refused.status), &headers, &back).await
        }
    }
}

/// The form again, with what was wrong; it takes a while, so that nobody tries many times.
pub(crate) async fn turned_away(
    daemon: &Daemon,
    (what, status): (&str, StatusCode),
    headers: &HeaderMap,
    back: &str,
) -> Response {
    sleep(WRONG_WAIT).await;
    let page = login_page(what, back, elsewhere(daemon)).into_bytes();
    let mut response = outgoing(Kind::Html, page, headers);
    *response.status_mut() = status;
    response
}

/// The name of the provider at which people log in besides.
fn elsewhere(daemon: &Daemon) -> Option<&str> {
    daemon.logins.as_ref().map(Logins::name)
}

fn begin(daemon: &Daemon, headers: &HeaderMap, token: &str) -> Result<String, Refusal> {
    is_from_here(headers)?;
    let now_ms = (daemon.clock)();
    let known = tokens::known(&daemon.projects.own.shelf(), token.trim(), now_ms);
    let known = known.map_err(|err| broken(&err))?;
    let known =
        known.filter(|token| token.rights.contains(&Right::Read) && token.project.is_none());
    let Some(known) = known else {
        daemon.meter.turned_away.inc();
        let help = "`plumb token ls` on the server tells which there are";
        let what = "the token is not known, has ended, or may not read";
        return Err(refusal(StatusCode::UNAUTHORIZED, what, help));
    };
    let cookie =
        daemon.sessions.begin(Began::Token(known.name.clone()), now_ms).ok_or_else(|| {
            refusal(StatusCode::SERVICE_UNAVAILABLE, "the system has no randomness", "try again")
        })?;
    daemon.note(&known.name, "logged-in", "");
    Ok(cookie)
}

/// Ends a visit.
pub(crate) async fn logout(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
    Form(Logout { ticket }): Form<Logout>,
) -> Response {
    if let Err(refused) = is_from_here(&headers) {
        return refused.into_response();
    }
    let now_ms = (daemon.clock)();
    let session = daemon.sessions.of(&headers, now_ms);
    let Some(session) = session.filter(|session| session.ticket == ticket) else {
        return redirect("/");
    };
    let cookie = daemon.sessions.end(&headers);
    let ended = joined(move || {
        daemon.note(session.name(), "logged-out", "");
        Ok(())
    });
    // A log that cannot be written was told of already.
    drop(ended.await);
    with_cookie(redirect("/login"), &cookie)
}

/// A form may only come from a page of this server: browsers say from where it comes.
pub(crate) fn is_from_here(headers: &HeaderMap) -> Result<(), Refusal> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    // What says no origin is no browser, and carries nobody's cookie by accident.
    let is_here =
        origin.is_none_or(|it| it.split_once("://").is_some_and(|(_, name)| name == host));
    if is_here || loopback(headers).is_ok() {
        return Ok(());
    }
    let help = "open the server's own page";
    Err(refusal(StatusCode::FORBIDDEN, "the form comes from a page elsewhere", help))
}

/// An address of this server; the home page instead of any other.
pub(crate) fn inside(back: &str) -> &str {
    let is_inside =
        back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n']);
    if is_inside { back } else { "/" }
}

pub(crate) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        assert_eq!(inside("/seams?q=a"), "/seams?q=a");
        for elsewhere in ["//evil.test", "https://evil.test", "/\\evil.test", "", "/a\r\nb: c"] {
            assert_eq!(inside(elsewhere), "/");
        }
    }

    #[test]
    fn forms_come_from_here() {
        let of = |origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("plumb.test"));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, origin.parse().unwrap());
            }
            is_from_here(&headers).is_ok()
        };
        assert!(of(None) && of(Some("https://plumb.test")));
        assert!(!of(Some("https://evil.test")) && !of(Some("null")));
    }
}
