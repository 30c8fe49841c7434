//! A shop with all the noise that real services have, and a candidate of it with planted changes.
//!
//! What it says of an id is always the same; ids of answers, moments, counters, the order of tags,
//! cache headers and rare errors are not.

use super::http::{Answer, Request, serve};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Which build of the shop answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Build {
    Deployed,
    /// With every planted change.
    Changed,
}

/// What the changed build does otherwise: operation, place and kind, as the report names them.
pub(super) const PLANTED: [(&str, &str, &str); 13] = [
    ("GET /legal", "response 200 $", "value-changed"),
    ("GET /orders", "response 200 header x-total-count", "gone"),
    ("GET /orders/{}", "response 200 $.currency", "new"),
    ("GET /orders/{}", "response 200 $.customer.email", "null-new"),
    ("GET /orders/{}", "response 200 $.customer.phone", "gone"),
    ("GET /orders/{}", "response 200 $.items", "order-changed"),
    ("GET /orders/{}", "response 200 $.state", "value-changed"),
    ("GET /orders/{}", "response 200 $.total", "value-changed"),
    ("GET /orders/{}", "response 200 $.weight", "kind-changed"),
    ("GET /reports/{}", "response status", "status-changed"),
    ("GET /stock/{}", "response 200 $.limits", "emptied"),
    ("GET /stock/{}", "response 200 $.shelves", "length-changed"),
    ("GET /stock/{}", "response status", "status-changed"),
];

/// One request in so many ends with 503, whatever the build.
const ERROR_ONE_IN: u64 = 100;

/// One report in so many ends with 500 in the changed build.
const REPORT_ERROR_ONE_IN: u64 = 50;

struct Shop {
    build: Build,
    asked: AtomicU64,
    reports: AtomicU64,
    chance: Mutex<u64>,
    cached: Mutex<BTreeSet<String>>,
}

/// Starts a shop whose noise is drawn from a seed.
pub(super) fn shop(build: Build, seed: u64) -> SocketAddr {
    let shop = Shop {
        build,
        asked: AtomicU64::new(0),
        reports: AtomicU64::new(0),
        chance: Mutex::new(seed),
        cached: Mutex::default(),
    };
    let shop = Arc::new(shop);
    serve(move |request| shop.answer(request))
}

