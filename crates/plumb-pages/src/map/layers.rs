//! A layered layout: readers on the left, what they read from to the right of them, few crossings.
//!
//! The same graph gives the same picture, whatever order it came in. The method is that of
//! Sugiyama, Tagawa and Toda (1981): circles are cut, layers are the longest paths, and each layer
//! is ordered by the middle of its neighbours. Refuses to know what the nodes are.

use std::collections::{BTreeMap, BTreeSet};

/// Times that the order is swept from left to right and back.
const SWEEPS: usize = 4;

/// Where a node stands: its layer from the left, and its place in it from the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) layer: usize,
    pub(crate) row: usize,
}

/// The spot of every node. Lines lead from readers to writers, by the numbers of the nodes.
pub(crate) fn layout(nodes: usize, lines: &[(usize, usize)]) -> Vec<Spot> {
    let lines = without_circles(nodes, lines);
    let layer_of = layers(nodes, &lines);
    let deepest = layer_of.iter().copied().max().unwrap_or(0);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); deepest + 1];
    for (node, layer) in layer_of.iter().enumerate() {
        layers[*layer].push(node);
    }
    let mut beside: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for (from, to) in &lines {
        beside[*from].push(*to);
        beside[*to].push(*from);
    }
    let mut row_of: Vec<usize> = vec![0; nodes];
    settle(&layers, &mut row_of);
    for sweep in 0..SWEEPS {
        let is_forward = sweep % 2 == 0;
        for step in 0..layers.len() {
            let at = if is_forward { step } else { layers.len() - 1 - step };
            let middles: BTreeMap<usize, (usize, usize)> = layers[at]
                .iter()
                .map(|node| {
                    (*node, middle(*node, (&beside[*node], is_forward), (&layer_of, &row_of)))
                })
                .collect();
            layers[at].sort_by(|one, two| {
                // Fractions, compared without rounding.
                let ((sum, count), (other_sum, other_count)) = (middles[one], middles[two]);
                (sum * other_count).cmp(&(other_sum * count)).then(one.cmp(two))
            });
            settle(&layers[at..=at], &mut row_of);
        }
    }
    (0..nodes).map(|node| Spot { layer: layer_of[node], row: row_of[node] }).collect()
}

fn settle(layers: &[Vec<usize>], row_of: &mut [usize]) {
    for layer in layers {
        for (row, node) in layer.iter().enumerate() {
            row_of[*node] = row;
        }
    }
}

/// The sum of the rows of the neighbours on one side, and how many there are; its own row where
/// there is none.
fn middle(
    node: usize,
    (beside, is_forward): (&[usize], bool),
    (layer_of, row_of): (&[usize], &[usize]),
) -> (usize, usize) {
    let is_on_side = |other: &&usize| match is_forward {
        true => layer_of[**other] < layer_of[node],
        false => layer_of[**other] > layer_of[node],
    };
    let rows: Vec<usize> = beside.iter().filter(is_on_side).map(|other| row_of[*other]).collect();
    if rows.is_empty() { (row_of[node], 1) } else { (rows.iter().sum(), rows.len()) }
}

/// The lines without those that close a circle, found by going deep in the order of the nodes.
fn without_circles(nodes: usize, lines: &[(usize, usize)]) -> BTreeSet<(usize, usize)> {
    let mut next: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes];
    for (from, to) in lines.iter().filter(|(from, to)| from != to) {
        next[*from].insert(*to);
    }
    let (mut kept, mut done, mut open) = (BTreeSet::new(), vec![false; nodes], vec![false; nodes]);
    for start in 0..nodes {
        if done[start] {
            continue;
        }
        open[start] = true;
        let mut stack = vec![(start, next[start].iter())];
        while let Some((node, rest)) = stack.last_mut() {
            let node = *node;
            match rest.next() {
                None => {
                    (done[node], open[node]) = (true, false);
                    stack.pop();
                }
                Some(to) if open[*to] => {}
                Some(to) => {
                    kept.insert((node, *to));
                    if !done[*to] {
                        open[*to] = true;
                        stack.push((*to, next[*to].iter()));
                    }
                }
            }
        }
    }
    kept
}

/// For each node how many lines the longest way to it has. There are no circles.
fn layers(nodes: usize, lines: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let mut layer_of = vec![0; nodes];
    // A way has fewer lines than there are nodes, so it settles within as many rounds.
    for _ in 0..nodes {
        let mut is_settled = true;
        for (from, to) in lines {
            if layer_of[*to] <= layer_of[*from] {
                layer_of[*to] = layer_of[*from] + 1;
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
    layer_of
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn crossings(spots: &[Spot], lines: &[(usize, usize)]) -> usize {
        let mut count = 0;
        for (at, one) in lines.iter().enumerate() {
            for two in &lines[at + 1..] {
                let [(a, b), (c, d)] = [one, two].map(|it| (spots[it.0], spots[it.1]));
                let is_same = a.layer == c.layer && b.layer == d.layer;
                let is_crossed =
                    (a.row < c.row && b.row > d.row) || (a.row > c.row && b.row < d.row);
                count += usize::from(is_same && is_crossed);
            }
        }
        count
    }

    #[test]
    fn readers_stand_left_of_what_they_read() {
        let spots = layout(3, &[(0, 1), (1, 2), (0, 2)]);
        assert_eq!(spots.iter().map(|spot| spot.layer).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn what_can_be_drawn_without_crossings_is() {
        // Drawn in the order of numbers, all three lines cross.
        let lines = [(0, 5), (1, 4), (2, 3)];
        assert_eq!(crossings(&layout(6, &lines), &lines), 0);
    }

    proptest! {
        #[test]
        fn every_node_has_a_spot_of_its_own(
            lines in prop::collection::vec((0..12_usize, 0..12_usize), 0..40),
        ) {
            let spots = layout(12, &lines);
            prop_assert_eq!(spots.iter().copied().collect::<BTreeSet<_>>().len(), 12);
            let mut reversed = lines.clone();
            reversed.reverse();
            prop_assert_eq!(layout(12, &reversed), spots);
        }
    }
}
