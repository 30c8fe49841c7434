//! What it takes to look into a tunnel: TLS is spoken with the client in the host's name, and with
//! the host as any client would. It refuses to know why the client trusts it, and what passes.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use http::uri::Authority;

use crate::issuer::Issuer;
use crate::recording::Capture;
use crate::speech::Server;
use crate::tls::ClientTls;

/// What it takes to look into TLS.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Whom clients trust.
    pub issuer: Arc<Issuer>,
    /// Whom the tap trusts in their stead.
    pub trust: ClientTls,
}

/// What all tunnels that are looked into share.
#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) opening: Opening,
    /// Tunnels in which no TLS began, so that what passed there was not seen.
    pub(crate) tunnels: Arc<AtomicU64>,
    /// With the scheme that is spoken inside.
    pub(crate) capture: Arc<Capture>,
    /// In either protocol, as the client likes.
    pub(crate) server: Server,
}

/// The way to a host that the tap looks at.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) inside: Arc<Inside>,
    pub(crate) authority: Authority,
    pub(crate) port: u16,
}
