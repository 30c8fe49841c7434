//! The gate through real HTTP, in the forms in which each platform asks and reads.

use crate::daemon::{Answer, Daemon};
use crate::sandbox::{Run, run};
use crate::schema::check as is_as_published;
use plumb_engine::clock::now_ms;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How often a verdict is asked for before it counts as never coming: half a minute.
const LOOKS: usize = 600;

/// Events of the last fifty seconds, of which so many fail on the canary in a thousand.
fn events(bad: i64) -> String {
    let mut text = String::new();
    let begun_ms = now_ms() - 50_000;
    for at in 0..20_000 {
        let ts = begun_ms + at * 5 / 2;
        let is_canary = at % 2 == 0;
        let status = if is_canary && at % 1_000 < 2 * bad { 500 } else { 200 };
        let version = if is_canary { "canary" } else { "control" };
        let event = format!(r#""ts":{ts},"version":"{version}","status":{status},"user":{at}"#);
        writeln!(text, "{{{event}}}").unwrap();
    }
    text
}

fn gate(folder: &Path, arguments: &[&str]) -> Daemon {
    Daemon::start_as("rollout gate", folder, &[&["--unit", "user"], arguments].concat())
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"))
}

#[track_caller]
fn settles(gate: &Daemon, verdict: &str) -> Value {
    let mut last = Value::Null;
    for _ in 0..LOOKS {
        let answer = gate.ask("GET", "/v1/analysis/argo", &[], "");
        assert_eq!(answer.status, 200);
        last = json_of(&answer);
        if last["verdict"] == verdict {
            return last;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("never {verdict}: {last}");
}

#[track_caller]
fn send(gate: &Daemon, text: &str) {
    let answer = gate.ask("POST", "/v1/events", &[], text);
    assert_eq!(answer.status, 202, "{answer:?}");
}

/// The statuses that Flagger gets, in the order of a rollout.
fn hooks(gate: &Daemon, checksum: &str) -> Vec<u16> {
    let names = [
        "confirm-rollout",
        "pre-rollout",
        "rollout",
        "confirm-traffic-increase",
        "confirm-promotion",
        "post-rollout",
        "rollback",
        "event",
    ];
    let body = json!({
        "name": "shop", "namespace": "prod", "phase": "Progressing", "checksum": checksum,
        "metadata": {},
    });
    let ask = |name| gate.ask("POST", &format!("/v1/flagger/{name}"), &[], &body.to_string());
    names.map(ask).iter().map(|answer| answer.status).collect()
}

fn value(gate: &Daemon, expression: &str) -> Option<String> {
    let path = format!("/api/v1/query?query={expression}");
    let answer = json_of(&gate.ask("GET", &path, &[], ""));
    assert_eq!(answer["status"], "success", "{answer}");
    assert_eq!(answer["data"]["resultType"], "vector");
    Some(answer["data"]["result"].get(0)?["value"][1].as_str().unwrap().to_owned())
}

#[test]
fn nothing_known_is_neither_yes_nor_no() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(folder.path(), &[]);
    let answer = gate.ask("POST", "/v1/analysis/argo", &[], r#"{"any":"thing"}"#);
    let document = json_of(&answer);
    is_as_published("gate-v1", &answer.body);
    assert_eq!((answer.status, &document["verdict"]), (200, &json!("inconclusive")));
    assert_eq!(document["phase"], "Inconclusive");
    assert_eq!(value(&gate, "plumb_verdict").as_deref(), Some("0.5"));
    // The canary gets its first traffic without evidence, and no more than that.
    assert_eq!(hooks(&gate, "a"), [200, 200, 200, 200, 403, 200, 403, 200]);
    assert_eq!(hooks(&gate, "a"), [200, 200, 200, 403, 403, 200, 403, 200]);
    assert_eq!(hooks(&gate, "b")[3], 200);
    let stage = gate.ask("POST", "/v1/spinnaker", &[], "{}");
    let location = format!("location: {}/v1/spinnaker", gate.url());
    assert!(stage.status == 202 && stage.head.contains(&location), "{stage:?}");
    assert_eq!(json_of(&gate.ask("GET", "/v1/spinnaker", &[], ""))["status"], "RUNNING");
}

#[test]
fn events_that_are_sent_turn_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(folder.path(), &["--label", "service=shop"]);
    send(&gate, &events(0));
    let document = settles(&gate, "pass");
    is_as_published("gate-v1", &document.to_string());
    assert_eq!(document["url"], format!("{}/v1/judgement", gate.url()));
    assert_eq!(hooks(&gate, "a"), [200, 200, 200, 200, 200, 200, 403, 200]);
    let expression = "plumb_verdict%7Bservice%3D%22shop%22%2Ccanary%3D%22canary%22%7D";
    assert_eq!(value(&gate, expression).as_deref(), Some("1"));
    assert_eq!(json_of(&gate.ask("GET", "/v1/spinnaker", &[], ""))["status"], "SUCCEEDED");

    send(&gate, &events(30));
    let document = settles(&gate, "fail");
    assert_eq!((&document["phase"], &document["score"]), (&json!("Failed"), &json!(0.0)));
    assert!(document["evidence"]["e_value"].as_f64().unwrap() > 100.0, "{document}");
    assert!(document["evidence"]["effect_ci"][0].as_f64().unwrap() > 1.0, "{document}");
    assert_eq!(document["rollback"]["safe"], Value::Null);
    assert_eq!(hooks(&gate, "a"), [403, 403, 403, 403, 403, 403, 200, 200]);
    let refused = gate.ask("POST", "/v1/flagger/rollout", &[], "{}");
    assert!(refused.body.starts_with("roll back: users on canary fail"), "{}", refused.body);
    assert!(refused.head.contains("content-type: text/plain"), "{}", refused.head);
    assert_eq!(json_of(&gate.ask("GET", "/v1/spinnaker", &[], ""))["status"], "TERMINAL");
    assert_eq!(json_of(&gate.ask("GET", "/v1/judgement", &[], ""))["decision"], "roll-back");
    assert_eq!(gate.ask("POST", "/v1/flagger/other", &[], "{}").status, 404);
}

#[test]
fn files_are_followed_as_they_grow_and_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let gate = gate(folder.path(), &["--events", "events.ndjson"]);
    settles(&gate, "inconclusive");
    fs::write(&path, events(0)).unwrap();
    settles(&gate, "pass");
    fs::rename(&path, folder.path().join("events.1")).unwrap();
    fs::write(&path, events(10)).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(events(50).as_bytes()).unwrap();
    settles(&gate, "fail");
}

#[test]
fn what_cannot_be_read_takes_a_yes_away() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(folder.path(), &[]);
    send(&gate, &events(0));
    settles(&gate, "pass");
    send(&gate, &"no event\n".repeat(1_000));
    let document = settles(&gate, "inconclusive");
    let reasons = document["reasons"].to_string();
    assert!(reasons.contains("1000 lines could not be read"), "{reasons}");
    assert_eq!(gate.ask("POST", "/v1/events?arm=left", &[], "{}").status, 400);
    assert_eq!(gate.ask("POST", "/v1/events", &[], &" ".repeat(5 << 20)).status, 413);
}

