//! Why a schema cannot be read, and why a payload does not fit one. It refuses to know either.

/// The payload ends early.
pub const CUT: &str = "a payload that ends before its schema does";
/// The payload goes on.
pub const LEFT_OVER: &str = "a payload that goes on after its schema ends";
/// Another type, or nothing that any schema allows.
pub const UNFIT: &str = "a payload that does not fit its schema";
/// Text that is none.
pub const NOT_UTF8: &str = "a payload whose text is not UTF-8";
/// Deeper than [`DEPTH_MAX`].
pub const TOO_DEEP: &str = "a payload nested too deeply";
/// More than [`VALUES_MAX`] or [`JSON_BYTES_MAX`].
pub const TOO_MUCH: &str = "a payload of too many values";

/// Levels of one payload. Schemas of people have a dozen; a recursive one could exhaust the stack.
pub const DEPTH_MAX: usize = 64;

/// Values in one payload: a byte can hold one, and each takes tens of bytes in memory.
pub const VALUES_MAX: usize = 256 * 1_024;

/// Bytes of the JSON made of one payload. A payload of a megabyte stays well below, unless it was
/// made to grow.
pub const JSON_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not a schema of its kind.
    #[error("the schema cannot be read: {0}")]
    Unreadable(String),
    /// Too large to be used.
    #[error("the schema has {0}")]
    TooLarge(&'static str),
    /// No such message in it.
    #[error("the schema has no message `{0}`")]
    NoMessage(String),
}
