//! The traits that the keywords of a schema admit for single values: types, formats, bounds,
//! enumerations.
//!
//! Knows one schema object at a time; refuses to know members, elements, references and files.

use plumb_shape::format::{number_traits, string_traits};
use plumb_shape::trait_set::{LONG_STRING_BYTES, TraitSet};
use plumb_tree::{Node, Value};
use regex::RegexBuilder;
use std::collections::BTreeSet;

/// Patterns longer than this are not tried, only taken as refusing the empty string.
const PATTERN_BYTES_MAX: usize = 512;

/// Bytes of one compiled pattern: enough for those that people write, so that a thousand of them
/// cost little.
const PATTERN_COMPILED_BYTES_MAX: usize = 64 << 10;

/// The traits of a kind as JSON Schema names kinds (`integer`, `string`), narrowed by the other
/// keywords of `schema`; `None` for a name that is no kind.
pub(crate) fn traits_of_kind(kind: &str, schema: &Node) -> Option<TraitSet> {
    match kind {
        "null" => Some(TraitSet::NULL),
        "boolean" => Some(TraitSet::BOOLEAN),
        "integer" => Some(integer_traits(schema)),
        "number" => Some(Bounds::of(schema).narrow(TraitSet::NUMBER)),
        "string" => Some(text_traits(schema)),
        "array" => Some(array_traits(schema)),
        "object" => Some(object_traits(schema)),
        _ => None,
    }
}

/// The traits of any value, narrowed by those keywords of `schema` that speak of one kind only.
pub(crate) fn traits_of_any_kind(schema: &Node) -> TraitSet {
    let own = TraitSet::NUMBER | TraitSet::STRING | TraitSet::ARRAY | TraitSet::OBJECT;
    TraitSet::ALL.minus(own)
        | Bounds::of(schema).narrow(TraitSet::NUMBER)
        | shorten(schema, TraitSet::STRING)
        | array_traits(schema)
        | object_traits(schema)
}

/// What `enum` and `const` leave of `traits`, and the strings they name when they name no other
/// scalars. Values that are no strings count as their text when only strings are admitted: YAML
/// makes numbers of `[1, 2]`.
pub(crate) fn enumerated(
    schema: &Node,
    traits: TraitSet,
) -> Option<(TraitSet, Option<BTreeSet<String>>)> {
    let values: Vec<&Node> = match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => vec![value],
        (None, Some(list)) => list.items().iter().collect(),
        (None, None) => return None,
    };
    let only_text = traits.intersects(TraitSet::STRING)
        && !traits.intersects(TraitSet::NUMBER | TraitSet::BOOLEAN);
    let mut found = TraitSet::NONE;
    let mut words = Some(BTreeSet::new());
    for value in values {
        let text = match &value.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) if only_text => Some(value.to_json_text()),
            _ => None,
        };
        found |=
            text.as_ref().map_or_else(|| traits_of(value), |text| string_traits(text.as_bytes()));
        match (text, &value.value) {
            (Some(text), _) => {
                if let Some(words) = &mut words {
                    words.insert(text);
                }
            }
            (None, Value::Null) => {}
            (None, _) => words = None,
        }
    }
    Some((found & traits.widened_to_kinds(), words.filter(|words| !words.is_empty())))
}

/// What the values with these traits and words look like as text: in a query, a header or a form.
pub(crate) fn as_text(
    traits: TraitSet,
    words: Option<BTreeSet<String>>,
) -> (TraitSet, Option<BTreeSet<String>>) {
    if traits.intersects(TraitSet::ARRAY | TraitSet::OBJECT) {
        return (TraitSet::STRING, None);
    }
    let mut text = traits & TraitSet::STRING;
    let mut words = words;
    if traits.intersects(TraitSet::NUMBER) {
        text |= TraitSet::DIGITS;
        words = None;
    }
    if traits.intersects(TraitSet::NULL) {
        text |= TraitSet::EMPTY_STRING;
    }
    if traits.intersects(TraitSet::BOOLEAN) {
        text |= TraitSet::TEXT;
        let only = !traits.intersects(TraitSet::STRING | TraitSet::NUMBER);
        words = only.then(|| BTreeSet::from(["false".to_owned(), "true".to_owned()]));
    }
    (text, words)
}

/// The bounds of a number.
struct Bounds {
    low: f64,
    high: f64,
    zero: bool,
}

impl Bounds {
    fn of(schema: &Node) -> Self {
        let number = |key: &str| schema.get(key)?.as_number()?.as_f64();
        let flag = |key: &str| schema.get(key).and_then(Node::as_bool).unwrap_or(false);
        let (least, above) = (number("minimum"), number("exclusiveMinimum"));
        let (most, below) = (number("maximum"), number("exclusiveMaximum"));
        // In 3.0 the exclusive keywords are flags beside the bound, in 3.1 bounds of their own.
        let zero = above.is_none_or(|above| above < 0.0)
            && below.is_none_or(|below| below > 0.0)
            && !(flag("exclusiveMinimum") && least == Some(0.0))
            && !(flag("exclusiveMaximum") && most == Some(0.0));
        let low = least.into_iter().chain(above).fold(f64::NEG_INFINITY, f64::max);
        let high = most.into_iter().chain(below).fold(f64::INFINITY, f64::min);
        Self { low, high, zero: zero && low <= 0.0 && high >= 0.0 }
    }

