//! Calls through TLS, by real programs that trust the authority of one run: looked at on their way,
//! and answered.

use crate::sandbox::{Ran, Run, root, run};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Asks as Python does by itself.
const ASKING: &str = "
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode())";

/// Answers through TLS, at a port that it tells.
const ORIGIN: &str = "
import http.server, ssl, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{\"state\": \"open\"}'
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Answer)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()";

fn plumb(folder: &Path, args: &[&str], trusted: Option<&Path>) -> Ran {
    let mut variables = vec![("PATH".to_owned(), std::env::var("PATH").unwrap())];
    let trusted = trusted.map(|path| path.to_str().unwrap().to_owned());
    variables.extend(trusted.map(|path| ("SSL_CERT_FILE".to_owned(), path)));
    run(&Run { folder, args, variables: &variables, stdin: b"" })
}

fn pki(name: &str) -> String {
    root().join("crates/plumb-tap/tests/it/pki").join(name).to_str().unwrap().to_owned()
}

/// A shop that has looked at its orders.
fn looked_at() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let traffic = root().join("examples/shop-python/traffic.ndjson");
    let ran = plumb(folder.path(), &["observe", "file", traffic.to_str().unwrap(), "-q"], None);
    assert_eq!(ran.code, 0, "{}", String::from_utf8_lossy(&ran.stderr));
    folder
}

/// A command whose calls are answered by what was seen.
fn today(folder: &Path, options: &[&str], command: &[&str]) -> (i32, String, String) {
    let run = ["run", "--against", "today", "--only", "200"];
    told(&plumb(folder, &[&run[..], options, &["--"], command].concat(), None))
}

fn told(ran: &Ran) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ran.code, text(&ran.stdout), text(&ran.stderr))
}

#[test]
fn calls_through_tls_are_answered_by_what_was_seen() {
    let folder = looked_at();
    let asking = ["python3", "-c", ASKING, "https://orders.internal/orders/7"];
    let (code, body, said) = today(folder.path(), &["--intercept-tls"], &asking);
    assert_eq!(code, 0, "{said}");
    assert!(body.starts_with("{\"customer\":{\"name\":"), "{body}");
    assert!(said.contains("1 request answered · 0 not"), "{said}");

    let curl = ["curl", "-sS", "-o", "body", "-w", "%{http_version} %{http_code}"];
    let curl = [&curl[..], &["https://orders.internal/orders/7"]].concat();
    let (code, what, said) = today(folder.path(), &["--intercept-tls"], &curl);
    assert_eq!((code, what.as_str()), (0, "2 200"), "{said}");

    let (code, _, said) = today(folder.path(), &[], &asking);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("`--intercept-tls`"), "{said}");
}

#[test]
fn whoever_does_not_trust_the_authority_is_told_of() {
    let folder = looked_at();
    let asking = ["env", "-u", "SSL_CERT_FILE", "python3", "-c", ASKING];
    let asking = [&asking[..], &["https://orders.internal/orders/7"]].concat();
    let (code, _, said) = today(folder.path(), &["--intercept-tls"], &asking);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("warning: 1 connection through TLS failed"), "{said}");
    assert!(said.contains("`PLUMB_CA_FILE`"), "{said}");
}

/// A server that ends with the test.
struct Origin(Child, u16);

impl Origin {
    fn start() -> Self {
        let mut command = Command::new("python3");
        command.args(["-c", ORIGIN, &pki("certificate.pem"), &pki("key.pem")]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap();
        Self(child, port)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn calls_through_tls_are_looked_at_and_get_what_they_ask_for() {
    let origin = Origin::start();
    let folder = tempfile::tempdir().unwrap();
    let address = format!("https://localhost:{}/orders/7", origin.1);
    let authority = pki("authority.pem");
    let observe = |options: &[&str]| {
        let args = [&["observe", "run"], options, &["--", "python3", "-c", ASKING, &address]];
        told(&plumb(folder.path(), &args.concat(), Some(Path::new(&authority))))
    };
    let (code, body, said) = observe(&[]);
    assert_eq!((code, body.trim()), (0, "{\"state\": \"open\"}"), "{said}");
    assert!(said.contains("0 exchanges"), "{said}");
    assert!(said.contains("1 connection went through TLS"), "{said}");

    let (code, body, said) = observe(&["--intercept-tls"]);
    assert_eq!((code, body.trim()), (0, "{\"state\": \"open\"}"), "{said}");
    assert!(said.contains("1 exchange ·"), "{said}");
    assert!(!said.contains("went through TLS"), "{said}");
    let shown = plumb(folder.path(), &["evidence", "show"], None);
    let (_, shown, _) = told(&shown);
    assert!(shown.contains("GET /orders/{}"), "{shown}");
    // Nobody is trusted that the system does not trust.
    let args = ["observe", "run", "--intercept-tls", "--", "python3", "-c", ASKING, &address];
    let (code, _, said) = told(&plumb(folder.path(), &args, None));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("502"), "{said}");
}
