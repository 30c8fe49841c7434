//! The module paths that a source file mentions: `crate::…`, `super::…`, `self::…` and paths
//! into its own child modules, with use trees spread out.
//!
//! Refuses to know which file a path leads to, and paths inside inline modules: here only tests
//! are inline, and the caller passes those over.

use crate::mask::is_word;

/// Braces inside braces in one use tree; deeper ones are not written by hand.
const DEPTH_MAX: usize = 16;

/// A path with its segments as written, and the offset it was found at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModulePath {
    /// `crate`, `super`, `self` or a child module first.
    pub(crate) segments: Vec<String>,
    /// Bytes from the start of the source.
    pub(crate) offset: usize,
}

/// Every path in `code` that begins with a root word or with one of the `children`.
pub(crate) fn module_paths(code: &str, children: &[&str]) -> Vec<ModulePath> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let word = word_at(code, at);
        let rooted = ["crate", "super", "self"].contains(&word) || children.contains(&word);
        if word.is_empty() {
            at += 1;
        } else if rooted && !continues_path(code, at) && leads_on(code, at + word.len()) {
            let mut spread = Vec::new();
            let end = spread_tree(code, at, &mut Vec::new(), &mut spread, 0);
            found.extend(spread.into_iter().map(|segments| ModulePath { segments, offset: at }));
            at = end.max(at + word.len());
        } else {
            at += word.len();
        }
    }
    found
}

/// Follows one use tree or path from `at`, and returns the offset behind it.
fn spread_tree(
    code: &str,
    at: usize,
    prefix: &mut Vec<String>,
    out: &mut Vec<Vec<String>>,
    depth: usize,
) -> usize {
    let at = skip_space(code, at);
    let word = word_at(code, at);
    if !word.is_empty() {
        prefix.push(word.to_owned());
        let after = at + word.len();
        let end = if leads_on(code, after) {
            spread_tree(code, skip_space(code, after) + 2, prefix, out, depth)
        } else {
            out.push(prefix.clone());
            after
        };
        prefix.pop();
        end
    } else if code.get(at..).is_some_and(|rest| rest.starts_with('{')) && depth < DEPTH_MAX {
        spread_braces(code, at + 1, prefix, out, depth + 1)
    } else {
        out.push(prefix.clone());
        at + usize::from(code.as_bytes().get(at) == Some(&b'*'))
    }
}

fn spread_braces(
    code: &str,
    mut at: usize,
    prefix: &mut Vec<String>,
    out: &mut Vec<Vec<String>>,
    depth: usize,
) -> usize {
    while let Some(&byte) = code.as_bytes().get(at) {
        match byte {
            b'}' => return at + 1,
            _ if is_word(byte) || byte == b'*' => {
                at = entry_end(code, spread_tree(code, at, prefix, out, depth));
            }
            _ => at += 1,
        }
    }
    at
}

/// Where an entry between braces ends, its new name passed over.
fn entry_end(code: &str, at: usize) -> usize {
    let rest = code.get(at..).unwrap_or_default();
    at + rest.find([',', '}']).unwrap_or(rest.len())
}

fn word_at(code: &str, at: usize) -> &str {
    let rest = code.get(at..).unwrap_or_default();
    let end = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

fn skip_space(code: &str, at: usize) -> usize {
    let rest = code.get(at..).unwrap_or_default();
    at + (rest.len() - rest.trim_start().len())
}

fn leads_on(code: &str, at: usize) -> bool {
    code.get(skip_space(code, at)..).is_some_and(|rest| rest.starts_with("::"))
}

fn continues_path(code: &str, at: usize) -> bool {
    code.get(..at).is_some_and(|before| before.trim_end().ends_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: &[&str]) {
        let found = module_paths(code, &["child"]);
        let found: Vec<_> = found.iter().map(|path| path.segments.join("::")).collect();
        assert_eq!(found, expected, "{code}");
    }

    #[test]
    fn use_trees_are_spread_out() {
        check("use crate::a::B;", &["crate::a::B"]);
        check("use crate::{a::{B, c::*}, d};", &["crate::a::B", "crate::a::c", "crate::d"]);
        check("use super::{self as a, B};", &["super::self", "super::B"]);
        check("use super::*;", &["super"]);
    }

    #[test]
    fn paths_in_code_are_found() {
        check("fn f(x: crate::a::B<child::C>) {}", &["crate::a::B", "child::C"]);
        check("super::super::a::b()", &["super::super::a::b"]);
    }

    #[test]
    fn other_roots_are_not_ours() {
        check("use std::child::B; child(); other::crate_::x", &[]);
        check("pub(crate) fn f(&self) {}", &[]);
    }

    #[test]
    fn unfinished_trees_end_with_the_source() {
        check("use crate::{a, b", &["crate::a", "crate::b"]);
        check("use crate::", &["crate"]);
    }
}
