//! Two connections that left HTTP, joined: what one says the other hears. It refuses to know what
//! they say.

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

/// Two connections that are about to leave HTTP.
#[derive(Debug)]
pub(crate) struct Splice {
    pub(crate) client: OnUpgrade,
    pub(crate) upstream: OnUpgrade,
}

/// Carries bytes both ways until both sides have ended, or one broke.
pub(crate) async fn join(splice: Splice) {
    let (Ok(client), Ok(upstream)) = (splice.client.await, splice.upstream.await) else { return };
    let (mut client, mut upstream) = (TokioIo::new(client), TokioIo::new(upstream));
    // There is nobody to tell how it ended: both sides see it themselves.
    drop(copy_bidirectional(&mut client, &mut upstream).await);
}
