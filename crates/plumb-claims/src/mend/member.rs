//! Edits of a JSON document at one place, wherever the document itself is kept.

use plumb_shape::change::Reach;
use plumb_shape::place::Step;
use plumb_tree::edit::{Edit, apply};
use plumb_tree::layout::Layout;
use plumb_tree::{Node, Value};

/// What to do below the root of a document.
#[derive(Clone, Copy)]
pub(crate) struct Below<'a> {
    /// The way down.
    pub(crate) steps: &'a [Step],
    /// The value to write; `None` to take out what stands there.
    pub(crate) json: Option<&'a Node>,
    /// Everywhere, or in one element of the arrays on the way.
    pub(crate) reach: Reach,
}

const NO_PLACE: &str = "the claim's body has nothing at this place, or above it";

/// The edits in the text that holds the document.
pub(crate) fn member_edits(
    text: &str,
    layout: Layout<'_>,
    root: &Node,
    below: Below<'_>,
) -> Result<Vec<Edit>, String> {
    let Some((last, above)) = below.steps.split_last() else {
        return match below.json {
            Some(json) => Ok(vec![layout.replace(root, json)]),
            None => Err("the whole body is gone".to_owned()),
        };
    };
    if below.reach == Reach::OneElement
        && let Some(at) = below.steps.iter().rposition(|step| matches!(step, Step::Item))
    {
        return one_element(text, layout, root, below, at);
    }
    let mut parents = Vec::new();
    collect(root, above, &mut parents);
    let edits: Vec<Edit> =
        parents.iter().flat_map(|parent| at_parent(layout, parent, last, below.json)).collect();
    if edits.is_empty() { Err(NO_PLACE.to_owned()) } else { Ok(edits) }
}

/// Every value that the steps lead to.
fn collect<'a>(node: &'a Node, steps: &[Step], found: &mut Vec<&'a Node>) {
    let Some((step, rest)) = steps.split_first() else { return found.push(node) };
    match step {
        Step::Key(key) => node.get(key).into_iter().for_each(|it| collect(it, rest, found)),
        Step::Item => node.items().iter().for_each(|it| collect(it, rest, found)),
        Step::Any => node.entries().iter().for_each(|(_, it)| collect(it, rest, found)),
    }
}

fn at_parent(layout: Layout<'_>, parent: &Node, last: &Step, json: Option<&Node>) -> Vec<Edit> {
    match (last, json) {
        (Step::Key(key), _) => {
            let at = parent.entries().iter().position(|(known, _)| known.text == **key);
            let is_object = matches!(parent.value, Value::Object(_));
            match (at, json) {
                (Some(at), None) => layout.remove_member(parent, at).into_iter().collect(),
                (Some(at), Some(json)) => vec![layout.replace(&parent.entries()[at].1, json)],
                (None, Some(json)) if is_object => vec![layout.insert_member(parent, key, json)],
                _ => Vec::new(),
            }
        }
        (Step::Item, Some(json)) => match parent.items() {
            [] if matches!(parent.value, Value::Array(_)) => {
                vec![layout.replace(parent, &listed(json))]
            }
            items => items.iter().map(|item| layout.replace(item, json)).collect(),
        },
        (Step::Item, None) => vec![layout.replace(parent, &empty_list(parent))],
        (Step::Any, Some(json)) => {
            parent.entries().iter().map(|(_, value)| layout.replace(value, json)).collect()
        }
        (Step::Any, None) => Vec::new(),
    }
}

/// Changes the last element of an array and leaves the others; an array of one gets a second.
fn one_element(
    text: &str,
    layout: Layout<'_>,
    root: &Node,
    below: Below<'_>,
    at: usize,
) -> Result<Vec<Edit>, String> {
    let mut arrays = Vec::new();
    collect(root, below.steps.get(..at).unwrap_or_default(), &mut arrays);
    let rest = below.steps.get(at + 1..).unwrap_or_default();
    let array = arrays.iter().rev().find(|array| !array.items().is_empty()).ok_or(NO_PLACE)?;
    let element = array.items().last().ok_or(NO_PLACE)?;
    if rest.is_empty() {
        let json = below.json.ok_or(NO_PLACE)?;
        return Ok(layout.append_element(array, &json.to_json_text()).into_iter().collect());
    }
    let inner = Below { steps: rest, reach: Reach::Everywhere, ..below };
    let edits = member_edits(text, layout, element, inner)?;
    if array.items().len() > 1 {
        return Ok(edits);
    }
    let slice = text.get(element.start..element.end).unwrap_or_default().trim_end();
    let moved = edits.into_iter().map(|edit| Edit {
        start: edit.start.saturating_sub(element.start),
        end: edit.end.saturating_sub(element.start),
        text: edit.text,
    });
    let (copy, _) = apply(slice, moved.collect());
    Ok(layout.append_element(array, &copy).into_iter().collect())
}

fn listed(json: &Node) -> Node {
    Node { value: Value::Array(vec![json.clone()]), ..json.clone() }
}

fn empty_list(like: &Node) -> Node {
    Node { value: Value::Array(Vec::new()), ..like.clone() }
}
