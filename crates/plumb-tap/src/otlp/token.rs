//! What callers have to show to be let in. It is compared without telling by its time where it
//! differs, and never shown. It refuses to know where it is kept.

use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq;

/// Bytes that a token has at least: below, it can be guessed.
pub const TOKEN_BYTES_MIN: usize = 16;

/// The scheme of the header, in any case, and what follows it.
const SCHEME: &[u8] = b"bearer ";

/// A secret that callers know.
#[derive(Clone)]
pub struct Token(Box<[u8]>);

/// Why text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too easy to guess.
    #[error("a token has at least {TOKEN_BYTES_MIN} characters")]
    Short,
    /// It could not be sent in a header.
    #[error("a token has visible ASCII characters only")]
    Characters,
}

/// The token in a text; white space around it does not count.
///
/// # Errors
/// [`TokenError`], which never shows the text.
pub fn token(text: &[u8]) -> Result<Token, TokenError> {
    let text = text.trim_ascii();
    if text.len() < TOKEN_BYTES_MIN {
        return Err(TokenError::Short);
    }
    if text.iter().all(u8::is_ascii_graphic) {
        Ok(Token(text.into()))
    } else {
        Err(TokenError::Characters)
    }
}

impl Token {
    /// True if a request shows this token.
    pub(crate) fn is_shown(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(AUTHORIZATION) else { return false };
        let Some((scheme, shown)) = value.as_bytes().split_at_checked(SCHEME.len()) else {
            return false;
        };
        scheme.eq_ignore_ascii_case(SCHEME) && self.0.ct_eq(shown.trim_ascii()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "correct-horse-battery";

    fn check(header: &'static str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, http::HeaderValue::from_static(header));
        assert_eq!(token(b"correct-horse-battery\n").unwrap().is_shown(&headers), expected);
    }

    #[test]
    fn only_the_same_token_lets_in() {
        check("Bearer correct-horse-battery", true);
        check("bearer  correct-horse-battery", true);
        check("Bearer correct-horse-batterx", false);
        check("Bearer correct-horse", false);
        check("Basic correct-horse-battery", false);
        check("correct-horse-battery", false);
        check("", false);
        assert!(!token(SECRET.as_bytes()).unwrap().is_shown(&HeaderMap::new()));
    }

    #[test]
    fn what_is_no_token_is_refused_and_never_shown() {
        assert_eq!(token(b"  short \n").unwrap_err(), TokenError::Short);
        assert_eq!(token(b"with a space in between").unwrap_err(), TokenError::Characters);
        assert_eq!(format!("{:?}", token(SECRET.as_bytes()).unwrap()), "Token(..)");
    }
}
