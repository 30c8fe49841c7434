//! One exchange: the client's request goes to the upstream, the upstream's response to the client.
//! It refuses to know how connections are made and kept.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode, Version};
use http_body_util::{Either, Full};
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use tokio::time::timeout;

use crate::connect::ConnectError;
use crate::copied::Copied;
use crate::hop;
use crate::idle::Activity;
use crate::lanes::{Age, Answered, SendError};
use crate::options::Options;
use crate::record::Ending;
use crate::recording::{self, Capture, Direction, Recording};
use crate::routes::{RouteError, Routes};
use crate::splice::{Far, Splice};
use crate::target::{self, Length};

/// What exchanges on one client's connection share.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) options: Options,
    pub(crate) capture: Arc<Capture>,
    pub(crate) routes: Routes,
    pub(crate) activity: Arc<Activity>,
    /// The other protocol this connection goes over to.
    pub(crate) splice: Mutex<Option<Splice>>,
}

/// A response: the upstream's, or the tap's own.
pub(crate) type Answer = Response<Either<Copied, Full<Bytes>>>;

/// The connection to the client is broken off, as the upstream broke off.
#[derive(Debug, thiserror::Error)]
#[error("the upstream broke off")]
pub(crate) struct BrokenOff;

/// Carries one exchange.
///
/// # Errors
/// [`BrokenOff`] if the upstream closed a connection that had been in use, with the request on its
/// way. Clients meet this without a tap too, and know best whether to send again.
pub(crate) async fn forward(
    client: Arc<Client>,
    request: Request<Incoming>,
) -> Result<Answer, BrokenOff> {
    let under_way = client.activity.begin();
    if request.method() == Method::CONNECT {
        return Ok(tunnel(&client, request).await);
    }
    let (mut parts, body) = request.into_parts();
    let route = match client.routes.toward(&parts.uri, &mut parts.headers) {
        Ok(route) => route,
        Err(error) => return Ok(astray(error)),
    };
    let recording = recording::begin(&client.capture, &parts, route.version.as_ref());
    let target = target::take(&mut parts, &route.upstream, client.options.host);
    let length = if body.is_end_stream() || body.size_hint().exact().is_some() {
        Length::Known
    } else {
        Length::Open
    };
    let body = Copied::new(body, recording.clone(), Direction::Request);
    let mut request = Request::from_parts(parts, body);
    let upgrading = target.wishes.upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
    // Kept in its place: it holds the request, and a limit around it would move both.
    let sending = pin!(route.lanes.send(request, &target, length));
    let sent = timeout(client.options.answer, sending).await.unwrap_or(Err(SendError::TimedOut));
    let Answered { mut response, hold } = match sent {
        Ok(answered) => answered,
        Err(error) => return failure(&error, recording.as_deref()),
    };
    // Between tap and client it is the tap's version that counts.
    *response.version_mut() = Version::HTTP_11;
    if let Some(recording) = &recording {
        recording.answered(response.status(), response.headers());
    }
    match response.status() {
        StatusCode::SWITCHING_PROTOCOLS => {
            if let Some(recording) = &recording {
                recording.became_other();
            }
            let upstream = hyper::upgrade::on(&mut response);
            let upstream = Far::Upgrade(upstream);
            client.goes_over(upgrading.map(|client| Splice { client, upstream }));
            hop::strip_but_upgrade(response.headers_mut());
        }
        StatusCode::UPGRADE_REQUIRED => hop::strip_but_upgrade(response.headers_mut()),
        _ => hop::strip(response.headers_mut()),
    }
    Ok(response.map(|body| {
        let mut body = Copied::new(body, recording, Direction::Response);
        body.holds = [Some(under_way), hold];
        Either::Left(body)
    }))
}

impl Client {
    /// The other protocol the connection went over to, if it did.
    pub(crate) fn splice(&self) -> Option<Splice> {
        self.splice.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn goes_over(&self, splice: Option<Splice>) {
        *self.splice.lock().unwrap_or_else(PoisonError::into_inner) = splice;
    }
}

/// Joins the client with what `CONNECT` names. Nothing of it is recorded, unless the tap is to look
/// inside.
async fn tunnel(client: &Client, mut request: Request<Incoming>) -> Answer {
    if let Some(way) = client.routes.inside(request.uri()) {
        let upstream = Far::Inside(way);
        let client_side = hyper::upgrade::on(&mut request);
        client.goes_over(Some(Splice { client: client_side, upstream }));
        return Response::new(Either::Right(Full::default()));
    }
    match client.routes.tunnel(request.uri()).await {
        Err(error) => astray(error),
        Ok(Err(ConnectError::TimedOut)) => {
            own_answer(StatusCode::GATEWAY_TIMEOUT, "the host took too long to connect")
        }
        Ok(Err(_)) => own_answer(StatusCode::BAD_GATEWAY, "the host cannot be reached"),
        Ok(Ok(stream)) => {
            let upstream = Far::Stream(stream);
            let client_side = hyper::upgrade::on(&mut request);
            client.goes_over(Some(Splice { client: client_side, upstream }));
            Response::new(Either::Right(Full::default()))
        }
    }
}

/// What the client gets where there is no way.
fn astray(error: RouteError) -> Answer {
    let status = match error {
        RouteError::NoTunnels => StatusCode::NOT_IMPLEMENTED,
        RouteError::NoHost | RouteError::Address | RouteError::Tls => StatusCode::BAD_REQUEST,
    };
    own_answer(status, &error.to_string())
}

/// What the client gets for no response.
fn failure(error: &SendError, recording: Option<&Recording>) -> Result<Answer, BrokenOff> {
    const LATE: (Ending, StatusCode) = (Ending::TimedOut, StatusCode::GATEWAY_TIMEOUT);
    const FAILED: (Ending, StatusCode) = (Ending::UpstreamFailed, StatusCode::BAD_GATEWAY);
    let ((ending, status), why) = match error {
        SendError::TimedOut => (LATE, "the upstream took too long to answer"),
        SendError::Connect(ConnectError::TimedOut) => {
            (LATE, "the upstream took too long to connect")
        }
        SendError::Connect(_) => (FAILED, "the upstream cannot be reached"),
        SendError::BrokeOff(..) => (FAILED, "the upstream broke off"),
    };
    if let Some(recording) = recording {
        recording.ended(ending);
    }
    match error {
        SendError::BrokeOff(_, Age::Used) => Err(BrokenOff),
        _ => Ok(own_answer(status, why)),
    }
}

/// An answer in the upstream's stead, which says so.
fn own_answer(status: StatusCode, why: &str) -> Answer {
    let mut answer = Response::new(Either::Right(Full::new(format!("plumb tap: {why}\n").into())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    answer
}
