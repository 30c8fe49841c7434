//! Which of many tests found something, with few of them wrong.
//!
//! Refuses to know what was tested.

/// The tests whose null is rejected so that, in expectation, at most the share `rate` of them is
/// rejected wrongly, however the tests depend on each other.
///
/// `logs` are the logarithms of e-values at the moment of decision; not of their maxima so far, for
/// which this does not hold. `hypotheses` is how many were tested in all, at least as many as are
/// given: those left out have found nothing. The answer is indices into `logs`, the strongest
/// first.
///
/// This is the procedure of Benjamini and Hochberg for e-values (R. Wang and A. Ramdas, False
/// Discovery Rate Control with E-values, 2022).
#[must_use]
pub fn discoveries(logs: &[f64], hypotheses: usize, rate: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..logs.len()).collect();
    order.sort_by(|a, b| logs[*b].total_cmp(&logs[*a]));
    #[expect(clippy::cast_precision_loss, reason = "far fewer tests than 2^53")]
    let needed = |rank: usize| (hypotheses.max(logs.len()) as f64 / (rank as f64 * rate)).ln();
    let found = (1..=order.len()).rev().find(|rank| logs[order[rank - 1]] >= needed(*rank));
    order.truncate(found.unwrap_or(0));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], hypotheses: usize, expected: &[usize]) {
        let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        assert_eq!(discoveries(&logs, hypotheses, 0.05), expected);
    }

    #[test]
    fn one_among_many_needs_as_much_more_evidence() {
        check(&[1.0, 20.0], 2, &[]);
        check(&[1.0, 40.0], 2, &[1]);
        check(&[40.0], 2, &[0]);
        check(&[40.0], 3, &[]);
    }

    #[test]
    fn several_help_each_other() {
        check(&[25.0, 0.5, 30.0, 28.0], 4, &[]);
        check(&[28.0, 0.5, 30.0, 27.0], 4, &[2, 0, 3]);
    }

    #[test]
    fn nothing_tested_finds_nothing() {
        check(&[], 0, &[]);
    }
}
