//! Finds out which resource of a deployed stack is which of the generated one: by type and by role, not by name.
//!
//! The result does not have to be right for the comparison to be safe: two stacks whose resources agree under *some* pairing,
//! references included, do the same. A wrong pairing only yields more differences.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

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
            let names = pairs(expected, &expected_names, actual, &actual_names);
            if names == matching.names {
                break;
            }
            matching = Self { names };
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
    let mut kinds: BTreeMap<&str, (Vec<&Item>, Vec<&Item>)> = BTreeMap::new();
    for item in &expected.items {
        kinds.entry(&item.kind).or_default().0.push(item);
    }
    for item in &actual.items {
        kinds.entry(&item.kind).or_default().1.push(item);
    }
    let mut names = BTreeMap::new();
    for (wanted, found) in kinds.into_values() {
        if let ([one], [other]) = (wanted.as_slice(), found.as_slice()) {
            names.insert(other.name.clone(), one.name.clone());
            continue;
        }
        pair_kind(&mut names, (&wanted, expected_names), (&found, actual_names));
    }
    names
}

/// Pairs the resources of one type: the most similar ones first, and of equally similar ones those with the same name.
fn pair_kind(
    names: &mut BTreeMap<String, String>,
    (expected, expected_names): (&[&Item], &BTreeMap<String, String>),
    (actual, actual_names): (&[&Item], &BTreeMap<String, String>),
) {
    let of_expected: Vec<Vec<u64>> = expected.iter().map(|item| features(item, expected_names)).collect();
    let of_actual: Vec<Vec<u64>> = actual.iter().map(|item| features(item, actual_names)).collect();
    let mut candidates = Vec::new();
    for (index, (item, own)) in expected.iter().zip(&of_expected).enumerate() {
        for (other, (candidate, theirs)) in actual.iter().zip(&of_actual).enumerate() {
            let score = 2 * common(own, theirs) + usize::from(item.name == candidate.name);
            candidates.push((std::cmp::Reverse(score), index, other, item, candidate));
        }
    }
    candidates.sort_by_key(|(score, index, other, ..)| (*score, *index, *other));
    let (mut taken, mut used) = (Vec::new(), Vec::new());
    for (_, index, other, item, candidate) in candidates {
        if taken.contains(&index) || used.contains(&other) {
            continue;
        }
        taken.push(index);
        used.push(other);
        names.insert(candidate.name.clone(), item.name.clone());
    }
}

/// Returns a hash for each leaf of the properties, sorted. References count by what `names` has for their names.
fn features(item: &Item, names: &BTreeMap<String, String>) -> Vec<u64> {
    let mut out = Vec::new();
    leaves(&mut out, &DefaultHasher::new(), &item.body, names);
    out.sort_unstable();
    out
}

fn leaves(out: &mut Vec<u64>, path: &DefaultHasher, tree: &Tree, names: &BTreeMap<String, String>) {
    let step = |name: &str| {
        let mut path = path.clone();
        name.hash(&mut path);
        path
    };
    match tree {
        Tree::Text(pieces) => {
            let mut path = path.clone();
            pieces.iter().for_each(|piece| hash_piece(&mut path, piece, names));
            out.push(path.finish());
        }
        Tree::List(list) => list.iter().for_each(|it| leaves(out, path, it, names)),
        Tree::Map(members) => {
            // A member counts by itself, so that resources with the same settings are similar whatever the values are.
            out.push(path.finish());
            members.iter().for_each(|(name, it)| leaves(out, &step(name), it, names));
        }
        Tree::Call(name, arguments) => {
            arguments.iter().for_each(|it| leaves(out, &step(name), it, names));
        }
    }
}

fn hash_piece(path: &mut DefaultHasher, piece: &Piece, names: &BTreeMap<String, String>) {
    match piece {
        Piece::Literal(text) => text.hash(path),
        Piece::Reference(reference) => {
            names.get(&reference.name).unwrap_or(&reference.name).hash(path);
            reference.attribute.hash(path);
        }
        Piece::Expression(pieces) => pieces.iter().for_each(|piece| hash_piece(path, piece, names)),
    }
}

/// Returns the number of elements that both sorted lists have.
fn common(one: &[u64], other: &[u64]) -> usize {
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
