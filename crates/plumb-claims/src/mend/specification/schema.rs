//! Edits of schemas, so that they take what is seen beside what they took.
//!
//! Keywords of one kind do not speak of others, so most changes are of one keyword. What has no
//! keyword to change is named. Refuses to know operations and media types.

use crate::mend::specification::described::{kind_names, schema_node};
use crate::mend::specification::text::Gathered;
use crate::mend::specification::walk::{Part, Walk};
use crate::openapi::refs::Spot;
use crate::openapi::schema::Version;
use plumb_shape::change::Beyond;
use plumb_shape::difference::DifferenceKind;
use plumb_shape::place::Step;
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value, quoted};

const NOT_SAID: &str = "no schema at this place says it in a keyword that could be changed";
const VARIANT: &str =
    "which variant of `oneOf` or `anyOf` has it is for people to say: add it there";
const WITHHELD: &str = "the new values are withheld: look one up, and add it to the `enum`";
const LISTED: &str = "an `enum` or `const` stands there: write what else there may be into it";
const MAY_BE: &str = "a specification may allow what is not seen: take it out if it is gone";

/// Keywords that say which values there may be.
const NARROWING: [&str; 26] = [
    "type",
    "format",
    "enum",
    "const",
    "nullable",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "properties",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "patternProperties",
    "minProperties",
    "maxProperties",
];

/// One place below a schema, and the schemas that speak of it.
pub(super) struct Meant<'l> {
    /// Those of what is above it.
    pub(super) above: Vec<Part<'l>>,
    /// Those that stand at it, before references are followed.
    pub(super) at: Vec<Part<'l>>,
    /// The last step; `None` for the whole body.
    pub(super) last: Option<Step>,
}

/// Finds the schemas that speak of a place below these.
pub(super) fn meant<'l>(walk: Walk<'l>, roots: Vec<Part<'l>>, steps: &[Step]) -> Meant<'l> {
    let mut at = roots;
    let mut above = Vec::new();
    for step in steps {
        above = at.iter().flat_map(|part| walk.parts(*part)).collect();
        at = walk.below(&above, step);
    }
    Meant { above, at, last: steps.last().cloned() }
}

/// Lets the schemas take what is seen.
///
/// # Errors
/// What stands in the way.
pub(super) fn admit(
    walk: Walk<'_>,
    meant: &Meant<'_>,
    beyond: &Beyond,
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    use DifferenceKind as Kind;
    let before = out.count();
    let name = match &meant.last {
        Some(Step::Key(name)) => Some(&**name),
        _ => None,
    };
    match (beyond.kind, name) {
        (Kind::NeverSeen, _) => return Err(MAY_BE.to_owned()),
        (Kind::Gone, Some(name)) => gone(meant, name, out),
        (Kind::SometimesAbsent, Some(name)) => optional(meant, name, out),
        (Kind::New | Kind::Refused, _) => added(walk.version, meant, beyond, out)?,
        (Kind::NullNew, _) => each(&meant.at, |part| null(walk, part, out))?,
        (Kind::KindNew, _) => each(&meant.at, |part| kind_new(walk, part, beyond, out))?,
        (Kind::KindChanged, _) => each(&meant.at, |part| kind_changed(walk, part, beyond, out))?,
        (Kind::ValueNew, _) => {
            each(&parts(walk, meant), |part| listed(part.spot, &beyond.words, out))?;
        }
        (Kind::EmptyNew | Kind::Emptied, _) => {
            each(&parts(walk, meant), |part| emptied(part.spot, beyond.traits, out))?;
        }
        (Kind::FormatChanged, _) => {
            each(&parts(walk, meant), |part| reformatted(part.spot, beyond.traits, out))?;
        }
        (Kind::NumberWidened, _) => {
            each(&parts(walk, meant), |part| widened(part.spot, beyond.traits, out))?;
        }
        _ => {}
    }
    if out.count() == before { Err(NOT_SAID.to_owned()) } else { Ok(()) }
}

