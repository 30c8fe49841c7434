//! Mocks over HTTP: HTTP/1.1 and HTTP/2, in the clear or with TLS, and as a proxy that answers
//! instead of passing on; calls of gRPC where their schema is known. Refuses to know how an answer
//! is chosen, and to ask anybody else.

use crate::listen::listen;
use crate::mock_cut::cut;
use crate::mock_grpc;
use crate::mock_tunnel::{inside, tunnel};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use http_body_util::{BodyExt as _, Limited};
use plumb_engine::mock::Mock;
use plumb_engine::mock::call::{MockAnswer, MockRequest, Unanswered, Wanted};
use plumb_tap::authority::host_of;
use plumb_tap::issuer::Issuer;
use plumb_tap::run::{Signal, hand_on, interruption};
use plumb_tap::shutdown::{Closing, Shutdown, shutdown};
use plumb_tap::tls::ServerTls;
use plumb_traffic::schema::grpc::Services;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Bytes of a request's body that are looked at; a larger one is refused.
const BODY_BYTES_MAX: usize = 8 << 20;

/// Different requests without an answer that are remembered.
const UNANSWERED_MAX: usize = 1_000;

/// The header by which a request asks for one answer: a status, or the id of a behaviour.
const WANTED: &str = "x-plumb-answer";

/// Everything a mock needs to know.
pub struct Mocking {
    /// Where to listen.
    pub listeners: Vec<Listening>,
    /// What to show to clients.
    pub tls: Option<ServerTls>,
    /// Speaks TLS in the name of hosts, to whoever goes through the proxy and trusts it; without,
    /// nobody gets through.
    pub issuer: Option<Arc<Issuer>>,
    /// The dependencies by name.
    pub mocks: BTreeMap<String, Mock>,
    /// What describes calls of gRPC; without, none is answered.
    pub services: Option<Services>,
    /// The dependency that a host stands for, where it has another name.
    pub name_of: NameOf,
    /// What is answered when a request does not say.
    pub wanted: Wanted,
    /// How long every answer takes.
    pub delay: Duration,
    /// Who hears what the process is told, and ends mocking when it is time. Without, mocking ends
    /// when the process is told to end.
    pub heard: Option<Box<dyn Fn(Signal) + Send>>,
    /// Called once requests are answered.
    pub ready: Box<dyn FnOnce() + Send>,
}

/// A listener and whom it answers as.
#[derive(Debug)]
pub struct Listening {
    /// Where calls come in.
    pub listener: TcpListener,
    /// The dependency; where there is none, the request's host tells it, unless there is just one.
    pub dependency: Option<String>,
}

/// Gives the dependency that a host stands for.
pub type NameOf = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What came of mocking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mocked {
    /// Requests answered, by dependency, operation and behaviour.
    pub answered: BTreeMap<(String, String, String), u64>,
    /// Requests that were not, with how often.
    pub unanswered: BTreeMap<String, u64>,
}

#[derive(Clone)]
struct Here {
    stage: Arc<Stage>,
    dependency: Option<String>,
}

struct Stage {
    /// The addresses of dependencies.
    own: BTreeSet<SocketAddr>,
    issuer: Option<Arc<Issuer>>,
    /// Ends what goes on inside tunnels.
    closing: Closing,
    mocks: Mutex<BTreeMap<String, Mock>>,
    services: Option<Services>,
    name_of: NameOf,
    wanted: Wanted,
    delay: Duration,
    mocked: Mutex<Mocked>,
}

