//! Changed files as a patch: what `git apply` and people read.

use crate::look::Look;
use anstyle::{AnsiColor, Style};
use plumb_engine::fix::{Fixed, FixedFile};
use plumb_wire::harmless::harmless;
use similar::{ChangeTag, TextDiff};

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
    let before = file.before.as_deref().unwrap_or_default();
    let old = file.before.as_ref().map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    let diff = TextDiff::from_lines(before, &file.after);
    diff.unified_diff().context_radius(3).header(&old, &format!("b/{path}")).to_string()
}

/// How many lines come and how many go.
pub(crate) fn diff(file: &FixedFile) -> (usize, usize) {
    let before = file.before.as_deref().unwrap_or_default();
    let diff = TextDiff::from_lines(before, &file.after);
    let tagged = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    (tagged(ChangeTag::Insert), tagged(ChangeTag::Delete))
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