fn parts<'l>(walk: Walk<'l>, meant: &Meant<'l>) -> Vec<Part<'l>> {
    meant.at.iter().flat_map(|part| walk.parts(*part)).collect()
}

fn each<'l>(
    parts: &[Part<'l>],
    mut change: impl FnMut(Part<'l>) -> Result<(), String>,
) -> Result<(), String> {
    parts.iter().try_for_each(|part| change(*part))
}

/// Takes a name out of the lists of what is required.
fn optional(meant: &Meant<'_>, name: &str, out: &mut Gathered<'_>) {
    for part in &meant.above {
        let Some(required) = part.spot.get("required") else { continue };
        let names = required.node.items().iter();
        let Some(at) = names.clone().position(|it| it.as_str() == Some(name)) else { continue };
        if names.len() == 1 {
            // In 3.0 the list may not be empty.
            out.drop(part.spot, &["required"]);
        } else {
            out.add(required, |layout, node, _| layout.remove_element(node, at));
        }
    }
}

/// The same, and where nobody else refers to the schema the member itself.
fn gone(meant: &Meant<'_>, name: &str, out: &mut Gathered<'_>) {
    optional(meant, name, out);
    if meant.above.iter().any(|part| part.is_shared || part.is_variant) {
        return;
    }
    for part in &meant.above {
        if let Some(properties) = part.spot.get("properties") {
            out.drop(properties, &[name]);
        }
    }
}

/// Describes a member, or elements, that nothing described.
fn added(
    version: Version,
    meant: &Meant<'_>,
    beyond: &Beyond,
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let json = beyond.json.as_deref().ok_or(NOT_SAID)?;
    let schema = schema_node(json, version)?.to_json_text();
    if let Some(refused) = meant.at.first() {
        out.over(refused.spot, &schema);
        return Ok(());
    }
    let is_closed = |part: &&Part<'_>| {
        let keys = ["additionalProperties", "unevaluatedProperties"].into_iter();
        keys.filter_map(|key| part.spot.get(key)).any(|at| at.node.as_bool() == Some(false))
    };
    let closed: Vec<&Part<'_>> = meant.above.iter().filter(is_closed).collect();
    let has_members = |part: &&Part<'_>| part.spot.get("properties").is_some();
    let first = meant.above.iter().find(has_members).or(meant.above.first());
    let owners = if closed.is_empty() { first.into_iter().collect() } else { closed };
    for owner in owners {
        match &meant.last {
            _ if owner.is_variant => return Err(VARIANT.to_owned()),
            Some(Step::Key(name)) => {
                let member = || format!("{{{}: {schema}}}", quoted(name));
                match owner.spot.get("properties") {
                    Some(properties) => out.put(properties, name, &schema)?,
                    None => out.put(owner.spot, "properties", &member())?,
                }
                if beyond.is_required {
                    match owner.spot.get("required") {
                        Some(required) => out.append(required, &quoted(name))?,
                        None => out.put(owner.spot, "required", &format!("[{}]", quoted(name)))?,
                    }
                }
            }
            Some(Step::Any) => out.put(owner.spot, "additionalProperties", &schema)?,
            Some(Step::Item) => out.put(owner.spot, "items", &schema)?,
            None => return Err(NOT_SAID.to_owned()),
        }
    }
    Ok(())
}

