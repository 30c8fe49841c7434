//! The daemon as a process of its own, which can be killed and started again at the same address.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

/// A daemon that runs.
pub(crate) struct Daemon {
    child: Child,
    command: &'static str,
    folder: PathBuf,
    arguments: Vec<String>,
    pub(crate) address: SocketAddr,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Daemon {
    /// Starts one on a free port.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_as("serve", folder, arguments)
    }

    /// Starts another command that listens, on a free port.
    pub(crate) fn start_as(command: &'static str, folder: &Path, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let (child, address) = spawn(command, folder, "127.0.0.1:0", &arguments);
        Self { child, command, folder: folder.to_owned(), arguments, address }
    }

    /// Starts one that was killed where it was.
    pub(crate) fn start_again(&mut self) {
        let listen = self.address.to_string();
        (self.child, _) = spawn(self.command, &self.folder, &listen, &self.arguments);
    }

    /// Kills it without warning.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a request with these further lines in its head.
    pub(crate) fn ask(&self, method: &str, path: &str, lines: &[&str], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nhost: {}\r\nconnection: close\r\n{lines}\
             content-length: {length}\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have been killed already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(command: &str, folder: &Path, listen: &str, arguments: &[String]) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_plumb"))
        .args(command.split(' ').chain(["--listen", listen]))
        .args(arguments)
        .current_dir(folder)
        .env_remove("PLUMB_SERVER")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let address = line.split("://").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    let address = address.unwrap_or_else(|| panic!("{line}"));
    // What it complains of must not fill the pipe.
    thread::spawn(move || io::copy(&mut stderr, &mut io::sink()));
    (child, address)
}
