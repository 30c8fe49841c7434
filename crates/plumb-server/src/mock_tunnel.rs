//! A tunnel from a caller to one of a mock's own addresses, or into the mock itself, which then
//! speaks TLS in the name of the host that was asked for. Leads nowhere else, and refuses to know
//! what passes in it.

use crate::listen::{HEAD_WAIT, converse};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper_util::rt::TokioIo;
use plumb_tap::issuer::Issuer;
use plumb_tap::peeked::peeked;
use plumb_tap::shutdown::Closing;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::time::timeout;

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

/// Agrees to what was asked with `CONNECT`, and answers by these routes what is asked inside: with
/// TLS, as the host, or without.
pub(crate) fn inside(
    request: Request<Body>,
    (issuer, host): (Arc<Issuer>, String),
    routes: Router,
    closing: Closing,
) -> Response<Body> {
    tokio::spawn(async move {
        let Ok(caller) = hyper::upgrade::on(request).await else { return };
        let looked = timeout(HEAD_WAIT, peeked(TokioIo::new(caller))).await;
        let Ok(Ok((stream, is_tls))) = looked else { return };
        if !is_tls {
            return converse(stream, routes, closing).await;
        }
        if let Some(stream) = issuer.speak(&host, stream, HEAD_WAIT).await {
            converse(stream, routes, closing).await;
        }
    });
    Response::new(Body::empty())
}