fn null(walk: Walk<'_>, part: Part<'_>, out: &mut Gathered<'_>) -> Result<(), String> {
    let schema = part.spot;
    let old = schema.node.to_json_text();
    let is_reference = walk.is_plain_reference(schema);
    if schema.get("const").is_some() {
        return Err(LISTED.to_owned());
    }
    let is_null = |node: &Node| node.value == Value::Null;
    let words = schema.get("enum").filter(|list| !list.node.items().iter().any(is_null));
    if let (Some(list), false) = (words, is_reference) {
        out.append(list, "null")?;
    }
    let variants = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key));
    match (walk.version, schema.get("type"), variants) {
        (Version::V30, ..) if is_reference => {
            out.over(schema, &format!("{{\"nullable\": true, \"allOf\": [{old}]}}"));
        }
        (Version::V30, ..) => out.put(schema, "nullable", "true")?,
        (_, Some(list), _) if !list.node.items().is_empty() => out.append(list, "\"null\"")?,
        (_, Some(kind), _) => {
            let kind = quoted(kind.node.as_str().unwrap_or_default());
            out.over(schema.get("type").unwrap_or(schema), &format!("[{kind}, \"null\"]"));
        }
        (_, None, Some(variants)) => out.append(variants, "{\"type\": \"null\"}")?,
        (_, None, None) if words.is_some() => {}
        (_, None, None) => {
            out.over(schema, &format!("{{\"anyOf\": [{old}, {{\"type\": \"null\"}}]}}"));
        }
    }
    Ok(())
}

fn kind_new(
    walk: Walk<'_>,
    part: Part<'_>,
    beyond: &Beyond,
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let schema = part.spot;
    let old = schema.node.to_json_text();
    let names = kind_names(beyond.traits);
    let alone = |name: &&str| format!("{{\"type\": \"{name}\"}}");
    let new: Vec<String> = match beyond.json.as_deref() {
        Some(json) if names.len() == 1 => vec![schema_node(json, walk.version)?.to_json_text()],
        _ => names.iter().map(alone).collect(),
    };
    if !walk.is_plain_reference(schema)
        && ["enum", "const"].iter().any(|it| schema.get(it).is_some())
    {
        return Err(LISTED.to_owned());
    }
    let variants = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key));
    match (variants, schema.get("type")) {
        (Some(variants), _) => new.iter().try_for_each(|new| out.append(variants, new))?,
        (None, Some(list)) if !list.node.items().is_empty() => {
            names.iter().try_for_each(|name| out.append(list, &quoted(name)))?;
        }
        (None, Some(kind)) if walk.version == Version::V31 && new.iter().all(|it| is_plain(it)) => {
            let old = kind.node.as_str().unwrap_or_default();
            let all = [old].into_iter().chain(names).map(quoted).collect::<Vec<_>>();
            out.over(kind, &format!("[{}]", all.join(", ")));
        }
        (None, Some(kind)) if new.iter().all(|it| is_plain(it)) => {
            // In 3.0 a type is one: what else the schema says speaks of its own kind only.
            let old = format!("{{\"type\": {}}}", kind.node.to_json_text());
            let all: Vec<String> = std::iter::once(old).chain(new).collect();
            let all = format!("[{}]", all.join(", "));
            out.rename(schema, "type", ("anyOf", Some(&all)));
        }
        _ => out.over(schema, &format!("{{\"anyOf\": [{old}, {}]}}", new.join(", "))),
    }
    Ok(())
}

/// True for a schema that says nothing but a type.
fn is_plain(schema: &str) -> bool {
    schema.matches(':').count() == 1
}

fn kind_changed(
    walk: Walk<'_>,
    part: Part<'_>,
    beyond: &Beyond,
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let target = walk.followed(part).filter(|_| walk.is_plain_reference(part.spot));
    let meant = target.unwrap_or(part);
    let schema = meant.spot;
    let is_composed = ["allOf", "anyOf", "oneOf", "$ref"].iter().any(|it| schema.get(it).is_some());
    let Some(json) = beyond.json.as_deref().filter(|_| !meant.is_shared && !is_composed) else {
        return kind_new(walk, part, beyond, out);
    };
    let new = schema_node(json, walk.version)?;
    let narrowing = schema.node.entries().iter().filter(|(key, _)| is_narrowing(&key.text));
    let is_type_alone = narrowing.count() == 1 && new.entries().len() == 1;
    if let (Some(kind), Some(name), true) = (schema.get("type"), new.get("type"), is_type_alone) {
        out.add(kind, |layout, node, _| Some(layout.replace(node, name)));
        return Ok(());
    }
    let kept = schema.node.entries().iter().filter(|(key, _)| {
        !is_narrowing(&key.text) && !["example", "examples", "default"].contains(&key.text.as_str())
    });
    let member = |key: &str, node: &Node| format!("{}: {}", quoted(key), node.to_json_text());
    let all = new.entries().iter().chain(kept).map(|(key, node)| member(&key.text, node));
    let all: Vec<String> = all.collect();
    out.over(schema, &format!("{{{}}}", all.join(", ")));
    Ok(())
}

