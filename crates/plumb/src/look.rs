//! How text may look on a stream: colours or none, which letters, how wide.
//!
//! Pure: what is known of the stream comes in. Refuses to write.

use crate::arguments::When;
use anstyle::{AnsiColor, Style};
use plumb_engine::doctor::fact::Health;
use plumb_gap::finding::Verdict;

/// How text may look on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether escapes are welcome.
    pub(crate) is_coloured: bool,
    /// Whether letters beyond ASCII are welcome.
    pub(crate) is_utf8: bool,
    /// Columns; lines that are ours to break are broken there.
    pub(crate) width: usize,
}

/// What is known of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    /// Whether a person looks at it.
    pub(crate) is_terminal: bool,
    /// Its columns, where it has some.
    pub(crate) columns: Option<usize>,
}

/// Gives a variable of the process's environment.
pub(crate) type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a stream without columns is taken for: a log is read in a page of this width.
const WIDTH_UNKNOWN: usize = 100;

/// Narrower than this nothing fits, and lines are left to the terminal.
pub(crate) const WIDTH_MIN: usize = 40;

/// Marks of ours and what stands for them where only ASCII is welcome.
const ASCII: [(char, &str); 11] = [
    ('✔', "+"),
    ('✖', "x"),
    ('▲', "^"),
    ('●', "o"),
    ('◷', "~"),
    ('◌', "?"),
    ('·', "|"),
    ('…', "..."),
    ('→', "->"),
    ('–', "-"),
    ('≈', "~"),
];

impl Look {
    /// The text in a style, where colours are welcome.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        if self.is_coloured { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// The text with weight.
    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// The text that stands back.
    pub(crate) fn faint(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// The text in the colour of a verdict. The word and the mark carry the meaning; this does not.
    pub(crate) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let colour = match verdict {
            Verdict::Broken => AnsiColor::Red,
            Verdict::Drifted => AnsiColor::Yellow,
            Verdict::Holds => AnsiColor::Green,
            Verdict::Stale => AnsiColor::Magenta,
            Verdict::Unobserved => AnsiColor::Cyan,
        };
        self.paint(colour.on_default().bold(), text)
    }

    /// The text in the colour of what the doctor found.
    pub(crate) fn health(self, health: Health, text: &str) -> String {
        let colour = match health {
            Health::Fine => AnsiColor::Green,
            Health::Aside => AnsiColor::Cyan,
            Health::Missing => AnsiColor::Yellow,
            Health::Failed => AnsiColor::Red,
        };
        self.paint(colour.on_default().bold(), text)
    }

    /// The text in letters that are welcome. What is foreign and not ours to change stays.
    pub(crate) fn letters(self, text: &str) -> String {
        if self.is_utf8 {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for letter in text.chars() {
            match ASCII.iter().find(|(mark, _)| *mark == letter) {
                Some((_, stand_in)) => out.push_str(stand_in),
                None => out.push(letter),
            }
        }
        out
    }
}

/// How text may look on a stream, from what the person and the environment say.
pub(crate) fn look(when: When, stream: Stream, variable: Variable<'_>) -> Look {
    let width = stream.columns.filter(|columns| *columns >= WIDTH_MIN).unwrap_or(WIDTH_UNKNOWN);
    Look { is_coloured: is_coloured(when, stream, variable), is_utf8: is_utf8(variable), width }
}

/// The flag comes first, then `NO_COLOR`, then what forces colours, then the terminal.
fn is_coloured(when: When, stream: Stream, variable: Variable<'_>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let forces = |name: &str| set(name).is_some_and(|value| value != "0");
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR").is_some() => false,
        When::Auto if forces("CLICOLOR_FORCE") || forces("FORCE_COLOR") => true,
        When::Auto => stream.is_terminal && set("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// True when the locale is in UTF-8; on systems without locales it always is.
fn is_utf8(variable: Variable<'_>) -> bool {
    if cfg!(windows) {
        return true;
    }
    let named = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = named.iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(when: When, is_terminal: bool, set: &[(&str, &str)], expected: bool) {
        let variable = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let stream = Stream { is_terminal, columns: None };
        assert_eq!(look(when, stream, &variable).is_coloured, expected, "{when:?} {set:?}");
    }

    #[test]
    fn colour_follows_the_conventions() {
        check(When::Auto, true, &[], true);
        check(When::Auto, false, &[], false);
        check(When::Auto, true, &[("NO_COLOR", "1")], false);
        check(When::Auto, true, &[("NO_COLOR", "")], true);
        check(When::Auto, true, &[("TERM", "dumb")], false);
        check(When::Auto, false, &[("CLICOLOR_FORCE", "1")], true);
        check(When::Auto, false, &[("CLICOLOR_FORCE", "0")], false);
        check(When::Auto, false, &[("FORCE_COLOR", "1")], true);
        check(When::Auto, false, &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false);
        check(When::Always, false, &[("NO_COLOR", "1")], true);
        check(When::Never, true, &[("FORCE_COLOR", "1")], false);
    }

    #[test]
    fn marks_fall_back_to_ascii() {
        let plain = Look { is_coloured: false, is_utf8: false, width: 80 };
        assert_eq!(plain.letters("✖ broken · a → b…"), "x broken | a -> b...");
        let utf8 = Look { is_utf8: true, ..plain };
        assert_eq!(utf8.letters("✖ broken"), "✖ broken");
    }

    #[test]
    fn the_locale_tells_the_letters() {
        for (set, expected) in [
            (vec![("LANG", "en_GB.UTF-8")], true),
            (vec![("LC_ALL", "C.utf8")], true),
            (vec![("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")], false),
            (vec![], cfg!(windows)),
        ] {
            let variable = |name: &str| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(is_utf8(&variable), expected || cfg!(windows), "{set:?}");
        }
    }
}
