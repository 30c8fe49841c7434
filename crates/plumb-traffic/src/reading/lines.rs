//! Input that is one record per line: the lines one by one, with their numbers. It refuses to know
//! what stands in them.

use std::io::BufRead;

use memchr::memmem::Finder;

use super::window::{Part, Window};
use super::{Limits, Reading, TrafficError, Unread};

/// Takes one line, by its number from 1.
pub(crate) type TakeLine<'a> = &'a mut dyn FnMut(u64, &[u8], &mut Reading);

/// Hands on each line; gzip is undone, blank lines are passed over, and lines beyond the limit are
/// unread.
///
/// # Errors
/// Failure to read the input.
pub(crate) fn lines(
    input: &mut dyn BufRead,
    limits: &Limits,
    take: TakeLine<'_>,
) -> Result<Reading, TrafficError> {
    let mut window = Window::new(input, limits)?;
    let mut reading = Reading::default();
    let line_end = Finder::new("\n");
    let mut number: u64 = 0;
    loop {
        number += 1;
        match window.part(&line_end, limits.line_bytes_max)? {
            Part::End => break,
            Part::TooLong => reading.unread(|| Unread {
                place: format!("line {number}"),
                reason: format!("longer than {} bytes", limits.line_bytes_max),
                remedy: "write smaller bodies, or leave them out",
            }),
            Part::Whole { content, past } => {
                let line = &window.bytes()[..content];
                let line = match number {
                    1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
                    _ => line,
                };
                if !line.trim_ascii().is_empty() {
                    take(number, line, &mut reading);
                }
                window.pass(past);
            }
        }
    }
    window.account(&mut reading);
    Ok(reading)
}
