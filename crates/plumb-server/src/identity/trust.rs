//! Whom a server trusts to say who somebody is, and what those may: the settings, as a file.
//!
//! Refuses to know how a token is checked.

use crate::identity::keys::is_safe;
use plumb_engine::tokens::Right;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Trusts of one file: more than an organisation has providers and pipelines.
const TRUSTS_MAX: usize = 1_000;

/// What is believed of whom, and what it allows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The provider's address, as its tokens name it.
    pub issuer: String,
    /// Whom tokens have to be made for: this server, by a name that nobody else takes.
    pub audience: String,
    /// What it allows.
    pub allow: Vec<Right>,
    /// The project it is good for; none for the server's own.
    pub project: Option<String>,
    /// The only environment it is good for; none for all.
    pub environment: Option<String>,
    /// What tokens have to say besides, each claim with the words that are right.
    pub claims: BTreeMap<String, Words>,
}

/// One word or several, of which one has to be there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// One.
    One(String),
    /// Any of these.
    Any(Vec<String>),
}

/// How people log in at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The provider's address, as its tokens name it.
    pub issuer: String,
    /// What this server is called there.
    pub client_id: String,
    /// The file with the secret that belongs to it, where it has one.
    pub client_secret_file: Option<PathBuf>,
    /// This server's own address, as browsers know it.
    pub address: String,
    /// What the provider is asked to tell.
    #[serde(default = "openid")]
    pub scope: String,
    /// What it allows.
    pub allow: Vec<Right>,
    /// What the provider has to say of somebody.
    pub claims: BTreeMap<String, Words>,
}

fn openid() -> String {
    "openid".to_owned()
}

/// The settings, as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trusted {
    /// Whose tokens are taken.
    #[serde(default, rename = "trust")]
    pub trusts: Vec<Trust>,
    /// Where people log in.
    pub login: Option<Login>,
}

/// Reads the settings.
///
/// # Errors
/// What is wrong with them, and where.
pub fn trusted(text: &str) -> Result<Trusted, String> {
    let trusted: Trusted = toml::from_str(text).map_err(|err| err.to_string())?;
    if trusted.trusts.len() > TRUSTS_MAX {
        return Err(format!("more than {TRUSTS_MAX} trusts"));
    }
    for (at, trust) in trusted.trusts.iter().enumerate() {
        trust.check().map_err(|what| format!("trust {}: {what}", at + 1))?;
    }
    if let Some(login) = &trusted.login {
        let told = |what: &str| Err(format!("login: {what}"));
        login.clone().into_trust().check().map_err(|what| format!("login: {what}"))?;
        if !login.allow.contains(&Right::Read) {
            return told("`allow` lacks `read`, so pages could not be seen");
        }
        if !is_safe(&login.address) {
            return told("`address` is none that begins with `https://`");
        }
        if !login.scope.split(' ').any(|word| word == "openid") {
            return told("`scope` lacks `openid`");
        }
    }
    Ok(trusted)
}

impl Login {
    /// The same as a trust: tokens are made for the server, by the name it has there.
    pub(super) fn into_trust(self) -> Trust {
        let Self { issuer, client_id, allow, claims, .. } = self;
        let (project, environment) = (None, None);
        Trust { issuer, audience: client_id, allow, project, environment, claims }
    }
}

impl Words {
    fn all(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Any(words) => words,
        }
    }

    /// Whether a claim says one of them, by itself or in a list.
    fn are_said(&self, claim: &Value) -> bool {
        match claim {
            Value::String(said) => self.all().contains(said),
            Value::Array(list) => list.iter().any(|one| one.is_string() && self.are_said(one)),
            _ => false,
        }
    }
}

impl Trust {
    fn check(&self) -> Result<(), &'static str> {
        if !is_safe(&self.issuer) {
            return Err("`issuer` is no address that begins with `https://`");
        }
        if self.audience.is_empty() {
            return Err("the audience is empty, so tokens for anybody would do");
        }
        if self.allow.is_empty() {
            return Err("`allow` is empty, so nothing would be allowed");
        }
        let is_empty = |words: &Words| words.all().iter().all(|word| word.is_empty());
        if self.claims.is_empty() || self.claims.values().any(is_empty) {
            return Err("`claims` has to name something that only yours say");
        }
        Ok(())
    }

    /// Whether a token says all it has to.
    pub(super) fn fits(&self, claims: &Map<String, Value>) -> bool {
        self.claims
            .iter()
            .all(|(name, words)| claims.get(name).is_some_and(|claim| words.are_said(claim)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TRUST: &str = r#"
        [[trust]]
        issuer = "https://id.test"
        audience = "plumb"
        allow = ["read"]
        claims = { repository = "acme/shop", ref = ["refs/heads/main", "refs/heads/release"] }
    "#;

    #[test]
    fn claims_have_to_say_it_all() {
        let Trusted { trusts, .. } = trusted(TRUST).unwrap();
        let check = |claims: Value, expected: bool| {
            assert_eq!(trusts[0].fits(claims.as_object().unwrap()), expected, "{claims}");
        };
        check(json!({ "repository": "acme/shop", "ref": "refs/heads/release" }), true);
        check(json!({ "repository": ["x", "acme/shop"], "ref": "refs/heads/main" }), true);
        check(json!({ "repository": "acme/shop" }), false);
        check(json!({ "repository": "acme/shop", "ref": "refs/heads/other" }), false);
        check(json!({ "repository": [["acme/shop"]], "ref": "refs/heads/main" }), false);
        check(json!({ "repository": null, "ref": true }), false);
    }

    #[track_caller]
    fn check_wrong(from: &str, to: &str, expected: &str) {
        assert!(TRUST.contains(from));
        let told = trusted(&TRUST.replace(from, to)).unwrap_err();
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn settings_that_trust_too_many_are_refused() {
        check_wrong("https://id.test", "http://id.test", "begins with `https://`");
        check_wrong("\"plumb\"", "\"\"", "tokens for anybody");
        check_wrong("[\"read\"]", "[]", "nothing would be allowed");
        check_wrong("[\"read\"]", "[\"all\"]", "unknown variant");
        check_wrong("\"acme/shop\"", "\"\"", "only yours say");
        check_wrong("allow", "allowed", "unknown field");
        check_wrong("claims = {", "claims = {} # {", "only yours say");
    }
}
