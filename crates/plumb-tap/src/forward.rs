//! One exchange: the client's request goes to the upstream, the upstream's response to the client.
//! It refuses to know how connections are made and kept.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode, Version};
use http_body_util::{Either, Full};
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use tokio::time::timeout;

use crate::captured::Ending;
use crate::connect::ConnectError;
use crate::copied::Copied;
use crate::hop;
use crate::idle::Activity;
use crate::lanes::{Age, Answered, Lanes, SendError};
use crate::options::Options;
use crate::recording::{self, Capture, Direction, Recording};
use crate::splice::Splice;
use crate::target::{self, Length};
use crate::upstream::Upstream;

/// What exchanges on one client's connection share.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) options: Options,
    pub(crate) capture: Arc<Capture>,
    pub(crate) lanes: Lanes,
    pub(crate) activity: Activity,
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
        return Ok(own_answer(StatusCode::NOT_IMPLEMENTED, "this tap makes no tunnels"));
    }
    let (mut parts, body) = request.into_parts();
    let recording = recording::begin(&client.capture, &parts);
    let target = target::take(&mut parts, &client.upstream, client.options.host);
    let length = if body.is_end_stream() || body.size_hint().exact().is_some() {
        Length::Known
    } else {
        Length::Open
    };
    let body = Copied::new(body, recording.clone(), Direction::Request);
    let mut request = Request::from_parts(parts, body);
    let upgrading = target.wishes.upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
    let sending = client.lanes.send(request, &target, length);
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
