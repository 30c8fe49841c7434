//! A daemon's door: what is shown to whoever calls, and who may come in.
//!
//! Refuses to know what is done inside.

use crate::failure::Failure;
use crate::listening;
use crate::server_arguments::DoorArguments;
use plumb_server::access::Access;
use plumb_tap::tls::ServerTls;
use std::net::SocketAddr;

/// What is shown, if there is a certificate and its key.
pub(crate) fn certificate(door: &DoorArguments) -> Result<Option<ServerTls>, Failure> {
    listening::certificate(door.cert.as_deref(), door.key.as_deref())
}

/// Who may come in at an address.
pub(crate) const fn access(door: &DoorArguments, address: SocketAddr) -> Access {
    let is_open = address.ip().is_loopback() && !door.tokens;
    if is_open { Access::Loopback } else { Access::Tokens }
}

/// Who may come in, for people.
pub(crate) const fn who(access: Access) -> &'static str {
    match access {
        Access::Loopback => "whoever is on this machine",
        Access::Tokens => "tokens",
    }
}
