//! Telling a tap to end. It refuses to know who tells it, and why.

use tokio::sync::watch;

/// Tells the tap to end. Dropping it tells nothing.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Sender<bool>);

/// Hears when the tap is to end.
#[derive(Debug, Clone)]
pub struct Closing(watch::Receiver<bool>);

/// The two ends of one message.
#[must_use]
pub fn shutdown() -> (Shutdown, Closing) {
    let (sender, receiver) = watch::channel(false);
    (Shutdown(sender), Closing(receiver))
}

impl Shutdown {
    /// Tells the tap to take no more messages. May be called from any thread, and more than once.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }
}

impl Closing {
    /// Whether the tap is to end.
    pub(crate) fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the tap is to end.
    pub(crate) async fn begun(&self) {
        if self.0.clone().wait_for(|closing| *closing).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
