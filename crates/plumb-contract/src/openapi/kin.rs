//! Which schemas a `discriminator` chooses among, and what it says of each: the property is there
//! and holds one of the schema's names.
//!
//! Refuses to know other keywords.

use crate::compared::Unread;
use crate::openapi::document::{Links, Spot};
use plumb_tree::Node;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Schemas that a property is looked for in: references and parts of an `allOf`.
const PARTS_DEEP_MAX: usize = 4;

/// Heirs of one schema at most, heirs of heirs included.
const HEIRS_MAX: usize = 10_000;

/// The named schemas of a description, and which of them build on which.
#[derive(Debug, Default)]
pub(crate) struct Kin<'t> {
    names: HashMap<*const Node, &'t str>,
    named: BTreeMap<&'t str, Spot<'t>>,
    /// Schemas whose `allOf` refers to the key.
    heirs: HashMap<*const Node, Vec<Spot<'t>>>,
}

impl<'t> Kin<'t> {
    /// Reads the names and the `allOf` of every named schema.
    pub(crate) fn new(links: &Links<'t>) -> Self {
        let mut kin = Self::default();
        let Ok(root) = links.documents().root() else { return kin };
        let modern = root.get("components").and_then(|spot| spot.get("schemas"));
        let Some(schemas) = modern.or_else(|| root.get("definitions")) else { return kin };
        for (name, spot) in schemas.entries() {
            kin.names.insert(spot.node, name);
            kin.named.insert(name, spot);
            for part in spot.get("allOf").into_iter().flat_map(Spot::items) {
                if let Some(Ok(base)) = links.follow(part) {
                    kin.heirs.entry(base.node).or_default().push(spot);
                }
            }
        }
        kin
    }

    /// The names of all schemas that build on this one, directly or through others.
    pub(crate) fn heirs(&self, node: &Node) -> BTreeSet<&'t str> {
        let all = self.all_heirs(node);
        all.iter()
            .filter_map(|spot| self.names.get(&std::ptr::from_ref(spot.node)).copied())
            .collect()
    }

    fn all_heirs(&self, node: &Node) -> Vec<Spot<'t>> {
        let direct =
            |node: &Node| self.heirs.get(&std::ptr::from_ref(node)).map_or(&[][..], |it| it);
        let mut found: Vec<Spot<'t>> = Vec::new();
        let mut seen: BTreeSet<*const Node> = BTreeSet::from([std::ptr::from_ref(node)]);
        let mut left: Vec<Spot<'t>> = direct(node).to_vec();
        while let Some(spot) = left.pop() {
            if found.len() < HEIRS_MAX && seen.insert(spot.node) {
                found.push(spot);
                left.extend(direct(spot.node));
            }
        }
        found
    }
}

/// What the discriminator at `spot` says of one branch of its `oneOf` or `anyOf`.
///
/// # Errors
/// When its names are none that the property admits; then nothing is said.
pub(crate) fn restriction<'t>(
    kin: &Kin<'t>,
    links: &Links<'t>,
    spot: Spot<'t>,
    branch: Spot<'t>,
) -> Result<Option<Value>, Unread> {
    let Some(property) = property_of(spot) else { return Ok(None) };
    let Some(Ok(target)) = links.follow(branch) else { return Ok(None) };
    let mut names = mapped(kin, links, spot, target);
    if names.is_empty() {
        let last = branch.text("$ref").and_then(|text| text.rsplit('/').next());
        names.extend(last.filter(|name| !name.contains('.')).map(str::to_owned));
    }
    said(links, spot, (property, target), &names)
}

/// What the discriminator says of the very schema it stands in, when others build on that.
///
/// # Errors
/// When its names are none that the property admits; then nothing is said.
pub(crate) fn own_restriction<'t>(
    kin: &Kin<'t>,
    links: &Links<'t>,
    spot: Spot<'t>,
) -> Result<Option<Value>, Unread> {
    let Some(property) = property_of(spot) else { return Ok(None) };
    let heirs = kin.all_heirs(spot.node);
    if heirs.is_empty() {
        return Ok(Some(json!({ "required": [property] })));
    }
    let mut names = BTreeSet::new();
    for schema in heirs.iter().chain([&spot]) {
        let own = mapped(kin, links, spot, *schema);
        if own.is_empty() {
            let name = kin.names.get(&std::ptr::from_ref(schema.node));
            names.extend(name.map(|name| (*name).to_owned()));
        }
        names.extend(own);
    }
    said(links, spot, (property, spot), &names)
}

/// The property that discriminates; none where a default takes what has no name.
fn property_of(spot: Spot<'_>) -> Option<&str> {
    let at = spot.get("discriminator")?;
    if at.get("defaultMapping").is_some() {
        return None;
    }
    at.node.as_str().or_else(|| at.text("propertyName"))
}

/// The names that the mapping gives a schema.
fn mapped<'t>(
    kin: &Kin<'t>,
    links: &Links<'t>,
    spot: Spot<'t>,
    target: Spot<'t>,
) -> BTreeSet<String> {
    let mapping = spot.get("discriminator").and_then(|at| at.get("mapping"));
    let mut names = BTreeSet::new();
    for (name, at) in mapping.into_iter().flat_map(Spot::entries) {
        let Some(text) = at.node.as_str() else { continue };
        let found = kin.named.get(text).copied().or_else(|| links.lead(at.file, text).ok());
        if found.is_some_and(|found| std::ptr::eq(found.node, target.node)) {
            names.insert(name.to_owned());
        }
    }
    names
}

fn said<'t>(
    links: &Links<'t>,
    spot: Spot<'t>,
    (property, target): (&str, Spot<'t>),
    names: &BTreeSet<String>,
) -> Result<Option<Value>, Unread> {
    if names.is_empty() {
        return Ok(Some(json!({ "required": [property] })));
    }
    let words = words_of(links, target, property, 0);
    let admits = |words: &Vec<&str>| names.iter().any(|name| words.contains(&name.as_str()));
    if words.is_some_and(|words| !admits(&words)) {
        let reason = format!("none of the discriminator's names is one that `{property}` admits");
        return Err(spot.unread(reason));
    }
    Ok(Some(json!({ "required": [property], "properties": { property: { "enum": names } } })))
}

/// The words that the property is limited to, where the schema limits it.
fn words_of<'t>(
    links: &Links<'t>,
    target: Spot<'t>,
    property: &str,
    depth: usize,
) -> Option<Vec<&'t str>> {
    if depth > PARTS_DEEP_MAX {
        return None;
    }
    let found = target.get("properties").and_then(|at| at.get(property));
    let found = found.and_then(|at| links.resolve(at).ok());
    let listed = found.and_then(|at| at.get("enum")).map(|words| words.items().collect());
    let single = found.and_then(|at| at.get("const")).map(|word| vec![word]);
    let words: Option<Vec<Spot<'t>>> = listed.or(single);
    if let Some(words) = words {
        return Some(words.iter().filter_map(|word| word.node.as_str()).collect());
    }
    let parts = target.get("allOf").into_iter().flat_map(Spot::items);
    parts
        .filter_map(|part| links.resolve(part).ok())
        .find_map(|part| words_of(links, part, property, depth + 1))
}
