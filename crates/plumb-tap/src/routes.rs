//! Where one client's exchanges go: all to one upstream, each to one of two versions, or each
//! where it says itself. It refuses
//! to know what passes there.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::PROXY_AUTHORIZATION;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Uri};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::authority::host_of;
use crate::connect::ConnectError;
use crate::lanes::Lanes;
use crate::opening::{Inside, Way};
use crate::options::Options;
use crate::socket::prepare;
use crate::split::Split;
use crate::upstream::{Protocol, Upstream, upstream};

/// Upstreams whose connections are kept for one client's connection. Clients that share one among
/// hosts share it among few; one that is left out connects anew.
const ROUTES_MAX: usize = 16;

/// An upstream and the connections to it.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) lanes: Lanes,
    /// The version that answers there, where it is known before it does.
    pub(crate) version: Option<Arc<str>>,
}

/// Where one client's exchanges go.
#[derive(Debug)]
pub(crate) enum Routes {
    /// All to one upstream.
    One(Arc<Route>),
    /// Each to the old version or the new one, as the split says.
    Two(Box<Versions>),
    /// Each where it says itself.
    Any(Anywhere),
}

/// A new version beside the one that is there.
#[derive(Debug, Clone)]
pub struct Second {
    /// Where it is.
    pub upstream: Upstream,
    /// Its version.
    pub version: Arc<str>,
    /// What it gets.
    pub split: Arc<Split>,
}

/// Routes to two versions, with connections of this client's own to each.
#[derive(Debug)]
pub(crate) struct Versions {
    control: Arc<Route>,
    canary: Arc<Route>,
    split: Arc<Split>,
}

/// Routes that are found as they are asked for.
#[derive(Debug)]
pub(crate) struct Anywhere {
    options: Options,
    /// The one used last stands last.
    known: Mutex<Vec<(Authority, Arc<Route>)>>,
    tunnels: Arc<AtomicU64>,
    inside: Option<Arc<Inside>>,
}

/// Why there is no route. The client is told in these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RouteError {
    #[error("this tap makes no tunnels")]
    NoTunnels,
    #[error("this tap passes on whole addresses only: `GET http://host/path`")]
    NoHost,
    #[error("this is no address to pass on to")]
    Address,
    #[error("https is asked for with CONNECT")]
    Tls,
}

/// Routes to one upstream, with connections of this client's own.
pub(crate) fn one(upstream: Arc<Upstream>, options: Options) -> Routes {
    Routes::One(Arc::new(route(upstream, options)))
}

/// Routes to one upstream and to a new version beside it.
pub(crate) fn two(control: Arc<Upstream>, second: &Second, options: Options) -> Routes {
    let canary = route(Arc::new(second.upstream.clone()), options);
    Routes::Two(Box::new(Versions {
        control: Arc::new(route(control, options)),
        canary: Arc::new(Route { version: Some(Arc::clone(&second.version)), ..canary }),
        split: Arc::clone(&second.split),
    }))
}

/// Routes to wherever the client wants. Tunnels are counted, unless they are looked into.
pub(crate) fn anywhere(
    options: Options,
    tunnels: Arc<AtomicU64>,
    inside: Option<Arc<Inside>>,
) -> Routes {
    Routes::Any(Anywhere { options, known: Mutex::default(), tunnels, inside })
}

impl Routes {
    /// The route of a request with this target. What was meant for the tap alone is taken out.
    ///
    /// # Errors
    /// [`RouteError`] for a target that names no host, or none that can be spoken to.
    pub(crate) fn toward(
        &self,
        target: &Uri,
        headers: &mut HeaderMap,
    ) -> Result<Arc<Route>, RouteError> {
        match self {
            Self::One(route) => Ok(Arc::clone(route)),
            Self::Two(versions) => {
                let Versions { control, canary, split } = versions.as_ref();
                Ok(Arc::clone(if split.is_canary(headers) { canary } else { control }))
            }
            Self::Any(anywhere) => {
                headers.remove(PROXY_AUTHORIZATION);
                anywhere.toward(target)
            }
        }
    }

