//! Values that are one of a few words. Refuses to know what any of them means.

use crate::config::error::ConfigError;
use crate::config::gate::Word;
use crate::config::origin::Put;
use crate::excerpt::excerpt;

/// One of a few words.
///
/// # Errors
/// [`ConfigError::Word`].
pub(crate) fn word<W: Word>(path: &str, put: Put<String>) -> Result<Put<W>, ConfigError> {
    let all = W::WORDS.iter().zip(W::MEANINGS);
    match all.into_iter().find(|(word, _)| **word == put.value) {
        Some((_, meaning)) => Ok(put.map(|_| *meaning)),
        None => Err(no_word(path, put, W::WORDS)),
    }
}

/// Why a word is none of those that there are.
pub(crate) fn no_word(path: &str, put: Put<String>, words: &'static [&'static str]) -> ConfigError {
    let (path, word) = (path.to_owned(), excerpt(&put.value));
    ConfigError::Word { place: put.place, path, word, words }
}
