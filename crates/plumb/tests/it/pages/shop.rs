//! A project in which no page is empty: a shop with mocks that were true once, ten days of traffic
//! of two versions, releases, transitions, a rollout on its way, rehearsals, queues and a log.
//!
//! Refuses to know how any of it is shown.

use super::kept::{self, DAY_MS};
use crate::sandbox::{Run, run};
use plumb_engine::clock::now_ms;
use plumb_engine::rehearsals::{Kept, keep};
use plumb_engine::{history, shelf};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What lies in the project's folder.
const FILES: [(&str, &str); 10] = [
    ("plumb.toml", CONFIG),
    ("fixtures/stock.json", r#"{ "sku": "a-1", "left": 3 }"#),
    ("mocks/mappings/order.json", ORDER),
    ("pacts/orders-payments-api.json", PACT),
    ("transition.toml", TRANSITION),
    ("transitions/sessions.toml", SESSIONS),
    ("rollout.toml", ROLLOUT),
    ("rollouts/mails.toml", MAILS),
    ("router.sh", ROUTER),
    ("judge.sh", "echo '{\"verdict\": \"cannot-tell\", \"sentence\": \"no worse so far\"}'\n"),
];

/// What cannot be read, and a rollout that nobody began.
const TORN: [(&str, &str); 4] = [
    ("mocks/mappings/torn.json", "{ \"request\": { \"method\": \"GET\", \"url\": \"/a\" }, "),
    ("rollouts/later.toml", LATER),
    ("rollout-torn.toml", "name = \"torn\"\n"),
    ("transition-torn.toml", "[component.orders]\nversions = 7\n"),
];

const CONFIG: &str = r#"project = "shop"

[[dependency]]
name = "orders"
hosts = ["orders.internal"]
owner = "team-checkout"

[[dependency]]
name = "payments-api"
hosts = ["payments.internal"]
owner = "team-payments"

[[dependency]]
name = "stock"
hosts = ["stock.internal"]

[assumptions]
exclude = ["*.ndjson"]

[[said]]
file = "fixtures/stock.json"
is = "example"
dependency = "stock"
operation = "GET /stock/{}"
"#;

const ORDER: &str = r#"{
  "request": { "method": "GET", "urlPathPattern": "/orders/[0-9]+" },
  "response": {
    "status": 200,
    "headers": { "content-type": "application/json" },
    "jsonBody": { "id": 7, "state": "open", "total": 12.5, "note": "leave at the door" }
  }
}
"#;

const PACT: &str = r#"{
  "consumer": { "name": "orders" },
  "provider": { "name": "payments-api" },
  "interactions": [
    {
      "description": "a charge",
      "request": { "method": "POST", "path": "/charges" },
      "response": {
        "status": 201,
        "headers": { "content-type": "application/json" },
        "body": { "id": "ch_1", "status": "done" }
      }
    },
    {
      "description": "a card that is declined",
      "request": { "method": "POST", "path": "/charges" },
      "response": {
        "status": 402,
        "headers": { "content-type": "application/json" },
        "body": { "error": { "code": "declined", "message": "no" } }
      }
    },
    {
      "description": "a refund",
      "request": { "method": "POST", "path": "/charges/ch_1/refunds" },
      "response": { "status": 201, "body": { "id": "re_1" } }
    }
  ],
  "metadata": { "pactSpecification": { "version": "2.0.0" } }
}
"#;

const TRANSITION: &str = r#"[component.orders]
versions = ["3.2", "3.3"]

[component.worker]
kind = "worker"
versions = ["1", "2"]

[[seam]]
name = "placed"
kind = "queue"
writer = "orders"
reader = "worker"
keeps = "4h"
pair = [
    { writer = "3.2", answer = "yes" },
    { writer = "3.3", reader = "1", answer = "no", because = "it wants `customer` as a text" },
    { writer = "3.3", reader = "2", answer = "yes" },
]
"#;

const SESSIONS: &str = r#"[component.web]
versions = ["8", "9"]

[[seam]]
name = "sessions"
kind = "cache"
writer = "web"
reader = "web"
keeps = "30m"
pair = [
    { writer = "8", answer = "yes" },
    { writer = "9", reader = "8", answer = "no", because = "`user` is an object now" },
    { writer = "9", reader = "9", answer = "yes" },
]
"#;