    /// The way to what `CONNECT` names, where the tap looks inside.
    pub(crate) fn inside(&self, target: &Uri) -> Option<Way> {
        let Self::Any(Anywhere { inside: Some(inside), .. }) = self else { return None };
        let authority = target.authority()?.clone();
        Some(Way { inside: Arc::clone(inside), port: authority.port_u16()?, authority })
    }

    /// A connection for a tunnel to what `CONNECT` names.
    ///
    /// # Errors
    /// [`RouteError`] if there are no tunnels here, or nothing is named; inside, why the
    /// connection cannot be made.
    pub(crate) async fn tunnel(
        &self,
        target: &Uri,
    ) -> Result<Result<TcpStream, ConnectError>, RouteError> {
        let Self::Any(anywhere) = self else { return Err(RouteError::NoTunnels) };
        let authority = target.authority().ok_or(RouteError::NoHost)?;
        let port = authority.port_u16().ok_or(RouteError::Address)?;
        anywhere.tunnels.fetch_add(1, Relaxed);
        Ok(connected(host_of(authority), port, anywhere.options).await)
    }
}

/// A connection for a tunnel.
///
/// # Errors
/// Why it cannot be made.
pub(crate) async fn connected(
    host: &str,
    port: u16,
    options: Options,
) -> Result<TcpStream, ConnectError> {
    match timeout(options.connect, TcpStream::connect((host, port))).await {
        Err(_) => Err(ConnectError::TimedOut),
        Ok(Err(error)) => Err(error.into()),
        Ok(Ok(stream)) => prepare(&stream).map(|()| stream).map_err(ConnectError::from),
    }
}

impl Anywhere {
    fn toward(&self, target: &Uri) -> Result<Arc<Route>, RouteError> {
        let (Some(scheme), Some(authority)) = (target.scheme(), target.authority()) else {
            return Err(RouteError::NoHost);
        };
        if *scheme == Scheme::HTTPS {
            return Err(RouteError::Tls);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match known.iter().position(|(there, _)| there == authority) {
            Some(place) => known.remove(place),
            None => {
                let address = format!("{scheme}://{authority}");
                let upstream =
                    upstream(&address, Protocol::Http1, None).map_err(|_| RouteError::Address)?;
                (authority.clone(), Arc::new(route(Arc::new(upstream), self.options)))
            }
        };
        let route = Arc::clone(&found.1);
        known.push(found);
        if known.len() > ROUTES_MAX {
            known.remove(0);
        }
        Ok(route)
    }
}

fn route(upstream: Arc<Upstream>, options: Options) -> Route {
    Route { lanes: Lanes::new(Arc::clone(&upstream), options), upstream, version: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str, expected: Result<&str, RouteError>) {
        let routes = anywhere(Options::default(), Arc::default(), None);
        let found = routes.toward(&target.parse().unwrap(), &mut HeaderMap::new());
        let authority = found.as_ref().map(|route| route.upstream.authority.as_str());
        assert_eq!(authority.map_err(|error| *error), expected, "{target}");
    }

    #[test]
    fn targets_say_where_they_go() {
        check("http://shop.test:8080/a?b", Ok("shop.test:8080"));
        check("http://[::1]/", Ok("[::1]"));
        check("/a", Err(RouteError::NoHost));
        check("shop.test:80", Err(RouteError::NoHost));
        check("https://shop.test/", Err(RouteError::Tls));
        check("ftp://shop.test/", Err(RouteError::Address));
        check("http://me:pw@shop.test/", Err(RouteError::Address));
    }

    #[test]
    fn the_routes_used_last_are_kept() {
        let routes = anywhere(Options::default(), Arc::default(), None);
        let to = |number: usize| {
            let target = format!("http://h{number}/").parse().unwrap();
            routes.toward(&target, &mut HeaderMap::new()).unwrap()
        };
        let first = to(0);
        for number in 1..ROUTES_MAX {
            to(number);
        }
        assert!(Arc::ptr_eq(&first, &to(0)));
        to(ROUTES_MAX);
        assert!(Arc::ptr_eq(&first, &to(0)));
        for number in 1..=ROUTES_MAX {
            to(number);
        }
        assert!(!Arc::ptr_eq(&first, &to(0)));
    }
}
