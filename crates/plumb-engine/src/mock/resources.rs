//! What callers created, so that they find it again: enough state for create-then-get.
//!
//! Kept in memory while the mock runs, bounded, and never written anywhere. Refuses to invent
//! members: of what a caller sent, only what answers were seen to have comes back.

use crate::mock::call::{MockAnswer, MockRequest};
use plumb_shape::operation::split;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};

/// Resources at most; the oldest is forgotten first.
const RESOURCES_MAX: usize = 10_000;

/// The largest resource in bytes.
const RESOURCE_BYTES_MAX: usize = 64 * 1024;

/// The member by which a created resource is found again.
const ID: &str = "id";

/// Created resources by path; `None` for one that was deleted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resources {
    known: BTreeMap<String, Option<Map<String, Value>>>,
    order: VecDeque<String>,
    created: u64,
}

impl Resources {
    /// Whether a resource is gone, if it was ever known.
    pub(crate) fn is_gone(&self, path: &str) -> Option<bool> {
        self.known.get(&normal(path)).map(Option::is_none)
    }

    /// Notes what a request does to resources, and lets the answer show what is known of them.
    pub(crate) fn remember(&mut self, request: &MockRequest<'_>, answer: &mut MockAnswer) {
        if !(200..300).contains(&answer.status) {
            return;
        }
        let path = normal(request.path);
        let sent = serde_json::from_slice::<Value>(request.body).ok();
        let sent = sent.as_ref().and_then(Value::as_object);
        let mut body = serde_json::from_str::<Value>(&answer.body).ok();
        match request.method {
            "POST" => self.create(&path, sent, &mut body, answer),
            "PUT" | "PATCH" => {
                if let Some(Value::Object(shown)) = &mut body {
                    let known = self.known.get(&path).cloned().flatten();
                    known.iter().chain(sent).for_each(|from| overlay(shown, from));
                    self.keep(path, shown.clone());
                }
            }
            "DELETE" if self.known.contains_key(&path) => {
                self.known.insert(path, None);
            }
            "GET" => match (&mut body, self.known.get(&path)) {
                (Some(Value::Object(shown)), Some(Some(known))) => overlay(shown, known),
                (Some(Value::Array(items)), None) => self.list(&path, items),
                _ => {}
            },
            _ => {}
        }
        if let Some(body) = body {
            answer.body = body.to_string();
        }
    }

    fn create(
        &mut self,
        path: &str,
        sent: Option<&Map<String, Value>>,
        body: &mut Option<Value>,
        answer: &mut MockAnswer,
    ) {
        let Some(Value::Object(shown)) = body else { return };
        if let Some(sent) = sent {
            overlay(shown, sent);
        }
        let Some(id) = shown.get_mut(ID) else { return };
        self.created += 1;
        let is_sent = sent.and_then(|sent| sent.get(ID)).is_some_and(|sent| sent == id);
        if !is_sent {
            *id = numbered(id, self.created);
        }
        let name = match id {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let created = format!("{path}/{name}");
        for (header, value) in &mut answer.headers {
            if header == "location" {
                value.clone_from(&created);
            }
        }
        self.keep(created, shown.clone());
    }

    /// Adds what was created below a path to a list of like things.
    fn list(&self, path: &str, items: &mut Vec<Value>) {
        let Some(Value::Object(like)) = items.first().cloned() else { return };
        let below = format!("{path}/");
        let made = self.known.range(below.clone()..).take_while(|(at, _)| at.starts_with(&below));
        for known in made.filter_map(|(_, known)| known.as_ref()) {
            let mut item = like.clone();
            overlay(&mut item, known);
            items.push(Value::Object(item));
        }
    }

    fn keep(&mut self, path: String, resource: Map<String, Value>) {
        if Value::Object(resource.clone()).to_string().len() > RESOURCE_BYTES_MAX {
            return;
        }
        if self.known.insert(path.clone(), Some(resource)).is_none() {
            self.order.push_back(path);
        }
        while self.order.len() > RESOURCES_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }
}

fn normal(path: &str) -> String {
    split(path).fold(String::new(), |path, segment| path + "/" + segment)
}

/// Writes members over others of the same name and kind.
fn overlay(shown: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in shown {
        match (value, from.get(name)) {
            (Value::Object(shown), Some(Value::Object(from))) => overlay(shown, from),
            (Value::Array(shown), Some(Value::Array(from))) => {
                let is_like = |(one, two): (&Value, &Value)| is_same_kind(one, two);
                let (one, two) = (shown.first(), from.first());
                if one.zip(two).is_none_or(is_like) {
                    shown.clone_from(from);
                }
            }
            (value, Some(from)) if is_same_kind(value, from) => value.clone_from(from),
            _ => {}
        }
    }
}

fn is_same_kind(one: &Value, two: &Value) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(two)
}

/// An id like another one, with a number of its own.
fn numbered(like: &Value, number: u64) -> Value {
    match like {
        Value::Number(_) => Value::from(number),
        Value::String(text) => {
            let digits = number.to_string();
            let is_hex = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_uuid =
                text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4;
            let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
            if is_uuid || (is_hex && !is_digits) {
                let kept = text.len().saturating_sub(digits.len());
                return Value::from(format!("{}{digits}", text.get(..kept).unwrap_or_default()));
            }
            Value::from(if is_digits { digits } else { format!("{text}-{digits}") })
        }
        other => other.clone(),
    }
}
