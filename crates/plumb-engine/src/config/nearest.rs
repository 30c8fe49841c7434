//! The name that was probably meant.
//!
//! Refuses to guess across more than a few letters: a wrong suggestion is worse than none.

/// Names longer than this are not compared, which bounds the work on foreign text.
const NAME_CHARS_MAX: usize = 64;

/// The candidate closest to `name`, if it is close: apart from case, hyphens and underscores, no
/// more than a third of its letters differ, and never all. The first of equals.
pub(crate) fn nearest<'a>(name: &str, all: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = folded(name);
    if name.is_empty() || name.len() > NAME_CHARS_MAX {
        return None;
    }
    let near = all.map(|other| (distance(&name, &folded(other)), other));
    let (apart, other) = near.min_by_key(|(apart, _)| *apart)?;
    (apart <= (name.len() / 3).max(1) && apart < name.len()).then_some(other)
}

fn folded(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|letter| !matches!(letter, '-' | '_' | ' '));
    letters.take(NAME_CHARS_MAX + 1).flat_map(char::to_lowercase).collect()
}

/// Letters to add, remove, replace, or swap with their neighbour to turn one name into another.
fn distance(old: &[char], new: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=new.len()).collect();
    for (row, letter) in old.iter().enumerate() {
        let mut here = vec![row + 1];
        for (column, other) in new.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            let mut least = replaced.min(above[column + 1] + 1).min(here[column] + 1);
            let is_swap =
                row > 0 && column > 0 && old[row - 1] == *other && new[column - 1] == *letter;
            if is_swap {
                least = least.min(before[column - 1] + 1);
            }
            here.push(least);
        }
        before = std::mem::replace(&mut above, here);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = ["max_age", "min_samples", "keep", "k", "store", "environment"];

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(nearest(name, NAMES.into_iter()), expected, "{name}");
    }

    #[test]
    fn slips_of_the_hand_are_recognised() {
        check("max_aeg", Some("max_age"));
        check("max-age", Some("max_age"));
        check("MaxAge", Some("max_age"));
        check("min_sample", Some("min_samples"));
        check("stroe", Some("store"));
        check("enviroment", Some("environment"));
        check("kep", Some("keep"));
        check("", None);
        check("x", None);
        check("retention", None);
        check("colour", None);
        check(&"max_age".repeat(20), None);
        assert_eq!(nearest("x", std::iter::empty()), None);
    }
}
