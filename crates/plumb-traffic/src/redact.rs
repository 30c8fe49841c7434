//! Redaction: which names are never looked at. What is kept of everything else are shapes.
//!
//! Default-deny by name, without regard to case, hyphens and underscores. Refuses to look at
//! values: the fold keeps none.

use std::sync::Arc;

/// Names that are withheld wherever they stand, written without hyphens and underscores.
const DENIED: &[&str] = &[
    "accountnumber",
    "apikey",
    "authorization",
    "card",
    "cookie",
    "csrf",
    "cvv",
    "dob",
    "iban",
    "jwt",
    "otp",
    "pan",
    "passwd",
    "password",
    "pin",
    "privatekey",
    "proxyauthorization",
    "pwd",
    "secret",
    "session",
    "sessionid",
    "setcookie",
    "sid",
    "sig",
    "signature",
    "ssn",
    "stripesignature",
    "token",
    "xforwardedclientcert",
    "xhubsignature256",
    "xsrf",
];

/// Names that hold one of these anywhere are withheld too: `user_password`, `x-amz-security-token`.
const DENIED_PARTS: &[&str] = &[
    "apikey",
    "authorization",
    "credential",
    "csrf",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "signature",
    "token",
];

/// Names that hold such a part and are known to be harmless.
const EXEMPT: &[&str] = &["traceparent", "tracestate", "contenttype"];

/// The rules of redaction: the built-in names and the project's own.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// The project's own names, without hyphens and underscores, in lower case; `*` stands for any
    /// run of characters.
    own: Vec<String>,
}

impl Redaction {
    /// The built-in rules and these names beside them; `*` in a name stands for any characters.
    #[must_use]
    pub fn with_names(names: &[String]) -> Self {
        Self { own: names.iter().map(|name| folded(name)).collect() }
    }

    /// True when a name is withheld.
    #[must_use]
    pub fn denies(&self, name: &str) -> bool {
        let name = folded(name);
        if EXEMPT.contains(&name.as_str()) {
            return false;
        }
        DENIED.contains(&name.as_str())
            || DENIED_PARTS.iter().any(|part| name.contains(part))
            || self.own.iter().any(|pattern| is_like(&name, pattern))
    }

    /// The rules as the fold takes them.
    #[must_use]
    pub fn as_denied(&self) -> plumb_shape::fold::Denied {
        let rules = self.clone();
        Arc::new(move |name| rules.denies(name))
    }
}

fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '-' | '_'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// True when `name` has the form of `pattern`, in which `*` stands for any run of characters.
fn is_like(name: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_withheld_however_they_are_written() {
        let rules = Redaction::with_names(&["x-acme-*".to_owned(), "*-internal-*-id".to_owned()]);
        for name in [
            "Authorization",
            "set-cookie",
            "X-API-Key",
            "apiKey",
            "user_password",
            "client_secret",
            "X-Amz-Security-Token",
            "stripe-signature",
            "PIN",
            "X-Acme-Tenant",
            "an-internal-x-id",
        ] {
            assert!(rules.denies(name), "{name}");
        }
        for name in
            ["traceparent", "content-type", "pinned", "panel", "id", "internal-name", "cards"]
        {
            assert!(!rules.denies(name), "{name}");
        }
    }
}
