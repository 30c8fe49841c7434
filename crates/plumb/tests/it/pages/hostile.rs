//! A project in which every name is hostile: what would be a script, a tag, an address or a
//! quotation mark if it was not shown with care, what turns text round, and what never ends.
//!
//! Refuses to know where any of it is shown.

use super::kept::{self, DAY_MS};
use super::shop::plumb;
use plumb_engine::audit::{self, Act};
use plumb_engine::clock::now_ms;
use plumb_engine::rehearsals::{Kept, keep};
use plumb_engine::{history, shelf};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What names hold. Whatever runs sets `plumbRan`.
const NAMES: [&str; 12] = [
    "<script>window.plumbRan=1</script>",
    "\"><img src=x onerror=window.plumbRan=1>",
    "' onfocus='window.plumbRan=1' autofocus='",
    "javascript:window.plumbRan=1",
    "--><svg onload=window.plumbRan=1>",
    "</title></style></textarea><script>window.plumbRan=1</script>",
    "&lt;b&gt;&amp;&#x3c;script&#x3e;",
    "a\u{1b}[31mred\u{7}\u{0}\u{9b}b",
    "photo\u{202e}gpj.exe\u{2066}x",
    "line\r\nbreak\u{2028}zero\u{200b}width\u{feff}",
    "say \"verdict:broken\", 'twice', -reader:x age>7d",
    "{{7*7}}${7*7}%00%3Cscript%3E../../etc",
];

/// The letters of a name that never ends.
const LONG: usize = 10_000;

/// The bytes of a name that the store takes.
const STORED: usize = 2_048;

/// Makes it in a folder.
pub(crate) fn hostile(folder: &Path) {
    fs::create_dir_all(folder.join("mocks/mappings")).unwrap();
    let long = "x".repeat(LONG);
    let names: Vec<&str> = NAMES.into_iter().chain([long.as_str()]).collect();
    let mut config = format!("project = {}\n", quoted(NAMES[0]));
    for (at, name) in names.iter().enumerate() {
        fs::write(folder.join("mocks/mappings").join(file(at, name)), stub(name)).unwrap();
        config.push_str(&format!("[[dependency]]\nname = {}\n", quoted(name)));
        config.push_str(&format!("hosts = [\"h{at}.test\"]\nowner = {}\n", quoted(name)));
    }
    config.push_str("[assumptions]\nexclude = [\"*.ndjson\"]\n");
    fs::write(folder.join("plumb.toml"), config).unwrap();
    fs::write(folder.join("traffic.ndjson"), traffic(&names)).unwrap();
    plumb(folder, &["observe", "file", "traffic.ndjson"], 0);
    for name in NAMES.iter().filter(|name| !name.contains('\0')) {
        let at = kept::moment(now_ms() - 2 * DAY_MS);
        let environment = format!("--env={name}");
        let release = ["release", "record", "--at", &at, &environment, "--", name, name];
        plumb(folder, &release, 0);
    }
    transition(folder);
    rollout(folder);
    on_the_shelf(folder, &names);
}

/// A text in TOML.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A name that a file can have, with as much of the hostile one as a file system takes.
fn file(at: usize, name: &str) -> String {
    let taken = |letter: &char| !matches!(letter, '/' | '\0');
    let name: String = name.chars().filter(taken).take(100).collect();
    format!("{name}{at}.json")
}

/// A mock whose every text is the name. What it says is not what is seen.
fn stub(name: &str) -> String {
    json!({
        "name": name,
        "request": { "method": "GET", "urlPath": path(name) },
        "response": {
            "status": 200,
            "headers": { "content-type": "application/json", "x-of": name },
            "jsonBody": { name: 7, "gone": name },
        },
    })
    .to_string()
}

fn path(name: &str) -> String {
    let name: String = name.chars().take(200).collect();
    format!("/{}", percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC))
}

