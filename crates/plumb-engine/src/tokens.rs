//! Tokens: who may do what at a server, for how long. Only their hashes are kept.
//!
//! Refuses to know how a token travels.

use crate::shelf::{self, Shelf, ShelfError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// What every token begins with, so that scanners for leaked secrets know it.
pub const TOKEN_PREFIX: &str = "plumb_";

/// The kind under which tokens are kept.
const TOKEN_KIND: &str = "token";

/// Bytes of a token's name. It is shown in lists and in the audit log.
const NAME_BYTES_MAX: usize = 64;

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Send evidence.
    Ingest,
    /// Read evidence and verdicts.
    Read,
    /// Tell releases.
    Release,
    /// Order rollouts to go on or back.
    Operate,
    /// See who did what, and what is missing of the wiring.
    Admin,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 5] =
        [Self::Ingest, Self::Read, Self::Release, Self::Operate, Self::Admin];

    /// The word for it, the same everywhere.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Release => "release",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }
}

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub rights: Vec<Right>,
    /// The project it is good for; none for the server's own.
    pub project: Option<String>,
    /// The only environment it is good for; none for all.
    pub environment: Option<String>,
    /// When it was made, Unix milliseconds.
    pub made_ms: i64,
    /// When it ends, Unix milliseconds.
    pub until_ms: i64,
    /// The hash of its secret, in hexadecimal.
    hash: String,
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub rights: Vec<Right>,
    /// The project it is good for; none for the server's own.
    pub project: Option<String>,
    /// The only environment it is good for; none for all.
    pub environment: Option<String>,
    /// When it ends, Unix milliseconds.
    pub until_ms: i64,
}

/// What goes wrong with tokens.
#[derive(Debug, Error)]
pub enum TokenError {
    /// A name that is no name.
    #[error("`{0}` is no name for a token: letters, digits, `-`, `_` and `.`, at most 64")]
    Name(String),
    /// Made already.
    #[error("there is a token named `{0}` already")]
    Taken(String),
    /// Never made.
    #[error("there is no token named `{0}`")]
    Unknown(String),
    /// A kept token is not one.
    #[error("a kept token cannot be read: {0}")]
    Broken(String),
    /// The shelf failed.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
}

/// Makes a token and gives its text, which nobody can tell again.
///
/// # Errors
///
/// When the name is taken or is none, or the shelf fails.
pub fn make(shelf: &mut Shelf, wanted: Wanted, now_ms: i64) -> Result<String, TokenError> {
    if !is_name(&wanted.name) {
        return Err(TokenError::Name(wanted.name));
    }
    if all(shelf)?.iter().any(|(_, token)| token.name == wanted.name) {
        return Err(TokenError::Taken(wanted.name));
    }
    let secret = shelf::hex(&shelf::random()?);
    let text = format!("{TOKEN_PREFIX}{secret}");
    let hash = shelf::hex(&Sha256::digest(&text));
    let Wanted { name, rights, project, environment, until_ms } = wanted;
    let id = id_of(&hash).to_owned();
    let token = Token { name, rights, project, environment, made_ms: now_ms, until_ms, hash };
    let kept = serde_json::to_vec(&token).map_err(|err| TokenError::Broken(err.to_string()))?;
    shelf.store.document_put(TOKEN_KIND, &id, &kept).map_err(ShelfError::Store)?;
    Ok(text)
}

/// Every token, by name, ended ones too.
///
/// # Errors
///
/// When the shelf fails.
pub fn list(shelf: &Shelf) -> Result<Vec<Token>, TokenError> {
    let mut tokens: Vec<Token> = all(shelf)?.into_iter().map(|(_, token)| token).collect();
    tokens.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tokens)
}

