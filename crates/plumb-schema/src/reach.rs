//! What the nodes of a graph lead to, nearest first. Refuses to know what they stand for.

use std::collections::{BTreeMap, HashMap};

/// Something that a node leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reach {
    /// How many steps away.
    pub(crate) steps: u32,
    /// What it is.
    pub(crate) what: usize,
    /// The step to take first, by its position among the steps of the node; `None` where it is at
    /// the node itself.
    pub(crate) via: Option<usize>,
}

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) node: usize,
    /// What is at the node itself.
    pub(crate) own: Vec<usize>,
    /// Steps by their position, and the nodes that they lead to.
    pub(crate) steps: Vec<(usize, usize)>,
}

/// Adds what each of the nodes leads to, up to `most` of it; nodes that they lead to are among them
/// or known.
pub(crate) fn extend(known: &mut HashMap<usize, Vec<Reach>>, stops: &[Stop], most: usize) {
    let mut is_settled = false;
    while !is_settled {
        is_settled = true;
        // Those met last lie furthest inside.
        for stop in stops.iter().rev() {
            let reach = from(known, stop, most);
            if known.get(&stop.node) != Some(&reach) {
                known.insert(stop.node, reach);
                is_settled = false;
            }
        }
    }
}

fn from(known: &HashMap<usize, Vec<Reach>>, stop: &Stop, most: usize) -> Vec<Reach> {
    let mut nearest: BTreeMap<usize, (u32, Option<usize>)> =
        stop.own.iter().map(|what| (*what, (0, None))).collect();
    for (position, to) in &stop.steps {
        for reach in known.get(to).into_iter().flatten() {
            let way = (reach.steps.saturating_add(1), Some(*position));
            let held = nearest.entry(reach.what).or_insert(way);
            *held = way.min(*held);
        }
    }
    let all = nearest.into_iter().map(|(what, (steps, via))| Reach { steps, what, via });
    let mut all: Vec<Reach> = all.collect();
    all.sort_unstable();
    all.truncate(most);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(node: usize, own: &[usize], to: &[usize]) -> Stop {
        Stop { node, own: own.to_vec(), steps: to.iter().copied().enumerate().collect() }
    }

    #[test]
    fn the_nearest_of_each_is_found_round_circles() {
        let mut known = HashMap::new();
        extend(&mut known, &[stop(0, &[], &[1, 2]), stop(1, &[7], &[0]), stop(2, &[8], &[1])], 9);
        let reach = |steps, what, via| Reach { steps, what, via };
        assert_eq!(known[&0], [reach(1, 7, Some(0)), reach(1, 8, Some(1))]);
        assert_eq!(known[&1], [reach(0, 7, None), reach(2, 8, Some(0))]);
        assert_eq!(known[&2], [reach(0, 8, None), reach(1, 7, Some(0))]);
        extend(&mut known, &[stop(3, &[9], &[2])], 2);
        assert_eq!(known[&3], [reach(0, 9, None), reach(1, 8, Some(0))]);
    }
}
