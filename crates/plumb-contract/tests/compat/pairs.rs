//! Pairs of the catalog, read from their files, and whether what was found is what they say.

use plumb_contract::change::{Change, Grade};
use plumb_contract::compared::Compared;
use plumb_tree::read;
use serde_json::{Value, json};
use std::path::Path;

/// One pair: a label and how the versions differ.
#[derive(Debug)]
pub(crate) struct Pair {
    /// As it stands in its file.
    pub(crate) value: Value,
}

impl Pair {
    /// The text under a key.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.text("name").unwrap()
    }
}

/// All pairs in the files of one folder of the catalog.
pub(crate) fn read_pairs(folder: &str) -> Vec<Pair> {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/compat").join(folder);
    let files = std::fs::read_dir(&catalog).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    let mut pairs = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let parsed = read::parse(name, &std::fs::read(&file).unwrap());
        let parsed = parsed.unwrap_or_else(|broken| panic!("{name}: {broken}"));
        let text = parsed.documents[0].to_json_text();
        let value: Value = serde_json::from_str(&text).unwrap();
        let listed = value["pairs"].as_array().unwrap_or_else(|| panic!("{name}: no pairs"));
        pairs.extend(listed.iter().map(|value| Pair { value: value.clone() }));
    }
    let mut names: Vec<&str> = pairs.iter().map(Pair::name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|two| two[0] != two[1]), "names are unique: {names:?}");
    assert!(pairs.iter().all(|pair| pair.text("reason").is_some()), "every pair has a reason");
    pairs
}

/// How the pair's label and rule differ from what was found, if they do.
pub(crate) fn graded(pair: &Pair, compared: &Compared) -> Option<String> {
    let worst = compared.changes.iter().map(|change| change.grade).min();
    let label = match worst.unwrap_or(Grade::Safe) {
        Grade::Breaking => "breaking",
        Grade::Risky => "risky",
        Grade::Safe => "safe",
    };
    let is_worst = |change: &&Change| Some(change.grade) == worst;
    let ruled = match pair.text("rule") {
        None => true,
        Some("none") => compared.changes.is_empty(),
        Some(rule) => compared.changes.iter().filter(is_worst).any(|change| change.rule == rule),
    };
    if pair.text("label") == Some(label) && ruled && compared.unread.is_empty() {
        return None;
    }
    let mut told = format!("- {}: {} {:?}", pair.name(), pair.value["label"], pair.text("rule"));
    for change in &compared.changes {
        let Change { grade, rule, place, reason, .. } = change;
        told += &format!("\n    {grade:?} {rule} at {place}: {reason}");
    }
    for unread in &compared.unread {
        told += &format!("\n    unread {}:{}: {}", unread.line, unread.column, unread.reason);
    }
    Some(told)
}

/// JSON merge patch (RFC 7396), but that what is patched with `$`, is replaced as a whole.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if let Some(whole) = members.get("$") {
        *target = whole.clone();
        return;
    }
    if !target.is_object() {
        *target = json!({});
    }
    for (key, member) in members {
        if member.is_null() {
            target.as_object_mut().unwrap().shift_remove(key);
        } else {
            merge(&mut target[key], member);
        }
    }
}
