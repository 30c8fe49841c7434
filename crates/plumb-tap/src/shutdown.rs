//! Telling the tap to close. It refuses to know who tells it, and why.

use tokio::sync::watch;

/// Tells the tap to close. Dropping it tells nothing: the tap then never closes by itself.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Sender<bool>);

/// Hears when the tap is to close.
#[derive(Debug, Clone)]
pub struct Closing(watch::Receiver<bool>);

/// The two ends of one message.
#[must_use]
pub fn shutdown() -> (Shutdown, Closing) {
    let (sender, receiver) = watch::channel(false);
    (Shutdown(sender), Closing(receiver))
}

impl Shutdown {
    /// Tells the tap to take no more connections, and to let exchanges finish. May be called from
    /// any thread, and more than once.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }
}

impl Closing {
    /// Waits until the tap is to close.
    pub async fn begun(&mut self) {
        if self.0.wait_for(|closing| *closing).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
