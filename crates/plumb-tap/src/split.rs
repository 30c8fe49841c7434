//! How requests are divided between two versions: the share that the new one gets, whom it gets
//! besides, and what was sent where. It refuses to know who sets it, and how requests are carried.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

/// All requests, in the millionths in which shares are told.
pub const WHOLE_PPM: u32 = 1_000_000;

/// 2^64 over the golden ratio: what is added from one request to the next, as a part of a full
/// turn. Of all numbers it keeps away longest from every rhythm that clients may have, so that a
/// client whose every second request is alike does not have them all sent one way.
const TURN: u64 = 0x9e37_79b9_7f4a_7c15;

/// How requests are divided.
#[derive(Debug)]
pub struct Split {
    by: Option<Sticky>,
    division: Mutex<Arc<Division>>,
    /// Requests that were divided one by one.
    turns: AtomicU64,
    canary: AtomicU64,
    control: AtomicU64,
}

/// What the new version gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Division {
    /// Its share, in millionths, at most [`WHOLE_PPM`].
    pub ppm: u32,
    /// Requests with these headers go there whatever the share is.
    pub cohorts: Vec<(HeaderName, HeaderValue)>,
}

/// What keeps a caller with one version while the share stays, and with the new one while it
/// rises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sticky {
    /// A header of requests.
    Header(HeaderName),
    /// A cookie.
    Cookie(String),
}

/// What was sent where since the tap began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Routed {
    /// To the new version.
    pub canary: u64,
    /// To the old one.
    pub control: u64,
}

impl Split {
    /// Everything to the old version.
    #[must_use]
    pub fn new(by: Option<Sticky>) -> Self {
        Self {
            by,
            division: Mutex::default(),
            turns: AtomicU64::new(0),
            canary: AtomicU64::new(0),
            control: AtomicU64::new(0),
        }
    }

    /// Divides in this way from the next request on.
    pub fn set(&self, division: Division) {
        *self.division.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(division);
    }

    /// How it divides now.
    #[must_use]
    pub fn division(&self) -> Arc<Division> {
        Arc::clone(&self.division.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was sent where.
    #[must_use]
    pub fn routed(&self) -> Routed {
        Routed { canary: self.canary.load(Relaxed), control: self.control.load(Relaxed) }
    }

    /// Whether a request goes to the new version. It counts as sent there.
    pub(crate) fn is_canary(&self, headers: &HeaderMap) -> bool {
        let division = self.division();
        let is_canary = division.holds(headers) || self.place(headers) < bound(division.ppm);
        let count = if is_canary { &self.canary } else { &self.control };
        count.fetch_add(1, Relaxed);
        is_canary
    }

    /// The request's place on a circle of 2^64: that of whoever sends it, else the next one.
    fn place(&self, headers: &HeaderMap) -> u128 {
        let key = self.by.as_ref().and_then(|by| by.key(headers));
        u128::from(match key {
            Some(key) => hashed(key),
            None => self.turns.fetch_add(1, Relaxed).wrapping_mul(TURN),
        })
    }
}

impl Division {
    fn holds(&self, headers: &HeaderMap) -> bool {
        let is_in = |(name, value): &(HeaderName, HeaderValue)| {
            headers.get_all(name).iter().any(|sent| sent == value)
        };
        self.cohorts.iter().any(is_in)
    }
}

impl Sticky {
    /// The words for it: `header:x-user` or `cookie:visitor`. Nothing for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        let is_plain = |letter: u8| letter.is_ascii_graphic() && !b"=;,\"\\".contains(&letter);
        match kind {
            "header" => HeaderName::from_bytes(name.as_bytes()).ok().map(Self::Header),
            "cookie" if !name.is_empty() && name.bytes().all(is_plain) => {
                Some(Self::Cookie(name.to_owned()))
            }
            _ => None,
        }
    }

    fn key<'h>(&self, headers: &'h HeaderMap) -> Option<&'h [u8]> {
        let key = match self {
            Self::Header(name) => headers.get(name).map(HeaderValue::as_bytes),
            Self::Cookie(name) => headers.get_all(COOKIE).iter().find_map(|header| {
                header.as_bytes().split(|byte| *byte == b';').find_map(|pair| {
                    let value = pair.trim_ascii_start().strip_prefix(name.as_bytes())?;
                    value.strip_prefix(b"=").map(<[u8]>::trim_ascii_end)
                })
            }),
        };
        key.filter(|key| !key.is_empty())
    }
}

