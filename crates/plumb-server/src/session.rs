//! Who is logged in: visits that began with a token or at an identity provider, kept in memory and
//! told by a cookie.
//!
//! Refuses to know what a visit may do.

use crate::access::Caller;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use plumb_engine::shelf::{hex, random};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The cookie's name. Browsers take one with this prefix only from the very host, for all its
/// paths, and where nobody listens.
const COOKIE_NAME: &str = "__Host-plumb";

/// How long a visit lasts: a working day.
const VISIT_MS: i64 = 12 * 3_600_000;

/// Visits at once. Who comes later ends the visit that ends first.
const VISITS_MAX: usize = 1_000;

/// Visits by the hash of what tells them, so that memory that leaks lets nobody in.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<[u8; 32], Session>>);

/// What a visit began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Began {
    /// A token of this name, which ends the visit when it ends.
    Token(String),
    /// A login elsewhere, which told who it is.
    Elsewhere(Caller),
}

/// A visit.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) began: Began,
    /// What forms must bring, which a page elsewhere cannot know.
    pub(crate) ticket: String,
    until_ms: i64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Session").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Session {
    /// Who it is.
    pub(crate) fn name(&self) -> &str {
        match &self.began {
            Began::Token(name) => name,
            Began::Elsewhere(caller) => &caller.name,
        }
    }
}

impl Sessions {
    /// Begins a visit; gives the header that sets its cookie, or nothing where the system has no
    /// randomness.
    pub(crate) fn begin(&self, began: Began, now_ms: i64) -> Option<String> {
        let (id, ticket) = (hex(&random().ok()?), hex(&random().ok()?));
        let session = Session { began, ticket, until_ms: now_ms + VISIT_MS };
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| now_ms < session.until_ms);
        if sessions.len() >= VISITS_MAX {
            let first = sessions.iter().min_by_key(|(_, session)| session.until_ms);
            if let Some(first) = first.map(|(id, _)| *id) {
                sessions.remove(&first);
            }
        }
        sessions.insert(Sha256::digest(&id).into(), session);
        let seconds = VISIT_MS / 1_000;
        Some(format!(
            "{COOKIE_NAME}={id}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}"
        ))
    }

    /// The visit of a request.
    pub(crate) fn of(&self, headers: &HeaderMap, now_ms: i64) -> Option<Session> {
        let id = cookie(headers)?;
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hash: [u8; 32] = Sha256::digest(id).into();
        sessions.get(&hash).filter(|session| now_ms < session.until_ms).cloned()
    }

    /// Ends the visit of a request; gives the header that takes its cookie away.
    pub(crate) fn end(&self, headers: &HeaderMap) -> String {
        if let Some(id) = cookie(headers) {
            let hash: [u8; 32] = Sha256::digest(id).into();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash);
        }
        format!("{COOKIE_NAME}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookie_named(headers, COOKIE_NAME)
}

/// What a cookie of this name holds.
pub(crate) fn cookie_named<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim() == wanted).map(|(_, id)| id.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(COOKIE, format!("other=1; {pair}").parse().unwrap())])
    }

    fn token(name: &str) -> Began {
        Began::Token(name.to_owned())
    }

    #[test]
    fn a_visit_begins_lasts_and_ends() {
        let sessions = Sessions::default();
        let cookie = sessions.begin(token("ops"), 0).unwrap();
        let headers = headers(&cookie);
        let session = sessions.of(&headers, VISIT_MS - 1).unwrap();
        assert_eq!(session.name(), "ops");
        assert!(!cookie.contains(&session.ticket));
        assert_eq!(sessions.of(&headers, VISIT_MS), None);
        sessions.end(&headers);
        assert_eq!(sessions.of(&headers, 0), None);
        assert_eq!(sessions.of(&HeaderMap::new(), 0), None);
    }

    #[test]
    fn there_are_only_so_many() {
        let sessions = Sessions::default();
        let first = sessions.begin(token("first"), 0).unwrap();
        for at in 1..=VISITS_MAX {
            sessions.begin(token("more"), i64::try_from(at).unwrap()).unwrap();
        }
        assert_eq!(sessions.of(&headers(&first), 1), None);
        assert_eq!(sessions.0.lock().unwrap().len(), VISITS_MAX);
    }
}
