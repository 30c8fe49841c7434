//! Holds a payload back until the upstream asks for it, for clients that wait to be asked
//! (`expect: 100-continue`). It refuses to know the payload.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Request;
use http::header::EXPECT;
use hyper::ext::on_informational;
use tokio::sync::mpsc;
use tokio::time::{Sleep, sleep};

/// How long the upstream may take to ask. Clients do not wait longer either: old servers never ask.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens when the upstream asks for the payload, or when patience ends.
#[derive(Debug)]
pub(crate) struct Gate {
    asked: mpsc::Receiver<()>,
    late: Pin<Box<Sleep>>,
}

/// A gate for a request whose client waits to be asked, if it does.
pub(crate) fn gate<B>(request: &mut Request<B>) -> Option<Gate> {
    if !request.headers().contains_key(EXPECT) {
        return None;
    }
    let (ask, asked) = mpsc::channel(1);
    on_informational(request, move |response| {
        if response.status() == http::StatusCode::CONTINUE {
            // Asked twice is asked once.
            ask.try_send(()).ok();
        }
    });
    Some(Gate { asked, late: Box::pin(sleep(PATIENCE)) })
}

impl Gate {
    pub(crate) fn poll_open(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self.asked.poll_recv(context) {
            Poll::Ready(Some(())) => Poll::Ready(()),
            // The response is there, so nobody will ask; going on now would ask in its stead.
            Poll::Ready(None) | Poll::Pending => self.late.as_mut().poll(context),
        }
    }
}