/// So many requests to the shop, as a capture with credentials in it.
pub(super) fn capture(requests: usize, seed: u64) -> String {
    let chance = Mutex::new(seed);
    let lines = (0..requests).map(|at| {
        let id = 1_000 + drawn(&chance) % 400;
        let path = match at % 20 {
            0..7 => format!("/reports/{id}"),
            7..13 => format!("/orders/{id}?expand=items&token=canary-query"),
            13..17 => format!("/stock/{id}"),
            17..19 => format!("/orders?page={}", id % 20),
            _ => "/legal".to_owned(),
        };
        let headers = json!({
            "authorization": "Bearer canary-authorization",
            "cookie": "session=canary-cookie",
            "x-note": "canary-note",
        });
        json!({
            "v": 1,
            "method": "GET",
            "url": format!("http://shop.internal{path}"),
            "request": { "headers": headers },
            "status": 200,
            "response": { "body": { "recorded": "canary-recorded" } },
        })
        .to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Shop {
    fn answer(&self, request: &Request) -> Answer {
        let seq = self.asked.fetch_add(1, Ordering::Relaxed);
        let (path, _) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let is_report = path.starts_with("/reports/");
        if !is_report && self.drawn().is_multiple_of(ERROR_ONE_IN) {
            return Answer::json(503, &json!({ "error": "busy", "at": seq }));
        }
        let words: Vec<&str> = path.split('/').skip(1).collect();
        let mut answer = match words[..] {
            ["orders", id] => self.order(number(id), seq),
            ["orders"] => self.orders(&request.target),
            ["stock", id] => self.stock(number(id)),
            ["reports", id] => self.report(number(id)),
            _ => Answer::text(200, self.old_or_new("All rights reserved.", "Any rights reserved.")),
        };
        self.note_cache(&request.target, &mut answer);
        answer.headers.push(("x-request-id".to_owned(), self.hex()));
        if self.drawn().is_multiple_of(2) {
            answer.headers.push(("x-rate-left".to_owned(), (self.drawn() % 100).to_string()));
        }
        answer
    }

    fn order(&self, id: u64, seq: u64) -> Answer {
        let is_changed = self.build == Build::Changed;
        let mut tags = vec!["new", "paid", "gift", "fragile", "large"];
        for at in (1..tags.len()).rev() {
            tags.swap(at, usize::try_from(self.drawn()).unwrap() % (at + 1));
        }
        let mut items: Vec<Value> = (0..4)
            .map(|at| {
                let sku = format!("sku-{}", id + at);
                json!({ "sku": sku, "count": at + 1, "seen": self.hex() })
            })
            .collect();
        let mut customer =
            json!({ "name": format!("canary-name-{id}"), "email": "a@example.test" });
        let state = if is_changed && id.is_multiple_of(7) { "on-hold" } else { "open" };
        if is_changed {
            items.reverse();
        } else {
            customer["phone"] = json!("+49 1");
        }
        if is_changed && id.is_multiple_of(5) {
            customer["email"] = Value::Null;
        }
        let total = (id * 7_919) % 5_000 * 100 + 100;
        let mut body = json!({
            "id": id,
            "state": state,
            "total": self.old_or_new(total, total / 100),
            "weight": self.old_or_new(json!(id % 9), json!((id % 9).to_string())),
            "customer": customer,
            "items": items,
            "tags": tags,
            "trace": { "id": self.uuid(), "seq": seq, "took": self.drawn() % 50 },
            "at": self.moment(),
            "events": [
                { "at": self.moment(), "kind": "made" },
                { "at": self.moment(), "kind": "paid" },
            ],
        });
        if id.is_multiple_of(3) {
            body["coupon"] = json!("SPRING");
        }
        if self.drawn().is_multiple_of(4) {
            body["hint"] = json!(self.hex());
        }
        if is_changed {
            body["currency"] = json!("EUR");
        }
        Answer::json(200, &body)
    }

    fn orders(&self, target: &str) -> Answer {
        let page = target.bytes().map(u64::from).sum::<u64>();
        let rows: Vec<Value> = (0..10)
            .map(|at| json!({ "id": page * 10 + at, "total": at * 100, "etag": self.hex() }))
            .collect();
        let mut answer = Answer::json(200, &json!(rows));
        if self.build == Build::Deployed {
            answer.headers.push(("x-total-count".to_owned(), "200".to_owned()));
        }
        answer
    }

    fn stock(&self, id: u64) -> Answer {
        if self.build == Build::Changed && id.is_multiple_of(10) {
            return Answer::json(404, &json!({ "error": "unknown" }));
        }
        let limits = self.old_or_new(json!([1, 2, id]), json!([]));
        let shelves: Vec<String> =
            (0..self.old_or_new(5, 3)).map(|at| format!("shelf {at}")).collect();
        let count = id % 13;
        Answer::json(200, &json!({ "count": count, "limits": limits, "shelves": shelves }))
    }

    fn report(&self, id: u64) -> Answer {
        let count = self.reports.fetch_add(1, Ordering::Relaxed);
        if self.build == Build::Changed && count.is_multiple_of(REPORT_ERROR_ONE_IN) {
            return Answer::json(500, &json!({ "error": "no report" }));
        }
        let body = json!({ "id": id, "made": self.moment(), "rows": [[id, 1], [id, 2]] });
        Answer::json(200, &body)
    }

    /// What is asked for the first time is a miss; an age comes with what is known only.
    fn note_cache(&self, target: &str, answer: &mut Answer) {
        let is_new = self.cached.lock().unwrap().insert(target.to_owned());
        let word = if is_new { "miss" } else { "hit" };
        answer.headers.push((format!("x-cache-{word}"), "1".to_owned()));
        if !is_new {
            answer.headers.push(("age".to_owned(), (self.drawn() % 60).to_string()));
        }
    }

    fn old_or_new<T>(&self, old: T, new: T) -> T {
        if self.build == Build::Changed { new } else { old }
    }

    fn drawn(&self) -> u64 {
        drawn(&self.chance)
    }

    fn hex(&self) -> String {
        format!("{:016x}", self.drawn() << 30 | self.drawn())
    }

    fn uuid(&self) -> String {
        let hex = format!("{}{}", self.hex(), self.hex());
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]].join("-")
    }

    fn moment(&self) -> String {
        let drawn = self.drawn();
        format!("2026-11-{:02}T10:{:02}:{:02}Z", 1 + drawn % 28, drawn % 60, drawn / 60 % 60)
    }
}

fn number(segment: &str) -> u64 {
    segment.parse().unwrap_or_default()
}

/// SplitMix64, without its highest bits.
fn drawn(state: &Mutex<u64>) -> u64 {
    let mut state = state.lock().unwrap();
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (bits ^ (bits >> 31)) >> 30
}
