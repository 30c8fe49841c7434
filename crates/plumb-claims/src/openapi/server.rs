//! Where a specification says its operations are served: base paths and a host.
//!
//! Refuses to know operations, and whether anything answers there.

use crate::openapi::notes::Notes;
use crate::openapi::refs::Spot;
use crate::unread_tally::Why;

/// Where operations are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// Distinct base paths in the order of the list, at least one; empty stands for `/`.
    pub(crate) bases: Vec<String>,
    /// The host of the first absolute URL, when it names somebody.
    pub(crate) host: Option<String>,
}

/// Servers read from one list; longer lists repeat the same base path for each region.
const SERVERS_MAX: usize = 100;

/// Bytes of a URL with its variables replaced: longer ones are variables that repeat each other.
const URL_BYTES_MAX: usize = 4_096;

const PATH_VARIANTS: Why = Why {
    reason: "a server variable in the base path has several values: only its default is read",
    remedy: "list a server for each base path",
};

/// Where operations are served, from a `servers` list.
pub(crate) fn service(notes: &mut Notes, servers: Option<Spot<'_>>) -> Service {
    let mut bases = Vec::new();
    let mut host = None;
    let mut is_absolute_met = false;
    for server in servers.into_iter().flat_map(Spot::items).take(SERVERS_MAX) {
        let Some(url) = server.get("url").and_then(|at| at.node.as_str()) else {
            notes.tell_at(server, "a server has no `url`", "write its `url`, if only `/`");
            continue;
        };
        let (authority, path) = split_url(url);
        if path.contains('{') {
            note_variants(notes, server, path);
        }
        let base = substituted(server, path);
        if !bases.contains(&base) {
            bases.push(base);
        }
        if let (Some(authority), false) = (authority, is_absolute_met) {
            is_absolute_met = true;
            host = named_host(&substituted(server, authority));
        }
    }
    if bases.is_empty() {
        bases.push(String::new());
    }
    Service { bases, host }
}

/// The authority, if there is one, and the path without a slash at its end.
fn split_url(url: &str) -> (Option<&str>, &str) {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let after_scheme = url.split_once("://").map(|(_, rest)| rest);
    let (authority, path) = match after_scheme.or_else(|| url.strip_prefix("//")) {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (Some(authority), path)
        }
        None => (None, url.strip_prefix('.').unwrap_or(url)),
    };
    (authority, path.trim_end_matches('/'))
}

/// `text` with each variable replaced by its default; one without a default stays in its braces.
fn substituted(server: Spot<'_>, text: &str) -> String {
    let variables = server.get("variables");
    variables.into_iter().flat_map(Spot::entries).fold(text.to_owned(), |text, (name, variable)| {
        let default = variable.get("default").map(|at| match at.node.as_str() {
            Some(word) => word.to_owned(),
            None => at.node.to_json_text(),
        });
        match default {
            Some(default) if text.len() <= URL_BYTES_MAX => {
                text.replace(&format!("{{{name}}}"), &default)
            }
            _ => text,
        }
    })
}

fn note_variants(notes: &mut Notes, server: Spot<'_>, path: &str) {
    for (name, variable) in server.get("variables").into_iter().flat_map(Spot::entries) {
        let values = variable.get("enum").map_or(0, |at| at.node.items().len());
        if values > 1 && path.contains(&format!("{{{name}}}")) {
            notes.count(variable, PATH_VARIANTS);
        }
    }
}

/// The host of an authority in lower case and without its port, unless it stands for nobody.
fn named_host(authority: &str) -> Option<String> {
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let first = host.split('.').next().unwrap_or_default();
    let is_example = host.split('.').rev().take(2).any(|label| label == "example")
        || first == "localhost"
        || host.ends_with(".localhost")
        || host.ends_with(".invalid")
        || host.ends_with(".test");
    let is_local = first == "127" || host == "::1" || host == "0.0.0.0";
    let is_nobody = host.is_empty() || host.contains('{') || is_example || is_local;
    (!is_nobody).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_tree::read;

    #[track_caller]
    fn check(servers: &str, bases: &[&str], host: Option<&str>) {
        let parsed = read::parse("a.yaml", servers.as_bytes()).unwrap();
        let spot = Spot { file: "a.yaml", node: &parsed.documents[0] };
        let found = service(&mut Notes::default(), Some(spot));
        assert_eq!(found.bases, bases, "{servers}");
        assert_eq!(found.host.as_deref(), host, "{servers}");
    }

    #[test]
    fn bases_and_host_come_from_urls() {
        check("[]", &[""], None);
        check("[{url: /}]", &[""], None);
        check("[{url: 'https://api.shop.io/v2/'}]", &["/v2"], Some("api.shop.io"));
        check("[{url: '//API.shop.io:8443/v2?x=1'}]", &["/v2"], Some("api.shop.io"));
        check(
            "[{url: /v1}, {url: 'https://a.io/v1'}, {url: 'http://b.io/v2'}]",
            &["/v1", "/v2"],
            Some("a.io"),
        );
        check("[{url: ./api}]", &["/api"], None);
    }

    #[test]
    fn hosts_that_stand_for_nobody_are_not_named() {
        for host in [
            "localhost:8080",
            "127.0.0.1",
            "[::1]:80",
            "api.example.com",
            "example.org",
            "shop.example",
            "a.test",
            "{host}",
        ] {
            check(&format!("[{{url: 'http://{host}/v1'}}]"), &["/v1"], None);
        }
        check("[{url: 'http://localhost/a'}, {url: 'http://shop.io/b'}]", &["/a", "/b"], None);
    }

    #[test]
    fn variables_take_their_default() {
        let variables = "variables: {host: {default: eu.shop.io}, v: {default: v3}}";
        check(
            &format!("[{{url: 'https://{{host}}/{{v}}/x', {variables}}}]"),
            &["/v3/x"],
            Some("eu.shop.io"),
        );
        check("[{url: '/{v}', variables: {v: {default: 2}}}]", &["/2"], None);
        check("[{url: '/{v}/x'}]", &["/{v}/x"], None);
    }
}
