//! What it takes to be called: an address, and a certificate to show.
//!
//! Refuses to know who calls.

use crate::failure::{Failure, outside, usage};
use plumb_engine::files;
use plumb_tap::tls::{self, ServerTls};
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

/// A PEM file is a few kilobytes, a token less; a file with every authority of a system half a
/// megabyte.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A listener, and the address it came to have. The flag is the one that names another.
pub(crate) fn listen(
    address: SocketAddr,
    flag: &str,
) -> Result<(TcpListener, SocketAddr), Failure> {
    let listening = TcpListener::bind(address)
        .and_then(|listener| listener.local_addr().map(|address| (listener, address)));
    listening.map_err(|err| {
        let help = format!("name an address that is free with `{flag}`");
        outside(format!("cannot listen on {address}: {err}"), Some(&help))
    })
}

/// A listener on any free port, for this machine alone.
pub(crate) fn listen_anywhere() -> Result<(TcpListener, SocketAddr), Failure> {
    listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), "--listen")
}

/// What is shown to callers, if there is a certificate and its key.
pub(crate) fn certificate(
    cert: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<ServerTls>, Failure> {
    let (Some(cert), Some(key)) = (cert, key) else { return Ok(None) };
    let shown = tls::server(&small_file(cert)?, &small_file(key)?);
    let help = "give the certificate with its chain, and the key that belongs to it, in PEM";
    shown.map(Some).map_err(|err| usage(err.to_string(), help))
}

/// The bytes of a certificate, a key or a token.
pub(crate) fn small_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = files::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes);
    read.map_err(|err| outside(format!("cannot read `{}`: {err}", path.display()), None))?;
    Ok(bytes)
}
