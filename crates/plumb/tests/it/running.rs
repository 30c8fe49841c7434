//! A command that plumb runs, with real programs: they get what they ask for, and theirs is the
//! last word.

use crate::provider::provider;
use crate::sandbox::{Ran, Run, run};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

/// Asks for what its arguments name, in the way its language does by itself.
const ASKING: &str = "
import sys, urllib.request
for address in sys.argv[2:]:
    print(urllib.request.urlopen(address).read().decode())
sys.exit(int(sys.argv[1]))";

/// Goes through a tunnel to an echo with every byte there is.
const TUNNELLING: &str = "
import os, socket, sys, urllib.parse
proxy = urllib.parse.urlparse(os.environ['https_proxy'])
to = socket.create_connection((proxy.hostname, proxy.port))
to.sendall(f'CONNECT {sys.argv[1]} HTTP/1.1\\r\\nHost: {sys.argv[1]}\\r\\n\\r\\n'.encode())
head = b''
while not head.endswith(b'\\r\\n\\r\\n'):
    head += to.recv(1)
sent = bytes(range(256)) * 1000
to.sendall(sent)
to.shutdown(socket.SHUT_WR)
back = b''
while piece := to.recv(65536):
    back += piece
print(head.split()[1].decode(), back == sent)";

/// Ends in its own way when it is told to.
const PATIENT: &str = "
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
print('ready', flush=True)
while True: signal.pause()";

/// An observed program in this folder.
fn observed(folder: &Path, options: &[&str], command: &[&str]) -> Ran {
    let mut args = vec!["observe", "run", "--answer", "answer.json"];
    args.extend(options);
    args.push("--");
    args.extend(command);
    let path = std::env::var("PATH").unwrap();
    let variables = [("PATH".to_owned(), path), ("NO_PROXY".to_owned(), "*".to_owned())];
    run(&Run { folder, args: &args, variables: &variables, stdin: b"" })
}

fn answer(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("answer.json")).unwrap()).unwrap()
}

fn shown(folder: &Path) -> String {
    let ran = run(&Run { folder, args: &["evidence", "show"], variables: &[], stdin: b"" });
    String::from_utf8(ran.stdout).unwrap()
}

/// Answers every connection with what it hears.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut writer = stream.try_clone().unwrap();
            std::io::copy(&mut stream, &mut writer).ok();
        }
    });
    address
}

#[test]
fn what_a_command_asks_is_observed_and_its_code_is_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (orders, stock) = (provider(), provider());
    let asked = [
        format!("http://{orders}/orders/1001"),
        format!("http://{orders}/orders/1002"),
        format!("http://{stock}/stock/7001"),
    ];
    let config = format!("[[dependency]]\nname = \"orders\"\nhosts = [\"{orders}\"]\n");
    fs::write(folder.path().join("plumb.toml"), config).unwrap();
    let mut command = vec!["python3", "-c", ASKING, "7"];
    command.extend(asked.iter().map(String::as_str));
    let ran = observed(folder.path(), &[], &command);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.code, 7, "{said}");
    let answers = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(answers.lines().count(), 3, "{answers}");
    assert!(answers.ends_with("{\"path\":\"/stock/7001\",\"state\":\"open\"}\n"), "{answers}");
    assert!(said.contains("python3  3 exchanges · 0 dropped"), "{said}");
    let told = answer(folder.path());
    assert_eq!((&told["written"], &told["tunnels"]), (&3.into(), &0.into()), "{told}");
    let shown = shown(folder.path());
    assert!(shown.contains("orders  GET /orders/{}"), "{shown}");
    assert!(shown.contains(&format!("{stock}  GET /stock/{{}}")), "{shown}");
}

#[test]
fn what_goes_through_a_tunnel_passes_untouched_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let to = echo().to_string();
    let ran = observed(folder.path(), &[], &["python3", "-c", TUNNELLING, &to]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "200 True\n", "{said}");
    assert!(said.contains("1 connection went through TLS"), "{said}");
    assert_eq!(answer(folder.path())["tunnels"], 1);
}

#[test]
fn a_command_that_cannot_be_started_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let ran = observed(folder.path(), &[], &["./is-not-there"]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.code, 4, "{said}");
    assert!(said.starts_with("error: cannot start `./is-not-there`: "), "{said}");
}

#[test]
fn a_store_in_the_way_costs_the_command_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".plumb"), "in the way").unwrap();
    let address = format!("http://{}/orders/1001", provider());
    let ran = observed(folder.path(), &[], &["python3", "-c", ASKING, "0", &address]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.code, 0, "{said}");
    assert!(said.contains("warning: 1 exchange could not be written"), "{said}");
}

#[test]
fn hosts_can_be_left_to_be_called_directly() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("http://{}/orders/1001", provider());
    let command = ["python3", "-c", ASKING, "0", &address];
    let ran = observed(folder.path(), &["--no-proxy", "127.0.0.1"], &command);
    assert_eq!(ran.code, 0, "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(answer(folder.path())["written"], 0);
}

#[test]
fn a_command_is_told_to_end_when_plumb_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_plumb"))
        .args(["observe", "run", "--", "python3", "-c", PATIENT])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let process = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_command_that_a_signal_ends_answers_as_in_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    let ran = observed(folder.path(), &[], &["sh", "-c", "kill -KILL $$"]);
    assert_eq!(ran.code, 137);
}
