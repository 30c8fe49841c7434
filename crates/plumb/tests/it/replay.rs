//! Replay with real servers: the same build is never told from itself, whatever its noise, and of a
//! changed one just what was planted is told.
//!
//! `cargo xtask replay` runs the same with 10,000 requests and several seeds.

mod http;
mod shop;

use crate::sandbox::{Ran, Run, run};
use crate::schema;
use http::{Answer, Request, serve};
use serde_json::{Value, json};
use shop::{Build, PLANTED, capture, shop};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// What must come out nowhere stands in every capture, and in answers too.
const CANARY: &str = "canary";

/// How many requests, and with how many seeds.
fn load() -> (usize, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let requests = number("PLUMB_REPLAY_REQUESTS").unwrap_or(2_000);
    let seeds = number("PLUMB_REPLAY_SEEDS").unwrap_or(1);
    (usize::try_from(requests).unwrap(), seeds)
}

fn replay(folder: &Path, args: &[&str]) -> Ran {
    let path = std::env::var("PATH").unwrap();
    let variables = [
        ("PATH".to_owned(), path),
        ("PLUMB_HEADERS".to_owned(), "x-fresh: canary-fresh\n".to_owned()),
    ];
    let args: Vec<&str> = ["replay"].iter().chain(args).copied().collect();
    let ran = run(&Run { folder, args: &args, variables: &variables, stdin: b"" });
    for text in [&ran.stdout, &ran.stderr] {
        let text = String::from_utf8_lossy(text);
        assert!(!text.contains(CANARY), "{args:?}: {text}");
    }
    ran
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// The document of a replay of `capture`, and its exit code.
fn told(capture: &str, args: &[&str]) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("capture.ndjson"), capture).unwrap();
    let args: Vec<&str> =
        ["capture.ndjson", "--format", "json"].iter().chain(args).copied().collect();
    let ran = replay(folder.path(), &args);
    let text = String::from_utf8(ran.stdout).unwrap();
    assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&ran.stderr));
    schema::check("replay-v1", &text);
    (ran.code, serde_json::from_str(&text).unwrap())
}

fn differences(document: &Value) -> BTreeSet<(String, String, String)> {
    let all = document["differences"].as_array().unwrap().iter();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    all.map(|one| (text(one, "operation"), text(one, "place"), text(one, "kind"))).collect()
}

fn planted() -> BTreeSet<(String, String, String)> {
    let owned = |(operation, place, kind): &(&str, &str, &str)| {
        ((*operation).to_owned(), (*place).to_owned(), (*kind).to_owned())
    };
    PLANTED.iter().map(owned).collect()
}

#[test]
fn the_same_build_is_not_told_from_itself() {
    let (requests, seeds) = load();
    for seed in 1..=seeds {
        let (deployed, candidate) = (shop(Build::Deployed, seed), shop(Build::Deployed, seed + 77));
        let (deployed, candidate) = (url(deployed), url(candidate));
        let args = ["--deployed", &deployed, "--candidate", &candidate];
        let (code, document) = told(&capture(requests, seed), &args);
        assert_eq!((code, &document["verdict"]), (0, &json!("same")), "{seed}: {document:#}");
        assert_eq!(document["requests"]["replayed"], requests);
        let noise = document["noise"].to_string();
        for noisy in ["$.trace.id", "$.at\"", "$.tags", "$.hint", "header age", "response status"] {
            assert!(noise.contains(noisy.trim_end_matches('"')), "{noisy} is not told: {noise}");
        }
    }
}

#[test]
fn of_a_changed_build_just_what_was_planted_is_told() {
    let (requests, seeds) = load();
    for seed in 1..=seeds {
        let (deployed, candidate) = (shop(Build::Deployed, seed), shop(Build::Changed, seed + 77));
        let (deployed, candidate) = (url(deployed), url(candidate));
        let args = ["--deployed", &deployed, "--candidate", &candidate];
        let (code, document) = told(&capture(requests, seed), &args);
        assert_eq!(differences(&document), planted(), "{seed}");
        assert_eq!((code, &document["verdict"]), (1, &json!("different")));
    }
}

/// Requests to one path, as they were recorded with this answer.
fn recorded(method: &str, path: &str, body: &Value, answer: (u16, Value)) -> String {
    let (status, answer) = answer;
    let request = if body.is_null() { json!({}) } else { json!({ "body": body }) };
    json!({
        "v": 1,
        "method": method,
        "url": format!("http://shop.internal{path}"),
        "request": request,
        "status": status,
        "response": { "body": answer },
    })
    .to_string()
}

