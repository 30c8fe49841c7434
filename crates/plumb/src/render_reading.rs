//! What a reader of traffic says of its input, as lines.
//!
//! Refuses to know which reader it was.

use crate::look::Look;
use crate::render::{count_u64, field, name};
use crate::terminal::Terminal;
use plumb_traffic::reading::Reading;

/// Unread places told of one input unless the person asks for all that were kept.
const UNREAD_MAX: usize = 3;

/// What was not read, and for who wants more, what was taken with a reservation.
pub(crate) fn account(look: Look, reading: &Reading, terminal: Terminal) -> String {
    let mut out = String::new();
    let most = if terminal.is_verbose { usize::MAX } else { UNREAD_MAX };
    for one in reading.unread.iter().take(most) {
        let text = format!("{}: {}; {}", name(&one.place), name(&one.reason), one.remedy);
        out.push_str(&field(look, "not read", &text));
    }
    let shown = u64::try_from(reading.unread.len().min(most)).unwrap_or_default();
    let more = reading.unread_total.saturating_sub(shown);
    if more > 0 {
        out.push_str(&field(look, "", &format!("and {} more", count_u64(more, "place"))));
    }
    for (what, times) in reading.notes.iter().filter(|_| terminal.is_verbose) {
        out.push_str(&field(look, "note", &format!("{} {what}", count_u64(*times, "time"))));
    }
    out
}