const ROLLOUT: &str = r#"name = "orders"
control = "3.2"
canary = "3.3"

[driver]
kind = "command"
command = ["sh", "router.sh"]

[judge]
command = ["sh", "judge.sh"]

[[stage]]
share = "5%"
at_least = "10m"

[[stage]]
name = "half, at night"
share = "50%"
hours = "22:00-05:00"

[[stage]]
share = "100%"
at_least = "1d"
"#;

const MAILS: &str = r#"name = "mails"
control = "4"
canary = "5"

[driver]
kind = "command"
command = ["true"]

[judge]
events = ["../jobs.ndjson"]

[[stage]]
share = "20%"
at_least = "1h"

[[stage]]
share = "100%"
"#;

const LATER: &str = r#"name = "web"
control = "8"
canary = "9"

[driver]
kind = "command"
command = ["sh", "router.sh"]

[judge]
command = ["sh", "judge.sh"]

[[stage]]
share = "100%"
"#;

/// Keeps the share, and counts a little more whenever it is asked.
const ROUTER: &str = r#"if [ "$PLUMB_ASK" = set ]; then echo "$PLUMB_SHARE" > share.txt; fi
echo >> asked.txt
asked=$(wc -l < asked.txt)
echo "{\"share\": $(cat share.txt), \"canary\": $((asked * 12)), \"control\": $((asked * 228))}"
"#;

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The same, and files that somebody should mend.
pub(crate) fn torn_shop(folder: &Path) {
    shop(folder);
    write(folder, &TORN);
}

/// Makes it in a folder.
pub(crate) fn shop(folder: &Path) {
    write(folder, &FILES);
    fs::write(folder.join("traffic.ndjson"), traffic()).unwrap();
    plumb(folder, &["observe", "file", "traffic.ndjson"], 0);
    for (component, version, days) in
        [("orders", "3.1", 9), ("payments-api", "2026.11.3", 5), ("orders", "3.2", 3)]
    {
        let at = kept::moment(now_ms() - days * DAY_MS + DAY_MS / 2);
        let release = ["release", "record", component, version, "--at", &at];
        plumb(folder, &[&release[..], &["--env", "production"]].concat(), 0);
    }
    // A look at what there is, so that one finding is lived with.
    let key = "response-value-new:orders:GET /orders/{}:response 200 $.state";
    let why = ["--reason", "nobody reads it yet", "--until", &kept::day(now_ms() + 30 * DAY_MS)];
    plumb(folder, &[&["accept", key][..], &why].concat(), 0);
    for _ in 0..3 {
        plumb(folder, &["rollout", "run", "--no-wait"], 3);
    }
    fs::write(folder.join("jobs.ndjson"), jobs()).unwrap();
    plumb(folder, &["rollout", "run", "--no-wait", "rollouts/mails.toml"], 3);
    on_the_shelf(folder);
}

/// Jobs of two kinds, of which some were not finished.
fn jobs() -> String {
    let mut lines = Vec::new();
    for at in 0..120_i64 {
        let version = if at % 5 == 0 { "5" } else { "4" };
        let flow = if at % 3 == 0 { "invoices" } else { "welcome-mails" };
        let at_ms = now_ms() - 3_600_000 + at * 1_000;
        let mut tell = |at_ms: i64, step| {
            let job = format!("{flow}-{at}");
            let line = json!({ "at": at_ms, "version": version, "flow": flow, "job": job,
                "step": step });
            lines.push(line.to_string());
        };
        tell(at_ms, "accepted");
        if at % 40 != 7 {
            tell(at_ms + 400, "finished");
        }
    }
    lines.join("\n")
}

#[track_caller]
pub(crate) fn plumb(folder: &Path, args: &[&str], code: i32) -> String {
    let path = ("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    let ran = run(&Run { folder, args, variables: &[path], stdin: b"" });
    let told = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.code, code, "{args:?}: {told}");
    String::from_utf8(ran.stdout).unwrap()
}

