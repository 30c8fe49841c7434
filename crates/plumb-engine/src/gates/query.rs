//! Queries in PromQL: whether a number stands in for what is missing.
//!
//! Refuses to know the rest of the language.

/// Whether the query as a whole has a value when nothing is measured. A number that stands in for
/// one part of a fraction is none: the fraction still has no value where its other part has none.
pub(crate) fn hides_nothing(query: &str) -> bool {
    let tight: String = query.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let all = stand_ins(&tight);
    let fraction = fraction(&tight);
    all.iter().any(|at| match fraction {
        None => true,
        Some(bar) => {
            let is_deep = depth(&tight[..*at]) > depth(&tight[..bar]);
            let has_other = all.iter().any(|other| (*other < bar) != (*at < bar));
            !is_deep || has_other
        }
    })
}

/// Where numbers stand in.
fn stand_ins(query: &str) -> Vec<usize> {
    let starts = query.match_indices("or ").filter(|(at, _)| {
        let is_word = query[..*at].ends_with([' ', ')', '}', ']']);
        let rest = query[at + 3..].trim_start();
        let rest = rest.strip_prefix("on").map_or(rest, |rest| {
            rest.trim_start().strip_prefix('(').map_or(rest, |inner| {
                inner.split_once(')').map_or(inner, |(_, after)| after.trim_start())
            })
        });
        is_word && rest.starts_with("vector")
    });
    starts.map(|(at, _)| at).collect()
}

/// Where the outermost fraction has its bar.
fn fraction(query: &str) -> Option<usize> {
    let bars = query.match_indices('/').map(|(at, _)| at);
    let outside = bars.filter(|at| query[..*at].matches('"').count().is_multiple_of(2));
    outside.min_by_key(|at| depth(&query[..*at]))
}

fn depth(text: &str) -> i64 {
    text.chars().fold(0, |depth, letter| match letter {
        '(' => depth + 1,
        ')' => depth - 1,
        _ => depth,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_stand_in_for_everything_are_found() {
        let hiding = [
            "sum(rate(errors[1m])) or vector(0)",
            "sum(rate(errors[1m])) / sum(rate(all[1m])) OR  vector(0)",
            "(sum(a) / sum(b)) or on() vector(1)",
            "(sum(a) or vector(0)) / (sum(b) or vector(1))",
            "sum(rate(errors[1m]) or vector(0))",
        ];
        hiding.into_iter().for_each(|one| assert!(hides_nothing(one), "{one}"));
        let honest = [
            "sum(rate(errors[1m])) / sum(rate(all[1m]))",
            "(sum(rate(errors{path=\"/a\"}[1m])) or vector(0)) / sum(rate(all[1m]))",
            "100 - (sum(a) or vector(0)) / sum(b) * 100",
            "vector(1)",
            "sum(a) or sum(b)",
        ];
        honest.into_iter().for_each(|one| assert!(!hides_nothing(one), "{one}"));
    }
}
