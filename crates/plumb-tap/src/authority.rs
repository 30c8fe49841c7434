//! What addresses name. It refuses to know what is done with them.

use http::uri::Authority;

/// The host without the brackets of an IPv6 address.
#[must_use]
pub fn host_of(authority: &Authority) -> &str {
    authority.host().trim_start_matches('[').trim_end_matches(']')
}