/// Each name as writer, reader, version, environment, path, header, member and value.
fn traffic(names: &[&str]) -> String {
    let mut lines = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let short = &name[..name.len().min(STORED)];
        for at in 0..40 {
            let about = json!({ "path": path(name), "host": format!("h{number}.test"),
                "writer": short, "reader": short, "version": short, "environment": short,
                "caller": name, "query": "q=%3Cscript%3E", "status": 200 });
            let body = json!({ *name: { *name: name }, "more": [name] });
            lines.push(kept::exchange(now_ms() - at * 60_000, &about, body));
        }
    }
    lines.join("\n")
}

/// Names of components are free; so is why somebody says something.
fn transition(folder: &Path) {
    let mut text = String::new();
    for name in &NAMES[..4] {
        text.push_str(&format!("[component.{}]\nversions = [\"1\", \"2\"]\n", quoted(name)));
    }
    let (writer, reader) = (quoted(NAMES[0]), quoted(NAMES[1]));
    text.push_str(&format!(
        "[[seam]]\nname = {writer}\nkind = \"queue\"\nwriter = {writer}\nreader = {reader}\n\
         keeps = \"4h\"\npair = [\n  {{ writer = \"1\", answer = \"yes\" }},\n  \
         {{ writer = \"2\", reader = \"1\", answer = \"no\", because = {} }},\n  \
         {{ writer = \"2\", reader = \"2\", answer = \"yes\" }},\n]\n",
        quoted(NAMES[8])
    ));
    fs::write(folder.join("transition-<img src=x onerror=window.plumbRan=1>.toml"), text).unwrap();
    fs::write(folder.join("transition-torn.toml"), quoted(NAMES[0])).unwrap();
}

fn rollout(folder: &Path) {
    let stages: String = NAMES
        .iter()
        .map(|name| format!("[[stage]]\nname = {}\nshare = \"100%\"\n", quoted(name)))
        .take(1)
        .collect();
    let (control, canary) = (quoted(NAMES[1]), quoted(NAMES[8]));
    let text = format!(
        "name = \"orders\"\ncontrol = {control}\ncanary = {canary}\n[driver]\nkind = \"command\"\n\
         command = [\"sh\", \"router.sh\"]\n[judge]\ncommand = [\"cat\", \"judged.json\"]\n{stages}"
    );
    fs::write(folder.join("rollout.toml"), text).unwrap();
    fs::write(folder.join("router.sh"), "echo \"{\\\"share\\\": $PLUMB_SHARE}\"\n").unwrap();
    let judged = json!({ "verdict": "cannot-tell", "sentence": NAMES.concat() });
    fs::write(folder.join("judged.json"), judged.to_string()).unwrap();
    plumb(folder, &["rollout", "run", "--no-wait"], 3);
}

fn on_the_shelf(folder: &Path, names: &[&str]) {
    let mut shelf = shelf::open(&kept::location(folder)).unwrap();
    let now_ms = now_ms();
    for at in 0..3 {
        let at_ms = now_ms - (3 - at) * DAY_MS;
        history::note(&mut shelf, history::Point { at_ms, broken: 1, ..Default::default() })
            .unwrap();
    }
    let mut document = kept::rehearsal(now_ms - DAY_MS, "refuse");
    spoil(&mut document, names);
    keep(&mut shelf, Kept { at_ms: now_ms - DAY_MS, document }).unwrap();
    for (at, name) in names.iter().enumerate() {
        let measure = json!({ "lag": 1, "unacknowledged": 1, "oldest_age_ms": 1, "at_ms": now_ms });
        let backlog = json!({ "destination": name, "consumer": name, "environment": name,
            "last": measure, "highest": measure });
        let text = serde_json::to_vec(&backlog).unwrap();
        shelf.store.document_put("backlog", &format!("b{at}"), &text).unwrap();
    }
    let mut log = audit::open(kept::location(folder).folder()).unwrap();
    for name in names {
        log.add(Act { at_ms: now_ms, who: name, action: name, subject: name }).unwrap();
    }
}

/// Puts hostile names into every text of a document but its answer.
fn spoil(document: &mut Value, names: &[&str]) {
    match document {
        Value::String(text) if text != "refuse" => *text = names.join(" "),
        Value::Array(members) => members.iter_mut().for_each(|member| spoil(member, names)),
        Value::Object(members) => members.values_mut().for_each(|member| spoil(member, names)),
        _ => {}
    }
}
