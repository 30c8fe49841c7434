//! A canary for redaction: secrets, made up, are put through the fold in memory, and looked for in
//! what would be kept.
//!
//! Refuses to touch the store.

use crate::shelf;
use plumb_shape::literal::LiteralKey;
use plumb_traffic::exchange::{Body, Exchange, Message, Pair};
use plumb_traffic::fold::{Folds, Origin};
use plumb_traffic::redact::Redaction;
use std::borrow::Cow;

/// What became of the secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Canary {
    /// How many were planted.
    pub planted: usize,
    /// Where those stood that would have been kept.
    pub kept: Vec<String>,
}

/// Where secrets stand as a rule. The project's own names come beside them, as headers.
const HEADERS: [&str; 6] =
    ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-csrf-token", "x-other"];
const QUERY: [&str; 3] = ["access_token", "signature", "q"];
const MEMBERS: [&str; 6] = ["password", "card", "iban", "session", "note", "mail"];

/// Words of one path: a token that no router would have named, and an address.
const PATH: [&str; 2] = ["canaryA8f3k2L0pQ9zX7vB1nM4", "canary.person@example.test"];

/// Names of the project's own that are tried; a longer list says the same once more.
const OWN_MAX: usize = 64;

/// Puts secrets through the fold as this project redacts, its own names among them.
#[must_use]
pub fn canary(redaction: &Redaction, own: &[String]) -> Canary {
    let own: Vec<String> = own.iter().take(OWN_MAX).map(|name| name.replace('*', "x")).collect();
    let headers: Vec<&str> = HEADERS.into_iter().chain(own.iter().map(String::as_str)).collect();
    let sides = ["request", "response"];
    let mut planted: Vec<(String, String)> =
        PATH.iter().map(|word| ("path".to_owned(), (*word).to_owned())).collect();
    for side in sides {
        for name in headers.iter().chain(&MEMBERS) {
            planted.push((format!("{side} {name}"), secret(side, name)));
        }
    }
    planted.extend(QUERY.map(|name| (format!("query {name}"), secret("query", name))));
    let [request, response] = sides.map(|side| message(side, &headers));
    let pair = |name: &'static str| (Cow::from(name), Cow::from(secret("query", name)));
    let exchange = Exchange {
        time_ms: Some(0),
        host: "canary.test".into(),
        method: "POST".into(),
        path: format!("/reset/{}", PATH.join("/")).into(),
        query: QUERY.map(pair).to_vec(),
        request,
        status: 200,
        response,
        ..Exchange::default()
    };
    let text = kept_of(redaction, &exchange);
    let is_kept = |secret: &str| text.contains(&secret.to_lowercase());
    let kept = planted.iter().filter(|(_, secret)| is_kept(secret));
    Canary { planted: planted.len(), kept: kept.map(|(place, _)| place.clone()).collect() }
}

/// Everything that would be kept of an exchange, as text in lower case.
fn kept_of(redaction: &Redaction, exchange: &Exchange<'_>) -> String {
    const KEY: [u8; 32] = [7; 32];
    let key = LiteralKey::new(KEY);
    let mut folds = Folds::new(key, redaction.as_denied(), Origin::default(), &|_| None);
    folds.observe(exchange);
    let mut text = String::new();
    for (window, profile) in folds.seal() {
        text.push_str(&format!("{window:?} {profile:?} "));
        let bytes = shelf::encode(&profile).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    text.to_lowercase()
}

fn message(side: &str, headers: &[&str]) -> Message<'static> {
    let header = |name: &&str| -> Pair<'static> {
        (Cow::from((*name).to_owned()), Cow::from(secret(side, name)))
    };
    let members: serde_json::Map<String, serde_json::Value> =
        MEMBERS.map(|name| (name.to_owned(), secret(side, name).into())).into_iter().collect();
    Message {
        headers: headers.iter().map(header).collect(),
        headers_withheld: None,
        media_type: Some("application/json".into()),
        body: Body::Bytes(serde_json::Value::Object(members).to_string().into_bytes().into()),
    }
}

fn secret(side: &str, name: &str) -> String {
    format!("canary of {side} {name} 4f1d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_planted_is_kept() {
        let own = ["x-acme-*".to_owned()];
        let found = canary(&Redaction::with_names(&own), &own);
        assert_eq!(found.kept, Vec::<String>::new());
        assert_eq!(found.planted, 2 + 2 * (7 + 6) + 3);
    }

    #[test]
    fn the_search_finds_what_is_there() {
        let exchange = Exchange {
            method: "GET".into(),
            path: "/canary-of-a-path".into(),
            ..Exchange::default()
        };
        assert!(kept_of(&Redaction::default(), &exchange).contains("canary-of-a-path"));
    }
}
