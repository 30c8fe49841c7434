//! Where this process listens, and what it shows to those who call.
//!
//! Refuses to know what is said on the connections.

use crate::failure::{Failure, outside, usage};
use crate::remote::small;
use plumb_tap::tls::{self, ServerTls};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

/// A listener, and the address it got.
pub(crate) fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listening = TcpListener::bind(address)
        .and_then(|listener| listener.local_addr().map(|address| (listener, address)));
    listening.map_err(|err| {
        let help = "name an address that is free with `--listen`";
        outside(format!("cannot listen on {address}: {err}"), Some(help))
    })
}

/// The certificate that callers are shown, if there is one.
pub(crate) fn shown(cert: Option<&Path>, key: Option<&Path>) -> Result<Option<ServerTls>, Failure> {
    let (Some(cert), Some(key)) = (cert, key) else { return Ok(None) };
    let shown = tls::server(&small(cert)?, &small(key)?);
    let help = "give the certificate with its chain, and the key that belongs to it, in PEM";
    shown.map(Some).map_err(|err| usage(err.to_string(), help))
}
