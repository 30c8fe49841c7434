//! Conditions of Argo: whether one looks at the result at all, and what it says of nothing.
//!
//! Refuses to work out a condition.

/// What an argument of a template looks like: its value is not known here.
const TEMPLATE: &str = "{{";

/// Ways to say that there was no result.
const NOTHING: [&str; 4] = ["isNaN(result", "isNil(result", "len(result)==0", "result==nil"];

/// Whether a condition says the same whatever was measured.
pub(crate) fn is_constant(condition: &str) -> bool {
    if condition.contains(TEMPLATE) {
        return false;
    }
    let tight = tight(condition);
    let names_result = words(&tight).any(|word| word == "result");
    let is_always = ["len(result)>=0", "len(result)>-1", "result==result"]
        .contains(&tight.as_str())
        || alternatives(&tight).any(|one| one == "true");
    !names_result || is_always
}

/// Whether a condition is met when nothing was measured.
pub(crate) fn takes_nothing(condition: &str) -> bool {
    let tight = tight(condition);
    alternatives(&tight).any(|one| NOTHING.iter().any(|nothing| one.starts_with(nothing)))
}

/// The condition without quoted texts and spaces.
fn tight(condition: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    for letter in condition.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '"' | '\'' | '`') => quote = Some(letter),
            None if letter.is_whitespace() => {}
            None => out.push(letter),
        }
    }
    out
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

/// The parts of which one is enough.
fn alternatives(tight: &str) -> impl Iterator<Item = &str> {
    let is_bracket = |letter: char| matches!(letter, '(' | ')');
    tight.split("||").map(move |one| {
        let inner = one.strip_prefix('(').unwrap_or(one);
        if inner == "true)" || inner == "true" { inner.trim_matches(is_bracket) } else { inner }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_do_not_look_are_constant() {
        let constant = [
            "true",
            "1 == 1",
            "\"result\" != \"\"",
            "len(result) >= 0",
            "result[0] < 1 || true",
            "(true)",
        ];
        constant.into_iter().for_each(|one| assert!(is_constant(one), "{one}"));
        let looking = [
            "result[0] < 0.05",
            "result.verdict == \"pass\"",
            "len(result) > 0",
            "{{args.condition}}",
            "result == true",
        ];
        looking.into_iter().for_each(|one| assert!(!is_constant(one), "{one}"));
    }

    #[test]
    fn conditions_that_take_nothing_are_told_from_those_that_refuse_it() {
        let taking = [
            "isNaN(result) || result < 0.05",
            "result[0] < 1 || isNaN(result[0])",
            "len(result) == 0 || result[0] < 1",
        ];
        taking.into_iter().for_each(|one| assert!(takes_nothing(one), "{one}"));
        let refusing =
            ["!isNaN(result) && result < 0.05", "len(result) > 0 && result[0] < 1", "result < 1"];
        refusing.into_iter().for_each(|one| assert!(!takes_nothing(one), "{one}"));
    }
}
