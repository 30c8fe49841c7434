//! A server that believes an identity provider, a real one: pipelines show who they are, and people
//! log in there.

use crate::daemon::Daemon;
use crate::pages::browser::{drive_in, packages};
use crate::sandbox::{Run, root, run};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The provider, until the test ends.
struct Provider {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    issuer: String,
}

impl Provider {
    fn start() -> Self {
        let mut child = Command::new("node")
            .arg(root().join("crates/plumb/tests/it/identity_provider.mjs"))
            .env("PLUMB_BROWSER_PACKAGES", packages())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut provider = Self { child, stdin, stdout, issuer: String::new() };
        provider.issuer = provider.line();
        provider
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Lets people log in for a server at this address; gives the token of a pipeline.
    fn begin(&mut self, server: &str) -> String {
        writeln!(self.stdin, "{server}/login/oidc/return").unwrap();
        self.line()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn said(folder: &Path, args: &[&str], token: &str) -> (i32, String) {
    let variables = [("PLUMB_TOKEN".to_owned(), token.to_owned())];
    let ran = run(&Run { folder, args, variables: &variables, stdin: b"" });
    (ran.code, String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned())
}

fn trust(issuer: &str, repository: &str) -> String {
    format!(
        "[[trust]]\nissuer = \"{issuer}\"\naudience = \"https://plumb.test\"\n\
         allow = [\"read\", \"release\"]\nenvironment = \"staging\"\n\
         claims = {{ repository = \"{repository}\" }}\n"
    )
}

#[test]
fn a_pipeline_shows_who_it_is() {
    let mut provider = Provider::start();
    let token = provider.begin("https://plumb.test");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("oidc.toml"), trust(&provider.issuer, "acme/shop")).unwrap();
    let daemon = Daemon::start(folder.path(), &["--tokens", "--oidc", "oidc.toml"]);
    let line = format!("authorization: Bearer {token}");
    let check = |method: &str, path: &str, body: &str, status: u16| {
        let answer = daemon.ask(method, path, &[&line], body);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    };
    check("GET", "/api/v1/evidence", "", 200);
    check("GET", "/api/v1/evidence?environment=production", "", 403);
    check("POST", "/api/v1/deltas", "", 403);
    let release = "{\"component\":\"orders\",\"version\":\"7\",\"environment\":\"staging\"}";
    check("POST", "/api/v1/releases", release, 200);
    // The gate shows it like any other token.
    let url = daemon.url();
    let gap = ["gap", "--server", &url, "--env", "staging"];
    assert_eq!(said(folder.path(), &gap, &token).0, 3);
    let (signed, mark) = token.rsplit_once('.').unwrap();
    let other = if mark.starts_with('A') { 'B' } else { 'A' };
    let broken = format!("{signed}.{other}{}", &mark[1..]);
    let (code, told) = said(folder.path(), &gap, &broken);
    assert!(code == 4 && told.contains("its signature is wrong"), "{code} {told}");
    assert!(!told.contains(mark), "{told}");
    let (_, audit) = said(folder.path(), &["audit", "ls"], "");
    let name = format!("pipeline at {}", provider.issuer.trim_start_matches("http://"));
    assert!(audit.contains(&name) && audit.contains("orders 7 staging"), "{audit}");
}

#[test]
fn a_pipeline_of_others_is_turned_away() {
    let mut provider = Provider::start();
    let token = provider.begin("https://plumb.test");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("oidc.toml"), trust(&provider.issuer, "acme/other")).unwrap();
    let daemon = Daemon::start(folder.path(), &["--tokens", "--oidc", "oidc.toml"]);
    let answer = daemon.ask("GET", "/api/v1/gap", &[&format!("authorization: Bearer {token}")], "");
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("nothing it says is trusted"), "{}", answer.body);
}

#[test]
fn people_log_in_where_they_are_known() {
    let mut provider = Provider::start();
    let folder = tempfile::tempdir().unwrap();
    let settings = |address: &str| {
        let login = format!(
            "[login]\nissuer = \"{}\"\nclient_id = \"plumb\"\nclient_secret_file = \"secret\"\n\
             address = \"{address}\"\nscope = \"openid team\"\nallow = [\"read\"]\n\
             claims = {{ team = [\"platform\", \"operations\"] }}\n",
            provider.issuer
        );
        fs::write(folder.path().join("oidc.toml"), login).unwrap();
    };
    fs::write(folder.path().join("secret"), "a secret: & more\n").unwrap();
    settings("https://localhost:1");
    let pki = root().join("crates/plumb-tap/tests/it/pki");
    let file = |name: &str| pki.join(name).to_str().unwrap().to_owned();
    let (cert, key) = (file("certificate.pem"), file("key.pem"));
    let door = ["--tokens", "--cert", &cert, "--key", &key, "--oidc", "oidc.toml"];
    let mut daemon = Daemon::start(folder.path(), &door);
    // Only now it is known where it is.
    let address = format!("https://localhost:{}", daemon.address.port());
    daemon.kill();
    settings(&address);
    daemon.start_again();
    provider.begin(&address);
    drive_in(folder.path(), "elsewhere.mjs", &[&address, &provider.issuer]);
    let (_, audit) = said(folder.path(), &["audit", "ls"], "");
    assert!(audit.contains("ann at ") && audit.contains("logged-in"), "{audit}");
    assert!(!audit.contains("bob at "), "{audit}");
}
