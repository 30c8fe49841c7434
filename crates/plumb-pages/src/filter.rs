//! What a person wants to see of a list, in one line: `reader:web verdict:broken,drifted age>7d`.
//!
//! Words without a name are looked for in every text of a row. A `-` in front turns a word round.
//! Within double quotes every letter means itself, and `\` takes the next one as it is. All words
//! must fit. Refuses to know which rows there are.

use std::fmt;

/// Letters of a filter. Nobody writes more by hand.
pub const FILTER_LETTERS_MAX: usize = 500;

/// Words of a filter.
const WORDS_MAX: usize = 20;

/// Letters of a text that a filter made by a page asks for. Its rows are those that hold them.
const ASKED_LETTERS_MAX: usize = 100;

const DAY_MS: i64 = 86_400_000;

/// The names that a word may begin with, and what each is about.
const NAMES: [(&str, Field); 12] = [
    ("reader", Field::Reader),
    ("from", Field::Reader),
    ("writer", Field::Writer),
    ("to", Field::Writer),
    ("operation", Field::Operation),
    ("op", Field::Operation),
    ("verdict", Field::Verdict),
    ("rule", Field::Rule),
    ("owner", Field::Owner),
    ("version", Field::Version),
    ("place", Field::Place),
    ("file", Field::File),
];

/// A text of a row that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The component that reads.
    Reader,
    /// The component that writes.
    Writer,
    /// What happens between them.
    Operation,
    /// The word of the verdict.
    Verdict,
    /// The id of a rule.
    Rule,
    /// Who answers for the writer.
    Owner,
    /// A version of the writer.
    Version,
    /// Where in the exchange.
    Place,
    /// Where it is said.
    File,
}

/// What a row holds that a filter may ask for.
pub trait Row {
    /// The texts of a field; none where the row has no such field.
    fn texts(&self, field: Field) -> Vec<&str>;

    /// When it was last seen, Unix milliseconds; none when never.
    fn last_ms(&self) -> Option<i64>;

    /// How many exchanges were seen.
    fn exchanges(&self) -> u64;
}

/// A filter, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    is_turned: bool,
    wants: Wants,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wants {
    /// Any of the texts, within a field or within all of them.
    Text(Option<Field>, Vec<String>),
    /// Older than so many milliseconds, or younger.
    Age { over: bool, span_ms: i64 },
    /// More exchanges than this, or fewer.
    Exchanges { over: bool, count: u64 },
}

/// Why a filter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The word that is wrong, as it was written.
    word: String,
    why: &'static str,
}

