//! Secrets planted in traffic must not come out anywhere: not from any command in any format, not
//! in the store, a bundle or a report, and not when the input is broken.
//!
//! Every byte written is searched for every secret as it is, percent-encoded, in base64 at each of
//! its three offsets, escaped as JSON, and in hexadecimal.

use crate::provider::provider;
use crate::sandbox::{self, Run, files};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What is planted, and where.
const AUTHORIZATION: &str = "Zx9-auth/7+Kq=canary";
const COOKIE: &str = "cnry.cookie~41x8Qw";
const SET_COOKIE: &str = "cnry-setcookie-93Jd0a";
const API_KEY: &str = "sk_live_cnry51HxT0pS3cret";
const OWN_HEADER: &str = "cnry own header 0815";
const QUERY: &str = "cnry?query&7731=x";
const USER_INFO: &str = "cnryUserInfoPw55";
const PATH_TOKEN: &str = "cnryA8f3k2L0pQ9zX7vB1nM4";
const PATH_MAIL: &str = "cnry.person@example.test";
const BODY_PASSWORD: &str = "cnry \"quoted\" pässword\n9";
const BODY_FREE: &str = "cnry free text of somebody";
const BODY_CARD: &str = "4111111111114242";
const BODY_KEY: &str = "cnry.key.holder@example.test";
const BODY_FORM: &str = "cnryFormSecret77";
const FRAGMENT: &str = "cnryFragment31";

const SECRETS: [&str; 15] = [
    AUTHORIZATION,
    COOKIE,
    SET_COOKIE,
    API_KEY,
    OWN_HEADER,
    QUERY,
    USER_INFO,
    PATH_TOKEN,
    PATH_MAIL,
    BODY_PASSWORD,
    BODY_FREE,
    BODY_CARD,
    BODY_KEY,
    BODY_FORM,
    FRAGMENT,
];

const NOW: &str = "2026-11-20T12:00:00Z";

/// Exchanges of each kind: enough that evidence counts.
const EXCHANGES: usize = 40;

#[test]
fn nothing_planted_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = tempfile::tempdir().unwrap();
    let golden = sandbox::root().join("golden/_inputs/orders");
    sandbox::copy(&golden, folder.path(), &["traffic.ndjson", "calm.ndjson"]);
    let planted = plant(inputs.path());
    let mut written: Vec<(String, Vec<u8>)> = Vec::new();
    for args in commands(&planted) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let stdin = fs::read(&planted[0]).unwrap();
        let variables = [
            ("GITHUB_ACTIONS".to_owned(), "true".to_owned()),
            ("GITHUB_STEP_SUMMARY".to_owned(), "summary.md".to_owned()),
        ];
        let ran = sandbox::run(&Run {
            folder: folder.path(),
            args: &args,
            variables: &variables,
            stdin: &stdin,
        });
        assert_ne!(ran.code, 70, "{args:?}: {}", String::from_utf8_lossy(&ran.stderr));
        written.push((format!("stdout of {args:?}"), ran.stdout));
        written.push((format!("stderr of {args:?}"), ran.stderr));
    }
    for file in files(folder.path()) {
        written.push((file.display().to_string(), fs::read(&file).unwrap()));
    }
    let leaks = leaks(&written);
    assert!(leaks.is_empty(), "{leaks:#?}");
    proves_itself(&planted, &written);
}

