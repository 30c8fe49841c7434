//! Where operations are served: `servers` of OpenAPI 3, and `host`, `basePath` and `schemes` of
//! Swagger.
//!
//! Refuses to know operations, and whether anything answers there.

use crate::interface::model::{Dialect, Server};
use crate::openapi::document::Spot;
use crate::openapi::work::Work;
use std::collections::BTreeSet;

/// Servers read from one list, variables with several values counted as several.
const SERVERS_MAX: usize = 200;

/// Bytes of a URL with its variables replaced: longer ones are variables that repeat each other.
const URL_BYTES_MAX: usize = 4_096;

/// The servers of a list, at least one.
pub(crate) fn servers(work: &mut Work<'_, '_>, listed: Option<Spot<'_>>) -> Vec<Server> {
    let mut found = BTreeSet::new();
    if work.dialect == Dialect::Swagger {
        found.extend(of_swagger(work.root));
    }
    for server in listed.into_iter().flat_map(Spot::items) {
        let Some(url) = server.text("url") else {
            work.tell(server, "a server has no `url`".to_owned());
            continue;
        };
        let urls = expanded(server, url);
        if found.len() + urls.len() > SERVERS_MAX {
            work.tell(server, format!("there are more than {SERVERS_MAX} servers"));
            break;
        }
        found.extend(urls.iter().map(|url| split(url)));
    }
    if found.is_empty() {
        found.insert(split("/"));
    }
    found.into_iter().collect()
}

fn of_swagger(root: Spot<'_>) -> Vec<Server> {
    let path = root.text("basePath").unwrap_or_default();
    let Some(host) = root.text("host") else { return vec![split(path)] };
    let schemes: Vec<&str> = root.get("schemes").map_or_else(Vec::new, |schemes| {
        schemes.items().filter_map(|scheme| scheme.node.as_str()).collect()
    });
    if schemes.is_empty() {
        return vec![split(&format!("//{host}{path}"))];
    }
    schemes.iter().map(|scheme| split(&format!("{scheme}://{host}{path}"))).collect()
}

/// The URL with its variables replaced: by each of their values where they are listed, else by
/// nothing that could be told apart.
fn expanded(server: Spot<'_>, url: &str) -> Vec<String> {
    let mut urls = vec![url.to_owned()];
    for (name, variable) in server.get("variables").into_iter().flat_map(Spot::entries) {
        let listed = variable.get("enum").into_iter().flat_map(Spot::items);
        let mut values: Vec<String> = listed.map(text_of).collect();
        if values.is_empty() {
            values.extend(variable.get("default").map(text_of));
        }
        let hole = format!("{{{name}}}");
        if urls.len() * values.len() > SERVERS_MAX || !url.contains(&hole) {
            continue;
        }
        let replaced =
            urls.iter().flat_map(|url| values.iter().map(|value| url.replace(&hole, value)));
        let replaced: Vec<String> = replaced.filter(|url| url.len() <= URL_BYTES_MAX).collect();
        if !replaced.is_empty() {
            urls = replaced;
        }
    }
    urls
}

fn text_of(spot: Spot<'_>) -> String {
    spot.node.as_str().map_or_else(|| spot.node.to_json_text(), str::to_owned)
}

/// Origin and path of a URL.
fn split(url: &str) -> Server {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let authority = url.find("//").map(|at| at + 2);
    let path_at = match authority {
        Some(start) => url.get(start..).and_then(|rest| rest.find('/')).map(|at| start + at),
        None => Some(0),
    };
    let (origin, path) = url.split_at(path_at.unwrap_or(url.len()));
    let path = path.strip_prefix('.').unwrap_or(path).trim_end_matches('/');
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    Server { origin: origin.to_ascii_lowercase(), path: format!("{slash}{path}") }
}