impl fmt::Display for FilterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` {}", self.word, self.why)
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// [`FilterError`] for a name that is not known, a span that is none, or too much of it all.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let wrong = |word: &str, why| FilterError { word: word.to_owned(), why };
        if text.chars().count() > FILTER_LETTERS_MAX {
            let start: String = text.chars().take(20).collect();
            return Err(wrong(&format!("{start}…"), "begins a filter of more than 500 letters"));
        }
        let mut words = Vec::new();
        for word in split(text) {
            if words.len() == WORDS_MAX {
                let why = "is the 21st word, and a filter has at most 20";
                return Err(wrong(&plain(&word), why));
            }
            words.push(Word::parse(&word).map_err(|why| wrong(&plain(&word), why))?);
        }
        Ok(Self { words })
    }

    /// Whether everything is wanted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a row is wanted, at a moment in Unix milliseconds.
    #[must_use]
    pub fn takes(&self, row: &dyn Row, now_ms: i64) -> bool {
        self.words.iter().all(|word| word.wants.takes(row, now_ms) != word.is_turned)
    }
}

/// The filter that takes rows with all of these texts; a name without one takes any.
#[must_use]
pub fn asking(texts: &[(&str, &str)]) -> String {
    let said = texts.iter().filter(|(_, text)| !text.is_empty());
    let words = said.map(|(name, text)| {
        let start: String = text.chars().take(ASKED_LETTERS_MAX).collect();
        format!("{name}:\"{}\"", start.replace('\\', r"\\").replace('"', "\\\""))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A letter of a filter, and whether it stands within quotes and means nothing but itself.
type Letter = (char, bool);

/// Words at blanks; within double quotes a blank is a letter.
fn split(text: &str) -> Vec<Vec<Letter>> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), Vec::new(), false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if is_quoted => word.extend(letters.next().map(|letter| (letter, true))),
            '"' => is_quoted = !is_quoted,
            blank if blank.is_whitespace() && !is_quoted => words.push(std::mem::take(&mut word)),
            letter => word.push((letter, is_quoted)),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn plain(letters: &[Letter]) -> String {
    letters.iter().map(|(letter, _)| letter).collect()
}

/// What stands before a sign that is not quoted, and behind it.
fn around(letters: &[Letter], sign: char) -> Option<(&[Letter], &[Letter])> {
    let at = letters.iter().position(|letter| *letter == (sign, false))?;
    Some((&letters[..at], &letters[at + 1..]))
}

impl Word {
    fn parse(word: &[Letter]) -> Result<Self, &'static str> {
        let (is_turned, word) = match word {
            [('-', false), rest @ ..] if !rest.is_empty() => (true, rest),
            _ => (false, word),
        };
        Ok(Self { is_turned, wants: Wants::parse(word)? })
    }
}

impl Wants {
    fn parse(word: &[Letter]) -> Result<Self, &'static str> {
        let whole = || Self::Text(None, vec![plain(word).to_lowercase()]);
        for (sign, over) in [('>', true), ('<', false)] {
            let Some((name, value)) = around(word, sign) else { continue };
            let value = plain(value);
            return match plain(name).as_str() {
                "age" => {
                    let span_ms = span(&value).ok_or("tells no span; write it like `age>7d`")?;
                    Ok(Self::Age { over, span_ms })
                }
                "exchanges" | "traffic" => {
                    let count =
                        value.parse().map_err(|_| "tells no number; `exchanges>100` does")?;
                    Ok(Self::Exchanges { over, count })
                }
                _ => Err("compares what has no order; `age` and `exchanges` have one"),
            };
        }
        let Some((name, value)) = around(word, ':') else { return Ok(whole()) };
        let name = plain(name);
        let Some((_, field)) = NAMES.iter().find(|(known, _)| *known == name) else {
            // Keys of findings hold colons, and are looked for as they are.
            let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase());
            return match is_name && !plain(value).starts_with("//") {
                true => Err("begins with a name that is not known"),
                false => Ok(whole()),
            };
        };
        let texts = value.split(|letter| *letter == (',', false));
        let texts = texts.map(|text| plain(text).to_lowercase()).filter(|text| !text.is_empty());
        Ok(Self::Text(Some(*field), texts.collect()))
    }

    fn takes(&self, row: &dyn Row, now_ms: i64) -> bool {
        match self {
            Self::Text(Some(field), wanted) => is_among(&row.texts(*field), wanted, *field),
            Self::Text(None, wanted) => {
                NAMES.iter().any(|(_, field)| is_among(&row.texts(*field), wanted, Field::Place))
            }
            Self::Age { over, span_ms } => match row.last_ms() {
                // What was never seen is older than everything.
                None => *over,
                Some(last_ms) => (now_ms.saturating_sub(last_ms) > *span_ms) == *over,
            },
            Self::Exchanges { over: true, count } => row.exchanges() > *count,
            Self::Exchanges { over: false, count } => row.exchanges() < *count,
        }
    }
}

/// Whether a text holds what is wanted. The word of a verdict must be the whole word.
fn is_among(texts: &[&str], wanted: &[String], field: Field) -> bool {
    let is_whole = field == Field::Verdict;
    texts.iter().any(|text| {
        let text = text.to_lowercase();
        wanted.iter().any(|it| if is_whole { text == *it } else { text.contains(it.as_str()) })
    })
}

/// A span such as `7d`, `12h` or `30m`, in milliseconds.
fn span(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let of_unit = match unit {
        'd' => DAY_MS,
        'h' => DAY_MS / 24,
        'm' => DAY_MS / 1_440,
        _ => return None,
    };
    let count: i64 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    (count >= 0).then(|| count.saturating_mul(of_unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct One;

    impl Row for One {
        fn texts(&self, field: Field) -> Vec<&str> {
            match field {
                Field::Reader => vec!["web"],
                Field::Writer => vec!["Orders"],
                Field::Operation => vec!["GET /orders/{}"],
                Field::Verdict => vec!["broken"],
                Field::Version => vec!["3.1", "3.2"],
                _ => Vec::new(),
            }
        }

        fn last_ms(&self) -> Option<i64> {
            Some(0)
        }

        fn exchanges(&self) -> u64 {
            100
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Result<bool, &str>) {
        let filter = Filter::parse(text);
        let taken = filter.map(|filter| filter.takes(&One, 10 * DAY_MS));
        let taken = taken.map_err(|err| err.to_string());
        assert_eq!(taken.as_ref().map_err(String::as_str), expected.as_ref().map_err(|it| *it));
    }

    #[test]
    fn words_are_looked_for() {
        check("", Ok(true));
        check("reader:web", Ok(true));
        check("from:web to:orders", Ok(true));
        check("from:web to:users", Ok(false));
        check("verdict:drifted,broken", Ok(true));
        check("verdict:bro", Ok(false));
        check("-verdict:broken", Ok(false));
        check("version:3.2", Ok(true));
        check("owner:payments", Ok(false));
        check("ORDERS", Ok(true));
        check("\"get /orders\"", Ok(true));
        check("\"get  /orders\"", Ok(false));
        check("age>7d age<11d", Ok(true));
        check("age>241h", Ok(false));
        check("exchanges>99 traffic<101", Ok(true));
    }

    #[test]
    fn what_is_written_is_read() {
        check(&asking(&[("reader", "web"), ("writer", ""), ("op", "GET /orders")]), Ok(true));
        check(&asking(&[("reader", "we\"b")]), Ok(false));
        let hostile = "-a:\"b\", \\<c> verdict:x";
        let filter = Filter::parse(&asking(&[("reader", hostile)])).unwrap();
        let wants = Wants::Text(Some(Field::Reader), vec![hostile.to_owned()]);
        assert_eq!(filter.words, [Word { is_turned: false, wants }]);
        let long = "x".repeat(10_000);
        let filter = asking(&[("reader", &long), ("writer", &long), ("version", &long)]);
        assert!(Filter::parse(&filter).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        check("colour:red", Err("`colour:red` begins with a name that is not known"));
        check("age>soon", Err("`age>soon` tells no span; write it like `age>7d`"));
        check("age>ä", Err("`age>ä` tells no span; write it like `age>7d`"));
        let order = "`owner>a` compares what has no order; `age` and `exchanges` have one";
        check("owner>a", Err(order));
        let long = Filter::parse(&"ä".repeat(501)).map_err(|err| err.to_string().len());
        assert!(long.is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_or_refused(
            text in ".{0,600}",
            words in "[a-z:<>,\"-]{0,60}",
        ) {
            for text in [text, words] {
                if let Ok(filter) = Filter::parse(&text) {
                    prop_assert!(filter.takes(&One, 0) || !filter.is_empty());
                }
            }
        }
    }
}
