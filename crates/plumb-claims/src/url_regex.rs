//! Reads a regular expression over a URL into pieces: text, borders between segments, and data.
//!
//! The part of Java's syntax that people write in mocks and contracts: literals, escapes, classes,
//! groups, alternatives within one segment, wildcards. Anything else is `None`. Refuses to know
//! what the pieces are for.

/// A part of an expression, as far as paths are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Just this character.
    Char(char),
    /// The border between two segments.
    Slash,
    /// Something within one segment.
    Data,
    /// Anything, borders included.
    Wild,
    /// Anything and at least one character, borders included.
    WildSome,
}

/// A longer expression is not looked into: hand-written ones stay far below.
const REGEX_CHARS_MAX: usize = 2_000;

/// Groups within groups at most: the reader is recursive.
const GROUP_DEPTH_MAX: usize = 16;

/// The pieces of an expression without its anchors, or `None` when they cannot be told.
pub(crate) fn pieces_of(regex: &str) -> Option<Vec<Piece>> {
    let chars: Vec<char> = regex.chars().take(REGEX_CHARS_MAX + 1).collect();
    if chars.len() > REGEX_CHARS_MAX {
        return None;
    }
    let mut reader = Reader { chars: &chars, at: 0 };
    let pieces = single(reader.alternatives(0)?)?;
    (reader.at == chars.len()).then_some(pieces)
}

/// How often the piece before may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    Maybe,
    Any,
    Some,
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.chars.get(self.at + index) == Some(&c))
    }

    /// Alternatives up to the end or the bracket that closes this group, which is not taken.
    fn alternatives(&mut self, depth: usize) -> Option<Vec<Vec<Piece>>> {
        let mut all = vec![Vec::new()];
        while let Some(c) = self.peek() {
            match c {
                ')' => break,
                '|' => {
                    self.at += 1;
                    all.push(Vec::new());
                }
                _ => {
                    let piece = self.piece(depth)?;
                    all.last_mut()?.extend(piece);
                }
            }
        }
        Some(all)
    }

    fn piece(&mut self, depth: usize) -> Option<Vec<Piece>> {
        let one = match self.next()? {
            '(' => return self.group(depth),
            '[' => self.class()?,
            '.' => Piece::Wild,
            '/' => Piece::Slash,
            '\\' => match self.escape()? {
                Escaped::One(piece) => piece,
                Escaped::Quoted(text) => return Some(text),
            },
            '*' | '+' | '?' | '{' => return None,
            '^' | '$' => return None,
            other => Piece::Char(other),
        };
        let times = self.times()?;
        Some(repeated(one, times).into_iter().collect())
    }

    fn group(&mut self, depth: usize) -> Option<Vec<Piece>> {
        if depth >= GROUP_DEPTH_MAX {
            return None;
        }
        self.group_head()?;
        if self.chars.get(self.at.wrapping_sub(1)) == Some(&')') {
            // Only flags, `(?i)`: they hold no piece.
            return Some(Vec::new());
        }
        let inside = self.alternatives(depth + 1)?;
        if self.next()? != ')' {
            return None;
        }
        collapsed(inside, self.times()?)
    }

    /// Steps over what makes a group special; `None` for looking around and back.
    fn group_head(&mut self) -> Option<()> {
        if self.peek() != Some('?') {
            return Some(());
        }
        if ["?=", "?!", "?<=", "?<!"].iter().any(|look| self.starts_with(look)) {
            return None;
        }
        let ends: &[char] = if self.starts_with("?<") { &['>'] } else { &[':', ')', '>'] };
        while let Some(c) = self.next() {
            if ends.contains(&c) {
                return Some(());
            }
        }
        None
    }

    /// A class whose `[` is taken. A class that may hold a slash is a wildcard.
    fn class(&mut self) -> Option<Piece> {
        let negated = self.peek() == Some('^');
        self.at += usize::from(negated);
        let mut has_slash = false;
        let mut first = true;
        loop {
            match self.next()? {
                ']' if !first => break,
                '[' => return None,
                '&' if self.peek() == Some('&') => return None,
                '\\' => has_slash |= matches!(self.next()?, '/' | 'D' | 'W' | 'S'),
                c => has_slash |= c == '/',
            }
            first = false;
        }
        Some(if has_slash == negated { Piece::Data } else { Piece::Wild })
    }

    fn escape(&mut self) -> Option<Escaped> {
        Some(Escaped::One(match self.next()? {
            'd' | 'w' | 'h' => Piece::Data,
            'D' | 'W' | 'S' => Piece::Wild,
            '/' => Piece::Slash,
            'Q' => {
                let mut text = Vec::new();
                while self.peek().is_some() && !self.starts_with("\\E") {
                    let c = self.next()?;
                    text.push(if c == '/' { Piece::Slash } else { Piece::Char(c) });
                }
                self.at = (self.at + 2).min(self.chars.len());
                return Some(Escaped::Quoted(text));
            }
            c if c.is_ascii_alphanumeric() => return None,
            c => Piece::Char(c),
        }))
    }

    fn times(&mut self) -> Option<Times> {
        let times = match self.peek() {
            Some('?') => Times::Maybe,
            Some('*') => Times::Any,
            Some('+') => Times::Some,
            Some('{') => {
                let least = self.chars.get(self.at + 1).copied();
                while self.peek()? != '}' {
                    self.at += 1;
                }
                if least == Some('0') { Times::Any } else { Times::Some }
            }
            _ => return Some(Times::Once),
        };
        self.at += 1;
        // Lazy and possessive forms match the same whole texts.
        self.at += usize::from(matches!(self.peek(), Some('?' | '+')));
        Some(times)
    }
}

