//! Dependencies and the hosts by which they are recognised.
//!
//! Refuses to know addresses beyond host and port.

use globset::{GlobBuilder, GlobSet};

/// A component that this project talks to.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// The hosts it answers on. None: the name alone is told.
    pub hosts: Vec<HostPattern>,
    /// Who looks after it.
    pub owner: Option<String>,
}

/// A pattern for hosts: `*` stands for any characters, dots included, `?` for one. Case does not
/// matter. A pattern without port takes every port.
#[derive(Clone, Debug)]
pub struct HostPattern {
    text: String,
    name: GlobSet,
    port: Option<GlobSet>,
}

/// Bytes of a pattern; a host has at most 253, and a port 5.
const PATTERN_BYTES_MAX: usize = 512;

impl HostPattern {
    /// The pattern, or what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > PATTERN_BYTES_MAX {
            return Err(format!("it has more than {PATTERN_BYTES_MAX} bytes"));
        }
        if text.contains('/') {
            return Err("it is a host without scheme and path".to_owned());
        }
        let (name, port) = split(text);
        let port = port.map(matcher).transpose()?;
        Ok(Self { text: text.to_owned(), name: matcher(name)?, port })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True when the host, with or without port, has this form.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let (name, port) = split(host);
        let is_port = match (&self.port, port) {
            (Some(pattern), Some(port)) => pattern.is_match(port),
            (Some(_), None) => false,
            (None, _) => true,
        };
        is_port && self.name.is_match(name)
    }
}

/// Name and port. What stands in brackets, or holds several colons, is an IPv6 address.
fn split(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
            (bare(name), Some(port))
        }
        _ => (bare(host), None),
    }
}

/// An IPv6 address without its brackets; other brackets are those of a pattern.
fn bare(name: &str) -> &str {
    let inside = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    inside.filter(|address| address.contains(':')).unwrap_or(name)
}

/// A set of one: it answers with an error where a single matcher would panic.
fn matcher(text: &str) -> Result<GlobSet, String> {
    let glob = GlobBuilder::new(text).case_insensitive(true).literal_separator(false).build();
    let set = glob.and_then(|glob| GlobSet::builder().add(glob).build());
    set.map_err(|error| error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, taken: &[&str], left: &[&str]) {
        let pattern = HostPattern::parse(pattern).unwrap();
        for host in taken {
            assert!(pattern.matches(host), "{} takes {host}", pattern.as_str());
        }
        for host in left {
            assert!(!pattern.matches(host), "{} leaves {host}", pattern.as_str());
        }
    }

    #[test]
    fn hosts() {
        check(
            "payments.internal",
            &["payments.internal", "PAYMENTS.internal", "payments.internal:8443"],
            &["payments", "x.payments.internal", "payments.internal.evil.example", ""],
        );
        check(
            "*.payments.dev",
            &["eu.payments.dev", "a.b.payments.dev:80"],
            &["payments.dev", "payments.dev.x"],
        );
        check("payments-?.dev", &["payments-1.dev"], &["payments-12.dev", "payments-.dev"]);
        check("localhost:8080", &["localhost:8080"], &["localhost", "localhost:80"]);
        check("localhost:80*", &["localhost:8080", "localhost:80"], &["localhost:90"]);
        check("{a,b}.dev", &["a.dev", "b.dev:1"], &["c.dev"]);
        check("[ab]", &["a", "b:1"], &["[ab]", "ab"]);
        check("[ab]:8080", &["a:8080"], &["a", "ab:8080"]);
        check("[::1]:8080", &["[::1]:8080"], &["[::1]", "[::2]:8080"]);
        check("[::1]", &["[::1]:8080", "[::1]"], &["[::2]"]);
        check("*", &["anything", "any.thing:1"], &[]);
    }

    #[test]
    fn every_pattern_within_bounds_is_compiled() {
        let full = |part: &str| HostPattern::parse(&part.repeat(PATTERN_BYTES_MAX / part.len()));
        for part in ["?", "*", "{a,}", "**", "[a-z]", "[!a]", "é"] {
            assert!(full(part).is_ok(), "{part}");
        }
        let deep = ["{".repeat(256), "}".repeat(256)].concat();
        assert!(HostPattern::parse(&deep).is_ok());
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in ["https://payments.dev", "payments.dev/v1", "a{b", "a[b", &"a".repeat(513)] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }
}
