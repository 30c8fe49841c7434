//! What a message quotes of foreign text.
//!
//! Refuses to quote at length, and to pass on what could steer a terminal.

/// Characters that are quoted; enough to recognise what one has written.
const CHARS_MAX: usize = 80;

/// The beginning of a text, on one line, with everything that is not visible spelt out.
pub(crate) fn excerpt(text: &str) -> String {
    let mut quoted = String::new();
    for letter in text.chars().take(CHARS_MAX) {
        match letter {
            '\'' | '"' | '\\' => quoted.push(letter),
            _ => quoted.extend(letter.escape_debug()),
        }
    }
    if text.chars().nth(CHARS_MAX).is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(excerpt(text), expected);
    }

    #[test]
    fn texts() {
        check("it's \"x\\d\" é", "it's \"x\\d\" é");
        check("a\n\u{1b}[2J\u{202e}", "a\\n\\u{1b}[2J\\u{202e}");
        check(&"x".repeat(80), &"x".repeat(80));
        check(&"é".repeat(81), &format!("{}…", "é".repeat(80)));
    }
}
