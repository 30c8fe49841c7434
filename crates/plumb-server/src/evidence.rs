//! `GET /api/v1/evidence` gives a bundle, `GET /api/v1/gap` what came of judging it. Refuses to
//! judge.

use crate::answer::{Refusal, refusal};
use crate::daemon::Daemon;
use crate::project::failed;
use crate::request::joined;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use http_body_util::channel::{Channel, Sender};
use plumb_engine::tokens::Right;
use plumb_engine::{bundle, shelf};
use plumb_store::store::Filter;
use serde::Deserialize;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Bytes that go out at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Chunks that wait for a slow reader; beyond, reading the store waits as well.
const CHUNKS_WAITING_MAX: usize = 16;

/// Which evidence is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    project: Option<String>,
    environment: Option<String>,
    /// Days since 1970-01-01.
    since_day: Option<i32>,
    writer: Option<String>,
}

pub(crate) async fn evidence(
    State(daemon): State<Arc<Daemon>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (caller, project) = daemon.admit(&headers, Right::Read, asked.project).await?;
    let environment = asked.environment.or(caller.environment.clone());
    caller.may_in(environment.as_deref().unwrap_or_default())?;
    let location = project.location.clone();
    // A connection of its own: whoever reads for long keeps nobody from writing.
    let opened = joined(move || shelf::open(&location).map_err(|err| failed(&err))).await?;
    let filter =
        Filter { since_day: asked.since_day, writer: asked.writer, operation: None, environment };
    let (sender, body) = Channel::new(CHUNKS_WAITING_MAX);
    let chunks = Chunks { sender: Some(sender), handle: Handle::current() };
    tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(CHUNK_BYTES, chunks);
        if let Err(err) = bundle::export(&opened, &filter, &mut out) {
            // Half a bundle must not look like a whole one.
            let (chunks, _) = out.into_parts();
            chunks.abort(io::Error::other(err));
        }
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::new(body)).into_response())
}

/// The way from the thread that reads the store to the connection.
struct Chunks {
    sender: Option<Sender<Bytes, io::Error>>,
    handle: Handle,
}

impl Chunks {
    fn abort(mut self, err: io::Error) {
        if let Some(sender) = self.sender.take() {
            sender.abort(err);
        }
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let sender = self.sender.as_mut().ok_or_else(gone)?;
        let chunk = Bytes::copy_from_slice(bytes);
        self.handle.block_on(sender.send_data(chunk)).map_err(|_| gone())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) async fn gap(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    daemon.admit(&headers, Right::Read, None).await?;
    let standing = daemon.standing().ok_or_else(|| {
        refusal(
            StatusCode::NOT_FOUND,
            "nothing was judged yet",
            "start the server in a folder that holds mocks or specifications",
        )
    })?;
    Ok(([(CONTENT_TYPE, "application/json")], standing.document.clone()).into_response())
}
