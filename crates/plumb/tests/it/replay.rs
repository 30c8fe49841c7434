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
