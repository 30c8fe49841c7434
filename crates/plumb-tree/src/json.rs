//! Strict JSON (RFC 8259) into a positioned tree.
//!
//! Written here because no maintained library gives the bytes of values, the bytes of keys and
//! doubled keys together. Beyond the standard it accepts, each with a note, what hand-written mocks
//! have: comments, trailing commas and halves of surrogate pairs. It refuses to know any dialect.

use crate::text::{decode, narrow};
use crate::{Broken, DEPTH_MAX, Key, NODES_MAX, Node, Notes, Number, Parsed, Value};

/// Reads one JSON document.
///
/// # Errors
/// The first place that is not JSON, or where a bound of the tree is passed.
pub fn parse_json(bytes: &[u8]) -> Result<Parsed, Broken> {
    let decoded = decode(bytes)?;
    let mut cursor = Cursor {
        text: decoded.text,
        skipped: decoded.skipped,
        at: 0,
        line: 1,
        column: 1,
        counted_to: 0,
        nodes: 0,
        notes: Notes::default(),
    };
    skip_space(&mut cursor)?;
    let document = value(&mut cursor, 0)?;
    skip_space(&mut cursor)?;
    match cursor.peek() {
        None => Ok(Parsed { documents: vec![document], notes: cursor.notes }),
        Some(_) => Err(cursor.unexpected("nothing more")),
    }
}

