//! Finds the end of a JSON value without parsing it. It refuses to know what is in there.

/// Where a JSON value ends, over bytes that arrive in stretches. Brackets are counted, not matched:
/// whoever parses the piece will see a mismatch.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    depth: usize,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Word,
    Between,
    InString,
    Escaped,
}

impl Scan {
    /// The offset behind the value, if it ends within these bytes.
    pub(crate) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        if self.state == State::Start {
            (self.state, at) = match bytes.first()? {
                b'"' => (State::InString, 1),
                b'{' | b'[' => (State::Between, 0),
                _ => (State::Word, 0),
            };
        }
        if self.state == State::Word {
            return bytes.iter().position(|&byte| ends_word(byte));
        }
        loop {
            if self.state != State::Between {
                at += self.string_end(&bytes[at..])?;
                if self.depth == 0 {
                    return Some(at);
                }
            }
            at += bytes[at..].iter().position(|&byte| MARK[usize::from(byte)])? + 1;
            match bytes[at - 1] {
                b'"' => self.state = State::InString,
                b'{' | b'[' => self.depth += 1,
                _ if self.depth <= 1 => return Some(at),
                _ => self.depth -= 1,
            }
        }
    }

    /// The offset behind the closing quote.
    fn string_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        if self.state == State::Escaped && !bytes.is_empty() {
            self.state = State::InString;
            at = 1;
        }
        loop {
            at += quote_or_backslash(&bytes[at..])? + 1;
            if bytes[at - 1] == b'"' {
                self.state = State::Between;
                return Some(at);
            }
            if at == bytes.len() {
                self.state = State::Escaped;
                return None;
            }
            at += 1;
        }
    }
}

/// The offset of the first `"` or `\`. Strings in a HAR are short and escapes in it dense, so eight
/// bytes at a time beat a wider search that has to be called.
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // The lowest high bit set in the result marks the first zero byte.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quotes = zeros(word ^ (ONES * b'"' as u64));
        let found = quotes | zeros(word ^ (ONES * b'\\' as u64));
        if found != 0 {
            return Some(index * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let offset = rest.iter().position(|&byte| byte == b'"' || byte == b'\\')?;
    Some(words.len() * 8 + offset)
}

fn ends_word(byte: u8) -> bool {
    matches!(byte, b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"' | b' ' | b'\t' | b'\r' | b'\n')
}

/// The bytes that matter between strings.
const MARK: [bool; 256] = {
    let mut mark = [false; 256];
    mark[b'"' as usize] = true;
    mark[b'{' as usize] = true;
    mark[b'[' as usize] = true;
    mark[b'}' as usize] = true;
    mark[b']' as usize] = true;
    mark
};