#[test]
fn queries_are_answered_as_prometheus_does() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(folder.path(), &["--label", "service=shop"]);
    assert_eq!(value(&gate, "vector(1)").as_deref(), Some("1"));
    assert_eq!(value(&gate, "plumb_verdict%7Bservice%3D%22other%22%7D"), None);
    assert!(value(&gate, "plumb_evalue").is_some());
    assert!(value(&gate, "plumb_regression_lower_bound").is_some());
    let form = ["content-type: application/x-www-form-urlencoded"];
    let posted = gate.ask("POST", "/api/v1/query", &form, "query=plumb_verdict&time=1");
    assert_eq!(json_of(&posted)["data"]["result"], json!([]));
    for path in ["/api/v1/query?query=up", "/api/v1/query", "/api/v1/query_range?query=vector(1)"] {
        let answer = gate.ask("GET", path, &[], "");
        let document = json_of(&answer);
        assert_eq!((answer.status, &document["status"]), (400, &json!("error")), "{path}");
        assert_eq!(document["errorType"], "bad_data");
    }
    let scraped = gate.ask("GET", "/metrics", &[], "").body;
    let line = r#"plumb_verdict{canary="canary",control="control",service="shop"} 0.5"#;
    assert!(scraped.contains(line), "{scraped}");
    let range = "/api/v1/query_range?query=vector(1)&start=0&end=60&step=15s";
    let answer = json_of(&gate.ask("GET", range, &[], ""));
    assert_eq!(answer["data"]["resultType"], "matrix");
    assert_eq!(answer["data"]["result"][0]["values"][4], json!([60.0, "1"]));
    let long = "/api/v1/query_range?query=vector(1)&start=0&end=99999&step=1";
    assert_eq!(gate.ask("GET", long, &[], "").status, 400);
}