enum Escaped {
    One(Piece),
    Quoted(Vec<Piece>),
}

fn repeated(piece: Piece, times: Times) -> Option<Piece> {
    Some(match (piece, times) {
        (piece @ (Piece::Char(_) | Piece::Data), Times::Once) => piece,
        // One character of any kind is hardly ever meant to be a border.
        (Piece::Wild | Piece::WildSome, Times::Once | Times::Maybe) => Piece::Data,
        (Piece::Wild | Piece::WildSome, Times::Any) => Piece::Wild,
        (Piece::Wild | Piece::WildSome, Times::Some) => Piece::WildSome,
        // Empty segments do not count, so neither do doubled and trailing slashes.
        (Piece::Slash, _) => Piece::Slash,
        (Piece::Char(_) | Piece::Data, _) => Piece::Data,
    })
}

/// What a group comes to within its surroundings.
fn collapsed(inside: Vec<Vec<Piece>>, times: Times) -> Option<Vec<Piece>> {
    let is_border = |piece: &Piece| matches!(piece, Piece::Slash | Piece::Wild | Piece::WildSome);
    let borders = inside.iter().flatten().any(is_border);
    if inside.len() == 1 && times == Times::Once {
        return single(inside);
    }
    if !borders {
        return Some(vec![Piece::Data]);
    }
    let pieces = single(inside)?;
    match pieces.as_slice() {
        [Piece::Slash] => Some(pieces),
        [Piece::Wild | Piece::WildSome] => Some(vec![Piece::Wild]),
        [Piece::Slash, rest @ ..] if times != Times::Some && !rest.is_empty() => {
            // `(/.*)?` is anything below; `(/[^/]+)*` is, too.
            let below = rest.iter().all(|piece| matches!(piece, Piece::Wild | Piece::WildSome))
                || (times == Times::Any && rest.iter().all(|piece| *piece == Piece::Data));
            below.then(|| vec![Piece::Slash, Piece::Wild])
        }
        _ => None,
    }
}

fn single(mut alternatives: Vec<Vec<Piece>>) -> Option<Vec<Piece>> {
    if alternatives.len() == 1 { alternatives.pop() } else { None }
}
