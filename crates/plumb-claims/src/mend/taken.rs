//! Taken: the edits of one text that do not touch each other, found by where they begin.
//!
//! Refuses to know what they change.

use plumb_tree::edit::Edit;
use std::collections::BTreeMap;

/// Edits that stand beside each other, each place's in the order in which they were taken.
#[derive(Default)]
pub(crate) struct Taken(BTreeMap<usize, Vec<Edit>>);

impl Taken {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when this very edit was taken before.
    pub(crate) fn holds(&self, edit: &Edit) -> bool {
        self.0.get(&edit.start).is_some_and(|there| there.contains(edit))
    }

    /// True when one of the edits changes what one that was taken changes.
    pub(crate) fn touches(&self, edits: &[Edit]) -> bool {
        edits.iter().any(|edit| self.touched_by(edit))
    }

    fn touched_by(&self, edit: &Edit) -> bool {
        // What was taken stands apart: of what begins before the edit, only the last can reach it.
        let before = self.0.range(..edit.start).next_back();
        let within = self.0.range(edit.start..extent_end(edit));
        let mut near = before.into_iter().chain(within).flat_map(|(_, there)| there);
        near.any(|known| overlap(known, edit) || is_same_member(known, edit))
    }

    pub(crate) fn take(&mut self, edits: impl IntoIterator<Item = Edit>) {
        for edit in edits {
            self.0.entry(edit.start).or_default().push(edit);
        }
    }

    pub(crate) fn into_edits(self) -> Vec<Edit> {
        self.0.into_values().flatten().collect()
    }
}

/// True when both add a member of one name at one place, whatever its value.
fn is_same_member(one: &Edit, two: &Edit) -> bool {
    let name = |edit: &Edit| edit.text.split(": ").next().map(str::to_owned);
    (one.start, one.end) == (two.start, two.end) && name(one) == name(two)
}

fn overlap(one: &Edit, two: &Edit) -> bool {
    let is_insertion = one.start == one.end && two.start == two.end;
    // Where one object ends in lines its parent does too: what is deeper has to come first.
    let depth = |edit: &Edit| {
        let line = edit.text.strip_prefix('\n')?;
        Some(line.len() - line.trim_start_matches(' ').len())
    };
    if is_insertion && one.start == two.start && depth(one) != depth(two) {
        return true;
    }
    !is_insertion && one.start < extent_end(two) && two.start < extent_end(one)
}

/// Where an edit ends; an insertion counts as the byte that it stands before.
fn extent_end(edit: &Edit) -> usize {
    edit.end.max(edit.start + 1)
}
