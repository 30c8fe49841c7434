//! How a failure is told: what, where with the line itself, and what to do.
//!
//! The line is shown up to what is wrong with it and no further: what stands behind a misspelt key
//! may be a secret. Refuses to read files; the text comes in.

use crate::failure::Failure;
use crate::look::Look;
use anstyle::AnsiColor;
use plumb_engine::config::origin::Place;
use plumb_wire::harmless::harmless;

/// What is told of a failure. `text_of` gives the text of a file, where it can be had.
pub(crate) fn failure(
    look: Look,
    failure: &Failure,
    text_of: &dyn Fn(&str) -> Option<String>,
) -> String {
    let head = look.paint(AnsiColor::Red.on_default().bold(), "error:");
    let mut out = format!("{head} {}\n", look.strong(&harmless(&failure.what)));
    if let Some(place) = &failure.place {
        out.push_str(&excerpt(look, place, text_of));
    }
    if let Some(help) = &failure.help {
        let head = look.paint(AnsiColor::Cyan.on_default(), "help:");
        out.push_str(&format!("{head} {}\n", harmless(help)));
    }
    out
}

fn excerpt(look: Look, place: &Place, text_of: &dyn Fn(&str) -> Option<String>) -> String {
    let Place::Text { file, line, column, width } = place else { return String::new() };
    let Some(text) = text_of(file) else { return String::new() };
    let Some(whole) = text.lines().nth(as_usize(line.saturating_sub(1))) else {
        return String::new();
    };
    let (before, width) = (as_usize(column.saturating_sub(1)), as_usize(*width));
    let shown: String = unnamed(whole).chars().take(before + width).collect();
    let space: String =
        shown.chars().take(before).map(|it| if it == '\t' { '\t' } else { ' ' }).collect();
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let shown = harmless(&shown).replace("\\u{9}", "\t");
    let caret = look.paint(AnsiColor::Red.on_default().bold(), &"^".repeat(width));
    format!("{margin} |\n{number} | {shown}\n{margin} | {space}{caret}\n")
}

/// The line with as many stars in the place of who asks, in every address: a password may be in it.
fn unnamed(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after.find(|letter: char| letter.is_whitespace() || "/\"'".contains(letter));
        let authority = &after[..end.unwrap_or(after.len())];
        let user = authority.rfind('@').unwrap_or_default();
        out.extend(std::iter::repeat_n('*', authority[..user].chars().count()));
        rest = &after[user..];
    }
    out.push_str(rest);
    out
}

fn as_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    #[test]
    fn who_asks_is_not_shown() {
        for (line, shown) in [
            ("url = \"ftp://me:p@ss@h:1/a@b\"", "url = \"ftp://*******@h:1/a@b\""),
            ("a = 'http://h' # http://ü@x", "a = 'http://h' # http://*@x"),
            ("no address", "no address"),
        ] {
            assert_eq!(unnamed(line), shown);
        }
    }

    #[test]
    fn the_line_is_shown_up_to_what_is_wrong() {
        let place = Place::Text { file: "plumb.toml".to_owned(), line: 2, column: 1, width: 7 };
        let what = "unknown key `evidnce` in plumb.toml:2:1".to_owned();
        let help = Some("did you mean `evidence`?".to_owned());
        let told = Failure { code: Code::Usage, what, place: Some(place), help };
        let look = Look { is_coloured: false, is_utf8: true, width: 80 };
        let text = |_: &str| Some("# a\nevidnce = \"hush\"\n".to_owned());
        assert_eq!(
            failure(look, &told, &text),
            "error: unknown key `evidnce` in plumb.toml:2:1\n  |\n2 | evidnce\n  | ^^^^^^^\n\
             help: did you mean `evidence`?\n"
        );
    }
}
