//! Cuts a HAR into its entries without parsing them: one pass, one entry in memory at a time,
//! however large the file is. It refuses to know what an entry says.

use crate::reading::window::Window;
use crate::reading::{Limits, TrafficError};
use crate::text;

use scan::Scan;

mod scan;

/// Bytes of one object key held; longer keys are no keys of a HAR.
const KEY_BYTES_MAX: usize = 4 * 1024;

/// Bytes offered of an entry when those before were short: few entries are longer.
const OPENING_BYTES: usize = 2 * 1024;

/// Keys shown when a document turns out to be something else: enough to recognise it by.
const KEYS_SHOWN_MAX: usize = 5;

/// What the cutter hands on.
#[derive(Debug)]
pub(crate) enum Piece<'w> {
    /// An object among `log.entries` begins here. Whoever can read all of it answers with its
    /// length; else it comes again as [`Piece::Entry`], cut out. This saves most entries a pass.
    Opening(Place, &'w [u8]),
    /// One element of `log.entries` that is an object, braces included.
    Entry(Place, &'w [u8]),
    /// One element that is no object, with what it is instead.
    NotObject(Place, &'static str),
    /// One element longer than the bound; passed over.
    TooLong(Place),
    /// A complete document without `log.entries`, with what was found instead.
    NoEntries {
        /// Where it begins.
        at: u64,
        /// What it is.
        found: String,
    },
    /// The rest of the input cannot be made sense of.
    Broken {
        /// Where.
        at: u64,
        /// What was found.
        found: String,
        /// What would have made sense.
        expected: &'static str,
    },
    /// The input ends inside a document.
    Cut {
        /// Where the unfinished part begins.
        at: u64,
        /// The unfinished part.
        inside: Inside,
    },
    /// The text is UTF-16.
    Utf16,
}

/// Which element, and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Counted from 1, through all documents of the input.
    pub(crate) entry: u64,
    /// Offset of its first byte.
    pub(crate) at: u64,
}

/// What the input ended inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// An entry, by number.
    Entry(u64),
    /// The document around the entries.
    Document,
}

