//! Who may do what: a token, or being on the same machine.
//!
//! Refuses to know what is done with the right.

use crate::answer::{Refusal, refusal};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use plumb_engine::shelf::Shelf;
use plumb_engine::tokens::{self, Right, Token, TokenError};
use std::borrow::Cow;

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever reaches a loopback address, for everything.
    Loopback,
    /// Whoever shows a token, for what it allows.
    Tokens,
}

/// Somebody who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The token's name, or `loopback`.
    pub(crate) name: String,
    pub(crate) rights: Vec<Right>,
    /// The project the token is good for; none for the server's own.
    pub(crate) project: Option<String>,
    /// The only environment the token is good for.
    pub(crate) environment: Option<String>,
}

const NO_TOKEN: &str = "send `authorization: Bearer plumb_...`; `plumb token new` makes one";
const WRONG_TOKEN: &str = "it may have ended: `plumb token ls` on the server tells";

/// Finds out who calls.
pub(crate) fn caller(
    access: Access,
    headers: &HeaderMap,
    shelf: &Shelf,
    now_ms: i64,
) -> Result<Caller, Refusal> {
    match access {
        Access::Loopback => loopback(headers),
        Access::Tokens => {
            let text = bearer(headers).ok_or_else(|| {
                refusal(StatusCode::UNAUTHORIZED, "there is no token in the request", NO_TOKEN)
            })?;
            let token = tokens::known(shelf, &text, now_ms).map_err(|err| broken(&err))?;
            let token = token.ok_or_else(|| {
                refusal(StatusCode::UNAUTHORIZED, "the token is not known", WRONG_TOKEN)
            })?;
            Ok(Caller::from(token))
        }
    }
}

/// Lets in programs on this machine, and no page in a browser that was lured here: a page cannot
/// choose the `host` it calls by, nor hide its `origin`.
pub(crate) fn loopback(headers: &HeaderMap) -> Result<Caller, Refusal> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let is_ours =
        origin.is_none_or(|origin| origin.split_once("://").is_some_and(|it| it.1 == host));
    if !is_loopback_name(host) || !is_ours {
        return Err(refusal(
            StatusCode::FORBIDDEN,
            "the request comes from a page elsewhere",
            "call by `localhost` or a loopback address, or start the server with tokens",
        ));
    }
    Ok(Caller {
        name: "loopback".to_owned(),
        rights: Right::ALL.to_vec(),
        project: None,
        environment: None,
    })
}

/// Whether an authority, with or without its port, is this machine by its name or address. One with
/// a user in front of it is not.
#[must_use]
pub fn is_loopback_name(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|it| it.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A token that an identity provider made, if that is what is shown: it has three parts, as no
/// token of ours has.
pub(crate) fn identity(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    bearer(headers).filter(|text| text.bytes().filter(|byte| *byte == b'.').count() == 2)
}

/// The token: by itself, or as the password of any user, since some platforms can send no other.
fn bearer(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let (scheme, text) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Cow::Borrowed(text.trim()));
    }
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(text.trim()))?;
    let decoded = String::from_utf8(decoded.ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| Cow::Owned(password.to_owned()))
}

pub(crate) fn broken(err: &TokenError) -> Refusal {
    refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("tokens cannot be checked: {err}"),
        "see the server's own log",
    )
}

impl From<Token> for Caller {
    fn from(token: Token) -> Self {
        let Token { name, rights, project, environment, .. } = token;
        Self { name, rights, project, environment }
    }
}

impl Caller {
    /// Somebody who proved who they are in another way than by a token, and may only tell.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rights: vec![Right::Release],
            project: None,
            environment: None,
        }
    }

    /// Whether the caller may.
    pub(crate) fn may(&self, right: Right) -> Result<(), Refusal> {
        if self.rights.contains(&right) {
            return Ok(());
        }
        let name = right.name();
        Err(refusal(
            StatusCode::FORBIDDEN,
            format!("the token `{}` does not allow `{name}`", self.name),
            "make one that does with `plumb token new --allow`",
        ))
    }

    /// Whether the caller may say or see something of an environment.
    pub(crate) fn may_in(&self, environment: &str) -> Result<(), Refusal> {
        match &self.environment {
            Some(only) if only != environment => Err(refusal(
                StatusCode::FORBIDDEN,
                format!("the token `{}` is good for the environment `{only}` only", self.name),
                "make one for this environment with `plumb token new --env`",
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_loopback(host: &str, origin: Option<&str>, is_let_in: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        assert_eq!(loopback(&headers).is_ok(), is_let_in, "{host} {origin:?}");
    }

    #[test]
    fn pages_from_elsewhere_are_kept_out() {
        check_loopback("localhost:7070", None, true);
        check_loopback("127.0.0.1:7070", Some("http://127.0.0.1:7070"), true);
        check_loopback("[::1]:7070", None, true);
        check_loopback("localhost:7070", Some("https://evil.test"), false);
        check_loopback("localhost:7070", Some("null"), false);
        check_loopback("evil.test:7070", None, false);
        check_loopback("", None, false);
    }

    #[track_caller]
    fn check_token(sent: &str, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, sent.parse().unwrap());
        assert_eq!(bearer(&headers).as_deref(), expected);
    }

    #[test]
    fn a_token_may_be_the_password_of_any_user() {
        check_token("Bearer plumb_x", Some("plumb_x"));
        check_token("basic YW55OnBsdW1iX3g=", Some("plumb_x"));
        check_token("Basic YW55", None);
        check_token("Basic !", None);
        check_token("Digest a:b", None);
    }

    #[test]
    fn tokens_of_others_have_three_parts() {
        let of = |sent: &str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, sent.parse().unwrap())]);
            identity(&headers).is_some()
        };
        assert!(of("Bearer a.b.c") && of("Basic YW55OmEuYi5j"));
        assert!(!of("Bearer plumb_0a") && !of("Bearer a.b") && !of("Bearer a.b.c.d"));
    }

    #[test]
    fn rights_and_environments_bind() {
        let caller = Caller {
            name: "ci".to_owned(),
            rights: vec![Right::Ingest],
            project: None,
            environment: Some("staging".to_owned()),
        };
        assert!(caller.may(Right::Ingest).is_ok() && caller.may_in("staging").is_ok());
        let refused = caller.may(Right::Read).unwrap_err();
        assert_eq!(refused.what, "the token `ci` does not allow `read`");
        assert!(caller.may_in("production").is_err() && caller.may_in("").is_err());
    }
}
