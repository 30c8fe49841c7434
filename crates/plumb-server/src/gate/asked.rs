//! The few expressions of PromQL that a gate answers: one of its own names with labels, or a
//! number.
//!
//! Refuses to know values, and the rest of the language.

use std::collections::BTreeMap;

/// Bytes of an expression.
const EXPRESSION_BYTES_MAX: usize = 4_096;

/// Labels of one expression.
const LABELS_MAX: usize = 64;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    /// The same number at every time.
    Number(f64),
    /// A number of the judgement.
    Named(Name, Vec<Matcher>),
}

/// The numbers of a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Verdict,
    EValue,
    LowerBound,
}

/// What a label has to be, or must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matcher {
    label: String,
    value: String,
    is_equal: bool,
}

impl Name {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Verdict => "plumb_verdict",
            Self::EValue => "plumb_evalue",
            Self::LowerBound => "plumb_regression_lower_bound",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::Verdict, Self::EValue, Self::LowerBound].into_iter().find(|it| it.text() == text)
    }
}

impl Matcher {
    /// A label that is not there is empty, as in Prometheus.
    pub(crate) fn fits(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.label).map_or("", String::as_str);
        (value == self.value) == self.is_equal
    }
}

/// What an expression asks for; else why that is not known.
pub(crate) fn asked(expression: &str) -> Result<Asked, String> {
    let text = expression.trim();
    if text.len() > EXPRESSION_BYTES_MAX {
        return Err(format!("an expression has at most {EXPRESSION_BYTES_MAX} bytes here"));
    }
    let inner = text.strip_prefix("vector").and_then(|rest| {
        rest.trim_start().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))
    });
    if let Some(inner) = inner {
        let number = inner.trim().parse::<f64>();
        return number.map(Asked::Number).map_err(|_| format!("`{inner}` is not a number"));
    }
    let (name, rest) = text.split_once('{').unwrap_or((text, "}"));
    let name = Name::of(name.trim()).ok_or_else(|| {
        "a gate answers `plumb_verdict`, `plumb_evalue`, `plumb_regression_lower_bound` and \
         `vector(1)` only"
            .to_owned()
    })?;
    Ok(Asked::Named(name, matchers(rest)?))
}

fn matchers(text: &str) -> Result<Vec<Matcher>, String> {
    let mut rest = text.trim_start();
    let mut found = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            let is_end = after.trim().is_empty();
            return if is_end { Ok(found) } else { Err(unknown(after)) };
        }
        if found.len() == LABELS_MAX {
            return Err(format!("an expression has at most {LABELS_MAX} labels here"));
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (label, after) = rest.split_at(end.unwrap_or(rest.len()));
        let after = after.trim_start();
        let (is_equal, after) = match (after.strip_prefix("!="), after.strip_prefix('=')) {
            (Some(after), _) => (false, after),
            (_, Some(after)) if !after.starts_with('~') => (true, after),
            _ => return Err(format!("labels are compared by `=` and `!=` here, at `{after}`")),
        };
        let (value, after) = quoted(after.trim_start())?;
        found.push(Matcher { label: label.to_owned(), value, is_equal });
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.starts_with('}') => after,
            None => return Err(unknown(after)),
        };
    }
}

/// A text in quotes, and what follows it.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let quote = quote.ok_or_else(|| unknown(text))?;
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            _ if letter == quote => return Ok((value, &text[at + letter.len_utf8()..])),
            _ => value.push(letter),
        }
    }
    Err("a text has no end".to_owned())
}

fn unknown(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    format!("unexpected `{start}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, fits: Option<bool>) {
        let labels = BTreeMap::from([("service".to_owned(), "a\"b".to_owned())]);
        let found = asked(expression).ok().map(|asked| match asked {
            Asked::Number(number) => number.total_cmp(&1.0).is_eq(),
            Asked::Named(_, matchers) => matchers.iter().all(|it| it.fits(&labels)),
        });
        assert_eq!(found, fits, "{expression}");
    }

    #[test]
    fn names_labels_and_numbers_are_known_and_nothing_else() {
        check("vector(1)", Some(true));
        check(" vector ( 1.0 ) ", Some(true));
        check("plumb_verdict", Some(true));
        check("plumb_verdict{}", Some(true));
        check(r#"plumb_evalue{service="a\"b"}"#, Some(true));
        check(r#"plumb_evalue{service='x', }"#, Some(false));
        check(r#"plumb_evalue{service!="x",other=""}"#, Some(true));
        check(r#"plumb_evalue{other="x"}"#, Some(false));
        let unknown = [
            "",
            "up",
            "vector(x)",
            "sum(plumb_verdict)",
            "plumb_verdict{",
            "plumb_verdict{a}",
            "plumb_verdict{a=~\"x\"}",
            "plumb_verdict{a=\"x}",
            "plumb_verdict{a=\"x\"} > 0",
            "plumb_verdict{a=\"x\" b=\"y\"}",
            "plumb_verdict{a=é}",
        ];
        unknown.into_iter().for_each(|expression| check(expression, None));
    }
}
