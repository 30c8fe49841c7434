//! Tokens that an identity provider made (OpenID Connect): who somebody is there, and what that
//! allows here. So a pipeline shows who it is, and no secret has to be kept for it.
//!
//! Refuses to know what is done with the right, and to ask a provider that the settings do not
//! name.

mod check;
mod keys;
pub mod login;
mod signature;
pub mod trust;

use crate::access::Caller;
use crate::answer::{Refusal, refusal};
use crate::identity::check::{Claims, believed, caller};
use crate::identity::keys::Provider;
use crate::identity::signature::install;
use crate::identity::trust::Trust;
use axum::http::StatusCode;
use jsonwebtoken::dangerous::insecure_decode;
use serde_json::Value;
use std::collections::BTreeMap;
use ureq::tls::RootCerts;

/// What to do where a token is not taken.
const HELP: &str = "have the provider make one for this server, as the file of `--oidc` says";

/// Whom a server trusts to say who somebody is.
#[derive(Debug)]
pub struct Identities {
    trusts: Vec<Trust>,
    providers: BTreeMap<String, Provider>,
}

impl Identities {
    /// For these trusts; `trusted` are the authorities by which providers are told from others.
    #[must_use]
    pub fn new(trusts: Vec<Trust>, trusted: &RootCerts) -> Self {
        install();
        let provider =
            |trust: &Trust| (trust.issuer.clone(), Provider::new(&trust.issuer, trusted.clone()));
        let providers = trusts.iter().map(provider).collect();
        Self { trusts, providers }
    }

    /// Who shows this token. Waits for the provider where its keys are not known.
    pub(crate) fn caller(&self, token: &str, now_ms: i64) -> Result<Caller, Refusal> {
        self.known(token, now_ms).map_err(|why| {
            let what = format!("the identity token is not taken: {why}");
            refusal(StatusCode::UNAUTHORIZED, what, HELP)
        })
    }

    fn known(&self, token: &str, now_ms: i64) -> Result<Caller, String> {
        // Which provider to ask is all that is taken from it before it is checked.
        let issuer = issuer(token).ok_or("it cannot be read, or names no issuer")?;
        let provider = self.providers.get(&issuer).ok_or("its issuer is not trusted")?;
        let mut why = "nothing it says is trusted".to_owned();
        for trust in self.trusts.iter().filter(|trust| trust.issuer == issuer) {
            match believed(token, provider, trust, now_ms) {
                Ok(claims) if trust.fits(&claims) => return Ok(caller(trust, &claims)),
                Ok(_) => {}
                Err(err) => why = err,
            }
        }
        Err(why)
    }
}

fn issuer(token: &str) -> Option<String> {
    let claims: Claims = insecure_decode(token).ok()?.claims;
    claims.get("iss").and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests;