/// Where reading stands.
struct Cursor<'a> {
    text: &'a str,
    /// Bytes before `text` in the file.
    skipped: usize,
    /// Offset of the next byte in `text`.
    // INVARIANT: always between two characters, since only whole ASCII bytes and runs that end
    // before one are stepped over.
    at: usize,
    line: u32,
    /// Column of the character at `counted_to`, which lies on the current line.
    column: u32,
    /// How far columns are counted: each byte is counted once, also in files of one long line.
    counted_to: usize,
    nodes: usize,
    notes: Notes,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn slice(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    /// Steps over `byte` if it comes next.
    fn took(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    /// Steps over all digits that come next; whether there was one.
    fn took_digits(&mut self) -> bool {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += digits;
        digits > 0
    }

    /// Steps over `bytes` bytes and counts the line breaks in them.
    fn pass_lines(&mut self, bytes: usize) {
        let from = self.at;
        self.at += bytes;
        for (index, byte) in self.slice(from).bytes().enumerate() {
            if byte == b'\n' {
                self.begin_line(from + index + 1);
            }
        }
    }

    /// Counts a line that begins at this offset.
    fn begin_line(&mut self, at: usize) {
        self.line += 1;
        self.column = 1;
        self.counted_to = at;
    }

    /// Line and column of the next byte.
    fn place(&mut self) -> (u32, u32) {
        let new = self.text.as_bytes().get(self.counted_to..self.at).unwrap_or_default();
        let chars = new.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        self.column += narrow(chars);
        self.counted_to = self.at;
        (self.line, self.column)
    }

    fn note(&mut self, reason: &str) {
        let (line, column) = self.place();
        self.notes.add(line, column, reason);
    }

    fn broken(&mut self, reason: impl Into<String>) -> Broken {
        let (line, column) = self.place();
        Broken { line, column, reason: reason.into() }
    }

    fn unexpected(&mut self, expected: &str) -> Broken {
        let reason = match self.rest().chars().next() {
            Some(c) if c.is_control() => format!("expected {expected}, not a control character"),
            Some(c) => format!("expected {expected}, not `{c}`"),
            None => format!("the file ends where {expected} is expected"),
        };
        self.broken(reason)
    }
}

fn value(cursor: &mut Cursor<'_>, depth: usize) -> Result<Node, Broken> {
    let (line, column) = cursor.place();
    let start = cursor.at;
    cursor.nodes += 1;
    if cursor.nodes > NODES_MAX {
        return Err(cursor.broken(format!("the file has more than {NODES_MAX} values")));
    }
    let value = match cursor.peek() {
        Some(b'"') => Value::String(string(cursor, (line, column))?),
        Some(b'{' | b'[') if depth >= DEPTH_MAX => {
            return Err(cursor.broken(format!("nested deeper than {DEPTH_MAX} levels")));
        }
        Some(b'{') => Value::Object(object(cursor, depth + 1)?),
        Some(b'[') => Value::Array(array(cursor, depth + 1)?),
        Some(b'-' | b'0'..=b'9') => Value::Number(number(cursor)?),
        _ => word(cursor)?,
    };
    let (start, end) = (start + cursor.skipped, cursor.at + cursor.skipped);
    Ok(Node { value, line, column, start, end })
}

fn object(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<(Key, Node)>, Broken> {
    let mut entries = Vec::new();
    cursor.took(b'{');
    skip_space(cursor)?;
    while !cursor.took(b'}') {
        let key = key(cursor)?;
        skip_space(cursor)?;
        if !cursor.took(b':') {
            return Err(cursor.unexpected("`:` after the key"));
        }
        skip_space(cursor)?;
        entries.push((key, value(cursor, depth)?));
        separator(cursor, b'}')?;
    }
    Ok(entries)
}

fn array(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Node>, Broken> {
    let mut items = Vec::new();
    cursor.took(b'[');
    skip_space(cursor)?;
    while !cursor.took(b']') {
        items.push(value(cursor, depth)?);
        separator(cursor, b']')?;
    }
    Ok(items)
}

/// Steps over the comma between two members; leaves `close` for the caller.
fn separator(cursor: &mut Cursor<'_>, close: u8) -> Result<(), Broken> {
    skip_space(cursor)?;
    if cursor.took(b',') {
        skip_space(cursor)?;
        if cursor.peek() == Some(close) {
            cursor.note("a trailing comma is tolerated, strict JSON has none");
        }
        return Ok(());
    }
    if cursor.peek() == Some(close) {
        return Ok(());
    }
    Err(cursor.unexpected(&format!("`,` or `{}`", char::from(close))))
}

fn key(cursor: &mut Cursor<'_>) -> Result<Key, Broken> {
    let (line, column) = cursor.place();
    let start = cursor.at + cursor.skipped;
    if cursor.peek() != Some(b'"') {
        return Err(cursor.unexpected("a key in double quotes"));
    }
    let text = string(cursor, (line, column))?;
    Ok(Key { text, line, column, start, end: cursor.at + cursor.skipped })
}

/// Reads the string that begins at `line` and `column`, where reading stands.
fn string(cursor: &mut Cursor<'_>, (line, column): (u32, u32)) -> Result<String, Broken> {
    cursor.at += 1;
    let mut text = String::new();
    loop {
        let from = cursor.at;
        let special = |byte: u8| byte == b'"' || byte == b'\\' || byte < b' ';
        let run = cursor.rest().bytes().position(special).unwrap_or(cursor.rest().len());
        cursor.at += run;
        text.push_str(cursor.slice(from));
        match cursor.peek() {
            Some(b'"') => break,
            Some(b'\\') => text.push(escape(cursor)?),
            Some(_) => {
                return Err(cursor.broken("a control character must be escaped in a string"));
            }
            None => {
                let reason = "the string that begins here is never closed".to_owned();
                return Err(Broken { line, column, reason });
            }
        }
    }
    cursor.at += 1;
    Ok(text)
}

fn escape(cursor: &mut Cursor<'_>) -> Result<char, Broken> {
    let plain = match cursor.rest().as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(cursor),
        _ => return Err(cursor.broken("a backslash begins no known escape here")),
    };
    cursor.at += 2;
    Ok(plain)
}

fn unicode_escape(cursor: &mut Cursor<'_>) -> Result<char, Broken> {
    let Some(unit) = code_unit(cursor.rest()) else {
        return Err(cursor.broken("`\\u` must be followed by four hexadecimal digits"));
    };
    let follower = cursor.rest().get(6..).and_then(code_unit);
    if let (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) = (unit, follower) {
        cursor.at += 12;
        let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    if char::from_u32(unit).is_none() {
        cursor.note("half of a surrogate pair is read as U+FFFD");
    }
    cursor.at += 6;
    Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// The UTF-16 unit of the escape at the beginning of `text`.
fn code_unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal { u32::from_str_radix(digits, 16).ok() } else { None }
}

fn number(cursor: &mut Cursor<'_>) -> Result<Number, Broken> {
    let from = cursor.at;
    cursor.took(b'-');
    if !cursor.took(b'0') && !cursor.took_digits() {
        return Err(cursor.unexpected("a digit"));
    }
    if cursor.took(b'.') && !cursor.took_digits() {
        return Err(cursor.unexpected("a digit"));
    }
    if cursor.took(b'e') || cursor.took(b'E') {
        let _sign = cursor.took(b'+') || cursor.took(b'-');
        if !cursor.took_digits() {
            return Err(cursor.unexpected("a digit"));
        }
    }
    Ok(Number::from_json_text(cursor.slice(from)))
}

fn word(cursor: &mut Cursor<'_>) -> Result<Value, Broken> {
    let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
    for (word, value) in words {
        if cursor.rest().starts_with(word) {
            cursor.at += word.len();
            return Ok(value);
        }
    }
    Err(cursor.unexpected("a value"))
}

/// Steps over space and comments.
fn skip_space(cursor: &mut Cursor<'_>) -> Result<(), Broken> {
    loop {
        match cursor.peek() {
            Some(b' ' | b'\t' | b'\r') => cursor.at += 1,
            Some(b'\n') => {
                cursor.at += 1;
                cursor.begin_line(cursor.at);
            }
            Some(b'/') => skip_comment(cursor)?,
            _ => return Ok(()),
        }
    }
}

fn skip_comment(cursor: &mut Cursor<'_>) -> Result<(), Broken> {
    let rest = cursor.rest();
    let length = if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if let Some(body) = rest.strip_prefix("/*") {
        let Some(close) = body.find("*/") else {
            return Err(cursor.broken("the comment that begins here is never closed"));
        };
        close + 4
    } else {
        return Err(cursor.unexpected("a value, a comma or a bracket"));
    };
    cursor.note("a comment is skipped, strict JSON has none");
    cursor.pass_lines(length);
    Ok(())
}

#[cfg(test)]
mod tests;
