//! Answers that break off. Refuses to know what they are and why they do.

use axum::body::{Body, Bytes};
use http_body_util::channel::Channel;
use hyper::body::Frame;
use std::io;

/// A body that breaks off in the middle, and with it the connection, or the stream on one.
pub(crate) fn cut(whole: Bytes) -> Body {
    let (mut sender, body) = Channel::<Bytes, io::Error>::new(1);
    let half = whole.slice(..whole.len() / 2);
    // There is room for one piece.
    sender.try_send(Frame::data(half)).ok();
    sender.abort(io::Error::other("cut off"));
    Body::new(body)
}
