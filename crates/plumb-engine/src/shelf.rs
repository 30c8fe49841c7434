//! The shelf: where a project keeps its evidence, and the form in which profiles lie there.
//!
//! One folder (`.plumb` beside the configuration, unless told otherwise) with the store and the key
//! under which literals are hashed; or a database that several share, and the key in a file of
//! which each of them has the same. The key never goes into the database, only what it is known by.

use crate::location::Location;
use plumb_shape::literal::LiteralKey;
use plumb_shape::profile::Profile;
use plumb_store::store::{MergeRefused, Store, StoreError};
use plumb_store::{postgres, sqlite};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The version of the profile encoding, the first byte of every stored profile: 1 is the profile
/// alone, 2 its latencies and then the profile. Without latencies the first is written, which older
/// programs read too.
const PROFILE_VERSION: u8 = 2;
const PROFILE_ALONE: u8 = 1;

/// The name of the store's file in the folder.
const STORE_FILE: &str = "evidence.db";

/// The name of the key's file in the folder.
const KEY_FILE: &str = "key";

/// Under which a database remembers what the key is known by.
const KEY_KIND: &str = "key";
const KEY_NAME: &str = "literals";

/// A project's evidence, opened.
#[derive(Debug)]
pub struct Shelf {
    /// The store.
    pub store: Box<dyn Store>,
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
    /// A database has evidence, and the key that it was hashed under is not where it should be.
    #[error("the key of the store `{place}` is not at `{path}`")]
    KeyMissing {
        /// The store.
        place: String,
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// A database has evidence that was hashed under another key.
    #[error("the store `{place}` was filled under another key than the one in `{path}`")]
    OtherKey {
        /// The store.
        place: String,
        /// Our key.
        path: PathBuf,
    },
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

/// Opens the shelf for writing; makes it when it is not there.
///
/// # Errors
///
/// When the folder, the key or the store cannot be used, or a database was filled under another
/// key.
pub fn open(location: &Location) -> Result<Shelf, ShelfError> {
    let (folder, address, key) = match location {
        Location::Folder(folder) => return open_folder(folder),
        Location::Server { address, key } => (key.parent().unwrap_or(key), address, key),
    };
    let mut store = postgres::open(address)?;
    let recorded = store.document_get(KEY_KIND, KEY_NAME)?;
    let place = || location.to_string();
    if recorded.is_some() && !key.exists() {
        return Err(ShelfError::KeyMissing { place: place(), path: key.clone() });
    }
    if !folder.exists() {
        make_folder(folder)?;
    }
    let (literal_key, key_id) = open_key(key)?;
    if store.document_claim(KEY_KIND, KEY_NAME, key_id.as_bytes())? != key_id.as_bytes() {
        return Err(ShelfError::OtherKey { place: place(), path: key.clone() });
    }
    Ok(Shelf { store: Box::new(store), key: literal_key, key_id })
}

/// Opens the shelf for reading; `None` when there is no evidence yet.
///
/// # Errors
///
/// When what is there cannot be used.
pub fn open_existing(location: &Location) -> Result<Option<Shelf>, ShelfError> {
    let (address, key) = match location {
        Location::Folder(folder) => return open_existing_folder(folder),
        Location::Server { address, key } => (address, key),
    };
    let store = match postgres::open_read_only(address) {
        Err(StoreError::NotThere { .. }) => return Ok(None),
        Err(StoreError::OlderFormat { .. }) => return open(location).map(Some),
        opened => opened?,
    };
    // Nothing was put there before the first key was.
    let Some(recorded) = store.document_get(KEY_KIND, KEY_NAME)? else { return Ok(None) };
    let (place, path) = (location.to_string(), key.clone());
    if !key.exists() {
        return Err(ShelfError::KeyMissing { place, path });
    }
    let (literal_key, key_id) = open_key(key)?;
    if recorded != key_id.as_bytes() {
        return Err(ShelfError::OtherKey { place, path });
    }
    Ok(Some(Shelf { store: Box::new(store), key: literal_key, key_id }))
}

/// The key of a location and what it is known by, whether its store can be reached or not; made
/// when it is not there.
///
/// # Errors
///
/// When the folder or the key cannot be used.
pub fn key(location: &Location) -> Result<(LiteralKey, String), ShelfError> {
    make_folder(location.folder())?;
    open_key(&key_file(location))
}

/// The project's key and what it is known by; `None` when nothing was kept under one yet.
///
/// # Errors
///
/// When it is there and cannot be used.
pub fn key_if_there(location: &Location) -> Result<Option<(LiteralKey, String)>, ShelfError> {
    let path = key_file(location);
    if path.exists() { open_key(&path).map(Some) } else { Ok(None) }
}

/// Where the key of a location lies, whether it is there or not.
pub(crate) fn key_file(location: &Location) -> PathBuf {
    match location {
        Location::Folder(folder) => folder.join(KEY_FILE),
        Location::Server { key, .. } => key.clone(),
    }
}

/// A profile as it is stored.
///
/// # Errors
///
/// Never for profiles that fit memory; the encoding's own error otherwise.
pub fn encode(profile: &Profile) -> Result<Vec<u8>, ShelfError> {
    let broken = |err: postcard::Error| ShelfError::Profile(err.to_string());
    let latencies = profile.latencies();
    let head = match latencies.is_empty() {
        true => vec![PROFILE_ALONE],
        false => postcard::to_extend(&latencies, vec![PROFILE_VERSION]).map_err(broken)?,
    };
    postcard::to_extend(profile, head).map_err(broken)
}

/// Reads a stored profile.
///
/// # Errors
///
/// When the bytes are of a newer version or no profile.
pub fn decode(bytes: &[u8]) -> Result<Profile, ShelfError> {
    let broken = |err: postcard::Error| ShelfError::Profile(err.to_string());
    let unfit = || ShelfError::Profile("its parts do not fit each other".to_owned());
    let (latencies, rest) = match bytes.split_first() {
        Some((&PROFILE_ALONE, rest)) => (BTreeMap::new(), rest),
        Some((&PROFILE_VERSION, rest)) => postcard::take_from_bytes(rest).map_err(broken)?,
        Some((version, _)) => {
            return Err(ShelfError::Profile(format!(
                "it is of version {version}, this plumb reads up to {PROFILE_VERSION}"
            )));
        }
        None => return Err(ShelfError::Profile("it is empty".to_owned())),
    };
    let profile: Profile = postcard::from_bytes(rest).map_err(broken)?;
    let profile = profile.with_latencies(latencies).ok_or_else(unfit)?;
    // The store and bundles are files, and files get damaged.
    if profile.is_sound() { Ok(profile) } else { Err(unfit()) }
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

/// What lies under a kind and a key; `None` where nothing does. What an older program kept in
/// another form is as good as nothing.
///
/// # Errors
///
/// When the store cannot be read.
pub fn kept<T: DeserializeOwned>(
    shelf: &Shelf,
    (kind, key): (&str, &str),
) -> Result<Option<T>, ShelfError> {
    let text = shelf.store.document_get(kind, key)?;
    Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
}

/// Keeps this under a kind and a key, in place of what lay there.
///
/// # Errors
///
/// When the store cannot be written.
pub fn keep<T: Serialize + ?Sized>(
    shelf: &mut Shelf,
    (kind, key): (&str, &str),
    it: &T,
) -> Result<(), ShelfError> {
    let text = serde_json::to_vec(it).unwrap_or_default();
    Ok(shelf.store.document_put(kind, key, &text)?)
}

fn open_folder(folder: &Path) -> Result<Shelf, ShelfError> {
    make_folder(folder)?;
    let (key, key_id) = open_key(&folder.join(KEY_FILE))?;
    let store = Box::new(sqlite::open(&folder.join(STORE_FILE))?);
    Ok(Shelf { store, key, key_id })
}

fn open_existing_folder(folder: &Path) -> Result<Option<Shelf>, ShelfError> {
    let path = folder.join(STORE_FILE);
    if !path.exists() {
        return Ok(None);
    }
    let (key, key_id) = open_key(&folder.join(KEY_FILE))?;
    let store = match sqlite::open_read_only(&path) {
        Err(StoreError::OlderFormat { .. }) => sqlite::open(&path)?,
        opened => opened?,
    };
    Ok(Some(Shelf { store: Box::new(store), key, key_id }))
}

/// A folder that keeps itself out of version control.
fn make_folder(folder: &Path) -> Result<(), ShelfError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| ShelfError::Folder { path, source }
    };
    fs::create_dir_all(folder).map_err(at(folder))?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "*\n").map_err(at(&ignore))?;
    }
    Ok(())
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
///
/// # Errors
///
/// When the system has none.
pub fn random() -> Result<[u8; 32], ShelfError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| ShelfError::Random)?;
    Ok(bytes)
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// 32 bytes from hexadecimal; none for anything else.
#[must_use]
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
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
    use plumb_shape::fold::Fold;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn the_key_is_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(&folder.path().into()).unwrap();
        let second = open(&folder.path().into()).unwrap();
        assert_eq!(first.key_id, second.key_id);
        assert_eq!(first.key.hash("a"), second.key.hash("a"));
        assert!(
            open_existing(&folder.path().join("elsewhere").as_path().into()).unwrap().is_none()
        );
    }

    fn took(latencies: &[u64]) -> Profile {
        let mut fold = Fold::new(LiteralKey::new([7; 32]), Arc::new(|_| false));
        for millis in latencies {
            fold.begin(None);
            fold.took(Duration::from_millis(*millis));
            fold.commit();
        }
        if latencies.is_empty() {
            fold.begin(None);
            fold.commit();
        }
        Profile { outcomes: BTreeMap::from([(200, fold.seal())]) }
    }

    #[test]
    fn latencies_are_kept_and_older_profiles_read() {
        let (old, new) = (encode(&took(&[])).unwrap(), encode(&took(&[3, 900])).unwrap());
        assert_eq!((old[0], new[0]), (PROFILE_ALONE, PROFILE_VERSION));
        assert_eq!(decode(&new).unwrap(), took(&[3, 900]));
        let both = decode(&merge(&old, &new).unwrap()).unwrap();
        assert_eq!(merge(&old, &new).unwrap(), merge(&new, &old).unwrap());
        assert_eq!((both.total().count, both.latencies()[&200].count()), (3, 2));
    }

    #[test]
    fn latencies_that_do_not_fit_their_profile_are_refused() {
        let latencies = BTreeMap::from([(404_u16, took(&[3]).latencies()[&200].clone())]);
        let bytes = postcard::to_extend(&latencies, vec![PROFILE_VERSION]).unwrap();
        let bytes = postcard::to_extend(&took(&[3]), bytes).unwrap();
        assert!(decode(&bytes).is_err());
        let many = BTreeMap::from([(200_u16, took(&[3, 4]).latencies()[&200].clone())]);
        let bytes = postcard::to_extend(&many, vec![PROFILE_VERSION]).unwrap();
        let bytes = postcard::to_extend(&took(&[3]), bytes).unwrap();
        assert!(decode(&bytes).is_err());
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
