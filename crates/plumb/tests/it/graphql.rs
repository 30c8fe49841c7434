//! Operations of GraphQL, executed by a real server and asked for through plumb: one path, and
//! each operation judged by itself.

use crate::sandbox::{self, Ran, Run, root, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PLAYED: &str = "crates/plumb/tests/it/graphql_orders.py";

struct Server(Child, u16);

impl Server {
    fn start(folder: &Path, how: &str) -> Self {
        let mut python = Command::new(root().join("target/python/bin/python"));
        python.arg(root().join(PLAYED)).args(["serve", "schema.graphql", how]).current_dir(folder);
        let mut server = python.stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self(server, port.trim().parse().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn plumb(folder: &Path, args: &[&str]) -> Ran {
    let path = std::env::var("PATH").unwrap();
    let variables = [("PATH".to_owned(), path), ("NO_PROXY".to_owned(), "*".to_owned())];
    run(&Run { folder, args, variables: &variables, stdin: b"" })
}

/// Runs the client at an address.
fn ask(folder: &Path, address: &str, options: &[&str]) {
    let python = root().join("target/python/bin/python");
    let played = root().join(PLAYED);
    let (python, played) = (python.to_str().unwrap(), played.to_str().unwrap());
    let command = ["--", python, played, "ask", address, "src/orders.graphql"];
    let ran = plumb(folder, &[options, &command].concat());
    assert_eq!(ran.code, 0, "{}", String::from_utf8_lossy(&ran.stderr));
    // The operation asked for is the operation answered.
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "order orders orders\n");
}

fn ask_server(folder: &Path, server: &Server) {
    let address = format!("http://127.0.0.1:{}/graphql", server.1);
    ask(folder, &address, &["observe", "run", "--writer", "orders"]);
}

/// Operation and verdict of each seam, and rule and place of each finding with what says otherwise.
fn judged(folder: &Path) -> (Vec<String>, Vec<String>) {
    let ran = plumb(folder, &["gap", "--format", "json"]);
    let gap: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let line = |one: &Value, pointers: &[&str]| {
        let word = |pointer: &&str| one.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        pointers.iter().map(word).collect::<Vec<_>>().join(" ")
    };
    let each = |name: &str, pointers: &[&str]| {
        let mut lines: Vec<String> =
            gap[name].as_array().unwrap().iter().map(|one| line(one, pointers)).collect();
        lines.sort();
        lines
    };
    let finding = ["/rule", "/seam/operation", "/place", "/said/file"];
    (each("seams", &["/operation", "/verdict"]), each("findings", &finding))
}

#[test]
fn each_operation_of_one_path_is_judged_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sandbox::copy(&root().join("golden/_inputs/graphql"), folder, &[]);
    ask_server(folder, &Server::start(folder, "sound"));
    let (seams, findings) = judged(folder);
    assert_eq!(findings, Vec::<String>::new());
    let nobody = "POST /**#CancelOrder unobserved";
    let sound = [
        nobody,
        "GET /graphql#ListOrders holds",
        "POST /graphql#GetOrder holds",
        "POST /graphql#ListOrders holds",
    ];
    assert_eq!(BTreeSet::from_iter(seams.iter().map(String::as_str)), BTreeSet::from(sound));
    // A mock of one path answers each operation with its own.
    let today = ["run", "--against", "today"];
    ask(folder, "http://api.example.org/graphql", &today);
    ask_server(folder, &Server::start(folder, "failing"));
    let (seams, findings) = judged(folder);
    let drifted: Vec<&String> = seams.iter().filter(|seam| seam.ends_with("drifted")).collect();
    assert_eq!(drifted, ["POST /graphql#GetOrder drifted"], "{seams:?}");
    let told = [("field", "$.errors"), ("value", "$.data.order.status")].map(|(what, place)| {
        let mock = "src/handlers.ts";
        format!("response-{what}-new POST /graphql#GetOrder response 200 {place} {mock}")
    });
    assert_eq!(findings, told);
}
