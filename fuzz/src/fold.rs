//! The fold of JSON bodies: JSON is what the oracle takes for JSON, and folding in parts is folding
//! the whole.

use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Side};
use serde::de::IgnoredAny;
use std::sync::Arc;

/// Folds each line as one body, and all of them.
///
/// # Panics
/// When a body is taken that is no JSON or the other way round, or the order of bodies matters.
pub fn json(bytes: &[u8]) {
    let bodies: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let mut parts = Outcome::default();
    for body in bodies.iter().rev() {
        let (outcome, is_taken) = folded(&[body]);
        assert_eq!(is_taken, is_json(body), "{}", String::from_utf8_lossy(body));
        parts = outcome.merge(&parts);
    }
    assert_eq!(folded(&bodies).0, parts);
}

/// What came of the bodies, and whether all were JSON.
fn folded(bodies: &[&[u8]]) -> (Outcome, bool) {
    let mut fold =
        Fold::new(LiteralKey::new([7; 32]), Arc::new(|place| place.name() == Some("secret")));
    let mut all_taken = true;
    for body in bodies {
        fold.begin(None);
        fold.text(Side::Request, Part::Query, "id_ne", b"1");
        all_taken &= fold.json(Side::Response, body).is_ok();
        fold.commit();
    }
    (fold.seal(), all_taken)
}

/// What the oracle says. It looks at grammar only, however deep.
fn is_json(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut oracle = serde_json::Deserializer::from_str(text);
    oracle.disable_recursion_limit();
    let taken: Result<IgnoredAny, _> = serde::Deserialize::deserialize(&mut oracle);
    taken.is_ok() && oracle.end().is_ok()
}