/// How far a share goes on the circle: all places below it.
fn bound(ppm: u32) -> u128 {
    (u128::from(ppm.min(WHOLE_PPM)) << 64) / u128::from(WHOLE_PPM)
}

/// The same place for the same key, also in another process and on another machine.
fn hashed(key: &[u8]) -> u64 {
    let digest = Sha256::digest(key);
    digest.iter().take(8).fold(0, |place, byte| place << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn divided(by: Option<&str>, ppm: u32) -> Split {
        let split = Split::new(by.map(|by| Sticky::parse(by).unwrap()));
        split.set(Division { ppm, cohorts: Vec::new() });
        split
    }

    #[test]
    fn the_share_is_kept_from_the_first_request_on_whatever_the_rhythm() {
        for ppm in [0, 1_000, 50_000, 250_000, 500_000, 999_999, WHOLE_PPM] {
            for rhythm in 1..=12 {
                let split = divided(None, ppm);
                let mut ours = 0;
                for request in 0..12_000_u32 {
                    let is_canary = split.is_canary(&HeaderMap::new());
                    ours += u32::from(is_canary && request % rhythm == 0);
                }
                let expected = f64::from(ppm) / 1e6 * f64::from(12_000 / rhythm);
                assert!((f64::from(ours) - expected).abs() <= 12.0, "{ppm} {rhythm} {ours}");
                let Routed { canary, control } = split.routed();
                assert_eq!(canary + control, 12_000);
                assert!(canary.abs_diff(u64::from(ppm) * 12_000 / 1_000_000) <= 4, "{canary}");
            }
        }
    }

    #[test]
    fn nobody_changes_sides_but_to_the_new_version() {
        for (by, header, of) in
            [("header:x-user", "x-user", "u"), ("cookie:visitor", "cookie", "a=b; visitor=u")]
        {
            let mut last = vec![false; 2_000];
            for ppm in [0, 10_000, 10_000, 300_000, 600_000, WHOLE_PPM] {
                let split = divided(Some(by), ppm);
                let mut count = 0;
                for (user, was_canary) in last.iter_mut().enumerate() {
                    let sent = headers(&[(header, &format!("{of}{user}"))]);
                    let is_canary = split.is_canary(&sent);
                    assert!(is_canary || !*was_canary, "{user} left at {ppm}");
                    assert_eq!(is_canary, split.is_canary(&sent));
                    *was_canary = is_canary;
                    count += u32::from(is_canary);
                }
                let expected = f64::from(ppm) / 1e6 * 2_000.0;
                assert!((f64::from(count) - expected).abs() < 80.0, "{ppm} {count}");
            }
        }
    }

    #[test]
    fn whoever_sends_no_key_is_divided_one_by_one() {
        let split = divided(Some("cookie:visitor"), 500_000);
        for sent in [&[][..], &[("cookie", "visitor2=x; other=visitor")], &[("cookie", "visitor=")]]
        {
            let canary = (0..100).filter(|_| split.is_canary(&headers(sent))).count();
            assert!((45..=55).contains(&canary), "{canary} {sent:?}");
        }
    }

    #[test]
    fn cohorts_come_whatever_the_share_is() {
        let split = Split::new(None);
        let cohort = (HeaderName::from_static("x-group"), HeaderValue::from_static("internal"));
        split.set(Division { ppm: 0, cohorts: vec![cohort] });
        assert!(split.is_canary(&headers(&[("x-group", "a"), ("x-group", "internal")])));
        assert!(!split.is_canary(&headers(&[("x-group", "other")])));
        assert_eq!(split.routed(), Routed { canary: 1, control: 1 });
    }

    #[test]
    fn words_for_what_sticks() {
        assert_eq!(Sticky::parse("cookie:a"), Some(Sticky::Cookie("a".to_owned())));
        for text in ["", "cookie", "cookie:", "header:", "header:a b", "cookie:a;b", "query:a"] {
            assert_eq!(Sticky::parse(text), None, "{text}");
        }
    }
}
