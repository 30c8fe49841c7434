//! What can be wrong with a configuration, told with its place.
//!
//! Refuses to show the value of an unknown key: it may be a secret.

use crate::clock::ClockError;
use crate::config::nearest::nearest;
use crate::config::origin::Place;
use plumb_store::address::AddressError;
use thiserror::Error;

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The file that was asked for is not there.
    #[error("there is no configuration at `{file}`")]
    Missing {
        /// The file.
        file: String,
    },
    /// The file is there and cannot be read.
    #[error("the configuration `{file}` cannot be read: {detail}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        detail: String,
    },
    /// The file is larger than any configuration.
    #[error("the configuration `{file}` has {bytes} bytes, more than {bytes_max}")]
    TooLarge {
        /// The file.
        file: String,
        /// Its bytes.
        bytes: usize,
        /// How many are read.
        bytes_max: usize,
    },
    /// The text is not TOML.
    #[error("this is not TOML in {place}: {detail}")]
    Syntax {
        /// Where reading stopped.
        place: Place,
        /// What was expected.
        detail: String,
    },
    /// A key or an entry stands twice.
    #[error("`{path}` is there twice in {place}{}", first_at(first.as_ref()))]
    Duplicate {
        /// The second.
        place: Place,
        /// The key with its sections, or the entry's name.
        path: String,
        /// The first, where it is known.
        first: Option<Place>,
    },
    /// A key that nothing reads.
    #[error("unknown key `{path}` in {place}")]
    Unknown {
        /// Where the key stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// The key that was probably meant.
        near: Option<String>,
        /// The keys of this section; empty when none stand here.
        known: &'static [&'static str],
    },
    /// A key that nothing reads and that is named like a secret.
    #[error("`{path}` looks like a secret in {place}, and no secret belongs in a configuration")]
    Secret {
        /// Where the key stands.
        place: Place,
        /// The key with its sections.
        path: String,
    },
    /// A value of another kind.
    #[error("`{path}` is {found}, not {expected}, in {place}")]
    WrongKind {
        /// Where the value stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// The kind it should be, with its article.
        expected: &'static str,
        /// The kind it is, with its article.
        found: &'static str,
    },
    /// A key that its section cannot do without.
    #[error("`{path}` is missing in {place}")]
    Required {
        /// The section.
        place: Place,
        /// The key with its sections.
        path: String,
    },
    /// A key beside another one that says something else of the same.
    #[error("`{path}` cannot stand beside `{other}` in {place}")]
    Beside {
        /// The section.
        place: Place,
        /// The key with its sections.
        path: String,
        /// The other key.
        other: &'static str,
    },
    /// A text without anything in it.
    #[error("`{path}` is empty in {place}")]
    Empty {
        /// Where the value stands.
        place: Place,
        /// The key with its sections.
        path: String,
    },
    /// A word that is none of those that can stand here.
    #[error("`{path}` cannot be `{word}` in {place}")]
    Word {
        /// Where the value stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// What was written, shortened.
        word: String,
        /// What can be.
        words: &'static [&'static str],
    },
    /// A text that has not the form of what should stand here.
    #[error("`{path}` cannot be `{text}` in {place}")]
    Form {
        /// Where the value stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// What was written, shortened.
        text: String,
        /// What it is written like.
        model: &'static str,
    },
    /// A name of something that the file does not have.
    #[error("`{path}` names `{name}`, which is not there, in {place}")]
    NotThere {
        /// Where the name stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// What was named, shortened.
        name: String,
    },
    /// A number out of range.
    #[error("`{path}` is {found}, not between {min} and {max}, in {place}")]
    Range {
        /// Where the value stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// What was written.
        found: i64,
        /// The least that can be.
        min: i64,
        /// The most that can be.
        max: i64,
    },
    /// A text that is no time.
    #[error("{cause}, for `{path}` in {place}")]
    Time {
        /// Where the value stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// What is wrong with it.
        cause: ClockError,
    },
    /// An address of a database that cannot be used.
    #[error("{cause}, for `{path}` in {place}")]
    Address {
        /// Where the value begins.
        place: Place,
        /// The key with its sections.
        path: String,
        /// What is wrong with it.
        cause: AddressError,
    },
    /// A password in a file that others read.
    #[error("`{path}` carries a password in {place}, and no secret belongs in a configuration")]
    Password {
        /// Where the value begins.
        place: Place,
        /// The key with its sections.
        path: String,
    },
    /// A file that a variable names and that cannot be read.
    #[error("`{variable}` names `{file}`, which cannot be read: {detail}")]
    Named {
        /// The variable.
        variable: &'static str,
        /// The file.
        file: String,
        /// What the system said.
        detail: String,
    },
    /// A pattern that cannot match anything, or everything by mistake.
    #[error("`{pattern}` is not a pattern for `{path}` in {place}: {detail}")]
    Pattern {
        /// Where the value stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// What was written, shortened.
        pattern: String,
        /// What is wrong with it, shortened.
        detail: String,
    },
    /// Something that is planned and not built.
    #[error("`{path}` cannot be {what} yet in {place}")]
    NotYet {
        /// Where the value stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// What was asked for.
        what: &'static str,
        /// What can be had.
        instead: &'static str,
    },
    /// Something that belongs in the project's file and stands in another.
    #[error("`{path}` belongs in the project's plumb.toml and stands in {place}")]
    NotHere {
        /// Where it stands.
        place: Place,
        /// The key.
        path: &'static str,
    },
    /// More than any configuration holds.
    #[error("`{path}` has more than {max} entries in {place}")]
    TooMany {
        /// Where it stands.
        place: Place,
        /// The key with its sections.
        path: String,
        /// How many are read.
        max: usize,
    },
    /// A list that is written in a way that cannot be added to.
    #[error("`{path}` is written as one list in {place}, and nothing can be added to it")]
    Inline {
        /// Where the list stands.
        place: Place,
        /// The key.
        path: &'static str,
    },
}