#[test]
fn kayenta_gets_its_result() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(folder.path(), &[]);
    let series = |add: u32| (0..30_u32).map(|at| f64::from(at % 5 + add)).collect::<Vec<_>>();
    let scope = json!({ "startTimeIso": "2026-11-21T10:00:00Z", "startTimeMillis": 0,
        "stepMillis": 60_000 });
    let pair = |name: &str, add: u32| {
        json!({ "name": name, "id": name, "tags": {}, "attributes": {},
            "scopes": { "control": scope, "experiment": scope },
            "values": { "control": series(10), "experiment": series(10 + add) } })
    };
    let metric = |name: &str| {
        json!({ "name": name, "groups": ["group"],
            "analysisConfigurations": { "canary": { "direction": "increase" } } })
    };
    let request = json!({
        "canaryConfig": { "metrics": [metric("errors"), metric("latency")],
            "classifier": { "groupWeights": { "group": 100 } } },
        "scoreThresholds": { "marginal": 40, "pass": 95 },
        "metricSetPairList": [pair("errors", 3), pair("latency", 0)],
    });
    let answer = gate.ask("POST", "/judge", &[], &request.to_string());
    assert_eq!(answer.status, 200);
    let document = json_of(&answer);
    assert_eq!(document["judgeName"], "plumb");
    let keys: Vec<&String> = document["results"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "name",
            "id",
            "tags",
            "classification",
            "classificationReason",
            "groups",
            "experimentMetadata",
            "controlMetadata",
            "resultMetadata",
            "critical",
            "muted",
        ]
    );
    assert_eq!(document["results"][0]["classification"], "High");
    assert_eq!(document["results"][1]["classification"], "Pass");
    assert_eq!(document["groupScores"][0]["score"], 50.0);
    assert_eq!(document["score"]["classification"], "Marginal");
    assert_eq!(gate.ask("POST", "/judge", &[], "[").status, 400);
}

#[test]
fn strangers_and_open_doors_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["rollout", "gate", "--listen", "0.0.0.0:0"];
    let ran = run(&Run { folder: folder.path(), args: &args, variables: &[], stdin: b"" });
    assert_eq!(ran.code, 2);
    assert!(String::from_utf8_lossy(&ran.stderr).contains("there is no TLS"));

    let made = ["token", "new", "flagger", "--allow", "read"];
    let ran = run(&Run { folder: folder.path(), args: &made, variables: &[], stdin: b"" });
    let out = String::from_utf8(ran.stdout).unwrap();
    let token = out.split_whitespace().find(|word| word.starts_with("plumb_")).unwrap();
    let gate = gate(folder.path(), &["--tokens"]);
    let path = "/v1/analysis/argo";
    assert_eq!(gate.ask("GET", path, &[], "").status, 401);
    let bearer = format!("authorization: Bearer {token}");
    assert_eq!(gate.ask("GET", path, &[&bearer], "").status, 200);
    assert_eq!(gate.ask("POST", "/v1/events", &[&bearer], "{}").status, 403);
    let basic = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("any:{token}"));
    let basic = format!("authorization: Basic {basic}");
    assert_eq!(gate.ask("POST", "/v1/flagger/event", &[&basic], "{}").status, 200);
    let lured = ["origin: https://evil.test"];
    let open = Daemon::start_as("rollout gate", folder.path(), &[]);
    assert_eq!(open.ask("GET", path, &lured, "").status, 403);
}

#[test]
fn gates_that_are_generated_can_fail() {
    let folder = tempfile::tempdir().unwrap();
    for platform in ["argo", "kargo", "flagger", "alerts", "grafana"] {
        let args =
            ["rollout", "generate", platform, "--name", "shop", "--url", "https://gate:7443"];
        let ran = run(&Run { folder: folder.path(), args: &args, variables: &[], stdin: b"" });
        assert_eq!(ran.code, 0, "{platform}");
        let name = format!("{platform}.yaml");
        let parsed = plumb_tree::read::parse(&name, &ran.stdout).unwrap();
        assert!(parsed.documents.iter().all(|one| !one.entries().is_empty()), "{platform}");
        fs::write(folder.path().join(&name), ran.stdout).unwrap();
        let args = ["rollout", "lint", &name];
        let ran = run(&Run { folder: folder.path(), args: &args, variables: &[], stdin: b"" });
        let expected = if matches!(platform, "alerts" | "grafana") { 3 } else { 0 };
        assert_eq!(ran.code, expected, "{platform}: {}", String::from_utf8_lossy(&ran.stdout));
    }
}
