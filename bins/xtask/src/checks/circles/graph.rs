//! Circles of a graph: who can be reached from where, and back.

use std::collections::{BTreeMap, BTreeSet};

/// Nodes, and what ties one to another.
pub type Ties<Node> = BTreeMap<(Node, Node), BTreeSet<String>>;

/// The groups of nodes that all reach each other, each sorted.
pub fn circles<Node: Copy + Ord>(ties: &Ties<Node>) -> Vec<Vec<Node>> {
    let nodes: BTreeSet<Node> = ties.keys().flat_map(|(from, to)| [*from, *to]).collect();
    let reached: BTreeMap<Node, BTreeSet<Node>> =
        nodes.iter().map(|node| (*node, reached_from(ties, *node))).collect();
    let mut found: Vec<Vec<Node>> = Vec::new();
    for node in &nodes {
        // Some way leads back to a node that is in a circle.
        if !reached[node].contains(node) || found.iter().any(|circle| circle.contains(node)) {
            continue;
        }
        found.push(reached[node].iter().copied().filter(|other| reached[other].contains(node)).collect());
    }
    found
}

fn reached_from<Node: Copy + Ord>(ties: &Ties<Node>, start: Node) -> BTreeSet<Node> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        for (_, to) in ties.keys().filter(|(from, to)| *from == node && *to != node) {
            if found.insert(*to) {
                open.push(*to);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ties(arrows: &[(u8, u8)]) -> Ties<u8> {
        arrows.iter().map(|arrow| (*arrow, BTreeSet::new())).collect()
    }

    #[test]
    fn every_circle_is_found_once() {
        let two = ties(&[(1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (5, 6), (6, 5), (7, 1)]);
        assert_eq!(circles(&two), [vec![1, 2, 3], vec![5, 6]]);
        assert_eq!(circles(&ties(&[(1, 2), (1, 3), (2, 3), (3, 4), (4, 4)])), Vec::<Vec<u8>>::new());
    }
}
