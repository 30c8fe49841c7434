//! The story of the examples, step by step, with their own tests in their own languages.

use crate::sandbox::{Ran, Run, files, root, run};
use crate::schema;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const AS_OF: [&str; 2] = ["--as-of", "2026-11-20T12:00:00Z"];

fn plumb(folder: &Path, args: &[&str]) -> Ran {
    let variables = [("PATH".to_owned(), std::env::var("PATH").unwrap())];
    let args: Vec<&str> = AS_OF.iter().chain(args).copied().collect();
    run(&Run { folder, args: &args, variables: &variables, stdin: b"" })
}

fn is_green(folder: &Path, tests: &[&str]) -> bool {
    let mut command = Command::new(tests[0]);
    command.args(&tests[1..]).current_dir(folder).env_remove("ORDERS_URL");
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

fn is_green_today(folder: &Path, tests: &[&str]) -> bool {
    let options = ["run", "--against", "today", "--as", "ORDERS_URL=orders", "--"];
    let ran = plumb(folder, &[&options[..], tests].concat());
    let told = String::from_utf8(ran.stderr).unwrap();
    assert!(told.contains("answered · 0 not"), "{told}");
    ran.code == 0
}

fn told(ran: &Ran) -> String {
    String::from_utf8(ran.stdout.clone()).unwrap()
}

/// How the tests end, and in how many exchanges of production something is seen that they met.
fn coverage(folder: &Path, tests: &[&str]) -> (i32, (u64, u64)) {
    let ran = plumb(folder, &[&["run", "--answer", "answer.json", "--"][..], tests].concat());
    let answer = fs::read_to_string(folder.join("answer.json")).unwrap();
    schema::check("exercise-v1", &answer);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let exchanges = |key: &str| answer["exchanges"][key].as_u64().unwrap();
    assert!(
        !folder
            .join(".plumb")
            .read_dir()
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().to_str().unwrap().starts_with("run-") })
    );
    (ran.code, (exchanges("met"), exchanges("of")))
}

/// What the tests do not take, and after how many runs that was known.
fn not_taken(folder: &Path, tests: &[&str]) -> (Vec<String>, u64) {
    let options = ["probe", "--as", "ORDERS_URL=orders", "--format", "json", "--"];
    let ran = plumb(folder, &[&options[..], tests].concat());
    assert_eq!(ran.code, 0, "{}", String::from_utf8_lossy(&ran.stderr));
    schema::check("probe-v1", &told(&ran));
    let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((&document["left"], &document["flaky"]), (&json!(0), &json!([])));
    let all = document["not_taken"].as_array().unwrap().iter();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let all = all.map(|one| format!("{} {}", text(one, "change"), text(one, "place")));
    (all.collect(), document["runs"].as_u64().unwrap())
}

#[track_caller]
fn check(example: &str, code: &str, tests: &[&str], intolerances: &[&str]) {
    let here = tempfile::tempdir().unwrap();
    let (from, folder) = (root().join("examples").join(example), here.path());
    for path in files(&from) {
        let copy = folder.join(path.strip_prefix(&from).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(path, copy).unwrap();
    }
    assert!(is_green(folder, tests), "green against mocks that lie");
    assert_eq!(plumb(folder, &["observe", "file", "traffic.ndjson"]).code, 0);
    assert!(told(&plumb(folder, &["gap"])).starts_with("✖ broken 1"));
    let covered = coverage(folder, tests);
    assert_eq!(covered, (0, (0, 48)), "no exchange is as the mocks say");
    assert!(!is_green_today(folder, tests), "red against today");
    let fixed = plumb(folder, &["fix", "--write", "--cases"]);
    assert_eq!(fixed.code, 0, "{}", String::from_utf8_lossy(&fixed.stderr));
    assert!(!is_green(folder, tests), "red against mocks that are true");
    fs::copy(folder.join("after").join(code), folder.join(code)).unwrap();
    assert!(is_green(folder, tests), "green again");
    assert!(is_green_today(folder, tests), "green against today");
    assert!(told(&plumb(folder, &["gap"])).starts_with("✖ broken 0   ▲ drifted 0"));
    // Older releases of Node.js do not look for a proxy, so nothing is seen of them.
    if example == "shop-python" {
        assert_eq!(coverage(folder, tests), (0, (32, 48)), "neither guests nor unknown orders");
    }
    let (found, runs) = not_taken(folder, tests);
    assert_eq!(found, intolerances);
    assert!(runs <= 30, "{runs} runs");
    assert_eq!(not_taken(folder, tests), (found, 0), "what is known is not asked again");
    // Mocks that lie again, beside tests that are known to take what they hide.
    let mock = Path::new("mocks/mappings/order.json");
    fs::copy(from.join(mock), folder.join(mock)).unwrap();
    fs::remove_file(folder.join("mocks/mappings/order-case-1.json")).unwrap();
    let gap = told(&plumb(folder, &["gap", "--format", "json"]));
    assert!(gap.contains("the tests took it when it was tried"), "{gap}");
}

#[test]
fn in_python() {
    let intolerances = [
        "missing response 200 $.customer",
        "missing response 200 $.customer.name",
        "missing response 200 $.total",
        "null response 200 $.customer",
        "null response 200 $.total",
        "other-type response 200 $.customer.name",
        "too-many-requests response 200 $",
        "truncated response 200 $",
    ];
    check("shop-python", "shop.py", &["python3", "-m", "unittest"], &intolerances);
}

#[test]
fn in_node() {
    // A missing name is a guest's here, and null is a number to JavaScript.
    let intolerances = [
        "missing response 200 $.customer",
        "missing response 200 $.total",
        "null response 200 $.customer",
        "other-type response 200 $.customer.name",
        "too-many-requests response 200 $",
        "truncated response 200 $",
    ];
    check("shop-node", "shop.mjs", &["node", "--test"], &intolerances);
}
