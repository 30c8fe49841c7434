//! In which order files of statements are applied, and which part of them.
//!
//! Knows how migrations are commonly named; refuses to know what they say.

use crate::compared::File;

/// What names of files that undo others hold.
const UNDO: [&str; 4] = [".down.", "_down.", ".undo.", "rollback"];

/// Lines from which on a file undoes what stands before.
const UNDO_LINES: [&str; 3] = ["-- +goose down", "-- +migrate down", "-- migrate:down"];

/// The files that are applied, in their order: by the number that their names begin with.
pub(super) fn in_order<'f>(files: &[&'f File]) -> Vec<&'f File> {
    let is_applied = |file: &&&File| {
        let name = file.name.to_ascii_lowercase();
        files.len() == 1 || !UNDO.iter().any(|undo| name.contains(undo))
    };
    let mut applied: Vec<&File> = files.iter().filter(is_applied).copied().collect();
    applied.sort_by_cached_key(|file| {
        let last = file.name.rsplit('/').next().unwrap_or_default();
        let digits = last.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let number = digits[..end].parse::<u128>().unwrap_or(u128::MAX);
        (number, file.name.clone())
    });
    applied
}

/// The part of a text that is applied.
pub(super) fn forward(text: &str) -> &str {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.trim().to_ascii_lowercase();
        if UNDO_LINES.iter().any(|undo| lower.starts_with(undo)) {
            return &text[..at];
        }
        at += line.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_applied_by_number_and_forward() {
        let names = ["10_a.sql", "2_b.sql", "V1__c.sql", "2_b.down.sql", "seed.sql"];
        let files = names.map(|name| File { name: name.to_owned(), bytes: Vec::new() });
        let files: Vec<&File> = files.iter().collect();
        let ordered: Vec<&str> = in_order(&files).iter().map(|file| file.name.as_str()).collect();
        assert_eq!(ordered, ["V1__c.sql", "2_b.sql", "10_a.sql", "seed.sql"]);
        assert_eq!(forward("a;\n-- +goose Down\nb;"), "a;\n");
    }
}