impl std::fmt::Debug for Mocking {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Mocking").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

/// Answers until the process is told to end, or `closing`. Blocks until then.
///
/// # Errors
/// When there are no threads, or the listener is of no use.
pub fn mock(mocking: Mocking, closing: Closing) -> io::Result<Mocked> {
    let Mocking { listeners, tls, issuer, heard, ready, .. } = mocking;
    let Mocking { mocks, services, name_of, wanted, delay, .. } = mocking;
    let own = listeners.iter().filter(|one| one.dependency.is_some());
    let own = own.map(|one| one.listener.local_addr()).collect::<io::Result<_>>()?;
    let (shutdown, told) = shutdown();
    let stage = Arc::new(Stage {
        own,
        issuer,
        closing: told.clone(),
        mocks: Mutex::new(mocks),
        services,
        name_of,
        wanted,
        delay,
        mocked: Mutex::default(),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match heard {
            Some(heard) => drop(tokio::spawn(hand_on(heard))),
            None => drop(tokio::spawn(end(interruption(), shutdown.clone()))),
        }
        let mut closing = closing;
        tokio::spawn(end(async move { closing.begun().await }, shutdown));
        let mut serving = JoinSet::new();
        for Listening { listener, dependency } in listeners {
            listener.set_nonblocking(true)?;
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let routes = Router::new().fallback(arrive);
            let routes = routes.with_state(Here { stage: Arc::clone(&stage), dependency });
            serving.spawn(listen(listener, tls.clone(), routes, told.clone()));
        }
        ready();
        serving.join_all().await;
        io::Result::Ok(())
    })?;
    let mocked = stage.mocked.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(mocked.clone())
}

async fn end(told: impl Future<Output = ()>, shutdown: Shutdown) {
    told.await;
    shutdown.begin();
}

/// Tunnels end here; whatever else comes is answered.
async fn arrive(State(here): State<Here>, request: Request<Body>) -> Response<Body> {
    let stage = &here.stage;
    if let Some(address) = stage.own(request.method(), request.uri()) {
        return tunnel(request, address);
    }
    if let Some((issuer, host)) = stage.inside(request.method(), request.uri()) {
        let routes = Router::new().fallback(answer).with_state(here.clone());
        return inside(request, (issuer, host), routes, stage.closing.clone());
    }
    answer(State(here), request).await
}

async fn answer(State(here): State<Here>, request: Request<Body>) -> Response<Body> {
    let stage = &here.stage;
    if !stage.delay.is_zero() {
        sleep(stage.delay).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large for a mock");
    };
    let body = body.to_bytes();
    let call = mock_grpc::is_call(&head.headers)
        .then(|| mock_grpc::read(stage.services.as_ref(), head.uri.path(), &head.headers, &body));
    let call = match call.transpose() {
        Ok(call) => call,
        Err(why) => return mock_grpc::refused(&why),
    };
    let host = head.uri.authority().map(|authority| authority.as_str().to_owned());
    let host = host.or_else(|| text(&head.headers, &header::HOST)).unwrap_or_default();
    let wanted = head.headers.get(WANTED).and_then(|value| value.to_str().ok());
    let wanted = wanted.map_or_else(|| stage.wanted.clone(), Wanted::of);
    let asked = MockRequest {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &sent(&head.headers),
        media_type: &text(&head.headers, &header::CONTENT_TYPE).unwrap_or_default(),
        body: call.as_ref().map_or(&body, |call| &call.document),
        is_message: call.is_some(),
        wanted: &wanted,
    };
    let host = here.dependency.as_deref().unwrap_or(&host);
    let answer = match chosen(stage, host, &asked) {
        Ok(answer) => answer,
        Err(what) if call.is_some() => return mock_grpc::refused(&what),
        Err(what) => return plain(StatusCode::NOT_IMPLEMENTED, &what),
    };
    if !answer.delay.is_zero() {
        sleep(answer.delay).await;
    }
    match call {
        Some(call) => mock_grpc::written(&call, &answer),
        None => written(answer),
    }
}

impl Stage {
    /// The address of a dependency that a tunnel is asked for. Some programs, those that speak gRPC
    /// among them, have their proxy make one to every address, also without TLS.
    fn own(&self, method: &Method, uri: &Uri) -> Option<SocketAddr> {
        let asked = uri.authority().filter(|_| *method == Method::CONNECT)?;
        asked.as_str().parse().ok().filter(|address| self.own.contains(address))
    }
}

impl Stage {
    /// The host that is to be spoken for inside a tunnel, and who speaks for it.
    fn inside(&self, method: &Method, uri: &Uri) -> Option<(Arc<Issuer>, String)> {
        let issuer = self.issuer.as_ref().filter(|_| *method == Method::CONNECT)?;
        Some((Arc::clone(issuer), host_of(uri.authority()?).to_owned()))
    }
}

fn chosen(stage: &Stage, host: &str, asked: &MockRequest<'_>) -> Result<MockAnswer, String> {
    let mut mocks = stage.mocks.lock().unwrap_or_else(PoisonError::into_inner);
    let only = if mocks.len() == 1 {
        mocks.keys().next()
    } else {
        mocks.get_key_value(host).map(|(name, _)| name)
    };
    let name = only.cloned().or_else(|| (stage.name_of)(host)).unwrap_or_else(|| host.to_owned());
    let answer = match mocks.get_mut(&name) {
        _ if asked.method == "CONNECT" => {
            Err("a mock looks into TLS with `--intercept-tls` only".to_owned())
        }
        None => Err(format!("nothing was seen of `{name}`")),
        Some(mock) => mock.answer(asked).map_err(|why| match why {
            Unanswered::Operation(operation) => format!("`{name}` was never seen with {operation}"),
            Unanswered::Wanted(operation) => {
                format!("`{name}` was never seen to answer {operation} like this")
            }
            Unanswered::Unsaid(operation) => {
                format!("nothing is said of what `{name}` answers to {operation} like this")
            }
        }),
    };
    let mut mocked = stage.mocked.lock().unwrap_or_else(PoisonError::into_inner);
    match &answer {
        Ok(answer) => {
            let key = (name, answer.operation.clone(), answer.behaviour.clone());
            *mocked.answered.entry(key).or_default() += 1;
        }
        Err(what) if mocked.unanswered.len() < UNANSWERED_MAX => {
            *mocked.unanswered.entry(what.clone()).or_default() += 1;
        }
        Err(_) => {}
    }
    answer
}

/// Names and values of headers, as far as they are text.
fn sent(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

fn written(answer: MockAnswer) -> Response<Body> {
    let own = answer.about();
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::NOT_IMPLEMENTED);
    let length = HeaderValue::from(answer.body.len());
    let is_cut = answer.is_cut;
    let body = if is_cut { cut(answer.body.into()) } else { Body::from(answer.body) };
    let mut response = Response::new(body);
    if is_cut {
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    *response.status_mut() = status;
    for (name, value) in answer.headers.into_iter().chain(own) {
        let name = HeaderName::from_bytes(name.as_bytes());
        // A name or value that HTTP has no room for was never sent so.
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn plain(status: StatusCode, what: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{what}\n")));
    *response.status_mut() = status;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
