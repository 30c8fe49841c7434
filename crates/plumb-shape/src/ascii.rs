//! Text where protocols mean ASCII: letters whose case makes no difference, and marks between
//! parts. Refuses to know whose words they are.

use std::borrow::Cow;
use std::iter;

use memchr::memchr;

/// The text with ASCII letters in lower case, borrowed if it was so already.
#[must_use]
pub fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// What stands before and behind the first such mark, as [`str::split_once`] tells it in several
/// times the time; none without the mark, and for a byte that is not ASCII.
#[must_use]
pub fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = memchr(mark, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// What stands between such marks, as [`str::split`] tells it.
pub fn parts(text: &str, mark: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest.take()?;
        let Some((part, behind)) = cut(text, mark) else { return Some(text) };
        rest = Some(behind);
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marks_divide_as_characters_do(text in "[a/é]{0,12}", mark in "[a/é]") {
            let (mark, byte) = (mark.chars().next().unwrap(), mark.as_bytes()[0]);
            if mark.is_ascii() {
                prop_assert_eq!(cut(&text, byte), text.split_once(mark));
                prop_assert!(parts(&text, byte).eq(text.split(mark)));
            } else {
                prop_assert_eq!(cut(&text, byte), None);
            }
        }
    }
}
