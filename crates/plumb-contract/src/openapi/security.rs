//! What callers must show, read by what the schemes do and not by their names.
//!
//! Refuses to know tokens, and how they are got.

use crate::interface::model::{Alternative, Scheme};
use crate::openapi::document::Spot;
use crate::openapi::work::Work;
use std::collections::BTreeMap;

/// The alternatives that a caller of `operation` has; one that needs nothing where none is said.
pub(crate) fn security<'t>(work: &mut Work<'_, 't>, operation: Spot<'t>) -> Vec<Alternative<'t>> {
    let listed = operation.get("security").or_else(|| work.root.get("security"));
    let Some(listed) = listed else {
        return vec![Alternative { needs: BTreeMap::new(), at: operation }];
    };
    let mut found = Vec::new();
    for spot in listed.items() {
        let mut needs = BTreeMap::new();
        for (name, scopes) in work.members(spot, "a security requirement") {
            let scopes = scopes.items().filter_map(|scope| scope.node.as_str());
            let scheme = scheme_of(work, spot, name);
            needs.insert(scheme, scopes.map(str::to_owned).collect());
        }
        found.push(Alternative { needs, at: spot });
    }
    if found.is_empty() {
        found.push(Alternative { needs: BTreeMap::new(), at: listed });
    }
    found
}

/// The scheme under a name; one that is not defined counts as itself, with a note.
fn scheme_of<'t>(work: &mut Work<'_, 't>, at: Spot<'t>, name: &str) -> Scheme {
    let modern = work.root.get("components").and_then(|spot| spot.get("securitySchemes"));
    let listed = modern.or_else(|| work.root.get("securityDefinitions"));
    let Some(found) = listed.and_then(|spot| spot.get(name)) else {
        work.tell(at, format!("the security scheme `{name}` is not defined"));
        return Scheme { carried: format!("whatever `{name}` is"), issuer: String::new() };
    };
    match work.resolve(found) {
        Some(spot) => scheme_at(name, spot),
        None => Scheme { carried: format!("whatever `{name}` is"), issuer: String::new() },
    }
}

fn scheme_at(name: &str, spot: Spot<'_>) -> Scheme {
    let text = |key| spot.text(key).unwrap_or_default();
    let mut issuer = String::new();
    let carried = match text("type") {
        "apiKey" if text("in") == "header" => {
            format!("`{}` in header", text("name").to_ascii_lowercase())
        }
        "apiKey" => format!("`{}` in {}", text("name"), text("in")),
        "basic" => "basic password".to_owned(),
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "basic" => "basic password".to_owned(),
            other => format!("{other} token"),
        },
        "oauth2" => {
            issuer = issuer_of(spot);
            "bearer token".to_owned()
        }
        "openIdConnect" => {
            issuer = text("openIdConnectUrl").to_owned();
            "bearer token".to_owned()
        }
        "mutualTLS" => "a certificate".to_owned(),
        _ => format!("whatever `{name}` is"),
    };
    Scheme { carried, issuer }
}

/// Where tokens of OAuth 2 are got: every URL that is said.
fn issuer_of(spot: Spot<'_>) -> String {
    let flows = spot.get("flows").into_iter().flat_map(Spot::entries).map(|(_, flow)| flow);
    let mut urls: Vec<&str> = Vec::new();
    for flow in flows.chain([spot]) {
        urls.extend(flow.text("tokenUrl"));
        urls.extend(flow.text("authorizationUrl"));
    }
    urls.sort_unstable();
    urls.dedup();
    urls.join(" ")
}