    fn narrow(&self, traits: TraitSet) -> TraitSet {
        const BEYOND_32: f64 = 2_147_483_648.0;
        const BEYOND_53: f64 = 9_007_199_254_740_992.0;
        const BEYOND_63: f64 = 9_223_372_036_854_775_808.0;
        // Each size from its first number above zero and its first below zero to the next size.
        let sizes = [
            (TraitSet::INT32, 1.0, -1.0, BEYOND_32),
            (TraitSet::INT53, BEYOND_32, (-BEYOND_32).next_down(), BEYOND_53),
            (TraitSet::INT64, BEYOND_53, (-BEYOND_53).next_down(), BEYOND_63),
            (TraitSet::BIG, BEYOND_63, (-BEYOND_63).next_down(), f64::INFINITY),
        ];
        let mut left = traits;
        for (size, up, down, beyond) in sizes {
            let above_zero = self.high >= up && self.low < beyond;
            let below_zero = self.low <= down && self.high > -beyond;
            if !above_zero && !below_zero {
                left = left.minus(size);
            }
        }
        let zero = if self.zero { TraitSet::NONE } else { TraitSet::ZERO };
        let sign = if self.low < 0.0 { TraitSet::NONE } else { TraitSet::NEGATIVE };
        left.minus(zero).minus(sign)
    }
}

fn integer_traits(schema: &Node) -> TraitSet {
    let whole = TraitSet::INTEGER.minus(TraitSet::BIG) | TraitSet::NEGATIVE;
    let narrow = TraitSet::ZERO | TraitSet::INT32 | TraitSet::NEGATIVE;
    let by_format = match schema.get("format").and_then(Node::as_str) {
        Some("int32" | "int16" | "int8") => narrow,
        Some("uint8" | "uint16") => narrow.minus(TraitSet::NEGATIVE),
        Some("uint32") => narrow.minus(TraitSet::NEGATIVE) | TraitSet::INT53,
        Some("uint64") => TraitSet::INTEGER,
        _ => whole,
    };
    Bounds::of(schema).narrow(by_format)
}

fn text_traits(schema: &Node) -> TraitSet {
    let by_format = match schema.get("format").and_then(Node::as_str) {
        Some("date") => TraitSet::DATE,
        Some("date-time") => TraitSet::DATE_TIME,
        Some("time") => TraitSet::TIME,
        Some("uuid") => TraitSet::UUID,
        Some("email") => TraitSet::EMAIL,
        Some("uri") => TraitSet::URI | TraitSet::LONG,
        Some("ipv4") => TraitSet::IPV4,
        Some("ipv6") => TraitSet::IPV6,
        _ => TraitSet::STRING,
    };
    shorten(schema, by_format)
}

fn shorten(schema: &Node, traits: TraitSet) -> TraitSet {
    let least = count(schema, "minLength").unwrap_or(0);
    let most = count(schema, "maxLength");
    let pattern = schema.get("pattern").and_then(Node::as_str);
    if most == Some(0) {
        return traits & TraitSet::EMPTY_STRING;
    }
    let mut left = traits;
    if least > 0 || pattern.is_some_and(refuses_empty) {
        left = left.minus(TraitSet::EMPTY_STRING);
    }
    if most.is_some_and(|most| most <= LONG_STRING_BYTES) {
        left = left.minus(TraitSet::LONG);
    }
    left
}

/// True unless the pattern is known to admit the empty string.
fn refuses_empty(pattern: &str) -> bool {
    if pattern.len() > PATTERN_BYTES_MAX {
        return true;
    }
    let built = RegexBuilder::new(pattern).size_limit(PATTERN_COMPILED_BYTES_MAX).build();
    !built.is_ok_and(|regex| regex.is_match(""))
}

fn array_traits(schema: &Node) -> TraitSet {
    let least = count(schema, "minItems").unwrap_or(0);
    let most = count(schema, "maxItems").unwrap_or(usize::MAX);
    let lengths = [
        (TraitSet::EMPTY_ARRAY, least == 0),
        (TraitSet::ONE_ELEMENT, least <= 1 && most >= 1),
        (TraitSet::MANY_ELEMENTS, most >= 2),
    ];
    admitted(&lengths)
}

fn object_traits(schema: &Node) -> TraitSet {
    let least = count(schema, "minProperties").unwrap_or(0);
    let most = count(schema, "maxProperties").unwrap_or(usize::MAX);
    let sizes =
        [(TraitSet::EMPTY_OBJECT, least == 0), (TraitSet::RECORD | TraitSet::MAP, most >= 1)];
    admitted(&sizes)
}

