//! Redaction: which names are never looked at. What is kept of everything else are shapes.
//!
//! Default-deny by name, without regard to case, hyphens and underscores. Refuses to look at
//! values: the fold keeps none.

use plumb_shape::place::{Part, Place, Step};
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
    /// The project's own places in bodies, as the names on the way down from `$`.
    places: Vec<Vec<String>>,
}

impl Redaction {
    /// The built-in rules and these names beside them; `*` in a name stands for any characters.
    #[must_use]
    pub fn with_names(names: &[String]) -> Self {
        Self { own: names.iter().map(|name| folded(name)).collect(), places: Vec::new() }
    }

    /// The same, and these places in bodies beside: `$.customer.**`. `*` stands for one member or
    /// any part of its name, `**` for any number of members; elements of arrays do not count.
    /// Whatever stands below a withheld place is withheld with it.
    #[must_use]
    pub fn and_places(mut self, places: &[String]) -> Self {
        let way = |place: &String| -> Vec<String> {
            let below = place.strip_prefix('$').unwrap_or(place).replace("[]", "");
            below.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        self.places.extend(places.iter().map(way));
        self
    }

    /// True when a place is withheld, by its name or by the way to it.
    #[must_use]
    pub fn denies_place(&self, place: &Place) -> bool {
        if place.name().is_some_and(|name| self.denies(name)) {
            return true;
        }
        if place.part != Part::Body || self.places.is_empty() {
            return false;
        }
        let names: Vec<&str> = place
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Key(name) => Some(name.as_ref()),
                Step::Any => Some("{*}"),
                Step::Item => None,
            })
            .collect();
        self.places.iter().any(|way| leads_to(way, &names))
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
        Arc::new(move |place| rules.denies_place(place))
    }
}

fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '-' | '_'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// True when a way with `*` and `**` in it leads to just these names.
fn leads_to(way: &[String], names: &[&str]) -> bool {
    match (way.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((step, rest)), _) if step == "**" => {
            leads_to(rest, names) || names.split_first().is_some_and(|(_, n)| leads_to(way, n))
        }
        (Some((step, rest)), Some((name, below))) => is_like(name, step) && leads_to(rest, below),
        _ => false,
    }
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
    fn places_are_withheld_by_the_way_to_them() {
        let rules = Redaction::default()
            .and_places(&["$.customer.**".to_owned(), "$.items[].*.note".to_owned()]);
        let check = |way: &[&str], expected: bool| {
            let root = Place::root(plumb_shape::place::Side::Response, Part::Body);
            let place = way.iter().fold(root, |place, name| match *name {
                "[]" => place.child(Step::Item),
                name => place.child(Step::Key(name.into())),
            });
            assert_eq!(rules.denies_place(&place), expected, "{place}");
        };
        check(&["customer"], true);
        check(&["customer", "address", "city"], true);
        check(&["items", "[]", "gift", "note"], true);
        check(&["items", "[]", "note"], false);
        check(&["customers"], false);
    }

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
