//! Foreign text inside Markdown: shown as it is, and never taken for structure, HTML, a link, a
//! mention or a reference.
//!
//! Refuses to know the page around it.

use crate::harmless::harmless_short;

/// The text, cut to `letters_max` characters, for a paragraph, a table cell or inline HTML. Marks
/// that mean something become character references, which Markdown never takes for structure. A
/// zero-width space keeps `@` and `#` from being joined to what follows: mentions and references
/// are looked for in the page as rendered.
#[must_use]
pub fn plain(text: &str, letters_max: usize) -> String {
    let text = harmless_short(text, letters_max);
    let mut shown = String::with_capacity(text.len());
    let mut last_two = [' ', ' '];
    for letter in text.chars() {
        match letter {
            '@' | '#' => shown.push_str(&format!("&#{};&#8203;", u32::from(letter))),
            '.' if last_two.map(|it| it.to_ascii_lowercase()) == ['w', 'w'] => {
                shown.push_str("&#46;");
            }
            _ if is_mark(letter) => shown.push_str(&format!("&#{};", u32::from(letter))),
            _ => shown.push(letter),
        }
        last_two = [last_two[1], letter];
    }
    shown
}

/// [`plain`], in the type of code.
#[must_use]
pub fn code(text: &str, letters_max: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<code>{}</code>", plain(text, letters_max))
}

/// Characters that Markdown, GitHub's extensions of it or HTML give a meaning.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '!')
        || matches!(letter, '$' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(plain(text, 80), expected);
    }

    #[test]
    fn structure_becomes_references() {
        check("a|b`c`", "a&#124;b&#96;c&#96;");
        check("<script>", "&#60;script&#62;");
        check("**b** [l](u)", "&#42;&#42;b&#42;&#42; &#91;l&#93;(u)");
        check("&lt;", "&#38;lt;");
    }

    #[test]
    fn nobody_is_mentioned_and_nothing_linked() {
        check("@team #12", "&#64;&#8203;team &#35;&#8203;12");
        check("https://a.example www.b.example", "https&#58;//a.example www&#46;b.example");
    }

    #[test]
    fn plain_words_stay() {
        check("response 402 body, 3 of 4; fine", "response 402 body, 3 of 4; fine");
        assert_eq!(code("", 80), "");
        assert_eq!(code("a\u{1b}", 80), "<code>a&#92;u{1b}</code>");
    }
}
