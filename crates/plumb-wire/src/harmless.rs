//! Makes foreign text harmless to show: what would move a cursor, colour a terminal, turn the
//! direction of writing or hide, is written as a visible escape such as `\u{1b}`.
//!
//! Knows characters only; refuses to know where the text goes. Each format escapes its own marks.

use std::borrow::Cow;

/// The text with every control character, line break included, every bidirectional mark and every
/// invisible or forbidden character as `\u{..}`. Borrowed when there is none. What is left is one
/// line, and every character of it may stand in XML 1.0.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_harmful) else { return Cow::Borrowed(text) };
    let (clean, rest) = text.split_at(first);
    let mut shown = String::with_capacity(text.len() + rest.len());
    shown.push_str(clean);
    for letter in rest.chars() {
        if is_harmful(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// [`harmless`], and no longer than `letters_max` characters: what is longer ends in `…`.
#[must_use]
pub fn harmless_short(text: &str, letters_max: usize) -> Cow<'_, str> {
    // Cutting first bounds the work on a long text; cutting again bounds what escapes added.
    let ahead =
        text.char_indices().nth(letters_max.saturating_add(1)).map_or(text.len(), |it| it.0);
    let shown = harmless(&text[..ahead]);
    if shown.chars().nth(letters_max).is_none() {
        return shown;
    }
    let kept: String = shown.chars().take(letters_max.saturating_sub(1)).collect();
    Cow::Owned(kept + "…")
}

/// A text as one word of a shell's command, harmless, that does nothing else than be that word.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", harmless(text).replace('\'', "'\\''"))
}

fn is_harmful(letter: char) -> bool {
    letter.is_control() || turns_direction(letter) || is_hidden(letter) || is_nothing(letter)
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm.
fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2066}'..='\u{2069}')
}

/// Separators that break lines, and characters without a shape. Joiners stay: scripts need them.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}')
        || matches!(letter, '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(letter, '\u{e0000}'..='\u{e007f}')
}

/// Code points that are no characters.
fn is_nothing(letter: char) -> bool {
    matches!(letter, '\u{fdd0}'..='\u{fdef}') || u32::from(letter) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(harmless(text), expected);
    }

    #[test]
    fn keys_survive_a_shell() {
        assert_eq!(shell_word("status-new"), "status-new");
        assert_eq!(shell_word("a b"), "'a b'");
        assert_eq!(shell_word("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn what_does_harm_is_shown() {
        check("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m");
        check("a\r\nb\tc\0", "a\\u{d}\\u{a}b\\u{9}c\\u{0}");
        check("a\u{202e}b\u{2066}c\u{9b}d", "a\\u{202e}b\\u{2066}c\\u{9b}d");
        check("\u{feff}\u{ffff}\u{e0041}", "\\u{feff}\\u{ffff}\\u{e0041}");
    }

    #[test]
    fn what_does_none_is_borrowed() {
        for text in ["", "GET /users/{}", "نص عربي", "👩\u{200d}🚀 日本語", "<b>&amp;"]
        {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(harmless_short("ééé", 3), "ééé");
        assert_eq!(harmless_short("éééé", 3), "éé…");
        assert_eq!(harmless_short("a\u{1b}b", 3), "a\\…");
        assert_eq!(harmless_short("abc", 0), "…");
    }
}
