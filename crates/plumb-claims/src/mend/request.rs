//! Edits of what a copied claim asks for: one more query parameter, of any value.

use crate::mend::edits::json_node;
use plumb_tree::edit::Edit;
use plumb_tree::layout::Layout;
use plumb_tree::{Node, quoted};

/// Lets a copy of a claim ask for one more query parameter. `None` where the way it matches has no
/// place for it.
pub(crate) fn ask_with(layout: Layout<'_>, whole: &Node, name: &str) -> Option<Vec<Edit>> {
    let request = whole.get("request")?;
    if let Some(address) = ["uri", "url"].iter().find_map(|key| absolute(request.get(key)?)) {
        let text = address.as_str()?;
        let joint = if text.contains('?') { '&' } else { '?' };
        let asked = json_node(&quoted(&format!("{text}{joint}{name}=text"))).ok()?;
        return Some(vec![layout.replace(address, &asked)]);
    }
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
