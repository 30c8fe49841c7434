//! The plan: in which order requests are asked, what may be asked at the same time, and which of
//! three answers comes first.
//!
//! The same requests give the same plan. Refuses to know how long anything takes.

use super::reel::Recorded;
use std::collections::BTreeMap;

/// How often each operation is asked at least, where its requests may be repeated: a difference
/// that every answer shows is then beyond chance in a family of forty thousand tests, since
/// 3⁻¹⁶ is 2 in 100 million.
pub const ASKED_MIN: usize = 16;

/// Repeated requests at most: a capture of nothing but rare operations must not take all day.
const REPEATS_MAX: usize = 5_000;

/// All orders of three.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [2, 0, 1], [1, 2, 0], [1, 0, 2], [2, 1, 0], [0, 2, 1]];

/// One request that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which.
    pub request: usize,
    /// Who is asked first, second and third, so that what drifts with time looks like no
    /// difference.
    pub order: [usize; 3],
}

/// Turns that may be taken at the same time, one such batch after the other: an unsafe request is
/// alone, after all before it and before all behind it.
#[must_use]
pub fn plan(requests: &[Recorded]) -> Vec<Vec<Turn>> {
    let mut batches: Vec<Vec<Turn>> = Vec::new();
    let mut count = 0_u64;
    let mut turn = |request: usize| {
        count += 1;
        Turn { request, order: ORDERS[usize::try_from(mixed(count) % 6).unwrap_or_default()] }
    };
    let mut calm = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        if request.is_safe() {
            calm.push(turn(at));
        } else {
            batches.push(std::mem::take(&mut calm));
            batches.push(vec![turn(at)]);
        }
    }
    calm.extend(repeats(requests).into_iter().map(&mut turn));
    batches.push(calm);
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// Safe requests of operations that come too rarely, again and again: one of each in turn, so that
/// all come as often where there are too many for all.
fn repeats(requests: &[Recorded]) -> Vec<usize> {
    let mut by_operation: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, request) in requests.iter().enumerate().filter(|(_, it)| it.is_safe()) {
        by_operation.entry(&request.operation).or_default().push(at);
    }
    let rounds = (1..ASKED_MIN).flat_map(|asked| {
        let rare = by_operation.values().filter(move |known| known.len() <= asked);
        rare.map(move |known| known[asked % known.len()])
    });
    rounds.take(REPEATS_MAX).collect()
}

/// Numbers without the rhythm of counting, which requests may share (S. Vigna's SplitMix64).
const fn mixed(count: u64) -> u64 {
    let mut bits = count.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(operations: &[&str]) -> Vec<Recorded> {
        let request = |operation: &&str| {
            let (method, path) = operation.split_once(' ').unwrap();
            Recorded {
                operation: (*operation).to_owned(),
                method: method.to_owned(),
                path: path.to_owned(),
                ..Recorded::default()
            }
        };
        operations.iter().map(request).collect()
    }

    #[test]
    fn what_is_unsafe_is_alone() {
        let planned = plan(&requests(&["GET /a", "POST /a", "GET /a", "GET /b", "DELETE /a"]));
        let shapes: Vec<Vec<usize>> =
            planned.iter().map(|batch| batch.iter().map(|turn| turn.request).collect()).collect();
        assert_eq!(shapes[..4], [vec![0], vec![1], vec![2, 3], vec![4]]);
        assert_eq!(shapes[4].len(), 14 + 15, "what is rare is asked again");
        assert!(shapes[4].iter().all(|at| [0, 2, 3].contains(at)));
    }

    #[test]
    fn every_order_comes_as_often() {
        let planned = plan(&requests(&["GET /a"; 6_000]));
        let mut counts: BTreeMap<[usize; 3], u64> = BTreeMap::new();
        planned[0].iter().for_each(|turn| *counts.entry(turn.order).or_default() += 1);
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| (880..1_120).contains(count)), "{counts:?}");
    }
}
