//! Changed files as a patch: what `git apply` and people read.

use crate::look::Look;
use anstyle::{AnsiColor, Style};
use plumb_engine::fix::{Fixed, FixedFile};
use plumb_wire::harmless::harmless;
use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff, group_diff_ops};
use std::iter::zip;
use std::ops::Range;

/// Lines shown around what differs.
const CONTEXT: usize = 3;

/// Every changed file, as one unified diff.
pub(crate) fn patch(look: Look, fixed: &Fixed) -> String {
    let mut patch = String::new();
    for (path, file) in &fixed.files {
        patch.push_str(&of_file(path, file));
    }
    if !look.is_coloured {
        return patch;
    }
    patch.lines().map(|line| look.paint(style(line), &harmless(line)) + "\n").collect()
}

/// One changed file as a unified diff, with the names that `git` gives both sides.
pub(crate) fn of_file(path: &str, file: &FixedFile) -> String {
    let old = file.before.as_ref().map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    let near = Near::of(file);
    let hunks: String =
        group_diff_ops(near.ops(), CONTEXT).iter().map(|ops| near.hunk(ops)).collect();
    if hunks.is_empty() { hunks } else { format!("--- {old}\n+++ b/{path}\n{hunks}") }
}

/// How many lines come and how many go.
pub(crate) fn diff(file: &FixedFile) -> (usize, usize) {
    let ops = Near::of(file).ops();
    let is_change = |op: &&DiffOp| op.tag() != DiffTag::Equal;
    let changes = || ops.iter().filter(is_change);
    (changes().map(|op| op.new_range().len()).sum(), changes().map(|op| op.old_range().len()).sum())
}

/// The lines of both texts without most of what they begin and end with alike: a change at one
/// place of a large file is shown without looking at each of its lines.
struct Near<'a> {
    before: Vec<&'a str>,
    after: Vec<&'a str>,
    /// Lines left out before these.
    skipped: usize,
    /// How many of these both begin with, and end with.
    alike: (usize, usize),
}

impl<'a> Near<'a> {
    fn of(file: &'a FixedFile) -> Self {
        let before = file.before.as_deref().unwrap_or_default();
        let after = file.after.as_str();
        let same = |(old, new): &(u8, u8)| old == new;
        let begun = zip(before.bytes(), after.bytes()).take_while(same).count();
        let (start, first) = (lines_back(before, begun, CONTEXT), lines_back(before, begun, 0));
        let rest = |text: &'a str| text.get(first..).unwrap_or_default().bytes().rev();
        let ended = zip(rest(before), rest(after)).take_while(same).count();
        let cut = [before, after].iter().any(|text| !is_line_start(text, text.len() - ended));
        let last = |text: &str| lines_on(text, text.len() - ended, usize::from(cut));
        let end = |text: &str| lines_on(text, last(text), CONTEXT);
        let lines = |text: &'a str, (start, end): (usize, usize)| -> Vec<&'a str> {
            text.get(start..end).unwrap_or_default().split_inclusive('\n').collect()
        };
        let head = lines(before, (start, first)).len();
        let tail = lines(before, (last(before), end(before))).len();
        Self {
            before: lines(before, (start, end(before))),
            after: lines(after, (start, end(after))),
            skipped: before.bytes().take(start).filter(|byte| *byte == b'\n').count(),
            alike: (head, tail),
        }
    }

    /// How the lines differ. Lines that are the only ones of their kind hold the rest in place,
    /// which takes half the time of looking for the fewest changes where there are many.
    fn ops(&self) -> Vec<DiffOp> {
        let (head, tail) = self.alike;
        if self.before == self.after {
            return Vec::new();
        }
        let (old_end, new_end) = (self.before.len() - tail, self.after.len() - tail);
        let (old, new) = (head..old_end, head..new_end);
        let middle = capture_diff(Algorithm::Patience, &self.before, old, &self.after, new);
        let first = DiffOp::Equal { old_index: 0, new_index: 0, len: head };
        let last = DiffOp::Equal { old_index: old_end, new_index: new_end, len: tail };
        let all = std::iter::once(first).chain(middle).chain([last]);
        let all = all.map(|op| (op.tag(), op.old_range().len(), op.new_range().len()));
        in_turn(all.filter(|(_, old, new)| old + new > 0))
    }

