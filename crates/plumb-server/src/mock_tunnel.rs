//! A tunnel from a caller to one of a mock's own addresses. Refuses to know what passes in it, and
//! to lead anywhere else.

use axum::body::Body;
use axum::http::{Request, Response};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

/// Agrees to what was asked with `CONNECT`, and joins the caller with the address.
pub(crate) fn tunnel(request: Request<Body>, address: SocketAddr) -> Response<Body> {
    tokio::spawn(async move {
        let Ok(caller) = hyper::upgrade::on(request).await else { return };
        let Ok(mut own) = TcpStream::connect(address).await else { return };
        // Both sides see themselves how it ended.
        drop(copy_bidirectional(&mut TokioIo::new(caller), &mut own).await);
    });
    Response::new(Body::empty())
}
