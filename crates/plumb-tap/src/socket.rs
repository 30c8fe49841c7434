//! What every socket of the tap is told, on both sides. It refuses to know whose it is.

use std::io;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::options::ALIVE;

/// Lets bytes go out as they come, and finds out when the peer has vanished.
///
/// # Errors
/// The connection is no longer there.
pub(crate) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(ALIVE))
}