/// A service that calls what is created by names of its own, and finds it only by those.
fn carts(prefix: &'static str) -> SocketAddr {
    let known: Mutex<BTreeMap<String, Value>> = Mutex::default();
    serve(move |request: &Request| {
        let mut known = known.lock().unwrap();
        let unknown = Answer::json(404, &json!({ "error": "unknown" }));
        if request.method == "POST" && request.target == "/carts" {
            let id = format!("{prefix}-{:08}", known.len());
            known.insert(id.clone(), json!([]));
            return Answer::json(201, &json!({ "id": id, "items": [] }));
        }
        let words: Vec<&str> = request.target.split('/').skip(1).collect();
        let Some(items) = words.get(1).and_then(|id| known.get_mut(*id)) else { return unknown };
        if request.method == "POST" {
            let sent: Value = serde_json::from_slice(&request.body).unwrap();
            if sent["cart_id"] != words[1] {
                return Answer::json(422, &json!({ "error": "another cart" }));
            }
            items.as_array_mut().unwrap().push(sent["sku"].clone());
        }
        Answer::json(200, &json!({ "items": items }))
    })
}

fn carts_capture() -> String {
    let lines = (0..20).flat_map(|at| {
        let id = format!("0b8f1c52-7f5e-4a8c-9b1d-00000000{at:04}");
        let path = format!("/carts/{id}");
        let sent = json!({ "cart_id": id, "sku": "a" });
        [
            recorded("POST", "/carts", &json!({}), (201, json!({ "id": id, "items": [] }))),
            recorded("POST", &format!("{path}/items"), &sent, (200, json!({ "items": ["a"] }))),
            recorded("GET", &path, &Value::Null, (200, json!({ "items": ["a"] }))),
        ]
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_instance_is_asked_by_its_own_ids() {
    let (one, two, candidate) = (url(carts("one")), url(carts("two")), url(carts("candidate")));
    let sides = ["--deployed", &one, "--deployed", &two, "--candidate", &candidate];
    let (code, document) = told(&carts_capture(), &[&sides[..], &["--unsafe"]].concat());
    assert_eq!((code, &document["verdict"]), (0, &json!("same")), "{document:#}");
    assert_eq!(document["compared"], 60);
    // Had an id been wrong anywhere, every instance would have answered alike that it is unknown.
    let plain = document.to_string();
    assert!(plain.contains("GET /carts/{}") && !plain.contains("404"), "{plain}");
    let asked = |path: &str| asked_once(&candidate, path);
    assert!(asked("/carts/candidate-00000000").ends_with("{\"items\":[\"a\"]}"));
}

fn asked_once(url: &str, path: &str) -> String {
    use std::io::{Read as _, Write as _};
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\n\r\n").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn what_may_change_something_is_left_out_or_sent_once() {
    let (deployed, candidate) = (url(carts("deployed")), url(carts("candidate")));
    let sides = ["--deployed", &deployed, "--candidate", &candidate];
    let (code, document) = told(&carts_capture(), &sides);
    assert_eq!(document["requests"]["left_out"][0]["count"], 40, "{document:#}");
    assert_eq!((code, &document["why"]), (3, &json!("too-few")));
    let (_, document) = told(&carts_capture(), &[&sides[..], &["--unsafe"]].concat());
    assert_eq!(document["compared"], 20);
    assert_eq!(document["not_compared"][0]["count"], 40, "{document:#}");
    let kept = asked_once(&candidate, "/carts/candidate-00000000");
    assert!(kept.ends_with("{\"items\":[\"a\"]}"), "it was sent once: {kept}");
}

/// Answers the same to everything, and remembers what it was asked.
fn mirror(status: u16, body: Value) -> (String, Arc<Mutex<Vec<String>>>) {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&lines);
    let address = serve(move |request: &Request| {
        noted.lock().unwrap().extend(request.lines.iter().cloned());
        Answer::json(status, &body)
    });
    (url(address), lines)
}

fn many(answer: &Value) -> String {
    let line =
        |at: usize| recorded("GET", &format!("/a/{at}"), &Value::Null, (200, answer.clone()));
    (1..41).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn fresh_credentials_take_the_place_of_recorded_ones() {
    let (deployed, asked) = mirror(200, json!({ "a": 1 }));
    let sides = ["--deployed", &deployed, "--candidate", &deployed];
    let rest = ["--header", "Authorization: canary-new", "--map-header", "x-note=x-word"];
    let (code, document) = told(&capture(40, 1), &[&sides[..], &rest[..]].concat());
    assert_eq!(code, 0, "{document:#}");
    assert_eq!(document["requests"]["without_credentials"], 40);
    let asked = asked.lock().unwrap().join("\n");
    for sent in ["authorization: canary-new", "x-fresh: canary-fresh", "x-word: canary-note"] {
        assert!(asked.contains(sent), "{sent}: {asked}");
    }
    for held in ["canary-authorization", "canary-cookie", "canary-query", "x-note", "shop.internal"]
    {
        assert!(!asked.contains(held), "{held}: {asked}");
    }
    let host = deployed.replace("http://", "host: ");
    assert!(asked.contains(&host), "{asked}");
}

#[test]
fn recorded_answers_stand_for_the_deployed_version_and_say_less() {
    let (candidate, _) = mirror(200, json!({ "a": 2 }));
    let (code, document) = told(&many(&json!({ "a": 1 })), &["--candidate", &candidate]);
    assert_eq!((code, &document["basis"]), (0, &json!("recorded")), "{document:#}");
    assert_eq!(document["differences"][0]["kind"], "value-changed");
    assert_eq!(document["differences"][0]["decides"], false);
    let (code, document) = told(&many(&json!({ "b": 1 })), &["--candidate", &candidate]);
    let kinds: Vec<_> =
        differences(&document).into_iter().map(|(_, at, kind)| at + " " + &kind).collect();
    assert_eq!(kinds, ["response 200 $.a new", "response 200 $.b gone"]);
    assert_eq!(code, 1);
}

#[test]
fn a_closed_door_is_no_likeness() {
    let (closed, _) = mirror(401, json!({ "error": "who are you" }));
    let sides = ["--deployed", &closed, "--candidate", &closed];
    let (code, document) = told(&many(&json!({})), &sides);
    assert_eq!((code, &document["why"]), (3, &json!("refused")), "{document:#}");
}

#[test]
fn a_candidate_that_hardly_answers_is_different() {
    let (deployed, _) = mirror(200, json!({ "a": 1 }));
    let silent = serve(|request: &Request| {
        // An answer that is none: the connection ends within it.
        let is_hit = request.target.ends_with('3');
        let mut answer = Answer::json(200, &json!({ "a": 1 }));
        if is_hit {
            answer.headers.push(("transfer-encoding".to_owned(), "nonsense".to_owned()));
            answer.headers.push(("broken header".to_owned(), "1".to_owned()));
        }
        answer
    });
    let sides = ["--deployed", &deployed, "--candidate", &url(silent)];
    let lines = vec![many(&json!({})); 8].join("\n");
    let (code, document) = told(&lines, &sides);
    assert_eq!(code, 1, "{document:#}");
    assert_eq!(document["differences"][0]["kind"], "status-changed");
    assert_eq!(document["differences"][0]["candidate"], "no answer");
}

#[test]
fn what_is_too_large_is_said() {
    let address = serve(|request: &Request| {
        let text = if request.target == "/a/7" { "x".repeat(5 << 20) } else { "x".to_owned() };
        Answer::json(200, &json!({ "a": text }))
    });
    let sides = ["--deployed", &url(address), "--candidate", &url(address)];
    let (code, document) = told(&many(&json!({})), &sides);
    assert_eq!((code, &document["compared"]), (0, &json!(40)), "{document:#}");
    let expected = json!([{ "reason": "bodies beyond what is read", "count": 1 }]);
    assert_eq!(document["not_compared"], expected);
}

#[test]
fn who_cannot_be_reached_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), many(&json!({}))).unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = replay(folder.path(), &["a.ndjson", "--candidate", &url(nobody)]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.code, 4, "{said}");
    assert!(said.starts_with(&format!("error: `{}` cannot be reached: ", url(nobody))), "{said}");
}

