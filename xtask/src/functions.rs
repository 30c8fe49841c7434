//! Where functions and test-only items begin and end, by counting brackets in blanked source.
//!
//! Good enough for formatted code; refuses to know types, macros and attributes beyond the two
//! that mark tests.

use crate::mask::{is_word, word_starts};
use std::ops::Range;

/// The attributes that mark what exists for tests alone.
const TEST_MARKS: [&str; 2] = ["#[cfg(test)]", "#[test]"];

/// The stretches of `code` that exist for tests alone, attributes included.
pub(crate) fn test_ranges(code: &str) -> Vec<Range<usize>> {
    let starts = TEST_MARKS.iter().flat_map(|mark| code.match_indices(mark));
    starts.map(|(at, _)| at..item_end(code, at)).collect()
}

/// The functions that have a body, from `fn` to the closing brace, in order.
pub(crate) fn functions(code: &str) -> Vec<Range<usize>> {
    let named = |&at: &usize| {
        let rest = code.get(at + 2..).unwrap_or_default().trim_start();
        rest.bytes().next().is_some_and(is_word)
    };
    let body = |range: &Range<usize>| code.get(range.clone()).is_some_and(|it| it.ends_with('}'));
    word_starts(code, "fn").filter(named).map(|at| at..item_end(code, at)).filter(body).collect()
}

/// The name after `fn`, for the person who has to find it.
pub(crate) fn name_of(code: &str, function: &Range<usize>) -> String {
    let rest = code.get(function.start + 2..function.end).unwrap_or_default().trim_start();
    rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The offset just past the item at `from`: its closing brace, or its semicolon.
fn item_end(code: &str, from: usize) -> usize {
    let (mut inside, mut braces) = (0_usize, 0_usize);
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => inside += 1,
            b')' | b']' => inside = inside.saturating_sub(1),
            b'{' => braces += 1,
            b'}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return at + 1;
                }
            }
            b';' if inside == 0 && braces == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_end_with_their_brace() {
        let code =
            "fn a(x: [u8; 4]) { if x { y } }\ntrait T { fn b(); fn c() {} }\ntype F = fn(u8);";
        let found: Vec<&str> = functions(code).into_iter().map(|range| &code[range]).collect();
        assert_eq!(found, ["fn a(x: [u8; 4]) { if x { y } }", "fn c() {}"]);
        assert_eq!(name_of(code, &functions(code)[1]), "c");
    }

    #[test]
    fn tests_reach_to_the_end_of_their_item() {
        let code = "a\n#[cfg(test)]\nmod tests { b {} }\n#[cfg(test)]\nmod more;\nc";
        let found: Vec<&str> = test_ranges(code).into_iter().map(|range| &code[range]).collect();
        assert_eq!(found, ["#[cfg(test)]\nmod tests { b {} }", "#[cfg(test)]\nmod more;"]);
    }
}
