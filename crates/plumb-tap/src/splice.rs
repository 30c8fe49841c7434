//! Two connections that left HTTP, joined: what one says the other hears. It refuses to know what
//! they say.

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

use crate::opening::Way;

/// Two connections that are about to leave HTTP.
#[derive(Debug)]
pub(crate) struct Splice {
    pub(crate) client: OnUpgrade,
    pub(crate) upstream: Far,
}

/// The upstream's end.
#[derive(Debug)]
pub(crate) enum Far {
    /// A connection that leaves HTTP too.
    Upgrade(OnUpgrade),
    /// One that never spoke it, as far as the tap knows.
    Stream(TcpStream),
    /// None yet: the tap speaks TLS with the client itself, and looks inside.
    Inside(Way),
}

/// Carries bytes both ways until both sides have ended, or one broke.
pub(crate) async fn join(splice: Splice) {
    let Ok(client) = splice.client.await else { return };
    let mut client = TokioIo::new(client);
    // There is nobody to tell how it ended: both sides see it themselves.
    match splice.upstream {
        // Nobody to be joined with.
        Far::Inside(_) => {}
        Far::Upgrade(upstream) => {
            let Ok(upstream) = upstream.await else { return };
            drop(copy_bidirectional(&mut client, &mut TokioIo::new(upstream)).await);
        }
        Far::Stream(mut upstream) => drop(copy_bidirectional(&mut client, &mut upstream).await),
    }
}
