//! The keys of an identity provider, fetched from where it says that they are, and kept for a
//! while.
//!
//! Source: OpenID Connect Discovery 1.0; RFC 7517 for the keys. Refuses to ask anybody who is not
//! named in the settings, and to know what the keys are good for.

use crate::access::is_loopback_name;
use crate::client::{agent, words};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use ureq::Body;
use ureq::http::Response;
use ureq::tls::RootCerts;

/// How long an answer may take: requests with such a token wait for it.
pub(super) const WAIT: Duration = Duration::from_secs(5);

/// Bytes of an answer: providers have some ten keys of half a kilobyte.
const ANSWER_BYTES_MAX: u64 = 256 * 1024;

/// How long keys are believed without asking again.
const FRESH_MS: i64 = 3_600_000;

/// How long keys are believed where the provider does not answer.
const KEPT_MS: i64 = 24 * 3_600_000;

/// How soon it is asked again, whatever tokens come: anybody can name a key that is not there.
const AGAIN_MS: i64 = 60_000;

/// What leads to the settings of a provider.
const SETTINGS: &str = "/.well-known/openid-configuration";

/// What a provider says of itself.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    issuer: String,
    jwks_uri: String,
    /// Where people log in.
    pub(super) authorization_endpoint: Option<String>,
    /// Where codes are turned into tokens.
    pub(super) token_endpoint: Option<String>,
}

/// A provider, and the keys that it has.
#[derive(Debug)]
pub(super) struct Provider {
    issuer: String,
    trusted: RootCerts,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    keys: Option<Arc<JwkSet>>,
    fetched_ms: i64,
    asked_ms: Option<i64>,
    settings: Option<(Settings, i64)>,
}

impl Provider {
    pub(super) fn new(issuer: &str, trusted: RootCerts) -> Self {
        Self { issuer: issuer.to_owned(), trusted, known: Mutex::default() }
    }

    /// The key of this name, or the only key there is where a token names none.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn key(&self, name: Option<&str>, now_ms: i64) -> Result<Jwk, String> {
        // Held while asking, so that of many requests at once one asks.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let age_ms = now_ms.saturating_sub(known.fetched_ms);
        let found = known.keys.as_deref().and_then(|keys| of_name(keys, name));
        if let Some(found) = found.clone().filter(|_| age_ms < FRESH_MS) {
            return Ok(found);
        }
        let may_ask = known.asked_ms.is_none_or(|asked_ms| now_ms - asked_ms >= AGAIN_MS);
        if may_ask {
            known.asked_ms = Some(now_ms);
            match self.fetched() {
                Ok(keys) => {
                    let found = of_name(&keys, name);
                    (known.keys, known.fetched_ms) = (Some(Arc::new(keys)), now_ms);
                    return found.ok_or_else(|| "its key is not known".to_owned());
                }
                Err(why) if age_ms >= KEPT_MS || found.is_none() => return Err(why),
                Err(_) => {}
            }
        }
        let found = found.filter(|_| age_ms < KEPT_MS);
        found.ok_or_else(|| "its key is not known".to_owned())
    }

    /// What it says of itself, now or lately.
    ///
    /// # Errors
    /// Why that is not to be had, or not believed.
    pub(super) fn settings(&self, now_ms: i64) -> Result<Settings, String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = known.settings.as_ref().filter(|(_, at_ms)| now_ms - at_ms < FRESH_MS);
        if let Some((settings, _)) = lately {
            return Ok(settings.clone());
        }
        let settings = self.told()?;
        known.settings = Some((settings.clone(), now_ms));
        Ok(settings)
    }

    fn told(&self) -> Result<Settings, String> {
        let address = format!("{}{SETTINGS}", self.issuer.trim_end_matches('/'));
        let settings: Settings = document(&address, &self.trusted)?;
        if settings.issuer != self.issuer {
            return Err("the provider calls itself otherwise".to_owned());
        }
        Ok(settings)
    }

    fn fetched(&self) -> Result<JwkSet, String> {
        document(&self.told()?.jwks_uri, &self.trusted)
    }
}

/// Whether what comes from an address can be believed: nobody in between could change it.
pub(super) fn is_safe(address: &str) -> bool {
    match address.split_once("://") {
        Some(("https", rest)) => !rest.is_empty(),
        Some(("http", rest)) => {
            is_loopback_name(rest.split(['/', '?', '#']).next().unwrap_or_default())
        }
        _ => false,
    }
}

fn document<T: DeserializeOwned>(address: &str, trusted: &RootCerts) -> Result<T, String> {
    if !is_safe(address) {
        return Err("the provider's address is not `https://`".to_owned());
    }
    let response = agent(WAIT, trusted.clone()).get(address).call();
    answered(response.map_err(|err| format!("the provider: {}", words(&err)))?)
}

/// What is in an answer.
///
/// # Errors
/// Why it is none.
pub(super) fn answered<T: DeserializeOwned>(response: Response<Body>) -> Result<T, String> {
    if !response.status().is_success() {
        return Err(format!("the provider answered {}", response.status()));
    }
    let body = response.into_body().into_with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
    let body = body.map_err(|err| format!("the provider: {}", words(&err)))?;
    serde_json::from_slice(&body).map_err(|_| "the provider's answer is none".to_owned())
}

fn of_name(keys: &JwkSet, name: Option<&str>) -> Option<Jwk> {
    let is_for_signatures =
        |key: &&Jwk| !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let mut fit = keys.keys.iter().filter(is_for_signatures);
    match name {
        Some(name) => fit.find(|key| key.common.key_id.as_deref() == Some(name)).cloned(),
        None => fit.next().filter(|_| fit.next().is_none()).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_name() {
        let key = |name: &str, use_for: &str| {
            serde_json::json!({
                "kty": "OKP", "crv": "Ed25519", "kid": name, "use": use_for,
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            })
        };
        let keys = |keys: &[serde_json::Value]| -> JwkSet {
            serde_json::from_value(serde_json::json!({ "keys": keys })).unwrap()
        };
        let name = |found: Option<Jwk>| found.and_then(|key| key.common.key_id);
        let two = keys(&[key("a", "sig"), key("b", "enc"), key("c", "sig")]);
        assert_eq!(name(of_name(&two, Some("c"))).as_deref(), Some("c"));
        assert_eq!(name(of_name(&two, Some("b"))), None);
        assert_eq!(name(of_name(&two, None)), None);
        let one = keys(&[key("a", "sig"), key("b", "enc")]);
        assert_eq!(name(of_name(&one, None)).as_deref(), Some("a"));
    }

    #[test]
    fn only_safe_addresses_are_asked() {
        for safe in ["https://id.test", "http://127.0.0.1:8080/a", "http://localhost:1"] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_one in ["http://id.test", "ftp://id.test", "id.test", "https://", "http://"] {
            assert!(!is_safe(unsafe_one), "{unsafe_one}");
        }
    }
}
