//! Logins that an identity provider sees to: where a browser is sent, and who comes back.
//!
//! Source: the code flow of OpenID Connect Core 1.0 with proof keys (RFC 7636), as RFC 9700 wants
//! it. Refuses to know pages and cookies.

use crate::access::Caller;
use crate::client::{agent, words};
use crate::identity::check::{believed, caller};
use crate::identity::keys::{Provider, Settings, WAIT, answered, is_safe};
use crate::identity::signature::install;
use crate::identity::trust::{Login, Trust};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_engine::shelf::{hex, random};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use ureq::tls::RootCerts;

/// Where a browser comes back to.
pub(crate) const RETURN_PATH: &str = "/login/oidc/return";

/// How long somebody may take at the provider.
pub(crate) const PENDING_MS: i64 = 600_000;

/// Logins under way. Who comes later ends the one that began first.
const PENDING_MAX: usize = 1_000;

/// Bytes of a code; providers write some hundred.
const CODE_BYTES_MAX: usize = 4 * 1024;

/// What is said where the system has no randomness.
const NO_RANDOMNESS: &str = "the system has no randomness";

/// Logins at a provider.
#[derive(Debug)]
pub struct Logins {
    trust: Trust,
    /// This server's own address, as browsers know it.
    address: String,
    scope: String,
    secret: Option<Secret>,
    provider: Provider,
    trusted: RootCerts,
    pending: Mutex<BTreeMap<[u8; 32], Pending>>,
}

/// What this server is known by to the provider.
struct Secret(String);

/// A login under way.
#[derive(Debug)]
struct Pending {
    /// What proves that whoever fetches the token began the login.
    verifier: String,
    /// What the token has to say, so that it is of this login.
    nonce: String,
    back: String,
    until_ms: i64,
}

/// Where a login leads to, and what tells it when it comes back.
#[derive(Debug)]
pub(crate) struct Leaving {
    pub(crate) address: String,
    pub(crate) state: String,
}

/// What a provider gives for a code.
#[derive(Deserialize)]
struct Given {
    id_token: String,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret")
    }
}

impl Logins {
    /// For these settings and the secret that belongs to them; `trusted` are the authorities by
    /// which the provider is told from others.
    #[must_use]
    pub fn new(login: Login, secret: Option<String>, trusted: &RootCerts) -> Self {
        install();
        let provider = Provider::new(&login.issuer, trusted.clone());
        let (address, scope) = (login.address.clone(), login.scope.clone());
        Self {
            trust: login.into_trust(),
            address: address.trim_end_matches('/').to_owned(),
            scope,
            secret: secret.map(Secret),
            provider,
            trusted: trusted.clone(),
            pending: Mutex::default(),
        }
    }

    /// The provider's name, for people.
    pub(crate) fn name(&self) -> &str {
        let issuer = &self.trust.issuer;
        issuer.split_once("://").map_or(issuer.as_str(), |(_, rest)| rest.trim_end_matches('/'))
    }

    /// Begins a login that leads back to a page here. Waits for the provider where it was not asked
    /// lately.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn begin(&self, back: &str, now_ms: i64) -> Result<Leaving, String> {
        let Settings { authorization_endpoint, .. } = self.provider.settings(now_ms)?;
        let endpoint = authorization_endpoint.filter(|address| is_safe(address));
        let endpoint = endpoint.ok_or("the provider has no safe address for logins")?;
        let random = || random().map(|bytes| hex(&bytes)).map_err(|_| NO_RANDOMNESS.to_owned());
        let (state, nonce, verifier) = (random()?, random()?, random()?);
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.trust.audience),
            ("redirect_uri", &self.returning()),
            ("scope", &self.scope),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        let until_ms = now_ms + PENDING_MS;
        let pending = Pending { verifier, nonce, back: back.to_owned(), until_ms };
        self.remember(&state, pending, now_ms);
        Ok(Leaving { address: format!("{endpoint}{joint}{query}"), state })
    }

    /// Ends a login: fetches the token for a code. Gives who it is, and the page to lead back to.
    ///
    /// # Errors
    /// Why nobody is let in.
    pub(crate) fn finish(
        &self,
        (state, code): (&str, &str),
        now_ms: i64,
    ) -> Result<(Caller, String), String> {
        let known: [u8; 32] = Sha256::digest(state).into();
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner).remove(&known);
        let pending = pending.filter(|pending| now_ms < pending.until_ms);
        let pending = pending.ok_or("the login took too long, or was not begun here")?;
        if code.is_empty() || code.len() > CODE_BYTES_MAX {
            return Err("the provider sent no code".to_owned());
        }
        let token = self.fetched(code, &pending.verifier, now_ms)?;
        let claims = believed(&token, &self.provider, &self.trust, now_ms)?;
        let says = |name: &str| claims.get(name).and_then(serde_json::Value::as_str);
        if says("nonce") != Some(&pending.nonce) {
            return Err("the provider's token is of another login".to_owned());
        }
        if says("azp").is_some_and(|party| party != self.trust.audience) {
            return Err("the provider's token was made for another party".to_owned());
        }
        if !self.trust.fits(&claims) {
            return Err("the provider says nothing of you that is trusted here".to_owned());
        }
        Ok((caller(&self.trust, &claims), pending.back))
    }

    fn fetched(&self, code: &str, verifier: &str, now_ms: i64) -> Result<String, String> {
        let Settings { token_endpoint, .. } = self.provider.settings(now_ms)?;
        let endpoint = token_endpoint.filter(|address| is_safe(address));
        let endpoint = endpoint.ok_or("the provider has no safe address for tokens")?;
        let (client, returning) = (self.trust.audience.as_str(), self.returning());
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &returning),
            ("client_id", client),
            ("code_verifier", verifier),
        ]);
        let mut request = agent(WAIT, self.trusted.clone())
            .post(endpoint)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json");
        if let Some(Secret(secret)) = &self.secret {
            let pair = format!("{}:{}", encoded(client), encoded(secret));
            let pair = BASE64_STANDARD.encode(pair);
            request = request.header("authorization", format!("Basic {pair}"));
        }
        let response =
            request.send(body).map_err(|err| format!("the provider: {}", words(&err)))?;
        let given: Given = answered(response)?;
        Ok(given.id_token)
    }

    fn returning(&self) -> String {
        format!("{}{RETURN_PATH}", self.address)
    }

    fn remember(&self, state: &str, pending: Pending, now_ms: i64) {
        let mut all = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, pending| now_ms < pending.until_ms);
        if all.len() >= PENDING_MAX {
            let first = all.iter().min_by_key(|(_, pending)| pending.until_ms);
            if let Some(first) = first.map(|(state, _)| *state) {
                all.remove(&first);
            }
        }
        all.insert(Sha256::digest(state).into(), pending);
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", encoded(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
