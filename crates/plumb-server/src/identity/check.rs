//! One token of an identity provider, checked: signed by it, meant for whom it has to be, not over.
//!
//! Source: RFC 7519, RFC 8725. Refuses to know what of it is trusted.

use crate::access::Caller;
use crate::identity::keys::Provider;
use crate::identity::trust::Trust;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use plumb_wire::harmless::harmless;
use serde_json::{Map, Value};

/// Bytes of a token: real ones have one or two thousand, with many groups some more.
pub(super) const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Letters of a name that are kept, in the log among others.
const NAME_CHARS_MAX: usize = 200;

/// What a token says.
pub(super) type Claims = Map<String, Value>;

/// What a token says, once all that can be checked is right. Waits for the provider where its key
/// is not known.
///
/// # Errors
/// What is wrong with it.
pub(super) fn believed(
    token: &str,
    provider: &Provider,
    trust: &Trust,
    now_ms: i64,
) -> Result<Claims, String> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err("it is too long".to_owned());
    }
    let header = decode_header(token).map_err(|_| "it cannot be read".to_owned())?;
    let key = provider.key(header.kid.as_deref(), now_ms)?;
    let key = DecodingKey::from_jwk(&key).map_err(|_| "its key is of an unknown kind")?;
    let mut rules = Validation::new(header.alg);
    rules.set_required_spec_claims(&["exp", "iss", "aud"]);
    rules.set_issuer(&[&trust.issuer]);
    rules.set_audience(&[&trust.audience]);
    rules.validate_nbf = true;
    let checked = decode(token, &key, &rules).map(|token| token.claims);
    let why = |kind: &ErrorKind| match kind {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::ExpiredSignature => "it has ended",
        ErrorKind::ImmatureSignature => "it is not good yet",
        ErrorKind::InvalidAudience => "it is meant for somebody else",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidKeyFormat => "it is signed in no safe way",
        _ => "it is not as it has to be",
    };
    checked.map_err(|err| why(err.kind()).to_owned())
}

/// Who somebody is, and what that allows.
pub(super) fn caller(trust: &Trust, claims: &Claims) -> Caller {
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or("somebody");
    let provider = trust.issuer.split_once("://").map_or("", |(_, rest)| rest);
    let name = format!("{} at {}", harmless(subject), provider.trim_end_matches('/'));
    Caller {
        name: name.chars().take(NAME_CHARS_MAX).collect(),
        rights: trust.allow.clone(),
        project: trust.project.clone(),
        environment: trust.environment.clone(),
    }
}
