//! What a YAML scalar means: the core schema of YAML 1.2, tags, and base64.
//!
//! It refuses to know where a scalar stands and what surrounds it.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{ScalarStyle, Tag};

use crate::text::excerpt;
use crate::{Number, Value};

/// What a scalar means, and what to note about it.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) value: Value,
    pub(crate) note: Option<String>,
}

/// What a tag asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    /// The core schema decides, also for quoted scalars.
    Core,
    Text,
    Binary,
    Unknown,
}

/// Gives a scalar its value.
pub(crate) fn resolve(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Resolved {
    match (tag.map(meaning), style) {
        (None, ScalarStyle::Plain) | (Some(Meaning::Core), _) => plain(text),
        (None, _) | (Some(Meaning::Text), _) => Resolved { value: string(text), note: None },
        (Some(Meaning::Binary), _) => binary(text),
        (Some(Meaning::Unknown), style) => {
            let note = tag.and_then(ignored_tag);
            let plain = style == ScalarStyle::Plain;
            let value = if plain { self::plain(text).value } else { string(text) };
            Resolved { value, note }
        }
    }
}

/// The note for a tag that changes nothing here; none for a tag that is understood.
pub(crate) fn ignored_tag(tag: &Tag) -> Option<String> {
    let written = match tag.handle.strip_prefix(YAML_ORG) {
        Some(_) => format!("!!{}", tag.suffix),
        None => format!("{}{}", tag.handle, tag.suffix),
    };
    let note = || format!("the tag `{}` is ignored", excerpt(&written));
    (meaning(tag) == Meaning::Unknown).then(note)
}

/// What the tags written `!!` stand for.
const YAML_ORG: &str = "tag:yaml.org,2002:";

fn meaning(tag: &Tag) -> Meaning {
    let full = format!("{}{}", tag.handle, tag.suffix);
    let name = match full.strip_prefix(YAML_ORG) {
        Some(name) => name,
        // Ruby writes its own short form.
        None if full == "!binary" => "binary",
        None if full == "!" => "str",
        None => return Meaning::Unknown,
    };
    match name {
        "binary" => Meaning::Binary,
        // Python 2 tags every text it wrote.
        "str" | "python/str" | "python/unicode" => Meaning::Text,
        "null" | "bool" | "int" | "float" | "timestamp" | "merge" => Meaning::Core,
        "map" | "seq" | "set" | "omap" | "pairs" => Meaning::Core,
        _ => Meaning::Unknown,
    }
}

fn string(text: Cow<'_, str>) -> Value {
    Value::String(text.into_owned())
}

fn plain(text: Cow<'_, str>) -> Resolved {
    let value = match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        other => match number(other) {
            Some(json) => Value::Number(Number::from_json_text(&json)),
            None => {
                let note = odd_number(other);
                return Resolved { value: string(text), note };
            }
        },
    };
    let note = octal_habit(&text);
    Resolved { value, note }
}

