//! Compares the properties of two resources, value by value.

use crate::read::Tree;

/// A value that differs. One of the two is absent if only the other resource has the property.
#[derive(Clone, Debug)]
pub(super) struct Change<'a> {
    /// The names of the properties from the resource to the value, with dots between them.
    pub(super) path: String,
    pub(super) expected: Option<&'a Tree>,
    pub(super) actual: Option<&'a Tree>,
}

/// The names of maps whose member names are labels without an effect, such as those of SAM's events.
const LABELLED: [&str; 1] = ["Events"];

/// Lists the differences between two values. `stops` returns whether a path is compared as a whole, and `splits` whether a
/// property that only one side has is listed by its members.
pub(super) struct Walk<'r> {
    pub(super) stops: &'r dyn Fn(&str) -> bool,
    pub(super) splits: &'r dyn Fn(&str) -> bool,
}

impl Walk<'_> {
    pub(super) fn compare<'a>(
        &self,
        out: &mut Vec<Change<'a>>,
        path: &str,
        expected: Option<&'a Tree>,
        actual: Option<&'a Tree>,
    ) {
        if expected == actual {
            return;
        }
        if (self.stops)(path) {
            out.push(Change { path: path.to_owned(), expected, actual });
            return;
        }
        match (expected, actual) {
            (Some(Tree::Map(_)), Some(Tree::Map(_)))
                if LABELLED.contains(&path.rsplit('.').next().unwrap_or_default()) =>
            {
                self.lists(out, path, members(expected), members(actual));
            }
            (Some(Tree::Map(one)), Some(Tree::Map(other))) => {
                let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
                for name in names {
                    self.compare(out, &joined(path, name), one.get(name), other.get(name));
                }
            }
            (Some(Tree::List(_)), Some(_)) | (Some(_), Some(Tree::List(_))) => {
                let elements = |side: Option<&'a Tree>| side.map(Tree::elements).unwrap_or_default();
                let (one, other) = (elements(expected), elements(actual));
                self.lists(out, path, one.iter().collect(), other.iter().collect());
            }
            (Some(Tree::Map(one)), None) if !one.is_empty() && (self.splits)(path) => {
                one.iter().for_each(|(name, it)| self.compare(out, &joined(path, name), Some(it), None));
            }
            (None, Some(Tree::Map(other))) if !other.is_empty() && (self.splits)(path) => {
                other.iter().for_each(|(name, it)| self.compare(out, &joined(path, name), None, Some(it)));
            }
            _ => out.push(Change { path: path.to_owned(), expected, actual }),
        }
    }

    /// Compares sets: removes the equal elements of both, and compares the others by their similarity.
    fn lists<'a>(
        &self,
        out: &mut Vec<Change<'a>>,
        path: &str,
        expected: Vec<&'a Tree>,
        actual: Vec<&'a Tree>,
    ) {
        let mut left: Vec<&Tree> = actual;
        let mut missing: Vec<&Tree> = Vec::new();
        for element in expected {
            match left.iter().position(|other| *other == element) {
                Some(index) => drop(left.swap_remove(index)),
                None => missing.push(element),
            }
        }
        for element in missing {
            let is_map = matches!(element, Tree::Map(_));
            let candidates = left.iter().enumerate().filter(|(_, it)| matches!(it, Tree::Map(_)) && is_map);
            let closest = candidates.min_by_key(|(index, other)| (self.distance(element, other), *index));
            let closest = closest.map(|(index, _)| index);
            let partner = closest.map(|index| left.remove(index));
            self.compare(out, path, Some(element), partner);
        }
        left.into_iter().for_each(|extra| self.compare(out, path, None, Some(extra)));
    }

    fn distance(&self, one: &Tree, other: &Tree) -> usize {
        let mut changes = Vec::new();
        Walk { stops: &|_| false, splits: &|_| true }.compare(&mut changes, "", Some(one), Some(other));
        changes.len()
    }
}

fn members(side: Option<&Tree>) -> Vec<&Tree> {
    match side {
        Some(Tree::Map(members)) => members.values().collect(),
        _ => Vec::new(),
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
