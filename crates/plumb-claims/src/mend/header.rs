//! Edits of headers, however they are listed.

use crate::mend::edits::json_node;
use crate::mend::site::{Headers, Site, Values};
use plumb_shape::said::media_type_essence;
use plumb_tree::edit::Edit;
use plumb_tree::layout::Layout;
use plumb_tree::{Key, Node, Value, quoted};

/// Takes a header out; `None` when it is not there.
pub(crate) fn remove_header(layout: Layout<'_>, site: &Site<'_>, name: &str) -> Option<Edit> {
    match site.headers {
        Headers::ByName(list, _) => {
            let list = list?;
            let at = list.entries().iter().position(|(key, _)| is_named(key, name))?;
            layout.remove_member(list, at)
        }
        Headers::Pairs(list, key) => {
            let list = list?;
            let at = list.items().iter().position(|pair| is_pair(pair, (key, name)))?;
            layout.remove_element(list, at)
        }
        Headers::InTurn(list) => remove_turn(layout, list?, name),
    }
}

/// Takes a name and its value out of a list of both in turn.
fn remove_turn(layout: Layout<'_>, list: &Node, name: &str) -> Option<Edit> {
    let items = list.items();
    let at = turn(items, name)?;
    let start = items.get(at)?.start;
    let end = items.get(at + 1)?.end;
    let (start, end) = match (items.get(at + 2), at.checked_sub(1)) {
        (Some(next), _) => (start, next.start),
        (None, Some(before)) => (items.get(before)?.end, end),
        (None, None) => return Some(layout.replace(list, &json_node("[]").ok()?)),
    };
    Some(Edit { start, end, text: String::new() })
}

fn turn(items: &[Node], name: &str) -> Option<usize> {
    let is_it = |item: &Node| item.as_str().is_some_and(|it| it.eq_ignore_ascii_case(name));
    (0..items.len()).step_by(2).find(|at| items.get(*at).is_some_and(is_it))
}

/// Writes the media type of an answer; a header that names it already, perhaps with parameters,
/// stays.
pub(crate) fn set_media_type(
    layout: Layout<'_>,
    site: &Site<'_>,
    media_type: &str,
) -> Option<Edit> {
    let known = value_of(site, "content-type").map(value_text);
    let is_same = known.is_some_and(|known| media_type_essence(known) == media_type);
    if is_same { None } else { set_header(layout, site, "Content-Type", media_type) }
}

/// Writes a header, over its value or anew; `None` when there is nowhere to write it.
pub(crate) fn set_header(
    layout: Layout<'_>,
    site: &Site<'_>,
    name: &str,
    value: &str,
) -> Option<Edit> {
    let text = json_node(&quoted(value)).ok()?;
    if site.response.value == Value::Computed && !has_headers(site) {
        return None;
    }
    match site.headers {
        Headers::InTurn(list) => {
            let list = list?;
            let both = format!("{}, {}", quoted(name), quoted(value));
            match (turn(list.items(), name), list.items()) {
                (Some(at), items) => Some(layout.replace(items.get(at + 1)?, &text)),
                (None, []) => Some(layout.replace(list, &json_node(&format!("[{both}]")).ok()?)),
                (None, _) => layout.append_element(list, &both),
            }
        }
        Headers::ByName(list, values) => {
            let value = match values {
                Values::List => json_node(&format!("[{}]", quoted(value))).ok()?,
                Values::One => text.clone(),
            };
            let Some(list) = list else {
                let member =
                    json_node(&format!("{{{}:{}}}", quoted(name), value.to_json_text())).ok()?;
                return Some(layout.insert_member(site.response, site.keys.1, &member));
            };
            Some(match value_of(site, name).map(|known| (known, known.items())) {
                Some((_, [one, ..])) => layout.replace(one, &text),
                Some((known, [])) => layout.replace(known, &value),
                None => layout.insert_member(list, name, &value),
            })
        }
        Headers::Pairs(list, key) => {
            let pair = format!("{{\"{key}\": {}, \"value\": {}}}", quoted(name), quoted(value));
            let Some(list) = list else {
                let list = json_node(&format!("[{pair}]")).ok()?;
                return Some(layout.insert_member(site.response, site.keys.1, &list));
            };
            match list.items().iter().find(|pair| is_pair(pair, (key, name))) {
                Some(pair) => Some(layout.replace(pair.get("value")?, &text)),
                None if list.items().is_empty() => {
                    Some(layout.replace(list, &json_node(&format!("[{pair}]")).ok()?))
                }
                None => layout.append_element(list, &pair),
            }
        }
    }
}

/// The header that tells a body's length follows the body: changed where it is there.
pub(crate) fn follow_length(layout: Layout<'_>, site: &Site<'_>, length: usize) -> Option<Edit> {
    value_of(site, "content-length")?;
    set_header(layout, site, "content-length", &length.to_string())
}

/// The value of a header, or the list of its values, where it is written.
fn value_of<'a>(site: &Site<'a>, name: &str) -> Option<&'a Node> {
    match site.headers {
        Headers::ByName(list, _) => {
            let known = list?.entries().iter().find(|(key, _)| is_named(key, name));
            known.map(|(_, value)| value)
        }
        Headers::Pairs(list, key) => {
            list?.items().iter().find(|pair| is_pair(pair, (key, name)))?.get("value")
        }
        Headers::InTurn(list) => {
            let items = list?.items();
            items.get(turn(items, name)? + 1)
        }
    }
}

fn has_headers(site: &Site<'_>) -> bool {
    match site.headers {
        Headers::ByName(list, _) | Headers::Pairs(list, _) | Headers::InTurn(list) => {
            list.is_some()
        }
    }
}

fn is_named(key: &Key, name: &str) -> bool {
    key.text.eq_ignore_ascii_case(name)
}

fn is_pair(pair: &Node, (key, name): (&str, &str)) -> bool {
    pair.get(key).and_then(Node::as_str).is_some_and(|it| it.eq_ignore_ascii_case(name))
}

/// The first value of a header.
pub(crate) fn value_text(value: &Node) -> &str {
    value.as_str().or_else(|| value.items().first()?.as_str()).unwrap_or_default()
}
