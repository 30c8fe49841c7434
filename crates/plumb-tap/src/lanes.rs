//! The upstream connections of one client's connection. They are never shared between clients, so
//! whatever an upstream ties to a connection stays with the client it was meant for. It refuses to
//! know what passes on them.

use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::{Request, Response};

use crate::connect::{ConnectError, Sender, connect};
use crate::copied::Copied;
use crate::gate::gate;
use crate::options::Options;
use crate::target::{self, Length, Target};
use crate::upstream::{Protocol, Upstream};

/// Connections tried for one request, as long as nothing of it was sent. More than one fails only
/// if the upstream closes connections faster than it takes requests.
const ATTEMPTS_MAX: usize = 3;

/// The upstream connections of one client's connection.
#[derive(Debug)]
pub(crate) struct Lanes {
    upstream: Arc<Upstream>,
    options: Options,
    /// Connections that carry one exchange at a time, also those that just do.
    lanes: Mutex<Vec<Lane>>,
    spoken: tokio::sync::Mutex<Spoken>,
}

/// A connection that carries one exchange at a time.
#[derive(Debug)]
struct Lane {
    sender: http1::SendRequest<Copied>,
    /// Held by both payloads of the exchange under way.
    users: Arc<()>,
}

/// What the upstream turned out to speak.
#[derive(Debug)]
enum Spoken {
    Unknown,
    Http1,
    Http2(http2::SendRequest<Copied>),
}

/// What a request is sent on.
#[derive(Debug)]
enum Way {
    Lane(Lane, Age),
    Stream(http2::SendRequest<Copied>),
}

/// Whether a connection carried an exchange before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    New,
    Used,
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("the upstream took too long to answer")]
    TimedOut,
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("the upstream broke off: {0}")]
    BrokeOff(hyper::Error, Age),
}

/// A response, and what counts as in use until it has passed.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) response: Response<Incoming>,
    pub(crate) hold: Option<Arc<()>>,
}

type Tried = Result<Answered, (TrySendError<Request<Copied>>, Age)>;

impl Lanes {
    pub(crate) fn new(upstream: Arc<Upstream>, options: Options) -> Self {
        let spoken = tokio::sync::Mutex::new(Spoken::Unknown);
        Self { upstream, options, lanes: Mutex::default(), spoken }
    }

    /// Sends a request. If a connection turns out closed before anything was sent, the next one is
    /// taken; once something was sent, it is not sent again.
    ///
    /// # Errors
    /// [`SendError`].
    pub(crate) async fn send(
        &self,
        request: Request<Copied>,
        target: &Target,
        length: Length,
    ) -> Result<Answered, SendError> {
        let mut request = request;
        let mut attempt = 1;
        loop {
            let tried = match self.way(target).await? {
                Way::Lane(lane, age) => self.send_http1(lane, age, request, target, length).await,
                Way::Stream(sender) => send_http2(sender, request, target).await,
            };
            let (mut error, age) = match tried {
                Ok(answered) => return Ok(answered),
                Err(error) => error,
            };
            match error.take_message() {
                Some(unsent) if attempt < ATTEMPTS_MAX => request = unsent,
                _ => return Err(SendError::BrokeOff(error.into_error(), age)),
            }
            attempt += 1;
        }
    }

    async fn send_http1(
        &self,
        mut lane: Lane,
        age: Age,
        mut request: Request<Copied>,
        target: &Target,
        length: Length,
    ) -> Tried {
        target::write_http1(target, length, &mut request);
        let gate = gate(&mut request);
        let body = request.body_mut();
        (body.gate, body.holds[0]) = (gate, Some(Arc::clone(&lane.users)));
        let response = lane.sender.try_send_request(request).await.map_err(|error| (error, age))?;
        let hold = Some(Arc::clone(&lane.users));
        if !lane.sender.is_closed() {
            self.lanes().push(lane);
        }
        Ok(Answered { response, hold })
    }

    async fn way(&self, target: &Target) -> Result<Way, ConnectError> {
        if let Some(lane) = self.rested().await {
            return Ok(Way::Lane(lane, Age::Used));
        }
        let protocol = self.upstream.protocol;
        if target.wishes.upgrade.is_some() && protocol != Protocol::Http2 {
            return self.connected(Protocol::Http1).await;
        }
        // INVARIANT: held while connecting, so that streams wait for one connection and share it.
        let mut spoken = self.spoken.lock().await;
        match &*spoken {
            Spoken::Http1 => {
                drop(spoken);
                return self.connected(Protocol::Http1).await;
            }
            Spoken::Http2(sender) if !sender.is_closed() => return Ok(Way::Stream(sender.clone())),
            Spoken::Http2(_) | Spoken::Unknown => {}
        }
        let way = self.connected(protocol).await?;
        *spoken = match &way {
            Way::Lane(..) => Spoken::Http1,
            Way::Stream(sender) => Spoken::Http2(sender.clone()),
        };
        Ok(way)
    }

    async fn connected(&self, protocol: Protocol) -> Result<Way, ConnectError> {
        // On the heap: what it takes to connect is large, and would be moved with every request,
        // most of which find a connection.
        Ok(match Box::pin(connect(&self.upstream, &self.options, protocol)).await? {
            Sender::Http1(sender) => Way::Lane(Lane { sender, users: Arc::default() }, Age::New),
            Sender::Http2(sender) => Way::Stream(sender),
        })
    }

    /// A connection whose last exchange has passed, and that is still open.
    async fn rested(&self) -> Option<Lane> {
        loop {
            let mut lane = self.take_rested()?;
            if lane.sender.ready().await.is_ok() {
                return Some(lane);
            }
        }
    }

    fn take_rested(&self) -> Option<Lane> {
        let mut lanes = self.lanes();
        // INVARIANT: both payloads gone means that the connection will be ready, or closed, soon.
        let place = lanes.iter().position(|lane| Arc::strong_count(&lane.users) == 1)?;
        Some(lanes.swap_remove(place))
    }

    fn lanes(&self) -> std::sync::MutexGuard<'_, Vec<Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn send_http2(
    mut sender: http2::SendRequest<Copied>,
    mut request: Request<Copied>,
    target: &Target,
) -> Tried {
    target::write_http2(target, &mut request);
    let response = sender.try_send_request(request).await.map_err(|error| (error, Age::New))?;
    Ok(Answered { response, hold: None })
}