/// A number of the core schema in JSON's grammar.
fn number(text: &str) -> Option<String> {
    if let Some(digits) = text.strip_prefix("0x") {
        return whole(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return whole(digits, 8);
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let exponent_at = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(exponent_at);
    let (int, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(i, f)| (i, Some(f)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let some = !int.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty());
    if !some || !digits(int) || !fraction.is_none_or(digits) || !is_exponent(exponent) {
        return None;
    }
    let int = Some(int.trim_start_matches('0')).filter(|int| !int.is_empty()).unwrap_or("0");
    let fraction = match fraction {
        None => String::new(),
        Some("") => ".0".to_owned(),
        Some(digits) => format!(".{digits}"),
    };
    Some(format!("{sign}{int}{fraction}{exponent}"))
}

/// Nothing, or an `e`, perhaps a sign, and digits.
fn is_exponent(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return text.is_empty() };
    let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whole digits of another base as decimal ones, up to 128 bits.
fn whole(digits: &str, radix: u32) -> Option<String> {
    let unsigned = !digits.starts_with('+');
    u128::from_str_radix(digits, radix).ok().filter(|_| unsigned).map(|number| number.to_string())
}

/// The note for numbers that JSON has no word for.
fn odd_number(text: &str) -> Option<String> {
    let name = text.strip_prefix(['+', '-']).unwrap_or(text).to_ascii_lowercase();
    let odd = matches!(name.as_str(), ".inf" | ".nan") && !text.eq_ignore_ascii_case("-.nan");
    odd.then(|| format!("`{text}` is no JSON number and is kept as text"))
}

/// The note for what readers of YAML 1.1 take for octal.
fn octal_habit(text: &str) -> Option<String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let octal = digits.len() > 1 && digits.starts_with('0');
    let octal = octal && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let note = "a whole number with a leading zero is read as decimal, YAML 1.1 reads octal";
    octal.then(|| note.to_owned())
}

fn binary(text: Cow<'_, str>) -> Resolved {
    let encoded: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match STANDARD.decode(encoded) {
        Ok(bytes) => {
            let value = String::from_utf8(bytes)
                .map_or_else(|error| Value::Binary(error.into_bytes()), Value::String);
            Resolved { value, note: None }
        }
        Err(_) => {
            let note = "a binary value is not base64 and is kept as text".to_owned();
            Resolved { value: string(text), note: Some(note) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Value) {
        assert_eq!(resolve(text.into(), ScalarStyle::Plain, None).value, expected, "{text}");
    }

    fn number(text: &str) -> Value {
        Value::Number(Number::from_json_text(text))
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    fn tagged(handle: &str, suffix: &str, written: &str) -> Resolved {
        let tag = Tag { handle: handle.to_owned(), suffix: suffix.to_owned() };
        resolve(written.into(), ScalarStyle::DoubleQuoted, Some(&tag))
    }

    #[test]
    fn numbers_become_json_numbers_and_keep_their_digits() {
        check("0x1F", number("31"));
        check("0o17", number("15"));
        check("+12", number("12"));
        check("-.50", number("-0.50"));
        check("1.", number("1.0"));
        check("012", number("12"));
        check("1E+05", number("1E+05"));
        check("00", number("0"));
        check("12345678901234567890123", number("12345678901234567890123"));
    }

    #[test]
    fn what_only_looks_like_a_value_stays_text() {
        for word in ["yes", "no", "on", "off", "1_000", "2026-11-21", "1:30", ".", "-", "+", "e5"] {
            check(word, text(word));
        }
        for word in ["0x", "0x+1", "-0x1", "1e", "1e+", ".e3", "nUll", "1.2.3", ".inf", "-.INF"] {
            check(word, text(word));
        }
        check("Null", Value::Null);
        check("TRUE", Value::Bool(true));
    }

    #[test]
    fn doubtful_scalars_are_noted() {
        let note = |text: &str| resolve(text.into(), ScalarStyle::Plain, None).note;
        assert!(note("0755").is_some_and(|note| note.contains("octal")));
        assert!(note(".NaN").is_some_and(|note| note.contains("`.NaN`")));
        assert_eq!((note("0"), note("0.5"), note("0899")), (None, None, None));
    }

    #[test]
    fn tags_decide_over_quotes() {
        assert_eq!(tagged(YAML_ORG, "int", "3").value, number("3"));
        assert_eq!(tagged("", "tag:yaml.org,2002:python/unicode", "3").value, text("3"));
        assert_eq!(tagged(YAML_ORG, "binary", "aGVs\n bG8=").value, text("hello"));
        assert_eq!(tagged("!", "binary", "/wA=").value, Value::Binary(vec![0xff, 0]));
        assert!(tagged("!", "binary", "?").note.is_some());
        let foreign = tagged("!", "ruby/object:Struct", "3");
        assert_eq!(foreign.value, text("3"));
        let note = "the tag `!ruby/object:Struct` is ignored";
        assert_eq!(foreign.note.as_deref(), Some(note));
    }
}
