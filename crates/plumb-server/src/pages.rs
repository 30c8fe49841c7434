//! The dashboard: which page is asked for, by whom, and in which form it goes out.
//!
//! Refuses to know what a page shows.

use crate::answer::{Refusal, refusal};
use crate::daemon::{Daemon, Visit};
use crate::outgoing::{Kind, outgoing, redirect};
use crate::request::joined;
use axum::extract::{Path, Query, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use plumb_engine::tokens::Right;
use plumb_pages::address::{Links, View};
use plumb_pages::asset;
use plumb_pages::frame::{page as framed, plain_page, told};
use plumb_pages::shown::Asked;
use plumb_pages::view::seams::comma_separated;
use plumb_pages::view::show;
use plumb_pages::visitor::Visitor;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// Bytes of a query. Names from traffic are long at times, and no browser sends more.
const QUERY_BYTES_MAX: usize = 64 * 1024;

/// How long a browser may keep a file whose address changes with what it holds: a year.
const KEPT_FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A view, in whichever form its name ends.
pub(crate) async fn page(State(daemon): State<Arc<Daemon>>, parts: Parts) -> Response {
    let Parts { uri, headers, .. } = parts;
    let name = uri.path().trim_start_matches('/');
    let (name, kind) = match name.rsplit_once('.') {
        Some((name, "json")) => (name, Kind::Json),
        Some((name, "csv")) => (name, Kind::Csv),
        _ => (name, Kind::Html),
    };
    let view = View::named(if name.is_empty() { "home" } else { name });
    let view = view.filter(|view| kind != Kind::Csv || *view == View::Seams);
    let (asked_of, asked_by) = (uri.clone(), headers.clone());
    let made = match view {
        None => Err(nowhere()),
        Some(view) => joined(move || make(&daemon, (view, kind), (&asked_of, &asked_by))).await,
    };
    made.unwrap_or_else(|refusal| refused(refusal, kind, (&uri, &headers)))
}

fn nowhere() -> Refusal {
    let help = "the menu leads to every page; docs/book/server.md lists the routes of programs";
    refusal(StatusCode::NOT_FOUND, "there is nothing at this address", help)
}

fn make(
    daemon: &Daemon,
    (view, kind): (View, Kind),
    (uri, headers): (&Uri, &HeaderMap),
) -> Result<Response, Refusal> {
    let visit = daemon.visitor_now(headers)?;
    if matches!(view, View::Audit | View::Doctor) {
        visit.caller.may(Right::Admin)?;
    }
    if uri.query().is_some_and(|query| query.len() > QUERY_BYTES_MAX) {
        let help = "narrow the filter";
        return Err(refusal(StatusCode::URI_TOO_LONG, "the address is too long", help));
    }
    let query = Query::<BTreeMap<String, String>>::try_from_uri(uri);
    let Ok(Query(query)) = query else {
        let help = "start from the menu";
        return Err(refusal(StatusCode::BAD_REQUEST, "the address cannot be read", help));
    };
    let Some(standing) = daemon.standing() else { return Ok(not_yet(daemon, kind, &visit)) };
    let survey = &*standing.survey;
    let visitor = visitor(&visit);
    let desk = &*daemon.desk;
    let asked = Asked { survey, desk, query: &query, links: Links::Server, visitor };
    if kind == Kind::Csv {
        let text = comma_separated(asked).map_err(|_| nowhere())?;
        return Ok(outgoing(kind, text, headers));
    }
    let shown = show(view, asked);
    if kind == Kind::Json {
        let text = shown.document(survey).to_string();
        return Ok(outgoing(kind, text.into_bytes(), headers));
    }
    let json = as_json(uri, view);
    let trouble = daemon.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let about = told(&json, &trouble);
    let now_ms = (daemon.clock)();
    let text = framed(&shown, (survey, now_ms), visitor, about);
    Ok(outgoing(kind, text.into_bytes(), headers))
}

/// The same address for programs.
fn as_json(uri: &Uri, view: View) -> String {
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    format!("/{}.json{query}", view.name())
}

fn visitor(visit: &Visit) -> Visitor<'_> {
    let ticket = visit.ticket.as_deref();
    Visitor {
        name: ticket.map(|_| visit.caller.name.as_str()),
        ticket: ticket.unwrap_or_default(),
        operates: visit.caller.may(Right::Operate).is_ok(),
    }
}

/// What stands where nothing was judged yet: why not, and that it comes.
fn not_yet(daemon: &Daemon, kind: Kind, visit: &Visit) -> Response {
    let trouble = daemon.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let what = match trouble.is_empty() {
        true => "nothing was judged yet".to_owned(),
        false => format!("nothing can be judged: {trouble}"),
    };
    let refusal = Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        what,
        help: "the first judging takes a moment; this page looks again by itself",
        retry_s: Some(2),
    };
    if kind != Kind::Html {
        return refusal.into_response();
    }
    let text = plain_page("Not yet", (&refusal.what, refusal.help), visitor(visit));
    let mut response = outgoing(kind, text.into_bytes(), &HeaderMap::new());
    *response.status_mut() = refusal.status;
    response.headers_mut().insert("refresh", HeaderValue::from_static("2"));
    response
}

/// A refusal as a page, where people look at it; who has no token yet is asked for one.
pub(crate) fn refused(
    refusal: Refusal,
    kind: Kind,
    (uri, headers): (&Uri, &HeaderMap),
) -> Response {
    let accepted = headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if kind != Kind::Html || !accepted.contains("text/html") {
        return refusal.into_response();
    }
    if refusal.status == StatusCode::UNAUTHORIZED {
        let back = uri.path_and_query().map_or("/", |it| it.as_str());
        return redirect(&View::login(back));
    }
    let nobody = Visitor::default();
    let text = plain_page("Not shown", (&refusal.what, refusal.help), nobody);
    let mut response = outgoing(kind, text.into_bytes(), headers);
    *response.status_mut() = refusal.status;
    response
}

/// A file that pages need. They hold nothing of the project, so nobody is asked for a token.
pub(crate) async fn assets(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = asset::asset(&name) else { return nowhere().into_response() };
    let kind = Kind::Asset(asset.media_type);
    let mut response = outgoing(kind, asset.bytes.to_vec(), &headers);
    response.headers_mut().insert(CACHE_CONTROL, KEPT_FOR_EVER);
    response
}
