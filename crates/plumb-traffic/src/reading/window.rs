//! A stretch of the input held in memory: it grows at the end, is given back at the start, and
//! knows where it stands. It refuses to know what the bytes mean.

use std::fmt;
use std::io::BufRead;

use memchr::memmem::Finder;

use super::{Limits, Reading, TrafficError, Unread};
use crate::body::{self, Damage};

/// Bytes taken from the input at once: fits the second-level cache together with what is read.
const STRETCH_BYTES: usize = 64 * 1024;

/// The bytes from a place in the input on, as far as they have been taken in.
pub(crate) struct Window<'r> {
    input: Box<dyn BufRead + 'r>,
    bytes: Vec<u8>,
    start: usize,
    at: u64,
    damage: Option<Damage>,
}

/// What stands between the window's start and the next separator.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// This many bytes of content; pass over `past` to get behind the separator.
    Whole {
        /// Length of the content.
        content: usize,
        /// Length of content and separator.
        past: usize,
    },
    /// The content was longer than the bound and is already passed over, separator included.
    TooLong,
    /// The input is over.
    End,
}

impl fmt::Debug for Window<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Window").field("at", &self.at).finish_non_exhaustive()
    }
}

impl<'r> Window<'r> {
    /// Starts at the front of the input, or of what its gzip holds.
    pub(crate) fn new(input: &'r mut dyn BufRead, limits: &Limits) -> Result<Self, TrafficError> {
        let input = body::unwrapped(input, limits.stream)?;
        Ok(Self { input, bytes: Vec::new(), start: 0, at: 0, damage: None })
    }

    /// What is held.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Where the held bytes start in the (decompressed) input.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// Gives bytes back from the start.
    pub(crate) fn pass(&mut self, count: usize) {
        // INVARIANT: nobody passes what is not held.
        debug_assert!(count <= self.bytes().len());
        self.start += count;
        self.at += count as u64;
    }

    /// Takes in more at the end; no more comes if false. Damage found on the way ends the input and
    /// is told by [`Window::account`].
    pub(crate) fn grow(&mut self) -> Result<bool, TrafficError> {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        if self.damage.is_some() {
            return Ok(false);
        }
        let count = loop {
            match self.input.fill_buf() {
                Ok(more) => {
                    let count = more.len().min(STRETCH_BYTES);
                    self.bytes.extend_from_slice(&more[..count]);
                    break count;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let damage = error.get_ref().and_then(|inner| inner.downcast_ref::<Damage>());
                    let Some(&damage) = damage else { return Err(error.into()) };
                    self.damage = Some(damage);
                    return Ok(false);
                }
            }
        };
        self.input.consume(count);
        Ok(count > 0)
    }

    /// Finds the next separator. A last part without separator is whole if it is not empty.
    pub(crate) fn part(
        &mut self,
        separator: &Finder<'_>,
        content_max: usize,
    ) -> Result<Part, TrafficError> {
        let length = separator.needle().len();
        let (mut searched, mut too_long) = (0, false);
        loop {
            if let Some(found) = separator.find(&self.bytes()[searched..]) {
                let content = searched + found;
                if too_long || content > content_max {
                    self.pass(content + length);
                    return Ok(Part::TooLong);
                }
                return Ok(Part::Whole { content, past: content + length });
            }
            // The separator may begin in the last bytes held.
            searched = self.bytes().len().saturating_sub(length - 1);
            if searched > content_max {
                too_long = true;
                self.pass(searched);
                searched = 0;
            }
            if !self.grow()? {
                let rest = self.bytes().len();
                if too_long || rest > content_max {
                    self.pass(rest);
                    return Ok(Part::TooLong);
                }
                let last = Part::Whole { content: rest, past: rest };
                return Ok(if rest == 0 { Part::End } else { last });
            }
        }
    }

    /// Closes the books: bytes gone through, and damage to the stream if there was any.
    pub(crate) fn account(&self, reading: &mut Reading) {
        reading.bytes = self.at;
        if let Some(Damage(what)) = self.damage {
            reading.unread(|| Unread {
                place: format!("byte {} after decompression", self.at + self.bytes().len() as u64),
                reason: format!("{what}; nothing after this place was read"),
                remedy: "copy the file again, or decompress it yourself and pass the result",
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn check(text: &str, content_max: usize, expected: &[&str]) {
        for capacity in [1, 2, 3, 64] {
            let mut input = BufReader::with_capacity(capacity, text.as_bytes());
            let mut window = Window::new(&mut input, &Limits::default()).unwrap();
            let finder = Finder::new("--");
            let mut got = Vec::new();
            loop {
                match window.part(&finder, content_max).unwrap() {
                    Part::End => break,
                    Part::TooLong => got.push("too long".to_owned()),
                    Part::Whole { content, past } => {
                        got.push(String::from_utf8(window.bytes()[..content].to_vec()).unwrap());
                        window.pass(past);
                    }
                }
            }
            assert_eq!(got, expected, "{text} by {capacity}");
            assert_eq!(window.at(), text.len() as u64);
        }
    }

    #[test]
    fn parts_are_found_however_the_input_arrives() {
        check("", 9, &[]);
        check("a--b--", 9, &["a", "b"]);
        check("a----b", 9, &["a", "", "b"]);
        check("a-b--c-", 9, &["a-b", "c-"]);
        check("abcdef--b--abcdef", 4, &["too long", "b", "too long"]);
        check("abcd--abcde--b", 4, &["abcd", "too long", "b"]);
    }

    #[test]
    fn a_failing_disk_is_an_error() {
        struct Failing;
        impl std::io::Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("gone"))
            }
        }
        let mut input = BufReader::new(std::io::Read::chain(&b"abc"[..], Failing));
        let mut window = Window::new(&mut input, &Limits::default()).unwrap();
        while window.grow().is_ok_and(|more| more) {}
        assert!(window.grow().is_err());
    }
}