#[test]
fn requests_to_several_hosts_need_a_choice() {
    let folder = tempfile::tempdir().unwrap();
    let other = many(&json!({ "a": 1 })).replace("shop.internal", "cdn.internal");
    let (candidate, _) = mirror(200, json!({ "a": 1 }));
    let both = [many(&json!({ "a": 1 })), other].join("\n");
    fs::write(folder.path().join("a.ndjson"), both).unwrap();
    let args = ["a.ndjson", "--candidate", &candidate];
    let ran = replay(folder.path(), &args);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.code, 2, "{said}");
    assert!(said.contains("2 hosts: `cdn.internal`, `shop.internal`"), "{said}");
    let ran = replay(folder.path(), &[&args[..], &["--from", "shop.internal"]].concat());
    let text = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(ran.code, 0, "{text}");
    assert!(text.contains("left out: 40 to another host"), "{text}");
    assert!(text.contains("● same"), "{text}");
}

#[test]
fn interrupted_it_tells_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), many(&json!({ "a": 1 }))).unwrap();
    let (told, hears) = std::sync::mpsc::channel();
    let (held, hold) = std::sync::mpsc::channel::<()>();
    let asked = Mutex::new((0, hold));
    let candidate = serve(move |_: &Request| {
        let mut asked = asked.lock().unwrap();
        asked.0 += 1;
        // From the fifth on nothing is answered before the test ends.
        if asked.0 > 4 {
            told.send(()).unwrap();
            asked.1.recv().ok();
        }
        Answer::json(200, &json!({ "a": 1 }))
    });
    let child = Command::new(env!("CARGO_BIN_EXE_plumb"))
        .args(["replay", "a.ndjson", "--candidate", &url(candidate), "--format", "json"])
        .args(["--jobs", "1", "--timeout", "1s"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    hears.recv().unwrap();
    let process = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    drop(held);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&document["is_whole"], &document["why"]), (&json!(false), &json!("interrupted")));
    assert!(document["requests"]["asked"].as_u64().unwrap() < 20, "{document:#}");
    assert_eq!(output.status.code(), Some(3));
}

