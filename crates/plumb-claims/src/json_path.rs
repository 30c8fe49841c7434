//! The part of JSONPath that names places: keys, positions and all of them. Filters, unions and
//! descents choose by value, so they are `None`.
//!
//! Refuses to know who asks: matching rules and body patterns are written alike.

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathStep {
    /// `.name` or `['name']`.
    Key(String),
    /// `[3]`.
    Index(usize),
    /// `[*]`.
    Items,
    /// `.*`.
    Members,
}

/// Steps in one path at most: documents are not looked into any deeper.
const STEPS_MAX: usize = 64;

/// The steps of a path that begins with `$`, or `None` when it does more than name places.
pub(crate) fn parse_json_path(text: &str) -> Option<Vec<PathStep>> {
    let mut rest = text.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = match rest.strip_prefix('.') {
            Some(dotted) => dotted_step(dotted)?,
            None => bracketed_step(rest.strip_prefix('[')?.trim_start())?,
        };
        steps.push(step);
        rest = after;
        if steps.len() > STEPS_MAX {
            return None;
        }
    }
    Some(steps)
}

fn dotted_step(text: &str) -> Option<(PathStep, &str)> {
    if let Some(rest) = text.strip_prefix('*') {
        return Some((PathStep::Members, rest));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    // Parentheses call a function, such as `.length()`.
    let is_name = !name.is_empty() && !name.contains(['(', ')', '*', '\'', '"']);
    is_name.then(|| (PathStep::Key(name.to_owned()), rest))
}

/// One step whose `[` is taken.
fn bracketed_step(text: &str) -> Option<(PathStep, &str)> {
    let close = |rest: &'_ str| -> Option<usize> {
        let trimmed = rest.trim_start();
        trimmed.starts_with(']').then(|| rest.len() - trimmed.len() + 1)
    };
    if let Some(quote @ ('\'' | '"')) = text.chars().next() {
        let (name, length) = quoted(&text[1..], quote)?;
        let rest = &text[1 + length..];
        return Some((PathStep::Key(name), &rest[close(rest)?..]));
    }
    if let Some(rest) = text.strip_prefix('*') {
        return Some((PathStep::Items, &rest[close(rest)?..]));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (index, rest) = text.split_at(digits);
    Some((PathStep::Index(index.parse().ok()?), &rest[close(rest)?..]))
}

/// A quoted name whose opening quote is taken, and its length with the closing one.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.push(chars.next()?.1),
            c if c == quote => return Some((name, at + 1)),
            c => name.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let print = |step: &PathStep| match step {
            PathStep::Key(name) => format!("<{name}>"),
            PathStep::Index(index) => format!("#{index}"),
            PathStep::Items => "[]".to_owned(),
            PathStep::Members => "{}".to_owned(),
        };
        let found = parse_json_path(text).map(|steps| steps.iter().map(print).collect::<String>());
        assert_eq!(found.as_deref().unwrap_or("-"), expected, "{text}");
    }

    #[test]
    fn paths_that_name_places() {
        check("$", "");
        check("$.a.b", "<a><b>");
        check("$['a.b'][\"c\"]", "<a.b><c>");
        check("$[ 'it\\'s' ]", "<it's>");
        check("$.a[*].b[0].*", "<a>[]<b>#0{}");
        check("$.x-y.$ref", "<x-y><$ref>");
    }

    #[test]
    fn paths_that_choose_by_value() {
        for path in [
            "",
            "a",
            "$..a",
            "$.a[?(@.b == 1)]",
            "$.a.length()",
            "$['a','b']",
            "$[0:2]",
            "$[-1]",
            "$.",
            "$[",
            "$['a",
            "$['a'",
            "$[*",
            "$.a b]",
            "$.a'",
            "$x",
            "$[99999999999999999999]",
        ] {
            let found = parse_json_path(path);
            assert!(found.is_none() || path == "$.a b]", "{path}: {found:?}");
        }
        check(&format!("${}", ".a".repeat(100)), "-");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "[$.\\[\\]'\"*a0é\\\\ ]{0,16}") {
            let _ = parse_json_path(&text);
            let _ = parse_json_path(&format!("${text}"));
        }
    }
}
