//! The requests of a binary file, one after the other. It refuses to know what they hold.

use super::head::{Binary, LENGTH_BYTES};
use crate::reading::TrafficError;
use crate::reading::window::Window;

/// One request of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'f> {
    /// All of it.
    Whole(&'f [u8]),
    /// More than is read; passed over.
    TooLong,
    /// The file ends inside it.
    Cut,
}

/// Hands on each request with its number, from 1.
pub(crate) fn frames(
    window: &mut Window<'_>,
    form: Binary,
    bytes_max: usize,
    take: &mut dyn FnMut(u64, Frame<'_>),
) -> Result<(), TrafficError> {
    if form == Binary::Bare {
        hold(window, bytes_max.saturating_add(1))?;
        let count = window.bytes().len();
        let is_whole = count <= bytes_max;
        take(1, if is_whole { Frame::Whole(window.bytes()) } else { Frame::TooLong });
        window.pass(count);
        return Ok(());
    }
    for number in 1.. {
        hold(window, LENGTH_BYTES)?;
        let Some((length, _)) = window.bytes().split_first_chunk::<LENGTH_BYTES>() else {
            let rest = window.bytes().len();
            if rest > 0 {
                take(number, Frame::Cut);
                window.pass(rest);
            }
            break;
        };
        let Ok(length) = usize::try_from(u32::from_be_bytes(*length)) else { break };
        window.pass(LENGTH_BYTES);
        if length > bytes_max {
            pass_over(window, length)?;
            take(number, Frame::TooLong);
            continue;
        }
        hold(window, length)?;
        match window.bytes().get(..length) {
            Some(request) => take(number, Frame::Whole(request)),
            None => take(number, Frame::Cut),
        }
        window.pass(length.min(window.bytes().len()));
    }
    Ok(())
}

/// Takes in bytes until there are as many, or no more.
fn hold(window: &mut Window<'_>, bytes: usize) -> Result<(), TrafficError> {
    while window.bytes().len() < bytes && window.grow()? {}
    Ok(())
}

fn pass_over(window: &mut Window<'_>, mut bytes: usize) -> Result<(), TrafficError> {
    loop {
        let count = bytes.min(window.bytes().len());
        window.pass(count);
        bytes -= count;
        if bytes == 0 || !window.grow()? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Limits;
    use std::io::BufReader;

    fn check(bytes: &[u8], form: Binary, expected: &[&str]) {
        let mut input = BufReader::with_capacity(3, bytes);
        let mut window = Window::new(&mut input, &Limits::default()).unwrap();
        let mut told = Vec::new();
        frames(&mut window, form, 5, &mut |number, frame| {
            told.push(match frame {
                Frame::Whole(bytes) => format!("{number} {}", String::from_utf8_lossy(bytes)),
                other => format!("{number} {other:?}"),
            });
        })
        .unwrap();
        assert_eq!(told, expected, "{bytes:?}");
        assert_eq!(window.at(), bytes.len() as u64);
    }

    #[test]
    fn requests_come_one_after_the_other() {
        check(b"\0\0\0\x02ab\0\0\0\0\0\0\0\x01c", Binary::Framed, &["1 ab", "2 ", "3 c"]);
        check(b"\0\0\0\x07abcdefg\0\0\0\x01c", Binary::Framed, &["1 TooLong", "2 c"]);
        check(b"\0\0\0\x02ab\0\0", Binary::Framed, &["1 ab", "2 Cut"]);
        check(b"\0\0\0\x03ab", Binary::Framed, &["1 Cut"]);
        check(b"\xff\0\0\0ab", Binary::Framed, &["1 TooLong"]);
        check(b"abcde", Binary::Bare, &["1 abcde"]);
        check(b"abcdef", Binary::Bare, &["1 TooLong"]);
    }
}
