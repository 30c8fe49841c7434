//! The parts that answers for people are made of: marks, tables, moments, counts.
//!
//! Everything foreign is made harmless here. Refuses to print and to decide.

use crate::look::Look;
use plumb_engine::clock::day_text;
use plumb_engine::judge::Answer;
use plumb_gap::finding::Verdict;
use plumb_wire::harmless::harmless_short;
use plumb_wire::headline::mark;
use plumb_wire::rfc3339::rfc3339;

/// Letters of a foreign name in a table or a line; what is longer is cut.
pub(crate) const NAME_LETTERS_MAX: usize = 120;

/// Mark and word of a verdict.
pub(crate) fn verdict(look: Look, verdict: Verdict) -> String {
    look.verdict(verdict, &format!("{} {verdict}", mark(verdict)))
}

/// The answer of a gate as people read it.
pub(crate) fn answer(look: Look, answer: Answer) -> String {
    let (mark, verdict) = match answer {
        Answer::Pass => ("●", Verdict::Holds),
        Answer::Refuse => ("✖", Verdict::Broken),
        Answer::CannotTell => ("◌", Verdict::Unobserved),
    };
    look.verdict(verdict, &format!("{mark} {}", answer_word(answer)))
}

/// The words of an answer.
pub(crate) const fn answer_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Pass => "pass",
        Answer::Refuse => "refuse",
        Answer::CannotTell => "cannot tell",
    }
}

/// A foreign name, harmless and not too long.
pub(crate) fn name(text: &str) -> String {
    harmless_short(text, NAME_LETTERS_MAX).into_owned()
}

/// A name, or what is said for want of one.
pub(crate) fn name_or(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { name(text) }
}

/// `1 claim`, `2 claims`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    count_u64(u64::try_from(number).unwrap_or(u64::MAX), noun)
}

/// The same for wider numbers. Thousands are set apart.
pub(crate) fn count_u64(number: u64, noun: &str) -> String {
    let plural = match noun {
        "dependency" => "dependencies".to_owned(),
        "body" => "bodies".to_owned(),
        "entry" => "entries".to_owned(),
        "piece of work" => "pieces of work".to_owned(),
        _ => format!("{noun}s"),
    };
    if number == 1 { format!("1 {noun}") } else { format!("{} {plural}", thousands(number)) }
}

/// A number with its thousands set apart.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A moment as people read it: `2026-11-21 10:02`, in UTC.
pub(crate) fn moment(time_ms: i64) -> String {
    let text = rfc3339(time_ms).unwrap_or_default();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time}"),
        _ => "an unknown time".to_owned(),
    }
}

/// From a moment to a moment, with what both share said once.
pub(crate) fn span(first_ms: i64, last_ms: i64) -> String {
    let (first, last) = (moment(first_ms), moment(last_ms));
    if first == last {
        return first;
    }
    match (first.split_once(' '), last.split_once(' ')) {
        (Some((one, _)), Some((other, time))) if one == other => format!("{first} to {time}"),
        _ => format!("{first} to {last}"),
    }
}

/// A day as people write it.
pub(crate) fn day(day: i32) -> String {
    day_text(day)
}

/// How a column of a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// To the left.
    Left,
    /// To the right, for numbers.
    Right,
}

/// A table with a heading: columns as wide as their widest cell, two spaces between.
pub(crate) fn table(look: Look, heading: &[(&str, Column)], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = heading
        .iter()
        .enumerate()
        .map(|(at, (title, _))| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            cells.map(|cell| letters(cell)).chain([letters(title)]).max().unwrap_or_default()
        })
        .collect();
    let line = |cells: &[String]| {
        let mut line = String::new();
        for (at, cell) in cells.iter().enumerate() {
            let width = widths.get(at).copied().unwrap_or_default();
            let space = " ".repeat(width.saturating_sub(letters(cell)));
            let stands = heading.get(at).map_or(Column::Left, |(_, column)| *column);
            match stands {
                Column::Left => line.push_str(&format!("  {cell}{space}")),
                Column::Right => line.push_str(&format!("  {space}{cell}")),
            }
        }
        line.trim_end().to_owned()
    };
    let titles: Vec<String> = heading.iter().map(|(title, _)| (*title).to_owned()).collect();
    let mut text = format!("{}\n", look.faint(&line(&titles)));
    for row in rows {
        text.push_str(&line(row));
        text.push('\n');
    }
    text
}

/// Lines of `label  text`, with long texts broken between words and set in.
pub(crate) fn field(look: Look, label: &str, text: &str) -> String {
    const LABEL_LETTERS: usize = 8;
    let head = look.faint(&format!("{label:<LABEL_LETTERS$}"));
    hanging(look, &format!("  {head}  "), text)
}

/// The text behind a head, broken between words, every further line set in as far as the head.
pub(crate) fn hanging(look: Look, head: &str, text: &str) -> String {
    let indent = " ".repeat(letters(head));
    let room = look.width.saturating_sub(indent.len());
    let mut out = String::new();
    for (at, line) in broken(text, room).iter().enumerate() {
        let start = if at == 0 { head } else { &indent };
        out.push_str(&format!("{start}{line}\n"));
    }
    out
}

/// A line of `label  command`, never broken, so that it can be copied.
pub(crate) fn command(look: Look, label: &str, text: &str) -> String {
    field(Look { width: usize::MAX, ..look }, label, text)
}

/// The text in lines of at most `room` letters where it has spaces to break at.
fn broken(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && letters(line) + 1 + letters(word) > room {
            lines.push(word.to_owned());
        } else if line.is_empty() {
            line.push_str(word);
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines
}

/// Letters that take room; escapes that colour take none.
fn letters(text: &str) -> usize {
    let mut count = 0;
    let mut is_escape = false;
    for letter in text.chars() {
        match (is_escape, letter) {
            (false, '\u{1b}') => is_escape = true,
            (false, _) => count += 1,
            (true, 'm') => is_escape = false,
            (true, _) => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look { is_coloured: false, is_utf8: true, width: 40 };

    #[test]
    fn tables_stand_in_columns() {
        let heading = [("NAME", Column::Left), ("N", Column::Right)];
        let rows = vec![
            vec!["a".to_owned(), "10".to_owned()],
            vec!["\u{1b}[31mlonger\u{1b}[0m".to_owned(), "1".to_owned()],
        ];
        let expected = "  NAME     N\n  a       10\n  \u{1b}[31mlonger\u{1b}[0m   1\n";
        assert_eq!(table(PLAIN, &heading, &rows), expected);
    }

    #[test]
    fn long_texts_break_between_words() {
        let text = field(PLAIN, "fix", "add a case without the field to the tests of it");
        assert_eq!(
            text,
            "  fix       add a case without the field\n            to the tests of it\n"
        );
        let word = "x".repeat(60);
        assert!(field(PLAIN, "fix", &word).contains(&word));
    }

    #[test]
    fn spans_say_the_day_once() {
        let start = 1_795_255_353_120;
        assert_eq!(span(start, start), "2026-11-21 10:02");
        assert_eq!(span(start, start + 3_600_000), "2026-11-21 10:02 to 11:02");
        assert_eq!(span(start, start + 86_400_000), "2026-11-21 10:02 to 2026-11-22 10:02");
        assert_eq!(moment(i64::MAX), "an unknown time");
    }

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!(count_u64(1_234_567, "exchange"), "1,234,567 exchanges");
        assert_eq!(count(1, "dependency"), "1 dependency");
        assert_eq!(count(0, "dependency"), "0 dependencies");
    }
}
