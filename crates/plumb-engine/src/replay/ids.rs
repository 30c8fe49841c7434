//! Ids: what one instance called the resources that recorded requests created, so that later
//! requests speak of its own.
//!
//! Each instance has a map of its own. Refuses to guess: a short id is only taken for another where
//! it stands beside the name of its collection.

use super::answer::Answer;
use super::reel::Recorded;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use plumb_shape::operation::split;
use serde_json::Value;
use std::collections::BTreeMap;

/// Ids that are remembered for one instance; what is created beyond keeps its recorded id.
const IDS_MAX: usize = 100_000;

/// From so many characters on an id is known by itself: shorter ones are other things' numbers too.
const ID_CHARS_MIN: usize = 8;

/// What a segment of a path may hold as it is.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');

/// What an instance called what recorded requests created.
#[derive(Clone, Default)]
pub struct Ids {
    known: BTreeMap<String, Vec<Own>>,
    count: usize,
}

/// An id of an instance's own.
#[derive(Clone)]
struct Own {
    /// The last word of the path on which it was created, in lower case.
    collection: String,
    id: Value,
}

/// A request as one instance is to be asked.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The path, percent-encoded.
    pub path: String,
    /// The query, percent-encoded; empty without one.
    pub query: String,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Ids").field("count", &self.count).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Asked").finish_non_exhaustive()
    }
}

impl Ids {
    /// Learns what this instance called what a `POST` created.
    pub fn learn(&mut self, request: &Recorded, own: &Answer) {
        let Some(recorded) = &request.answer else { return };
        let is_created = |answer: &Answer| (200..300).contains(&answer.status);
        if request.method != "POST" || !is_created(recorded) || !is_created(own) {
            return;
        }
        let collection = split(&request.path).last().unwrap_or_default().to_lowercase();
        let mut found = Vec::new();
        let body = |answer: &Answer| serde_json::from_slice::<Value>(answer.bytes()).ok();
        if let (Some(old), Some(new)) = (body(recorded), body(own)) {
            pairs("", &old, &new, &mut found);
        }
        if let (Some(old), Some(new)) = (location_id(recorded), location_id(own)) {
            found.push((old, Value::from(new)));
        }
        for (old, id) in found {
            if self.count < IDS_MAX {
                self.count += 1;
                let collection = collection.clone();
                self.known.entry(old).or_default().push(Own { collection, id });
            }
        }
    }

    /// The request in this instance's own ids.
    #[must_use]
    pub fn asked(&self, request: &Recorded) -> Asked {
        let encoded = |(name, value): &(String, String)| {
            let value = self.own(value, name).map_or_else(|| value.clone(), text);
            let encode = |text: &str| utf8_percent_encode(text, SEGMENT).to_string();
            format!("{}={}", encode(name), encode(&value))
        };
        let query: Vec<String> = request.query.iter().map(encoded).collect();
        Asked { path: self.path(&request.path), query: query.join("&"), body: self.body(request) }
    }

