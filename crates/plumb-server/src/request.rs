//! What the handlers of requests share. Refuses to know any route.

use crate::answer::{Refusal, refusal};
use axum::http::StatusCode;
use serde::Deserialize;

/// The project that a request on the same machine is about.
#[derive(Debug, Deserialize)]
pub(crate) struct InProject {
    pub(crate) project: Option<String>,
}

/// Does work that waits for a disk, where that holds up nobody.
pub(crate) async fn joined<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        let help = "please report it";
        Err(refusal(StatusCode::INTERNAL_SERVER_ERROR, "a bug in the server", help))
    })
}
