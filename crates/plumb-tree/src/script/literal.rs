//! Literals of scripts: what a text or a number written in JavaScript amounts to.
//!
//! Refuses to know the grammar around them.

use crate::Number;

/// The characters that an escape stands for, none for a line that goes on; `None` for one that is
/// no escape.
pub(crate) fn unescaped(escape: &str) -> Option<String> {
    let rest = escape.strip_prefix('\\')?;
    let plain = match rest.chars().next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '0' if rest.len() == 1 => '\0',
        '\r' | '\n' | '\u{2028}' | '\u{2029}' => return Some(String::new()),
        'x' | 'u' => {
            let digits = rest.get(1..)?.trim_start_matches('{').trim_end_matches('}');
            let code = u32::from_str_radix(digits, 16).ok()?;
            // Half of a surrogate pair, as the tree of JSON has it.
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        other => other,
    };
    Some(plain.to_string())
}

/// A number as JSON has it, given how it is written; `None` for one that JSON cannot hold.
pub(crate) fn number(written: &str) -> Option<Number> {
    /// Beyond it a float no longer tells neighbouring whole numbers apart.
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    let dense: String = written.chars().filter(|c| *c != '_').collect();
    let prefix = dense.get(..2).map(str::to_ascii_lowercase);
    let radix = match prefix.as_deref() {
        Some("0x") => Some(16),
        Some("0o") => Some(8),
        Some("0b") => Some(2),
        _ => None,
    };
    if let Some(radix) = radix {
        let whole = u64::from_str_radix(dense.get(2..)?, radix).ok()?;
        return Some(Number::from_json_text(&whole.to_string()));
    }
    let is_decimal = dense.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b));
    let value: f64 = dense.parse().ok().filter(|value: &f64| is_decimal && value.is_finite())?;
    // As it is sent: `2.0` goes over the wire as `2`.
    let whole = value.fract() == 0.0 && value.abs() <= WHOLE_MAX;
    let text = if whole { format!("{value:.0}") } else { format!("{value:?}") };
    Some(Number::from_json_text(&text))
}

/// A number with the other sign.
pub(crate) fn negated(number: &Number) -> Number {
    match number.as_text() {
        "0" => number.clone(),
        text => Number::from_json_text(&match text.strip_prefix('-') {
            Some(positive) => positive.to_owned(),
            None => format!("-{text}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_characters() {
        let check =
            |escape: &str, expected| assert_eq!(unescaped(escape).as_deref(), expected, "{escape}");
        check(r"\n", Some("\n"));
        check(r"\'", Some("'"));
        check(r"\x41", Some("A"));
        check(r"\u00fc", Some("ü"));
        check(r"\u{1F600}", Some("😀"));
        check(r"\ud83d", Some("\u{fffd}"));
        check("\\\n", Some(""));
        check(r"\u{zz}", None);
        check("n", None);
    }

    #[test]
    fn numbers_are_as_they_are_sent() {
        let check = |written: &str, expected: Option<&str>| {
            assert_eq!(number(written).as_ref().map(Number::as_text), expected, "{written}");
        };
        check("200", Some("200"));
        check("1_000", Some("1000"));
        check("2.0", Some("2"));
        check("1e3", Some("1000"));
        check(".5", Some("0.5"));
        check("19.99", Some("19.99"));
        check("1e300", Some("1e300"));
        check("0xff", Some("255"));
        check("0b101", Some("5"));
        check("10n", None);
        check("1e999", None);
        assert_eq!(negated(&Number::from_json_text("5")).as_text(), "-5");
        assert_eq!(negated(&Number::from_json_text("0")).as_text(), "0");
    }
}
