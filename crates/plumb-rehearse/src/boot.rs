//! Starts the old program on the migrated copy, and sees whether it stays up.
//!
//! Refuses to know what it does.

use crate::clock::started;
use crate::host::Host;
use crate::private_server::USER;
use crate::report::Boot;
use crate::trouble::Trouble;
use crate::watched::end_group;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often to look whether it ended.
const LOOK: Duration = Duration::from_millis(20);

/// Runs a command of the shell with the address of the copy in `DATABASE_URL`.
pub(crate) fn boot(
    host: &Host,
    database: &str,
    command: &str,
    wait: Duration,
) -> Result<Boot, Trouble> {
    let failed = |error: io::Error| Trouble::Program { program: "sh", why: error.to_string() };
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
    shell.stderr(Stdio::null());
    address(&mut shell, host, database);
    let begun = started();
    let mut child = shell.spawn().map_err(failed)?;
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            let (starts, code) = (status.success(), status.code());
            return Ok(Boot { starts, code, watched_us: begun.micros() });
        }
        if begun.ago() >= wait {
            end(&mut child);
            return Ok(Boot { starts: true, code: None, watched_us: begun.micros() });
        }
        std::thread::sleep(LOOK);
    }
}

fn address(shell: &mut Command, host: &Host, database: &str) {
    if let Some(private) = host.private() {
        let folder = private.folder().display().to_string();
        let encoded = folder.replace('/', "%2F");
        shell.env("DATABASE_URL", format!("postgresql://{USER}@{encoded}/{database}"));
        shell.env("PGHOST", folder).env("PGUSER", USER).env("PGDATABASE", database);
        return;
    }
    let config = host.lines().config();
    let user = config.get_user().unwrap_or_default();
    let password = config.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let name = match config.get_hosts().first() {
        Some(tokio_postgres::config::Host::Tcp(name)) => name.clone(),
        Some(tokio_postgres::config::Host::Unix(folder)) => {
            folder.display().to_string().replace('/', "%2F")
        }
        None => "localhost".to_owned(),
    };
    let secret = password.map(|password| format!(":{}", encoded(&password))).unwrap_or_default();
    let url = format!("postgresql://{}{secret}@{name}:{port}/{database}", encoded(user));
    shell.env("DATABASE_URL", url).env("PGDATABASE", database);
}

/// The text with every byte but letters and digits as a `%` code.
fn encoded(text: &str) -> String {
    let code = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(code).collect()
}

/// Ends it with all that it started.
fn end(child: &mut Child) {
    end_group(child);
    drop(child.kill());
    drop(child.wait());
}
