//! What the parser says of a text that it cannot read. Refuses to know what the text should be.

use graphql_parser::Pos;

/// Characters of what it says that are passed on.
const REASON_CHARS_MAX: usize = 300;

/// Where a parser stopped, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line and column, both from 1.
    pub place: Pos,
    /// In lower case, without full stop.
    pub why: String,
}

/// Takes what the parser says apart: a line that ends with the place, and lines of reasons.
#[must_use]
pub fn fault(text: &str) -> Fault {
    let mut place = Pos { line: 1, column: 1 };
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let Some((line, column)) = first.rsplit(' ').next().and_then(|at| at.split_once(':'))
        && let (Ok(line), Ok(column)) = (line.parse(), column.parse())
    {
        place = Pos { line, column };
    }
    let lines = rest.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(without_capital).collect();
    let why = if lines.is_empty() { "it is no definition".to_owned() } else { lines.join("; ") };
    Fault { place, why: why.chars().take(REASON_CHARS_MAX).collect() }
}

fn without_capital(line: &str) -> String {
    let mut letters = line.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