/// Asks its dependency through the proxy it is told of, and passes on what that says.
const CANDIDATE: &str = "
import http.server, sys, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        order = urllib.request.urlopen('http://orders.internal/orders/7').read()
        self.send_response(200)
        self.send_header('content-type', 'application/json')
        self.send_header('content-length', str(len(order)))
        self.end_headers()
        self.wfile.write(order)
print('a line of its own', flush=True)
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()";

#[test]
fn a_candidate_that_is_started_meets_mocks_of_its_dependencies() {
    let folder = tempfile::tempdir().unwrap();
    let order = json!({ "customer": { "name": "x" }, "id": 1, "total": "1" });
    let line = |status| {
        json!({
            "v": 1, "method": "GET", "url": "http://orders.internal/orders/7", "status": status,
            "response": { "body": order },
        })
    };
    let traffic = (0..40).map(|_| line(200).to_string()).collect::<Vec<_>>().join("\n");
    fs::write(folder.path().join("traffic.ndjson"), traffic).unwrap();
    let observed = ["observe", "file", "traffic.ndjson"];
    run(&Run { folder: folder.path(), args: &observed, variables: &[], stdin: b"" });
    let answer = json!({ "customer": { "name": "text" }, "id": 1, "total": "1" });
    fs::write(folder.path().join("a.ndjson"), many(&answer)).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (address, port) = (url(free), free.port().to_string());
    let args = ["a.ndjson", "--candidate", &address, "--format", "json", "--"];
    let ran = replay(folder.path(), &[&args[..], &["python3", "-c", CANDIDATE, &port]].concat());
    let said = String::from_utf8_lossy(&ran.stderr);
    let document: Value = serde_json::from_slice(&ran.stdout).expect(&said);
    schema::check("replay-v1", &document.to_string());
    assert_eq!((ran.code, &document["verdict"]), (0, &json!("same")), "{document:#}");
    assert!(said.contains("a line of its own"), "what it says is for people: {said}");
    let answered = &document["dependencies"]["answered"][0];
    assert_eq!(
        (&answered["dependency"], &answered["count"]),
        (&json!("orders.internal"), &json!(80))
    );
    assert!(std::net::TcpStream::connect(free).is_err(), "it was ended");
}

#[test]
fn a_candidate_that_does_not_start_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), many(&json!({}))).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = replay(folder.path(), &["a.ndjson", "--candidate", &url(free), "--", "/bin/false"]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.code, 4, "{said}");
    assert!(said.contains("error: the candidate ended before it was asked"), "{said}");
}

#[test]
fn somebody_else_at_the_address_is_not_taken_for_the_candidate() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), many(&json!({}))).unwrap();
    let (there, _) = mirror(200, json!({}));
    let ran = replay(folder.path(), &["a.ndjson", "--candidate", &there, "--", "/bin/true"]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.code, 2, "{said}");
    assert!(said.contains("already"), "{said}");
}
