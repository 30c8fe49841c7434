//! The story of the examples, step by step, with their own tests in their own languages.

use crate::sandbox::{Ran, Run, files, root, run};
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

#[track_caller]
fn check(example: &str, code: &str, tests: &[&str]) {
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
    assert!(!is_green_today(folder, tests), "red against today");
    let fixed = plumb(folder, &["fix", "--write", "--cases"]);
    assert_eq!(fixed.code, 0, "{}", String::from_utf8_lossy(&fixed.stderr));
    assert!(!is_green(folder, tests), "red against mocks that are true");
    fs::copy(folder.join("after").join(code), folder.join(code)).unwrap();
    assert!(is_green(folder, tests), "green again");
    assert!(is_green_today(folder, tests), "green against today");
    assert!(told(&plumb(folder, &["gap"])).starts_with("✖ broken 0   ▲ drifted 0"));
}

#[test]
fn in_python() {
    check("shop-python", "shop.py", &["python3", "-m", "unittest"]);
}

#[test]
fn in_node() {
    check("shop-node", "shop.mjs", &["node", "--test"]);
}
