//! Pairs whose versions are one plain text with a piece of it put in place of another.

use crate::pairs::{Pair, graded, read_pairs};
use plumb_contract::change::Grade;
use plumb_contract::compared::{Compared, File};
use serde_json::Value;

/// Checks every pair of one folder of the catalog, at least so many.
pub(crate) fn check_all(
    folder: &str,
    (plain, name): (&str, &str),
    pairs_min: usize,
    compare: impl Fn(&Pair, [File; 2]) -> Compared,
) {
    let pairs = read_pairs(folder);
    assert!(pairs.len() >= pairs_min, "{} pairs", pairs.len());
    let judged = |pair: &Pair| {
        let files = versions(pair, plain)
            .map(|text| File { name: name.to_owned(), bytes: text.into_bytes() });
        let compared = compare(pair, files);
        for change in &compared.changes {
            let is_shown = change.grade != Grade::Breaking || change.witness.is_some();
            assert!(is_shown, "{}: no witness: {change:?}", pair.name());
            assert!(change.old.is_some() || change.new.is_some(), "{}: {change:?}", pair.name());
        }
        graded(pair, &compared)
    };
    let wrong: Vec<String> = pairs.iter().filter_map(judged).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

/// Both versions: `both` is put in place in the two of them, `edit` in the new one.
fn versions(pair: &Pair, plain: &str) -> [String; 2] {
    let put = |text: String, edit: Option<&Value>| {
        let Some(edit) = edit else { return text };
        let [from, to] = [0, 1].map(|side| edit[side].as_str().unwrap());
        assert_eq!(text.matches(from).count(), 1, "{}: `{from}` is there once", pair.name());
        text.replacen(from, to, 1)
    };
    let old = put(plain.to_owned(), pair.value.get("both"));
    let new = put(old.clone(), pair.value.get("edit"));
    [old, new]
}