    /// Changes that stand together, under a header with their lines as the whole file counts them.
    fn hunk(&self, ops: &[DiffOp]) -> String {
        let extent = |range: &dyn Fn(&DiffOp) -> Range<usize>| {
            let start = ops.first().map_or(0, |op| range(op).start);
            (start + self.skipped, ops.last().map_or(start, |op| range(op).end) - start)
        };
        let (old_index, old_len) = extent(&DiffOp::old_range);
        let (new_index, new_len) = extent(&DiffOp::new_range);
        let all = DiffOp::Replace { old_index, old_len, new_index, new_len };
        let mut hunk = format!("{}\n", UnifiedHunkHeader::new(&[all]));
        for change in ops.iter().flat_map(|op| op.iter_changes(&self.before, &self.after)) {
            let line: &str = change.value();
            hunk.push_str(&format!("{}{line}", change.tag()));
            if !line.ends_with('\n') {
                hunk.push_str("\n\\ No newline at end of file\n");
            }
        }
        hunk
    }
}

/// Operations that follow one another, each beginning where the one before it ends: where it looks
/// for what moved, the library tells lengths and order rightly, but not always the beginnings.
fn in_turn(ops: impl Iterator<Item = (DiffTag, usize, usize)>) -> Vec<DiffOp> {
    let (mut old_index, mut new_index) = (0, 0);
    let placed = ops.map(|(tag, old_len, new_len)| {
        let op = match tag {
            DiffTag::Equal => DiffOp::Equal { old_index, new_index, len: old_len },
            DiffTag::Delete => DiffOp::Delete { old_index, old_len, new_index },
            DiffTag::Insert => DiffOp::Insert { old_index, new_index, new_len },
            DiffTag::Replace => DiffOp::Replace { old_index, old_len, new_index, new_len },
        };
        (old_index, new_index) = (old_index + old_len, new_index + new_len);
        op
    });
    placed.collect()
}

fn is_line_start(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n')
}

/// Where the line of a place begins, or one so many lines before.
fn lines_back(text: &str, at: usize, lines: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let breaks = before.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    breaks.map(|(at, _)| at + 1).nth(lines).unwrap_or(0)
}

/// The place so many line breaks on.
fn lines_on(text: &str, at: usize, lines: usize) -> usize {
    let behind = text.as_bytes().get(at..).unwrap_or_default();
    let breaks = behind.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let mut ends = std::iter::once(at).chain(breaks.map(|(offset, _)| at + offset + 1));
    ends.nth(lines).unwrap_or(text.len())
}

fn style(line: &str) -> Style {
    match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Style::new().bold(),
        [b'+', ..] => AnsiColor::Green.on_default(),
        [b'-', ..] => AnsiColor::Red.on_default(),
        [b'@', ..] => AnsiColor::Cyan.on_default(),
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Carries a patch of one file out, and checks that it shows enough around each hunk.
    fn applied(before: &str, patch: &str) -> String {
        let old: Vec<&str> = before.split_inclusive('\n').collect();
        let (mut done, mut after) = (0, String::new());
        for hunk in patch.split("@@ -").skip(1) {
            let (head, lines) = hunk.split_once(" @@\n").unwrap();
            let (start, len) = head
                .split_once(" +")
                .unwrap()
                .0
                .split_once(',')
                .unwrap_or((head.split_once(" +").unwrap().0, "1"));
            let (start, len): (usize, usize) = (start.parse().unwrap(), len.parse().unwrap());
            let first = if len == 0 { start } else { start - 1 };
            let lines = lines.replace("\n\\ No newline at end of file\n", "!\n");
            let lines: Vec<&str> = lines.split_inclusive('\n').collect();
            let around = |lines: &mut dyn Iterator<Item = &&str>| {
                lines.take_while(|line| line.starts_with(' ')).count()
            };
            let ahead = around(&mut lines.iter());
            assert_eq!(ahead, CONTEXT.min(first + ahead), "{patch}");
            let behind = CONTEXT.min(old.len() - first - len + around(&mut lines.iter().rev()));
            assert_eq!(around(&mut lines.iter().rev()), behind, "{patch}");
            after.extend(old[done..first].iter().copied());
            done = first;
            for line in lines {
                let (tag, text) = line.split_at(1);
                let text = text.strip_suffix("!\n").unwrap_or(text);
                if tag != "+" {
                    assert_eq!(old[done], text, "{patch}");
                    done += 1;
                }
                if tag != "-" {
                    after.push_str(text);
                }
            }
            assert_eq!(done, first + len, "{patch}");
        }
        after.extend(old[done..].iter().copied());
        after
    }

    proptest! {
        #[test]
        fn a_patch_leads_from_one_text_to_the_other(
            start in "[ab\n]{0,12}",
            before in "[ab\né]{0,6}",
            between in "[a\n]{0,16}",
            after in "[ab\né]{0,6}",
            end in "[ab\n]{0,12}",
        ) {
            let old = format!("{start}{before}{between}{before}{end}");
            let new = format!("{start}{after}{between}{after}{end}");
            let file = FixedFile { before: Some(old.clone()), after: new.clone() };
            prop_assert_eq!(applied(&old, &of_file("x", &file)), new);
        }
    }
}
