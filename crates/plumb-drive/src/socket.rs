//! One command and its answer, over a socket of a router's.
//!
//! Refuses to know any command.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;

/// Where a router listens for commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A socket in the file system.
    Socket(PathBuf),
    /// A port: `127.0.0.1:9999`.
    Port(String),
}

/// Bytes of an answer: a backend of a thousand servers of HAProxy tells a third of it.
const ANSWER_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// How long a connection, and each read or write on it, may take.
const WAIT: Duration = Duration::from_secs(5);

/// Sends a command, and reads until the router closes the connection, as it does after one.
pub(crate) fn ask(at: &At, command: &str) -> io::Result<String> {
    match at {
        At::Port(address) => {
            let nowhere = || io::Error::other("its address is none");
            let address = address.to_socket_addrs()?.next().ok_or_else(nowhere)?;
            let stream = TcpStream::connect_timeout(&address, WAIT)?;
            stream.set_read_timeout(Some(WAIT))?;
            stream.set_write_timeout(Some(WAIT))?;
            spoken(stream, command)
        }
        #[cfg(unix)]
        At::Socket(path) => {
            let stream = std::os::unix::net::UnixStream::connect(path)?;
            stream.set_read_timeout(Some(WAIT))?;
            stream.set_write_timeout(Some(WAIT))?;
            spoken(stream, command)
        }
        #[cfg(not(unix))]
        At::Socket(_) => Err(io::Error::other("a socket in the file system needs Unix")),
    }
}

fn spoken(mut stream: impl Read + Write, command: &str) -> io::Result<String> {
    stream.write_all(format!("{command}\n").as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > ANSWER_BYTES_MAX {
        return Err(io::Error::other(format!("it says more than {ANSWER_BYTES_MAX} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it says what is no text"))
}