/// The search finds what is there, and the commands did look at the traffic.
fn proves_itself(planted: &[String], written: &[(String, Vec<u8>)]) {
    let inputs: Vec<(String, Vec<u8>)> =
        planted.iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let found = leaks(&inputs);
    for secret in SECRETS {
        assert!(found.iter().any(|leak| leak.contains(secret)), "{secret} was not planted");
    }
    let text = |name: &str| {
        let (_, bytes) = written.iter().find(|(place, _)| place.contains(name)).unwrap();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let seen = text("stdout of [\"evidence\", \"show\", \"--format\", \"json\"");
    for name in ["$.password", "x-own", "GET /reset/{}", "SELECT /orders"] {
        assert!(seen.contains(name), "{name} was not looked at: {seen}");
    }
    let exported = text("stdout of [\"mock\", \"piped\", \"--export\", \"wiremock=stubs\"");
    assert!(exported.contains("lost: "), "{exported}");
}

fn leaks(written: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut found = Vec::new();
    for secret in SECRETS {
        for (form, bytes) in forms(secret) {
            for (place, text) in written {
                if memchr(text, &bytes) {
                    found.push(format!("{secret} ({form}) in {place}"));
                }
            }
        }
    }
    found
}

fn memchr(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}

fn forms(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let escaped = Value::String(secret.to_owned()).to_string();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("as it is", secret.as_bytes().to_vec()),
        ("percent-encoded", encoded.to_lowercase().into_bytes()),
        ("percent-encoded", encoded.into_bytes()),
        ("escaped", escaped.trim_matches('"').as_bytes().to_vec()),
        ("in hexadecimal", hex.into_bytes()),
    ];
    for offset in 0..3_usize {
        // What stands before and after a secret changes the letters at its ends only.
        let padded = format!("{}{secret}", " ".repeat(offset));
        for text in [STANDARD.encode(&padded), URL_SAFE.encode(&padded)] {
            let inner = &text[4.min(offset * 4)..text.trim_end_matches('=').len() - 2];
            forms.push(("in base64", inner.as_bytes().to_vec()));
        }
    }
    forms
}

/// Writes the traffic in every format, whole and broken; gives the paths.
fn plant(folder: &Path) -> Vec<String> {
    let har = har().into_bytes();
    let gor = gor().into_bytes();
    let ndjson = ndjson().into_bytes();
    let broken_line = ndjson.iter().copied().filter(|byte| *byte != b'\n').collect::<Vec<u8>>();
    let garbled =
        String::from_utf8(har.clone()).unwrap().replacen("\"status\":200", "\"status\":", 3);
    let traces = traces().into_bytes();
    let all: [(&str, &[u8]); 11] = [
        ("traffic.har", &har),
        ("traces.jsonl", &traces),
        ("cut.jsonl", &traces[..traces.len() / 2 + 7]),
        ("traffic.gor", &gor),
        ("traffic.ndjson", &ndjson),
        ("cut.har", &har[..har.len() / 2 + 7]),
        ("cut.gor", &gor[..gor.len() / 2 + 7]),
        ("cut.ndjson", &ndjson[..ndjson.len() / 2 + 7]),
        ("garbled.har", garbled.as_bytes()),
        ("one-line.ndjson", &broken_line),
        ("no-format.txt", AUTHORIZATION.as_bytes()),
    ];
    let paths = all.iter().map(|(name, bytes)| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    });
    paths.collect()
}

