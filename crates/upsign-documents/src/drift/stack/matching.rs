//! Finds out which resource of a deployed stack is which of the generated one: by type and by role, not by name.
//!
//! The result does not have to be right for the comparison to be safe: two stacks whose resources agree under *some* pairing,
//! references included, do the same. A wrong pairing only yields more differences.

use std::collections::BTreeMap;

use crate::read::{Item, Piece, Stack, Tree};

/// The pairs of generated and deployed resources, by name.
#[derive(Debug, Default)]
pub(super) struct Matching {
    /// From the deployed name to the generated one.
    names: BTreeMap<String, String>,
}

impl Matching {
    /// Pairs the resources of each type by their similarity. References count as similar at first if they mean resources of one
    /// type, and from the second round on if they mean resources that were paired.
    pub(super) fn of(expected: &Stack, actual: &Stack) -> Self {
        const ROUNDS: usize = 3;
        let kinds = |stack: &Stack| -> BTreeMap<String, String> {
            stack.items.iter().map(|item| (item.name.clone(), item.kind.clone())).collect()
        };
        let (mut expected_names, mut actual_names) = (kinds(expected), kinds(actual));
        let mut matching = Self::default();
        for _ in 0..ROUNDS {
            matching = Self { names: pairs(expected, &expected_names, actual, &actual_names) };
            expected_names.clear();
            actual_names.clone_from(&matching.names);
        }
        matching
    }

    /// Returns the deployed resource that was paired with a generated one.
    pub(super) fn actual<'a>(&self, stack: &'a Stack, expected: &Item) -> Option<&'a Item> {
        let name = self.names.iter().find(|(_, name)| **name == expected.name).map(|(name, _)| name)?;
        stack.items.iter().find(|item| item.name == *name && item.kind == expected.kind)
    }

    pub(super) fn is_paired(&self, actual: &Item) -> bool {
        self.names.contains_key(&actual.name)
    }

    /// Replaces the deployed names in the references of a tree by the generated ones. A reference to something that was not
    /// paired keeps its name, with a mark that no name contains.
    pub(super) fn renamed(&self, tree: Tree) -> Tree {
        tree.with_pieces(&|piece| {
            let Piece::Reference(mut reference) = piece else { return vec![piece] };
            reference.name = match self.names.get(&reference.name) {
                Some(name) => name.clone(),
                None if is_pseudo(&reference.name) => reference.name,
                None => format!("{UNPAIRED}{}", reference.name),
            };
            vec![Piece::Reference(reference)]
        })
    }

    /// Returns the deployed name of a generated resource.
    pub(super) fn deployed_name<'a>(&'a self, expected: &'a str) -> &'a str {
        let found = self.names.iter().find(|(_, name)| *name == expected);
        found.map_or(expected, |(name, _)| name)
    }
}

/// Starts the name of something that was not paired.
pub(super) const UNPAIRED: char = '\u{E002}';

fn is_pseudo(name: &str) -> bool {
    name.starts_with("AWS::")
}

fn pairs(
    expected: &Stack,
    expected_names: &BTreeMap<String, String>,
    actual: &Stack,
    actual_names: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let features = |stack: &Stack, names: &BTreeMap<String, String>| -> Vec<Vec<String>> {
        stack.items.iter().map(|item| item_features(item, names)).collect()
    };
    let of_expected = features(expected, expected_names);
    let of_actual = features(actual, actual_names);
    let mut candidates = Vec::new();
    for (index, item) in expected.items.iter().enumerate() {
        for (other, candidate) in actual.items.iter().enumerate().filter(|(_, it)| it.kind == item.kind) {
            let (Some(one), Some(two)) = (of_expected.get(index), of_actual.get(other)) else { continue };
            let score = 2 * common(one, two) + usize::from(item.name == candidate.name);
            candidates.push((score, index, other));
        }
    }
    candidates.sort_by_key(|(score, index, other)| (std::cmp::Reverse(*score), *index, *other));
    let (mut taken, mut used) = (Vec::new(), Vec::new());
    let mut names = BTreeMap::new();
    for (_, index, other) in candidates {
        if taken.contains(&index) || used.contains(&other) {
            continue;
        }
        taken.push(index);
        used.push(other);
        if let (Some(item), Some(candidate)) = (expected.items.get(index), actual.items.get(other)) {
            names.insert(candidate.name.clone(), item.name.clone());
        }
    }
    names
}

/// Returns a text for each leaf of the properties, sorted. Names of other resources are replaced as `names` says.
fn item_features(item: &Item, names: &BTreeMap<String, String>) -> Vec<String> {
    let body = item.body.clone().with_pieces(&|piece| {
        let Piece::Reference(mut reference) = piece else { return vec![piece] };
        if let Some(name) = names.get(&reference.name) {
            reference.name.clone_from(name);
        }
        vec![Piece::Reference(reference)]
    });
    let mut out = Vec::new();
    leaves(&mut out, "", &body);
    out.sort();
    out
}

fn leaves(out: &mut Vec<String>, path: &str, tree: &Tree) {
    match tree {
        Tree::Text(_) => out.push(format!("{path}={}", tree.shown())),
        Tree::List(list) => list.iter().for_each(|it| leaves(out, path, it)),
        Tree::Map(members) => {
            // A member counts by itself, so that resources with the same settings are similar whatever the values are.
            out.push(path.to_owned());
            members.iter().for_each(|(name, it)| leaves(out, &format!("{path}.{name}"), it));
        }
        Tree::Call(name, arguments) => {
            arguments.iter().for_each(|it| leaves(out, &format!("{path}.{name}"), it));
        }
    }
}

/// Returns the number of texts that both sorted lists have.
fn common(one: &[String], other: &[String]) -> usize {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut count = 0;
    while let (Some(left), Some(right)) = (one.peek(), other.peek()) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => drop(one.next()),
            std::cmp::Ordering::Greater => drop(other.next()),
            std::cmp::Ordering::Equal => {
                count += 1;
                one.next();
                other.next();
            }
        }
    }
    count
}
