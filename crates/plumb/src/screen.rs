//! A part of the terminal that is written anew: what takes the old text away and puts the new one
//! there, as one text to write at once.
//!
//! No mode of the terminal is changed and nothing is hidden, so that whoever ends in the middle
//! leaves it as it was. Pure; refuses to write.

use console::{measure_text_width, truncate_str};

/// What stands on the terminal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Screen {
    /// The columns that each line takes.
    widths: Vec<usize>,
}

/// The room that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// The smallest room anything is laid out for.
const ROOM_MIN: Room = Room { columns: 20, rows: 3 };

impl Screen {
    /// What to write so that this text stands where the last one stood. Lines are cut at the
    /// terminal's edge, and what lies below its last row is counted.
    pub(crate) fn anew(&mut self, text: &str, room: Room) -> String {
        let columns = room.columns.max(ROOM_MIN.columns);
        let rows = room.rows.max(ROOM_MIN.rows);
        // A line that filled a wider terminal takes more rows in a narrower one. Nothing above the
        // first row can be reached.
        let rows_of = |width: &usize| width.div_ceil(columns).max(1);
        let up = self.widths.iter().map(rows_of).sum::<usize>().min(rows - 1);
        // The last row is the cursor's.
        let (lines, room_left) = (text.lines().count(), rows - 1);
        let shown = if lines > room_left { room_left - 1 } else { lines };
        let mut kept: Vec<String> =
            text.lines().take(shown).map(|line| cut(line, columns)).collect();
        if shown < lines {
            kept.push(format!("  … {} more lines", lines - shown));
        }
        self.widths = kept.iter().map(|line| measure_text_width(line)).collect();
        let mut out = String::new();
        if up > 0 {
            out.push_str(&format!("\x1b[{up}A"));
        }
        out.push_str("\r\x1b[J");
        for line in kept {
            out.push_str(&line);
            out.push('\n');
        }
        out
    }
}

/// A line that ends before the edge: in the last column terminals wait with breaking, each in its
/// own way.
fn cut(line: &str, columns: usize) -> String {
    truncate_str(line, columns - 1, "…").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { columns: 40, rows: 10 };

    #[test]
    fn the_new_text_stands_where_the_old_one_stood() {
        let mut screen = Screen::default();
        assert_eq!(screen.anew("one\ntwo\n", ROOM), "\r\x1b[Jone\ntwo\n");
        assert_eq!(screen.anew("three\n", ROOM), "\x1b[2A\r\x1b[Jthree\n");
        assert_eq!(screen.anew("", ROOM), "\x1b[1A\r\x1b[J");
        assert_eq!(screen.anew("four\n", ROOM), "\r\x1b[Jfour\n");
    }

    #[test]
    fn lines_end_at_the_edge_and_texts_at_the_last_row() {
        let mut screen = Screen::default();
        let long = format!("\x1b[1m{}\x1b[0m", "語".repeat(40));
        let shown = screen.anew(&long, ROOM);
        assert_eq!(measure_text_width(shown.trim_end_matches('\n').trim_start()), 39);
        let tall = "x\n".repeat(30);
        let shown = Screen::default().anew(&tall, ROOM);
        assert_eq!(shown.lines().count(), 9);
        assert!(shown.ends_with("x\n  … 22 more lines\n"), "{shown:?}");
    }

    #[test]
    fn a_terminal_that_became_narrower_is_cleared_whole() {
        let mut screen = Screen::default();
        screen.anew(&"y".repeat(35), ROOM);
        let narrow = Room { columns: 20, rows: 10 };
        assert!(screen.anew("z", narrow).starts_with("\x1b[2A"), "two rows");
        // What has scrolled away cannot be reached.
        let mut screen = Screen::default();
        screen.anew("y\ny\ny\ny\ny\n", ROOM);
        let low = Room { columns: 40, rows: 4 };
        assert!(screen.anew("z", low).starts_with("\x1b[3A"));
    }
}