/// Cuts all documents of the input, one after the other, and hands on every piece in order. The
/// answer counts for [`Piece::Opening`] alone.
///
/// # Errors
/// Failure to read. Broken data is a [`Piece`].
pub(crate) fn split(
    window: &mut Window<'_>,
    limits: &Limits,
    on_piece: &mut dyn FnMut(Piece<'_>) -> Option<usize>,
) -> Result<(), TrafficError> {
    let entry_bytes_max = limits.entry_bytes_max;
    let mut cutter = Cutter { window, entry_bytes_max, on_piece, entry: 0, previous_length: 0 };
    let last = match cutter.documents() {
        Ok(()) => return Ok(()),
        Err(Halt::Outside(error)) => return Err(error),
        Err(Halt::Broken { at, found, expected }) => Piece::Broken { at, found, expected },
        Err(Halt::Cut { at, inside }) => Piece::Cut { at, inside },
        Err(Halt::Utf16) => Piece::Utf16,
    };
    on_piece(last);
    Ok(())
}

enum Halt {
    Outside(TrafficError),
    Broken { at: u64, found: String, expected: &'static str },
    Cut { at: u64, inside: Inside },
    Utf16,
}

impl From<TrafficError> for Halt {
    fn from(error: TrafficError) -> Self {
        Self::Outside(error)
    }
}

struct Cutter<'c, 'r> {
    window: &'c mut Window<'r>,
    entry_bytes_max: usize,
    on_piece: &'c mut dyn FnMut(Piece<'_>) -> Option<usize>,
    entry: u64,
    previous_length: usize,
}

impl Cutter<'_, '_> {
    fn documents(&mut self) -> Result<(), Halt> {
        self.byte_order_mark()?;
        let mut expected = "an object with `log`, which holds `entries`";
        loop {
            match self.peek()? {
                None => return Ok(()),
                Some(b'{') => self.document()?,
                Some(byte) => return Err(self.broken(byte, expected)),
            }
            expected = "the end of the file, or another HAR";
        }
    }

    fn byte_order_mark(&mut self) -> Result<(), Halt> {
        while self.window.bytes().len() < 3 && self.window.grow()? {}
        match self.window.bytes() {
            [0xef, 0xbb, 0xbf, ..] => self.window.pass(3),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, ..] | [0, b'{', ..] => {
                return Err(Halt::Utf16);
            }
            [] => {
                return Err(Halt::Broken {
                    at: 0,
                    found: "nothing at all".to_owned(),
                    expected: "an object with `log`, which holds `entries`",
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn document(&mut self) -> Result<(), Halt> {
        let at = self.window.at();
        let (mut keys, mut entries) = (Keys::default(), false);
        let mut keys_of_log = None;
        self.window.pass(1);
        while let Some(key) = self.key(keys.count == 0)? {
            let log = key == b"\"log\"" && self.need()? == b'{';
            keys.add(&key);
            if !log {
                self.skip_value(Inside::Document)?;
                continue;
            }
            let mut inner = Keys::default();
            self.window.pass(1);
            while let Some(key) = self.key(inner.count == 0)? {
                inner.add(&key);
                if key == b"\"entries\"" && self.need()? == b'[' {
                    entries = true;
                    self.entries()?;
                } else {
                    self.skip_value(Inside::Document)?;
                }
            }
            keys_of_log = Some(inner);
        }
        if !entries {
            let found = match keys_of_log {
                Some(keys) => format!("`log` with {}", keys.shown()),
                None => format!("an object with {}", keys.shown()),
            };
            (self.on_piece)(Piece::NoEntries { at, found });
        }
        Ok(())
    }

    /// The next key of an object with its quotes, the window then being at its value; none at the
    /// object's end, which is passed.
    fn key(&mut self, first: bool) -> Result<Option<Vec<u8>>, Halt> {
        let mut byte = self.need()?;
        if !first && byte == b',' {
            self.window.pass(1);
            byte = self.need()?;
        } else if !first && byte != b'}' {
            return Err(self.broken(byte, "`,` or `}`"));
        }
        match byte {
            b'}' => {
                self.window.pass(1);
                return Ok(None);
            }
            b'"' => {}
            other => return Err(self.broken(other, "a key in double quotes")),
        }
        let length = self.value_length(KEY_BYTES_MAX, Inside::Document)?;
        let Some(length) = length else { return Err(self.broken(b'"', "a shorter key")) };
        let key = self.window.bytes()[..length].to_vec();
        self.window.pass(length);
        match self.need()? {
            b':' => self.window.pass(1),
            other => return Err(self.broken(other, "`:`")),
        }
        self.need()?;
        Ok(Some(key))
    }

    fn entries(&mut self) -> Result<(), Halt> {
        self.window.pass(1);
        let mut first = true;
        loop {
            let mut byte = self.need()?;
            if !first && byte == b',' {
                self.window.pass(1);
                byte = self.need()?;
            } else if !first && byte != b']' {
                return Err(self.broken(byte, "`,` or `]`"));
            }
            match byte {
                b']' => {
                    self.window.pass(1);
                    return Ok(());
                }
                b',' | b':' | b'}' => return Err(self.broken(byte, "an entry")),
                _ => self.element(byte)?,
            }
            first = false;
        }
    }

    fn element(&mut self, first_byte: u8) -> Result<(), Halt> {
        self.entry += 1;
        let place = Place { entry: self.entry, at: self.window.at() };
        let inside = Inside::Entry(self.entry);
        if first_byte != b'{' {
            self.skip_value(inside)?;
            (self.on_piece)(Piece::NotObject(place, kind(first_byte)));
            return Ok(());
        }
        if let Some(length) = self.opening(place) {
            self.previous_length = length;
            self.window.pass(length);
            return Ok(());
        }
        match self.value_length(self.entry_bytes_max, inside)? {
            Some(length) => {
                self.previous_length = length;
                (self.on_piece)(Piece::Entry(place, &self.window.bytes()[..length]));
                self.window.pass(length);
            }
            None => {
                self.skip_value(inside)?;
                (self.on_piece)(Piece::TooLong(place));
            }
        }
        Ok(())
    }

    /// Offers the beginning of an entry, as much as the one before makes likely to be enough. If
    /// less is held, the window's end probably cuts it off, and reading it would be in vain.
    fn opening(&mut self, place: Place) -> Option<usize> {
        let likely = self.previous_length.saturating_mul(2).max(OPENING_BYTES);
        let held = self.window.bytes();
        if held.len() < self.previous_length {
            return None;
        }
        let offered = held.len().min(likely).min(self.entry_bytes_max);
        (self.on_piece)(Piece::Opening(place, &held[..offered]))
    }

    /// The length of the value at the window's start, once all of it is held; none if it is longer
    /// than the bound.
    fn value_length(&mut self, bytes_max: usize, inside: Inside) -> Result<Option<usize>, Halt> {
        let mut scan = Scan::default();
        let mut scanned = 0;
        loop {
            let held = self.window.bytes();
            if let Some(end) = scan.end(&held[scanned..]) {
                let length = scanned + end;
                return Ok((length <= bytes_max).then_some(length));
            }
            scanned = held.len();
            if scanned > bytes_max {
                return Ok(None);
            }
            if !self.window.grow()? {
                return Err(Halt::Cut { at: self.window.at(), inside });
            }
        }
    }

    fn skip_value(&mut self, inside: Inside) -> Result<(), Halt> {
        let at = self.window.at();
        let mut scan = Scan::default();
        loop {
            if let Some(end) = scan.end(self.window.bytes()) {
                if end == 0 && self.window.at() == at {
                    return Err(self.broken(self.window.bytes()[0], "a value"));
                }
                self.window.pass(end);
                return Ok(());
            }
            self.window.pass(self.window.bytes().len());
            if !self.window.grow()? {
                return Err(Halt::Cut { at, inside });
            }
        }
    }

    fn need(&mut self) -> Result<u8, Halt> {
        let cut = Halt::Cut { at: self.window.at(), inside: Inside::Document };
        self.peek()?.ok_or(cut)
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Result<Option<u8>, Halt> {
        loop {
            let held = self.window.bytes();
            let space =
                held.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
            let next = held.get(space).copied();
            self.window.pass(space);
            if next.is_some() || !self.window.grow()? {
                return Ok(next);
            }
        }
    }

    fn broken(&self, byte: u8, expected: &'static str) -> Halt {
        let found = match byte {
            b'[' => "an array".to_owned(),
            b'"' => "a string".to_owned(),
            b'!'..=b'~' => format!("`{}`", char::from(byte)),
            _ => format!("the byte {byte:#04x}"),
        };
        Halt::Broken { at: self.window.at(), found, expected }
    }
}

#[derive(Default)]
struct Keys {
    count: usize,
    first: Vec<String>,
}

impl Keys {
    fn add(&mut self, key: &[u8]) {
        self.count += 1;
        if self.first.len() < KEYS_SHOWN_MAX {
            let bare = String::from_utf8_lossy(key);
            self.first.push(text::shown(bare.trim_matches('"')));
        }
    }

    fn shown(&self) -> String {
        match self.count - self.first.len() {
            _ if self.count == 0 => "no keys".to_owned(),
            0 => self.first.join(", "),
            more => format!("{} and {more} more", self.first.join(", ")),
        }
    }
}

fn kind(first_byte: u8) -> &'static str {
    match first_byte {
        b'[' => "an array",
        b'"' => "a string",
        b't' | b'f' => "a boolean",
        b'n' => "null",
        b'-' | b'0'..=b'9' => "a number",
        _ => "no JSON value",
    }
}

#[cfg(test)]
mod tests;
