//! Headers that are told apart by name: what only carries a message, and what is never shown.
//!
//! Refuses to know values and dialects.

/// Headers that only carry the message from hop to hop, or tell when: nothing a reader relies on.
const TRANSPORT: [&str; 5] =
    ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];

/// Headers whose values are withheld wherever traffic is observed.
const WITHHELD: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "set-cookie"];

/// True for a header, by its name in lower case, that says nothing of the exchange.
pub(crate) fn is_transport(name: &str) -> bool {
    TRANSPORT.contains(&name) || name.starts_with(':')
}

/// True for a header, by its name in lower case, that traffic only shows to be there.
pub(crate) fn is_withheld(name: &str) -> bool {
    WITHHELD.contains(&name)
}