/// Two versions of orders, charges that are declined in another way than the contract says, stock
/// that nobody asked for in weeks, and a list that nothing is said of.
fn traffic() -> String {
    let mut lines = Vec::new();
    for day in 0..10 {
        let begun_ms = now_ms() - day * DAY_MS;
        for at in 0..60 {
            lines.push(order(begun_ms - at * 60_000, (day, at)));
        }
        for at in 0..40 {
            lines.push(charge(begun_ms - at * 60_000, (day, at)));
        }
        for at in 0..8 {
            let about = json!({ "path": "/orders", "host": "orders.internal", "query": "page=2",
                "writer": "orders", "reader": "web", "version": release(day), "status": 200 });
            lines.push(kept::exchange(begun_ms - at * 60_000, &about, json!([{ "id": at }])));
        }
    }
    for at in 0..90 {
        let about = json!({ "path": format!("/stock/{at}"), "host": "stock.internal",
            "writer": "stock", "reader": "orders", "version": "7", "status": 200 });
        let at_ms = now_ms() - 20 * DAY_MS - at * 3_600_000;
        lines.push(kept::exchange(at_ms, &about, json!({ "sku": "a", "left": at })));
    }
    lines.join("\n")
}

/// The version of orders so many days ago.
fn release(days: i64) -> &'static str {
    if days < 3 { "3.2" } else { "3.1" }
}

fn order(at_ms: i64, (day, at): (i64, i64)) -> String {
    let version = release(day);
    let about = json!({ "path": format!("/orders/{}", at + 1), "host": "orders.internal",
        "writer": "orders", "reader": "web", "version": version, "status": 200 });
    let body = match version {
        "3.1" => json!({ "id": at, "state": "open", "total": 12.5, "note": "at the door" }),
        _ => {
            let states = ["open", "paid", "on-hold"];
            let state = states[usize::try_from(at % 3).unwrap()];
            json!({ "id": at, "state": state, "total": "12.50", "customer": { "name": "a" } })
        }
    };
    kept::exchange(at_ms, &about, body)
}

fn charge(at_ms: i64, (day, at): (i64, i64)) -> String {
    let version = if day < 5 { "2026.11.3" } else { "2026.11.2" };
    let (status, body) = match at % 8 {
        0 => (402, json!({ "error": { "message": "no" } })),
        _ => (201, json!({ "id": "ch_7", "status": "done" })),
    };
    let about = json!({ "method": "POST", "path": "/charges", "host": "payments.internal",
        "writer": "payments-api", "reader": "orders", "version": version, "status": status });
    kept::exchange(at_ms, &about, body)
}

/// What other commands keep beside the evidence: how the gap was, what was rehearsed, and how far
/// consumers are behind.
fn on_the_shelf(folder: &Path) {
    let mut shelf = shelf::open(&kept::location(folder)).unwrap();
    let now_ms = now_ms();
    for at in 0..48 {
        let is_late = at > 32;
        let point = history::Point {
            at_ms: now_ms - (48 - at) * 4 * 3_600_000,
            holds: if is_late { 1 } else { 2 },
            broken: if is_late { 2 } else { 1 },
            stale: 1,
            unobserved: 2,
            gap: Some(if is_late { 0.41 } else { 0.05 }),
            unseen: Some(0.01),
            ..history::Point::default()
        };
        history::note(&mut shelf, point).unwrap();
    }
    for (days, answer) in [(3, "refuse"), (1, "pass")] {
        let at_ms = now_ms - days * DAY_MS;
        let document = kept::rehearsal(at_ms, answer);
        crate::schema::check("rehearsal-v1", &document.to_string());
        keep(&mut shelf, Kept { at_ms, document }).unwrap();
    }
    let measure = |lag: u64| {
        json!({ "lag": lag, "unacknowledged": 4, "oldest_age_ms": 61_000,
        "at_ms": now_ms - 60_000 })
    };
    for (queue, consumer) in [("orders.placed", "worker"), ("mails", "sender")] {
        let backlog: Value = json!({ "destination": queue, "consumer": consumer,
            "environment": "production", "last": measure(12), "highest": measure(4_711) });
        let text = serde_json::to_vec(&backlog).unwrap();
        shelf.store.document_put("backlog", queue, &text).unwrap();
    }
}
