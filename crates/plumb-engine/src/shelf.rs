//! The shelf: where a project keeps its evidence, and the form in which profiles lie there.
//!
//! One folder (`.plumb` beside the configuration, unless told otherwise) with the store and the key
//! under which literals are hashed. The folder keeps itself out of version control.

use plumb_shape::literal::LiteralKey;
use plumb_shape::profile::Profile;
use plumb_store::sqlite::{self, SqliteStore};
use plumb_store::store::{MergeRefused, StoreError};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The version of the profile encoding, the first byte of every stored profile.
const PROFILE_VERSION: u8 = 1;

/// The name of the store's file in the folder.
const STORE_FILE: &str = "evidence.db";

/// The name of the key's file in the folder.
const KEY_FILE: &str = "key";

/// A project's evidence folder, opened.
#[derive(Debug)]
pub struct Shelf {
    /// The store.
    pub store: SqliteStore,
    /// The key under which this project hashes literals.
    pub key: LiteralKey,
    /// What the key is known by outside: the start of its hash.
    pub key_id: String,
}

/// What goes wrong with the shelf.
#[derive(Debug, Error)]
pub enum ShelfError {
    /// The folder or its key cannot be read or made.
    #[error("cannot use `{path}`: {source}")]
    Folder {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The key's file does not hold a key.
    #[error("`{0}` does not hold a key of 32 bytes in hexadecimal")]
    Key(PathBuf),
    /// No random bytes are to be had.
    #[error("the system gives no random bytes")]
    Random,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored profile is not one.
    #[error("a stored profile cannot be read: {0}")]
    Profile(String),
    /// A kept release is not one.
    #[error("a kept release cannot be read: {0}")]
    Release(String),
    /// A kept backlog is not one.
    #[error("a kept backlog cannot be read: {0}")]
    Backlog(String),
}

/// Opens the folder for writing; makes it when it is not there.
///
/// # Errors
///
/// When the folder, the key or the store cannot be used.
pub fn open(folder: &Path) -> Result<Shelf, ShelfError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| ShelfError::Folder { path, source }
    };
    fs::create_dir_all(folder).map_err(at(folder))?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "*\n").map_err(at(&ignore))?;
    }
    let (key, key_id) = open_key(&folder.join(KEY_FILE))?;
    let store = sqlite::open(&folder.join(STORE_FILE))?;
    Ok(Shelf { store, key, key_id })
}

/// Opens the folder for reading; `None` when there is no evidence yet.
///
/// # Errors
///
/// When what is there cannot be used.
pub fn open_existing(folder: &Path) -> Result<Option<Shelf>, ShelfError> {
    let path = folder.join(STORE_FILE);
    if !path.exists() {
        return Ok(None);
    }
    let (key, key_id) = open_key(&folder.join(KEY_FILE))?;
    let store = match sqlite::open_read_only(&path) {
        Err(StoreError::OlderFormat { .. }) => sqlite::open(&path)?,
        opened => opened?,
    };
    Ok(Some(Shelf { store, key, key_id }))
}

/// The project's key and what it is known by; `None` when nothing was kept under one yet.
///
/// # Errors
///
/// When it is there and cannot be used.
pub fn key_if_there(folder: &Path) -> Result<Option<(LiteralKey, String)>, ShelfError> {
    let path = folder.join(KEY_FILE);
    if path.exists() { open_key(&path).map(Some) } else { Ok(None) }
}

/// A profile as it is stored.
///
/// # Errors
///
/// Never for profiles that fit memory; the encoding's own error otherwise.
pub fn encode(profile: &Profile) -> Result<Vec<u8>, ShelfError> {
    let bytes = vec![PROFILE_VERSION];
    postcard::to_extend(profile, bytes).map_err(|err| ShelfError::Profile(err.to_string()))
}

/// Reads a stored profile.
///
/// # Errors
///
/// When the bytes are of a newer version or no profile.
pub fn decode(bytes: &[u8]) -> Result<Profile, ShelfError> {
    match bytes.split_first() {
        Some((&PROFILE_VERSION, rest)) => {
            let profile: Profile =
                postcard::from_bytes(rest).map_err(|err| ShelfError::Profile(err.to_string()))?;
            // The store and bundles are files, and files get damaged.
            if !profile.is_sound() {
                return Err(ShelfError::Profile("its parts do not fit each other".to_owned()));
            }
            Ok(profile)
        }
        Some((version, _)) => Err(ShelfError::Profile(format!(
            "it is of version {version}, this plumb reads up to {PROFILE_VERSION}"
        ))),
        None => Err(ShelfError::Profile("it is empty".to_owned())),
    }
}

/// Merges two stored profiles, as the store asks.
///
/// # Errors
///
/// When either is no profile.
pub fn merge(one: &[u8], two: &[u8]) -> Result<Vec<u8>, MergeRefused> {
    let merged = || -> Result<Vec<u8>, ShelfError> { encode(&decode(one)?.merge(&decode(two)?)) };
    merged().map_err(|err| MergeRefused { reason: err.to_string() })
}

/// Reads the key, or makes one. Two processes that start at once end up with the same one.
fn open_key(path: &Path) -> Result<(LiteralKey, String), ShelfError> {
    let failed = |source| ShelfError::Folder { path: path.to_owned(), source };
    if !path.exists() {
        let bytes = random()?;
        let draft = path.with_extension(format!("{}.draft", std::process::id()));
        write_secret(&draft, hex(&bytes).as_bytes()).map_err(failed)?;
        // A link fails when the other process was first, and then its key is the one.
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft).map_err(failed)?;
        if let Err(source) = linked
            && !path.exists()
        {
            return Err(failed(source));
        }
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let bytes = from_hex(text.trim()).ok_or_else(|| ShelfError::Key(path.to_owned()))?;
    let id = hex(&Sha256::digest(bytes)[..8]);
    Ok((LiteralKey::new(bytes), id))
}

#[cfg(unix)]
fn write_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Bytes that nobody can guess.
pub(crate) fn random() -> Result<[u8; 32], ShelfError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| ShelfError::Random)?;
    Ok(bytes)
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path()).unwrap();
        let second = open(folder.path()).unwrap();
        assert_eq!(first.key_id, second.key_id);
        assert_eq!(first.key.hash("a"), second.key.hash("a"));
        assert!(open_existing(&folder.path().join("elsewhere")).unwrap().is_none());
    }

    #[test]
    fn profiles_of_a_newer_version_are_refused() {
        let mut bytes = encode(&Profile::default()).unwrap();
        assert_eq!(decode(&bytes).unwrap(), Profile::default());
        bytes[0] = 9;
        let refused = decode(&bytes).unwrap_err().to_string();
        assert!(refused.contains("version 9"), "{refused}");
    }
}