impl ConfigError {
    /// Where it is wrong; `None` when a whole file is.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::Missing { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::Named { .. } => None,
            Self::Syntax { place, .. }
            | Self::Duplicate { place, .. }
            | Self::Unknown { place, .. }
            | Self::Secret { place, .. }
            | Self::WrongKind { place, .. }
            | Self::Required { place, .. }
            | Self::Empty { place, .. }
            | Self::Word { place, .. }
            | Self::Form { place, .. }
            | Self::NotThere { place, .. }
            | Self::Beside { place, .. }
            | Self::Range { place, .. }
            | Self::Time { place, .. }
            | Self::Address { place, .. }
            | Self::Password { place, .. }
            | Self::Pattern { place, .. }
            | Self::NotYet { place, .. }
            | Self::NotHere { place, .. }
            | Self::TooMany { place, .. }
            | Self::Inline { place, .. } => Some(place),
        }
    }

    /// What to do about it, in one line.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Missing { .. } => {
                "check the path, or leave it out: every setting has a default".to_owned()
            }
            Self::Unreadable { .. } => "make the file a text in UTF-8 that you may read".to_owned(),
            Self::TooLarge { .. } => "is it a configuration at all? one has a few lines".to_owned(),
            Self::Syntax { .. } => "texts stand in quotes, sections in brackets".to_owned(),
            Self::Duplicate { .. } => "keep one of them".to_owned(),
            Self::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Unknown { known: [], .. } => "remove it".to_owned(),
            Self::Unknown { known, .. } => format!("what can stand here: {}", listed(known)),
            Self::Secret { .. } => {
                "remove it, and replace the secret if anyone else could read this file".to_owned()
            }
            Self::WrongKind { expected, .. } => format!("write {expected}: {}", model(expected)),
            Self::Required { .. } => "add it".to_owned(),
            Self::Empty { .. } => "write something in it, or remove it".to_owned(),
            Self::Word { word, words, .. } => match nearest(word, words.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? it can be {}", listed(words)),
                None => format!("it can be {}", listed(words)),
            },
            Self::Form { model, .. } => format!("write it like {model}"),
            Self::Beside { .. } => "keep one of them".to_owned(),
            Self::NotThere { .. } => "name something that the file has".to_owned(),
            Self::Range { min, max, .. } => format!("write a whole number from {min} to {max}"),
            Self::Time { cause, .. } => cause.help().to_owned(),
            Self::Address { cause, .. } => cause.help().to_owned(),
            Self::Password { .. } => "leave it out and give it with `PGPASSWORD` or `PGPASSFILE`, \
                                      or the whole address with `PLUMB_STORE_FILE`"
                .to_owned(),
            Self::Named { .. } => "check the path and who may read it".to_owned(),
            Self::Pattern { .. } => "`*` stands for any characters, `?` for one".to_owned(),
            Self::NotYet { instead, .. } => (*instead).to_owned(),
            Self::NotHere { .. } => "move it, so that everyone judges alike".to_owned(),
            Self::TooMany { .. } => "let patterns with `*` stand for many names".to_owned(),
            Self::Inline { path, .. } => format!("write each entry under a line `[[{path}]]`"),
        }
    }
}

fn first_at(first: Option<&Place>) -> String {
    first.map_or_else(String::new, |place| format!(", first in {place}"))
}

fn listed(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// A value of a kind, for the person who has to write one.
fn model(kind: &str) -> &'static str {
    match kind {
        "a text" => "`\"like this\"`",
        "a list of texts" => "`[\"one\", \"two\"]`",
        "a whole number" => "`30`",
        "a date" => "`2026-12-31`, without quotes",
        "a list of sections" => "`[[name]]` above its keys",
        _ => "`[name]` above its keys",
    }
}