fn commands(planted: &[String]) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::new();
    let mut push = |words: &[&str]| all.push(words.iter().map(|word| (*word).to_owned()).collect());
    for path in planted {
        for kind in ["file", "har", "gor"] {
            for format in ["text", "json"] {
                push(&["observe", kind, path, "-v", "--format", format, "--as-of", NOW]);
            }
        }
    }
    push(&["observe", "file", "-", "--writer", "piped", "--as-of", NOW]);
    for command in [
        &["scan"][..],
        &["gap"],
        &["check"],
        &["explain", "response-field-new"],
        &["explain", "no-such-key"],
        &["evidence", "ls"],
        &["evidence", "show"],
        &["doctor"],
        &["config", "show", "--origin"],
    ] {
        for format in ["text", "json", "ndjson"] {
            let rest = ["--format", format, "-v", "--as-of", NOW];
            push(&[command, &rest].concat());
        }
    }
    push(&["check", "--report", "sarif=r.sarif", "--report", "junit=r.xml", "--as-of", NOW]);
    push(&["check", "--report", "gitlab=r.json", "--report", "markdown=r.md", "--as-of", NOW]);
    push(&["check", "--report", "json=gap.json", "--as-of", NOW]);
    push(&["evidence", "export", "bundle.jsonl"]);
    push(&["evidence", "import", "bundle.jsonl", "--store", "other", "--as-of", NOW]);
    push(&["check", "--evidence", "bundle.jsonl", "--store", "none", "--as-of", NOW]);
    // A capture is no bundle, and says so without quoting itself.
    push(&["evidence", "import", &planted[0], &planted[4], "--store", "other"]);
    push(&["check", "--evidence", &planted[4], "--store", "none"]);
    // A capture that lies in the project is read as claims.
    let inputs = Path::new(&planted[0]).parent().unwrap().display().to_string();
    push(&["scan", &inputs, "-v"]);
    push(&["scan", &inputs, "-v", "--format", "json"]);
    for command in [
        &["fix", "--cases"][..],
        &["mock", "--list"],
        &["mock", "piped", "--export", "wiremock=stubs"],
        &["mock", "piped", "--export", "har=stubs/mock.har"],
    ] {
        for format in ["text", "json"] {
            push(&[command, &["--format", format, "-v", "--as-of", NOW]].concat());
        }
    }
    push(&["run", "--answer", "covered.json", "--as-of", NOW, "--", "/bin/true"]);
    push(&["run", "--against", "today", "--answer", "met.json", "--as-of", NOW, "--", "/bin/true"]);
    push(&["probe", "--as-of", NOW, "--", "/bin/true"]);
    // Who answers tells the path that was asked for, so that secrets come back as values.
    let url = format!("http://{}", provider());
    for path in planted {
        for format in ["text", "json"] {
            let sides = ["--candidate", &url, "--deployed", &url, "--deployed", &url];
            let rest = ["--unsafe", "--limit", "12", "--timeout", "2s", "-v", "--format", format];
            push(&[&["replay", path], &sides[..], &rest[..]].concat());
        }
    }
    push(&["replay", &planted[0], "--candidate", &url, "--unsafe", "--limit", "12"]);
    push(&["replay", &planted[0], "--candidate", "http://127.0.0.1:1", "--unsafe"]);
    let header = format!("authorization {AUTHORIZATION}");
    push(&["replay", &planted[0], "--candidate", &url, "--header", &header]);
    let header = format!("x-own: {AUTHORIZATION}\u{1}");
    push(&["replay", &planted[0], "--candidate", &url, "--header", &header]);
    let address = format!("http://me:{USER_INFO}@127.0.0.1:1");
    push(&["replay", &planted[0], "--candidate", &address]);
    push(&["fix", "--write", "--cases", "--as-of", NOW]);
    push(&["accept", "--all-current", "--as-of", NOW]);
    push(&["evidence", "prune", "--before", "2020-01-01"]);
    all
}

fn body() -> Value {
    json!({
        "id": 7,
        "state": "open",
        "total": 12.5,
        "password": BODY_PASSWORD,
        "note": BODY_FREE,
        "payment": { "card": BODY_CARD, "client_secret": API_KEY },
        "people": { (BODY_KEY): 1, "second.person@example.test": 2, "third@example.test": 3 },
    })
}

/// Targets, each with secrets in another place.
fn targets() -> [String; 4] {
    let query = utf8_percent_encode(QUERY, NON_ALPHANUMERIC);
    let mail = utf8_percent_encode(PATH_MAIL, NON_ALPHANUMERIC);
    [
        format!("/orders/7?token={query}&page=2"),
        format!("/reset/{PATH_TOKEN}"),
        format!("/people/{mail}/orders"),
        format!("/orders/8?q={query}#{FRAGMENT}"),
    ]
}

fn request_headers() -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {AUTHORIZATION}")),
        ("cookie", format!("session={COOKIE}; theme=dark")),
        ("x-api-key", API_KEY.to_owned()),
        ("x-own", OWN_HEADER.to_owned()),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
    ]
}

fn response_headers() -> Vec<(&'static str, String)> {
    vec![
        ("set-cookie", format!("session={SET_COOKIE}; Path=/; HttpOnly")),
        ("x-own", OWN_HEADER.to_owned()),
        ("location", format!("https://orders.internal/reset/{PATH_TOKEN}")),
        ("content-type", "application/json".to_owned()),
    ]
}

fn form() -> String {
    format!("grant=password&password={BODY_FORM}&free={BODY_FORM}x")
}

fn exchanges(one: impl Fn(usize, &str) -> String) -> Vec<String> {
    let targets = targets();
    let each = targets.iter().flat_map(|target| (0..EXCHANGES).map(move |at| (at, target)));
    each.map(|(at, target)| one(at, target)).collect()
}