fn admitted(choices: &[(TraitSet, bool)]) -> TraitSet {
    let chosen = choices.iter().filter(|(_, is_admitted)| *is_admitted);
    chosen.fold(TraitSet::NONE, |all, (traits, _)| all | *traits)
}

fn count(schema: &Node, key: &str) -> Option<usize> {
    usize::try_from(schema.get(key)?.as_number()?.as_i64()?).ok()
}

/// The traits of one value as it stands in the specification.
fn traits_of(value: &Node) -> TraitSet {
    match &value.value {
        Value::Null => TraitSet::NULL,
        Value::Bool(true) => TraitSet::TRUE,
        Value::Bool(false) => TraitSet::FALSE,
        Value::Number(number) => number_traits(number.as_text().as_bytes()),
        Value::String(text) => string_traits(text.as_bytes()),
        Value::Binary(bytes) => string_traits(bytes),
        Value::Computed => TraitSet::ALL,
        Value::Array(items) => match items.len() {
            0 => TraitSet::EMPTY_ARRAY,
            1 => TraitSet::ONE_ELEMENT,
            _ => TraitSet::MANY_ELEMENTS,
        },
        Value::Object(entries) if entries.is_empty() => TraitSet::EMPTY_OBJECT,
        Value::Object(_) => TraitSet::RECORD | TraitSet::MAP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_tree::read;

    #[track_caller]
    fn check(kind: &str, keywords: &str, expected: &str) {
        let parsed = read::parse("a.yaml", format!("{{{keywords}}}").as_bytes()).unwrap();
        let schema = &parsed.documents[0];
        let traits = traits_of_kind(kind, schema).unwrap();
        let (traits, words) = enumerated(schema, traits).unwrap_or((traits, None));
        let words = words.map(|words| format!(" {words:?}")).unwrap_or_default();
        assert_eq!(format!("{}{words}", traits.names()), expected, "{kind} {keywords}");
    }

    #[test]
    fn integers_are_as_wide_as_format_and_bounds_allow() {
        let wide = "zero, int32, beyond int32, beyond 2^53, negative";
        check("integer", "", wide);
        check("integer", "format: int64", wide);
        check("integer", "format: int32", "zero, int32, negative");
        check("integer", "format: int32, minimum: 0", "zero, int32");
        check("integer", "minimum: 1", "int32, beyond int32, beyond 2^53");
        check("integer", "minimum: 1, maximum: 100", "int32");
        check("integer", "minimum: 0, exclusiveMinimum: true, maximum: 9", "int32");
        check("integer", "exclusiveMinimum: 0, maximum: 9", "int32");
        check("integer", "minimum: -5, maximum: 5", "zero, int32, negative");
        check("integer", "minimum: -2147483648, maximum: -1", "int32, negative");
        check("integer", "maximum: -3000000000", "beyond int32, beyond 2^53, negative");
        check("integer", "maximum: 2147483647, minimum: 0", "zero, int32");
        check("integer", "maximum: 2147483648, minimum: 0", "zero, int32, beyond int32");
        check("integer", "enum: [0, 5]", "zero, int32");
        check("number", "minimum: 0, maximum: 1", "zero, int32, fraction");
    }

    #[test]
    fn strings_are_their_format_less_what_lengths_refuse() {
        check("string", "format: date-time", "date-time");
        check("string", "format: uri", "uri, long");
        check("string", "format: uri, maxLength: 100", "uri");
        check("string", "maxLength: 0", "empty string");
        let all = TraitSet::STRING;
        let filled = all.minus(TraitSet::EMPTY_STRING);
        check("string", "format: binary", &all.names());
        check("string", "minLength: 1", &filled.names());
        check("string", "pattern: '^[a-z]+$'", &filled.names());
        check("string", "pattern: '^[a-z]*$'", &all.names());
        check("string", "pattern: '^(?!x).*$'", &filled.names());
        check("string", "maxLength: 255", &all.minus(TraitSet::LONG).names());
        check("string", "maxLength: 256", &all.names());
    }

    #[test]
    fn enumerations_name_their_values() {
        check("string", "enum: [paid, due]", "text {\"due\", \"paid\"}");
        check("string", "enum: [1, on, true]", "text, digits {\"1\", \"on\", \"true\"}");
        check("string", "format: date, const: '2026-11-21'", "date {\"2026-11-21\"}");
        check("boolean", "const: true", "true");
    }

    #[test]
    fn collections_have_the_sizes_that_are_allowed() {
        check("array", "minItems: 1", "one element, many elements");
        check("array", "maxItems: 1", "empty array, one element");
        check("array", "minItems: 2", "many elements");
        check("array", "maxItems: 0", "empty array");
        check("object", "minProperties: 1", "record, map");
    }

    #[test]
    fn values_have_a_text() {
        assert_eq!(as_text(TraitSet::NUMBER, None), (TraitSet::DIGITS, None));
        let (traits, words) = as_text(TraitSet::BOOLEAN | TraitSet::NULL, None);
        assert_eq!(traits, TraitSet::TEXT | TraitSet::EMPTY_STRING);
        assert_eq!(words.map(|words| words.len()), Some(2));
    }
}
