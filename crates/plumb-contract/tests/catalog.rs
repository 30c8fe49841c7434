//! The catalogue of edits: each pair of versions is decided as its label says, by the rule that it
//! names, and what is safe raises no alarm.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use plumb_contract::change::{Change, Grade};
use plumb_contract::compared::{Compared, File, Flow};
use plumb_contract::protobuf::Reading;
use plumb_contract::{avro, protobuf};
use std::fs;
use std::path::{Path, PathBuf};

/// Pairs that each format has at least.
const PAIRS_MIN: usize = 60;

/// A pair of versions that one edit tells apart.
struct Pair {
    name: String,
    old: String,
    new: String,
    flow: Flow,
    reading: Option<Reading>,
    label: Grade,
    /// The rule of a change of that grade; empty where nothing is told.
    rule: String,
}

fn pairs(format: &str) -> Vec<Pair> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/compat").join(format);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let table: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
        for pair in table["pair"].as_array().unwrap() {
            let text = |key: &str| pair.get(key).and_then(toml::Value::as_str);
            let must = |key: &str| text(key).unwrap_or_else(|| panic!("no {key}: {pair}"));
            assert!(!must("reason").is_empty(), "{pair}");
            found.push(Pair {
                name: must("name").to_owned(),
                old: must("old").to_owned(),
                new: must("new").to_owned(),
                flow: match must("flow") {
                    "old-writes" => Flow::OldWrites,
                    "new-writes" => Flow::NewWrites,
                    "both" => Flow::Both,
                    other => panic!("no flow: {other}"),
                },
                reading: text("reading").map(|reading| match reading {
                    "wire" => Reading::Wire,
                    "json" => Reading::Json,
                    "code" => Reading::Code,
                    other => panic!("no reading: {other}"),
                }),
                label: match must("label") {
                    "breaking" => Grade::Breaking,
                    "risky" => Grade::Risky,
                    "safe" => Grade::Safe,
                    other => panic!("no label: {other}"),
                },
                rule: must("rule").to_owned(),
            });
        }
    }
    found
}

fn check(pair: &Pair, compared: Compared) -> Vec<String> {
    let mut wrong = Vec::new();
    if !compared.unread.is_empty() {
        wrong.push(format!("{}: {:?}", pair.name, compared.unread));
    }
    let worst = compared.changes.iter().map(|change| change.grade).min().unwrap_or(Grade::Safe);
    let told = |change: &Change| {
        format!(
            "{:?} {} {} / {}: {}",
            change.grade, change.rule, change.subject, change.place, change.reason
        )
    };
    let is_told = compared.changes.iter().any(|it| it.grade == worst && it.rule == pair.rule);
    if worst != pair.label
        || (!is_told && !pair.rule.is_empty())
        || (pair.rule.is_empty() && !compared.changes.is_empty())
    {
        let all: Vec<String> = compared.changes.iter().map(told).collect();
        wrong.push(format!("{} [{:?}]: {:#?}", pair.name, pair.label, all));
    }
    for change in &compared.changes {
        if change.grade == Grade::Breaking && change.witness.is_none() {
            wrong.push(format!("{}: no witness: {}", pair.name, told(change)));
        }
        if change.old.is_none() && change.new.is_none() {
            wrong.push(format!("{}: nowhere: {}", pair.name, told(change)));
        }
    }
    wrong
}

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn decide(format: &str, decide: impl Fn(&Pair) -> Compared) {
    let pairs = pairs(format);
    let wrong: Vec<String> = pairs.iter().flat_map(|pair| check(pair, decide(pair))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
    assert!(pairs.len() >= PAIRS_MIN, "only {} pairs", pairs.len());
}

#[test]
fn edits_of_avro_are_decided() {
    decide("avro", |pair| {
        avro::changes(&file("old.avsc", &pair.old), &file("new.avsc", &pair.new), pair.flow)
    });
}

#[test]
fn edits_of_protobuf_are_decided() {
    decide("protobuf", |pair| {
        let reading = pair.reading.expect("a reading");
        let files = |text: &str| vec![file("shop.proto", text)];
        protobuf::changes(&files(&pair.old), &files(&pair.new), pair.flow, reading)
    });
}