    fn path(&self, path: &str) -> String {
        if self.count == 0 {
            return path.to_owned();
        }
        let mut before = "";
        let segments = path.split('/').map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8_lossy();
            let own = self.own(&decoded, before).map(text);
            before = if segment.is_empty() { before } else { segment };
            match own {
                Some(own) => utf8_percent_encode(&own, SEGMENT).to_string(),
                None => segment.to_owned(),
            }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    fn body(&self, request: &Recorded) -> Vec<u8> {
        if self.count > 0
            && let Ok(mut body) = serde_json::from_slice::<Value>(&request.body)
            && self.rewrite("", &mut body)
        {
            return body.to_string().into_bytes();
        }
        request.body.clone()
    }

    /// Puts own ids in the place of recorded ones; answers whether there was any.
    fn rewrite(&self, name: &str, value: &mut Value) -> bool {
        match value {
            Value::Object(members) => members
                .iter_mut()
                .fold(false, |any, (name, member)| self.rewrite(name, member) | any),
            Value::Array(items) => {
                items.iter_mut().fold(false, |any, item| self.rewrite(name, item) | any)
            }
            Value::String(_) | Value::Number(_) => match self.own(&text(value), name) {
                Some(own) => {
                    *value = own.clone();
                    true
                }
                None => false,
            },
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// What this instance calls a recorded id that stands behind a name: the newest of what was
    /// created in a collection of that name, else the newest of all if it is long enough.
    fn own(&self, recorded: &str, name: &str) -> Option<&Value> {
        let known = self.known.get(recorded)?;
        let related = known.iter().rev().find(|own| is_of(&own.collection, name));
        let is_long = recorded.chars().count() >= ID_CHARS_MIN;
        related.or_else(|| known.last().filter(|_| is_long)).map(|own| &own.id)
    }
}

/// Whether a name speaks of a collection: `orders`, `order`, `order_id`, `orderId` of `orders`.
fn is_of(collection: &str, name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_lowercase();
    let stem = name.strip_suffix("ids").or(name.strip_suffix("id")).unwrap_or(&name);
    let stem = stem.strip_suffix('s').unwrap_or(stem);
    let plain: String = collection.chars().filter(char::is_ascii_alphanumeric).collect();
    stem.len() > 1 && plain.starts_with(stem) && plain.len() <= stem.len() + "es".len()
}

/// Ids at the same places of two documents.
fn pairs(name: &str, old: &Value, new: &Value, found: &mut Vec<(String, Value)>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, old) in old {
                if let Some(new) = new.get(name) {
                    pairs(name, old, new, found);
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            old.iter().zip(new).for_each(|(old, new)| pairs(name, old, new, found));
        }
        (Value::String(_) | Value::Number(_), Value::String(_) | Value::Number(_))
            if is_id_name(name) =>
        {
            found.push((text(old), new.clone()));
        }
        _ => {}
    }
}

fn is_id_name(name: &str) -> bool {
    const ENDS: [&str; 6] = ["_id", "-id", "Id", "ID", "uuid", "guid"];
    const NAMES: [&str; 6] = ["id", "key", "slug", "ref", "reference", "number"];
    NAMES.contains(&name) || ENDS.iter().any(|end| name.ends_with(end))
}

/// The last segment of where something was created.
fn location_id(answer: &Answer) -> Option<String> {
    let headers = answer.headers.iter().flatten();
    let mut locations = headers.filter(|(name, _)| name.eq_ignore_ascii_case("location"));
    let (_, location) = locations.next()?;
    let path = location.split(['?', '#']).next()?;
    let last = path.rsplit('/').find(|segment| !segment.is_empty())?;
    Some(percent_decode_str(last).decode_utf8_lossy().into_owned())
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(path: &str, recorded: &str, own: &str) -> Ids {
        let answer = |body: &str| Answer::received(201, Vec::new(), body.as_bytes().to_vec());
        let request = Recorded {
            method: "POST".to_owned(),
            path: path.to_owned(),
            answer: Some(answer(recorded)),
            ..Recorded::default()
        };
        let mut ids = Ids::default();
        ids.learn(&request, &answer(own));
        ids
    }

    #[track_caller]
    fn check(ids: &Ids, path: &str, body: &str, expected: (&str, &str)) {
        let body = body.as_bytes().to_vec();
        let asked = ids.asked(&Recorded { path: path.to_owned(), body, ..Recorded::default() });
        let got = (asked.path.as_str(), std::str::from_utf8(&asked.body).unwrap());
        assert_eq!(got, expected);
    }

    #[test]
    fn short_ids_are_known_beside_their_collection_only() {
        let ids = created("/v1/orders", r#"{"id":7}"#, r#"{"id":41}"#);
        check(&ids, "/v1/orders/7/items", "", ("/v1/orders/41/items", ""));
        check(&ids, "/pages/7", "", ("/pages/7", ""));
        let (sent, own) = (r#"{"order_id":7,"quantity":7}"#, r#"{"order_id":41,"quantity":7}"#);
        check(&ids, "/refunds", sent, ("/refunds", own));
    }

    #[test]
    fn long_ids_are_known_anywhere() {
        let (old, new) = ("0b8f1c52-7f5e", "ffff1c52-0001");
        let ids =
            created("/carts", &format!(r#"{{"id":"{old}"}}"#), &format!(r#"{{"id":"{new}"}}"#));
        let sent = format!(r#"{{"basket":"{old}"}}"#);
        check(&ids, &format!("/x/{old}"), &sent, (&format!("/x/{new}"), &sent.replace(old, new)));
    }

    #[test]
    fn what_nothing_is_known_of_stays_byte_for_byte() {
        let ids = created("/orders", r#"{"id":7}"#, r#"{"id":41}"#);
        check(&ids, "/a%2fb//c", "{ \"a\" : 1.50 }", ("/a%2fb//c", "{ \"a\" : 1.50 }"));
    }

    #[test]
    fn where_something_was_created_tells_its_id() {
        let located = |path: &str| {
            Answer::received(201, vec![("Location".to_owned(), path.to_owned())], Vec::new())
        };
        let request = Recorded {
            method: "POST".to_owned(),
            path: "/jobs".to_owned(),
            answer: Some(located("/jobs/9")),
            ..Recorded::default()
        };
        let mut ids = Ids::default();
        ids.learn(&request, &located("http://host/jobs/12?x"));
        check(&ids, "/jobs/9", "", ("/jobs/12", ""));
    }
}
