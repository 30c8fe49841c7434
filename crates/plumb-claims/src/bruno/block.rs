//! The blocks of Bruno's markup: lines in braces, told by how far they are indented.
//!
//! Refuses to know what the blocks mean.

/// Lines of a file in a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines<'a> {
    lines: &'a [&'a str],
    /// The line of the first, from 1.
    first: u32,
}

/// A key with what stands behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// The key without quotes.
    pub(crate) key: &'a str,
    /// Its line, from 1.
    pub(crate) line: u32,
    /// The line that it ends on.
    pub(crate) last: u32,
    /// Its column in characters, from 1.
    pub(crate) column: u32,
    /// The rest of its line, for an entry without braces.
    pub(crate) text: &'a str,
    /// What stands in its braces, or between its triple quotes.
    pub(crate) inside: Lines<'a>,
}

impl<'a> Lines<'a> {
    /// All lines of a file.
    pub(crate) const fn of(lines: &'a [&'a str]) -> Self {
        Self { lines, first: 1 }
    }

    /// The entries of these lines; lines that are none are left out.
    pub(crate) fn entries(self) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        let mut at = 0;
        while let Some(line) = self.lines.get(at) {
            let (entry, taken) = self.entry(at, line);
            entries.extend(entry);
            at += taken;
        }
        entries
    }

    /// The value of the first entry with this key.
    pub(crate) fn get(self, key: &str) -> Option<Entry<'a>> {
        self.entries().into_iter().find(|entry| entry.key == key)
    }

    /// The line of the first, from 1, and how many they are.
    pub(crate) const fn extent(self) -> (u32, usize) {
        (self.first, self.lines.len())
    }

    /// The lines as one text, without the indentation that all of them share.
    pub(crate) fn to_text(self) -> String {
        let filled = self.lines.iter().filter(|line| !line.trim().is_empty());
        let shared = filled.map(|line| indent(line)).min().unwrap_or(0);
        let cut = |line: &&str| line.get(shared..).unwrap_or_default().to_owned();
        self.lines.iter().map(cut).collect::<Vec<_>>().join("\n")
    }

    /// The entry at a position, if it is one, and how many lines it takes.
    fn entry(self, at: usize, line: &'a str) -> (Option<Entry<'a>>, usize) {
        let text = line.trim();
        let (key, rest) = match text.strip_suffix('{') {
            Some(key) => (key.trim().trim_end_matches(':').trim(), "{"),
            None => match split(text) {
                Some((key, rest)) => (key, rest),
                None => return (None, 1),
            },
        };
        let is_close = |end: &str| match rest {
            "{" => end.trim_end() == format!("{}}}", &line[..indent(line)]),
            _ => end.trim() == "'''",
        };
        let opens = matches!(rest, "{" | "'''");
        let below = self.lines.get(at + 1..).filter(|_| opens).unwrap_or_default();
        // A block that nothing closes takes what is left.
        let length = below.iter().position(|end| is_close(end)).unwrap_or(below.len());
        let number = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let line_number = self.first.saturating_add(number(at));
        let inside = Lines {
            lines: below.get(..length).unwrap_or_default(),
            first: line_number.saturating_add(1),
        };
        let taken = if opens { length + 2 } else { 1 };
        // A block that nothing closes ends with what is left.
        let closed = taken.min(self.lines.len() - at).saturating_sub(1);
        let last = line_number.saturating_add(number(closed));
        let column = number(indent(line)) + 1;
        let text = if opens { "" } else { rest };
        (Some(Entry { key, line: line_number, last, column, text, inside }), taken)
    }
}

/// A key and what stands behind its colon; a key may be quoted.
fn split(text: &str) -> Option<(&str, &str)> {
    let off = text.strip_prefix('~').unwrap_or(text);
    let (key, rest) = match off.strip_prefix('"') {
        Some(quoted) => quoted
            .split_once('"')
            .and_then(|(key, rest)| Some((key, rest.trim_start().strip_prefix(':')?)))?,
        None => text.split_once(':')?,
    };
    Some((key.trim(), rest.trim()))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let lines: Vec<&str> = text.lines().collect();
        let print = |it: &Entry<'_>| {
            let inside = it.inside.to_text();
            format!("{}:{} {}={}[{inside}]", it.line, it.column, it.key, it.text)
        };
        let entries = Lines::of(&lines).entries();
        assert_eq!(entries.iter().map(print).collect::<Vec<_>>().join(" "), expected, "{text}");
    }

    #[test]
    fn blocks_are_told_by_indentation() {
        check("get {\n  url: a:b\n}\nx: y", "1:1 get=[url: a:b] 4:1 x=y[]");
        check("a: {\n  {\n    1\n  }\n}", "1:1 a=[{\n  1\n}]");
        check("  c: '''\n    x\n    '''\n  d: 1", "1:3 c=[x] 4:3 d=1[]");
        check("~a: b\n\"c:d\": e\n\n# f", "1:1 ~a=b[] 2:1 c:d=e[]");
        check("a {\n  b", "1:1 a=[b]");
        check("}\n{", "2:1 =[]");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "[a:{}'~\" é\n]{0,48}") {
            let lines: Vec<&str> = text.lines().collect();
            for entry in Lines::of(&lines).entries() {
                let _ = (entry.inside.to_text(), entry.inside.entries());
            }
        }
    }
}