fn is_narrowing(key: &str) -> bool {
    NARROWING.contains(&key)
}

/// Adds words to a list of values.
fn listed(schema: Spot<'_>, words: &[String], out: &mut Gathered<'_>) -> Result<(), String> {
    if schema.get("const").is_some() {
        return Err(LISTED.to_owned());
    }
    let Some(list) = schema.get("enum") else { return Ok(()) };
    if words.is_empty() {
        return Err(WITHHELD.to_owned());
    }
    words.iter().for_each(|word| out.append_word(list, word));
    Ok(())
}

fn emptied(schema: Spot<'_>, traits: TraitSet, out: &mut Gathered<'_>) -> Result<(), String> {
    let bound = if traits.intersects(TraitSet::ARRAY) { "minItems" } else { "minLength" };
    if schema.get(bound).is_some() {
        out.put(schema, bound, "0")?;
    }
    if traits.intersects(TraitSet::ARRAY) {
        return Ok(());
    }
    if schema.get("pattern").is_some() {
        return Err("a `pattern` stands there: let it take an empty text".to_owned());
    }
    match schema.get("enum") {
        Some(list) => out.append(list, "\"\"")?,
        None => out.drop(schema, &["format"]),
    }
    Ok(())
}

fn reformatted(schema: Spot<'_>, traits: TraitSet, out: &mut Gathered<'_>) -> Result<(), String> {
    if ["enum", "const"].iter().any(|key| schema.get(key).is_some()) {
        return Err(LISTED.to_owned());
    }
    let is_long = traits.intersects(TraitSet::LONG);
    let is_other = !traits.minus(TraitSet::LONG).is_empty();
    let keys = [("format", is_other), ("maxLength", is_long)];
    let keys = keys.into_iter().filter(|(_, is_meant)| *is_meant).map(|(key, _)| key);
    let keys: Vec<&str> = keys.filter(|key| schema.get(key).is_some()).collect();
    if !keys.is_empty() {
        out.drop(schema, &keys);
    }
    Ok(())
}

fn widened(schema: Spot<'_>, traits: TraitSet, out: &mut Gathered<'_>) -> Result<(), String> {
    let wide = TraitSet::INT53 | TraitSet::INT64 | TraitSet::BIG;
    let is_fraction = traits.intersects(TraitSet::FRACTION | TraitSet::BIG);
    let has = |key: &str| schema.get(key).is_some();
    if has("enum") || has("const") {
        return Err(LISTED.to_owned());
    }
    let mut gone = Vec::new();
    if is_fraction {
        let kinds = schema.get("type").map(|at| match at.node.items() {
            [] => vec![at],
            _ => at.items().collect(),
        });
        let whole = kinds.unwrap_or_default().into_iter();
        for kind in whole.filter(|kind| kind.node.as_str() == Some("integer")) {
            let number = schema_node("1.5", Version::V31)?;
            let name = number.get("type").cloned().ok_or(NOT_SAID)?;
            out.add(kind, |layout, node, _| Some(layout.replace(node, &name)));
        }
        gone.extend(["format", "multipleOf"]);
    } else if has("format") {
        out.put(schema, "format", "\"int64\"")?;
    }
    if traits.intersects(TraitSet::NEGATIVE | TraitSet::ZERO) {
        gone.extend(["minimum", "exclusiveMinimum"]);
    }
    if traits.intersects(wide) {
        gone.extend(["maximum", "exclusiveMaximum"]);
    }
    gone.retain(|key| has(key));
    if !gone.is_empty() {
        out.drop(schema, &gone);
    }
    Ok(())
}