/// Ends a token now.
///
/// # Errors
///
/// When there is none of that name, or the shelf fails.
pub fn revoke(shelf: &mut Shelf, name: &str, now_ms: i64) -> Result<(), TokenError> {
    let known = all(shelf)?.into_iter().find(|(_, token)| token.name == name);
    let (id, mut token) = known.ok_or_else(|| TokenError::Unknown(name.to_owned()))?;
    token.until_ms = token.until_ms.min(now_ms);
    let kept = serde_json::to_vec(&token).map_err(|err| TokenError::Broken(err.to_string()))?;
    shelf.store.document_put(TOKEN_KIND, &id, &kept).map_err(ShelfError::Store)?;
    Ok(())
}

/// The token with this text, unless it has ended. Takes as long for a wrong text as for a right
/// one that begins alike.
///
/// # Errors
///
/// When the shelf fails.
pub fn known(shelf: &Shelf, text: &str, now_ms: i64) -> Result<Option<Token>, TokenError> {
    // Comparing hashes tells nothing about the secret, whatever the comparison's time says.
    let hash = shelf::hex(&Sha256::digest(text));
    let Some(token) = get(shelf, id_of(&hash))? else { return Ok(None) };
    Ok(Some(token).filter(|token| token.hash == hash && now_ms < token.until_ms))
}

fn id_of(hash: &str) -> &str {
    hash.get(..16).unwrap_or(hash)
}

fn get(shelf: &Shelf, id: &str) -> Result<Option<Token>, TokenError> {
    let kept = shelf.store.document_get(TOKEN_KIND, id).map_err(ShelfError::Store)?;
    let read = |kept: Vec<u8>| serde_json::from_slice(&kept);
    kept.map(read).transpose().map_err(|err| TokenError::Broken(err.to_string()))
}

fn all(shelf: &Shelf) -> Result<Vec<(String, Token)>, TokenError> {
    let mut tokens = Vec::new();
    for id in shelf.store.document_list(TOKEN_KIND).map_err(ShelfError::Store)? {
        if let Some(token) = get(shelf, &id)? {
            tokens.push((id, token));
        }
    }
    Ok(tokens)
}

fn is_name(name: &str) -> bool {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str) -> Wanted {
        Wanted {
            name: name.to_owned(),
            rights: vec![Right::Ingest],
            project: None,
            environment: Some("staging".to_owned()),
            until_ms: 1_000,
        }
    }

    #[test]
    fn a_token_is_good_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf::open(&folder.path().into()).unwrap();
        let text = make(&mut shelf, wanted("ci"), 1).unwrap();
        assert!(text.starts_with(TOKEN_PREFIX) && text.len() == TOKEN_PREFIX.len() + 64);
        let token = known(&shelf, &text, 999).unwrap().unwrap();
        assert_eq!((&*token.name, &*token.rights), ("ci", &[Right::Ingest][..]));
        assert_eq!(known(&shelf, &text, 1_000).unwrap(), None);
        let wrong = format!("{}0", &text[..text.len() - 1]);
        assert!(wrong == text || known(&shelf, &wrong, 999).unwrap().is_none());
        assert_eq!(known(&shelf, "", 999).unwrap(), None);
        revoke(&mut shelf, "ci", 500).unwrap();
        assert_eq!(known(&shelf, &text, 500).unwrap(), None);
        assert!(known(&shelf, &text, 499).unwrap().is_some());
    }

    #[test]
    fn the_secret_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf::open(&folder.path().into()).unwrap();
        let text = make(&mut shelf, wanted("ci"), 1).unwrap();
        drop(shelf);
        let secret = text.trim_start_matches(TOKEN_PREFIX).as_bytes();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }

    #[test]
    fn names_are_names_and_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf::open(&folder.path().into()).unwrap();
        make(&mut shelf, wanted("ci"), 1).unwrap();
        for name in ["ci", "", "a b", "a\n", &"a".repeat(65)] {
            assert!(make(&mut shelf, wanted(name), 1).is_err(), "{name}");
        }
        assert!(revoke(&mut shelf, "other", 1).is_err());
        assert_eq!(list(&shelf).unwrap().len(), 1);
    }
}
