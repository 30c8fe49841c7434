//! Edits of what a copied claim asks for: one more query parameter, of any value.

use crate::mend::edits::json_node;
use crate::mend::site::AskedQuery;
use plumb_tree::edit::Edit;
use plumb_tree::layout::Layout;
use plumb_tree::{Node, Value, quoted};

/// Lets a copy of a claim ask for one more query parameter. `None` where the way it matches has no
/// place for it.
pub(crate) fn ask_with(layout: Layout<'_>, asked: AskedQuery<'_>, name: &str) -> Option<Vec<Edit>> {
    match asked {
        AskedQuery::Request(request) => match ["uri", "url"].iter().find_map(|key| {
            let address = request.get(key)?;
            absolute(address)
        }) {
            Some(address) => in_address(layout, address, name),
            None => in_request(layout, request, name),
        },
        AskedQuery::Address(address) => in_address(layout, address, name),
        AskedQuery::Parts(parts) => in_parts(layout, parts, name),
        AskedQuery::Matchers(request) => in_matchers(layout, request, name),
        AskedQuery::Nowhere => None,
    }
}

fn in_address(layout: Layout<'_>, address: &Node, name: &str) -> Option<Vec<Edit>> {
    let text = address.as_str()?;
    let joint = if text.contains('?') { '&' } else { '?' };
    let asked = json_node(&quoted(&format!("{text}{joint}{name}=text"))).ok()?;
    Some(vec![layout.replace(address, &asked)])
}

/// Postman keeps the address as a text and in parts.
fn in_parts(layout: Layout<'_>, parts: &Node, name: &str) -> Option<Vec<Edit>> {
    let pair = format!("{{\"key\": {}, \"value\": \"text\"}}", quoted(name));
    let list = || json_node(&format!("[{pair}]")).ok();
    let mut edits = match parts.get("query") {
        None => vec![layout.insert_member(parts, "query", &list()?)],
        Some(known) if known.items().is_empty() => vec![layout.replace(known, &list()?)],
        Some(known) => vec![layout.append_element(known, &pair)?],
    };
    if let Some(raw) = parts.get("raw") {
        edits.extend(in_address(layout, raw, name)?);
    }
    Some(edits)
}

/// Hoverfly lists matchers for each parameter; older schemas match the query as one text.
fn in_matchers(layout: Layout<'_>, request: &Node, name: &str) -> Option<Vec<Edit>> {
    let any = "[{\"matcher\": \"glob\", \"value\": \"*\"}]";
    Some(vec![match request.get("query") {
        None => {
            let query = format!("{{{}: {any}}}", quoted(name));
            layout.insert_member(request, "query", &json_node(&query).ok()?)
        }
        Some(known @ Node { value: Value::Object(_), .. }) => {
            layout.insert_member(known, name, &json_node(any).ok()?)
        }
        Some(_) => return None,
    }])
}

fn in_request(layout: Layout<'_>, request: &Node, name: &str) -> Option<Vec<Edit>> {
    let any = json_node("{\"matches\": \".*\"}").ok()?;
    let Some((key, url)) = request.entry("url") else {
        let has_path = ["urlPath", "urlPathPattern", "urlPathTemplate"];
        has_path.iter().find(|key| request.get(key).is_some())?;
        return Some(vec![match request.get("queryParameters") {
            Some(known) => layout.insert_member(known, name, &any),
            None => layout.insert_member(request, "queryParameters", &parameters(&[name])?),
        }]);
    };
    // A url in full has no room beside it: its path and its parameters are asked for one by one.
    let (path, query) = url.as_str()?.split_once('?').unwrap_or((url.as_str()?, ""));
    let known = query.split('&').filter_map(|pair| pair.split('=').next());
    let names: Vec<&str> = known.filter(|name| !name.is_empty()).chain([name]).collect();
    Some(vec![
        Edit { start: key.start, end: key.end, text: quoted("urlPath") },
        layout.replace(url, &json_node(&quoted(path)).ok()?),
        layout.insert_member(request, "queryParameters", &parameters(&names)?),
    ])
}

/// An address with its host, as recordings have it.
fn absolute(node: &Node) -> Option<&Node> {
    node.as_str().filter(|text| text.starts_with("http")).map(|_| node)
}

fn parameters(names: &[&str]) -> Option<Node> {
    let each: Vec<String> =
        names.iter().map(|name| format!("{}:{{\"matches\":\".*\"}}", quoted(name))).collect();
    json_node(&format!("{{{}}}", each.join(","))).ok()
}
