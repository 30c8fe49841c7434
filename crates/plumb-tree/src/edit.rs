//! Edits: bytes of a file to replace.
//!
//! Refuses to know what stands in a file, and why it changes.

/// Bytes of a file to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte; equal to `start` for an insertion.
    pub end: usize,
    /// What stands there instead.
    pub text: String,
}

/// Applies edits that do not overlap; one that overlaps an earlier one is left out and given back.
/// Insertions at one place stand in the order given.
#[must_use]
pub fn apply(text: &str, mut edits: Vec<Edit>) -> (String, Vec<Edit>) {
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let mut out = String::with_capacity(text.len());
    let mut left_out = Vec::new();
    let mut done = 0;
    for edit in edits {
        match text.get(done..edit.start) {
            Some(between) if edit.end >= edit.start && text.is_char_boundary(edit.end) => {
                out.push_str(between);
                out.push_str(&edit.text);
                done = edit.end;
            }
            _ => left_out.push(edit),
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    (out, left_out)
}