fn har() -> String {
    let pairs = |headers: Vec<(&str, String)>| -> Vec<Value> {
        headers.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
    };
    let entries = exchanges(|at, target| {
        json!({
            "startedDateTime": format!("2026-11-20T10:00:{at:02}Z"),
            "time": 3,
            "comment": BODY_FREE,
            "request": {
                "method": "POST",
                "url": format!("https://user:{USER_INFO}@orders.internal{target}"),
                "httpVersion": "HTTP/1.1",
                "headers": pairs(request_headers()),
                "queryString": [{ "name": "token", "value": QUERY }],
                "cookies": [{ "name": "session", "value": COOKIE }],
                "postData": { "mimeType": "application/x-www-form-urlencoded", "text": form() },
                "headersSize": -1,
                "bodySize": -1,
            },
            "response": {
                "status": 200,
                "statusText": "OK",
                "httpVersion": "HTTP/1.1",
                "headers": pairs(response_headers()),
                "cookies": [{ "name": "session", "value": SET_COOKIE }],
                "content": {
                    "size": 1,
                    "mimeType": "application/json",
                    "encoding": "base64",
                    "text": STANDARD.encode(body().to_string()),
                },
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": { "send": 0, "wait": 3, "receive": 0 },
        })
        .to_string()
    });
    format!(r#"{{"log":{{"version":"1.2","entries":[{}]}}}}"#, entries.join(",\n"))
}

fn gor() -> String {
    let block = |headers: Vec<(&str, String)>| -> String {
        headers.into_iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    };
    let records = exchanges(|at, target| {
        let id = format!("{:040x}", at + 1);
        let (form, body) = (form(), body().to_string());
        let start = 1_795_255_200_000_000_000_u64;
        format!(
            "1 {id} {start} 0\nPOST {target} HTTP/1.1\r\nHost: orders.internal\r\n{}\
             Content-Length: {}\r\n\r\n{form}\n🐵🙈🙉\n\
             2 {id} {start} 3000000\nHTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{body}\n🐵🙈🙉\n",
            block(request_headers()),
            form.len(),
            block(response_headers()),
            body.len(),
        )
    });
    records.concat()
}

fn ndjson() -> String {
    let block = |headers: Vec<(&str, String)>| -> Value {
        headers.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
    };
    let lines = exchanges(|at, target| {
        json!({
            "v": 1,
            "time": format!("2026-11-20T10:01:{at:02}Z"),
            "method": if at % 2 == 0 { "GET" } else { "POST" },
            "url": format!("https://user:{USER_INFO}@orders.internal{target}"),
            "status": 200,
            "request": { "headers": block(request_headers()), "body_text": form() },
            "response": { "headers": block(response_headers()), "body": body() },
        })
        .to_string()
            + "\n"
    });
    lines.concat()
}

/// Traces with calls whose headers and bodies were captured, and with statements and their text.
fn traces() -> String {
    let attributes = |all: Vec<(String, String)>| -> Vec<Value> {
        let one = |(key, text)| json!({ "key": key, "value": { "stringValue": text } });
        all.into_iter().map(one).collect()
    };
    let named = |half: &str, headers: Vec<(&str, String)>| -> Vec<(String, String)> {
        let name = |name: &str| format!("http.{half}.header.{name}");
        headers.into_iter().map(|(header, value)| (name(header), value)).collect()
    };
    let word = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let lines = exchanges(|_, target| {
        let mut call = vec![
            word("http.request.method", "POST"),
            word("http.response.status_code", "200"),
            word("url.full", &format!("https://user:{USER_INFO}@orders.internal{target}")),
            word("http.request.body.content", &form()),
            word("http.response.body.content", &body().to_string()),
        ];
        call.extend(named("request", request_headers()));
        call.extend(named("response", response_headers()));
        let statement = vec![
            word("db.system.name", "postgresql"),
            word("db.query.summary", "SELECT orders"),
            word("db.query.text", &format!("SELECT * FROM orders WHERE card = '{BODY_CARD}'")),
            word("db.query.parameter.0", BODY_FREE),
        ];
        let span = |all| json!({ "kind": 3, "attributes": attributes(all) });
        let spans = [span(call), span(statement)];
        json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] }).to_string()
    });
    lines.join("\n")
}
