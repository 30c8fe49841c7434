//! The case of letters, where a protocol makes no difference of it. Refuses to know whose words
//! they are.

use std::borrow::Cow;

/// The text with ASCII letters in lower case, borrowed if it was so already.
#[must_use]
pub fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
