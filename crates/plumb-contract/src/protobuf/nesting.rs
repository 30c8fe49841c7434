//! How deep a source nests, looked at before it is parsed: a parser goes as deep as its input.
//! Refuses to know what the brackets are for.

/// Brackets within brackets at most: sources of people stay below ten.
pub const DEPTH_MAX: usize = 64;

/// The line and column of the first bracket that is too deep, both from 1.
#[must_use]
pub fn too_deep(text: &str) -> Option<(u32, u32)> {
    let mut depth = 0_usize;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '{' | '[' | '(' | '<' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Some(place(text, at));
                }
            }
            '}' | ']' | ')' | '>' => depth = depth.saturating_sub(1),
            '"' | '\'' => {
                while let Some((_, inner)) = letters.next() {
                    match inner {
                        '\\' => drop(letters.next()),
                        inner if inner == letter || inner == '\n' => break,
                        _ => {}
                    }
                }
            }
            '#' => while letters.next_if(|(_, inner)| *inner != '\n').is_some() {},
            '/' if letters.next_if(|(_, next)| *next == '/').is_some() => {
                while letters.next_if(|(_, inner)| *inner != '\n').is_some() {}
            }
            '/' if letters.next_if(|(_, next)| *next == '*').is_some() => {
                while let Some((_, inner)) = letters.next() {
                    if inner == '*' && letters.next_if(|(_, next)| *next == '/').is_some() {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// The line and column of a byte, both from 1.
#[must_use]
pub fn place(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(start..).map_or(0, |line| line.chars().count()) + 1;
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (narrow(line), narrow(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_outside_text_and_comments_only() {
        let many = |open: &str| open.repeat(DEPTH_MAX + 1);
        assert_eq!(too_deep(&many("{")), Some((1, 65)));
        assert_eq!(too_deep(&many("{}")), None);
        assert_eq!(too_deep(&format!("\"{}\"", many("{"))), None);
        assert_eq!(too_deep(&format!("// {}", many("{"))), None);
        assert_eq!(too_deep(&format!("/* {} */", many("{"))), None);
        assert_eq!(too_deep(&format!("// a\n{}", many("["))), Some((2, 65)));
    }
}
