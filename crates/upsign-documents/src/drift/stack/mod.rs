//! Compares a whole deployed stack with the generated one: resource by resource, property by property.

mod matching;
mod properties;
mod state;
mod table;

use super::Difference;
use super::comparison::{Comparison, Uncompared};
use super::found::UNKNOWN_VALUE;
use super::settings::without_defaults;
use crate::read::{Dialect, Item, MARKS, Piece, Place, Stack, Tree};
use matching::{Matching, UNPAIRED};
use properties::{Change, Walk};
use state::{as_in_state, has_references, is_computed};
use table::{Meaning, OTHER, Row};

/// Compares a deployed stack with the generated one of the same dialect.
pub(super) fn compare(expected: Stack, actual: Stack, place: &Place) -> Comparison {
    let (mut expected, actual) = (expected.resolved(place), actual.resolved(place));
    let matching = Matching::of(&expected, &actual);
    if actual.dialect == Dialect::TerraformState {
        expected = as_in_state(expected, &actual, &matching);
    }
    let region = &place.region;
    let comparer = Comparer { expected: &expected, actual: &actual, matching: &matching, region };
    let mut comparison = Comparison::default();
    for item in &expected.items {
        comparer.compare_item(&mut comparison, item);
    }
    for item in actual.items.iter().filter(|item| !item.is_passive() && !matching.is_paired(item)) {
        let reason = format!("the generated stack has no such {}", item.kind);
        comparison.part(OTHER).leave(Uncompared::new(&item.name, reason));
    }
    // Names distinguish resources, so of two with one name only the first was compared.
    for (index, item) in actual.items.iter().enumerate() {
        if actual.items.iter().take(index).any(|other| other.name == item.name) {
            comparison.part(OTHER).leave(Uncompared::new(&item.name, "the name appears twice"));
        }
    }
    comparison.sort(&table::PARTS);
    comparison
}

/// Compares one property of a live bucket with that of the generated one.
pub(super) fn compare_setting(
    comparison: &mut Comparison,
    expected: &Stack,
    bucket: &str,
    (property, actual): (&str, Option<Tree>),
) {
    let is_bucket = |item: &&Item| {
        item.kind == BUCKET && item.body.get("BucketName").and_then(Tree::as_literal) == Some(bucket)
    };
    let Some(item) = expected.items.iter().find(is_bucket) else { return };
    let only = |tree: Option<Tree>| Item {
        kind: BUCKET.to_owned(),
        name: bucket.to_owned(),
        body: Tree::Map(tree.map(|tree| (property.to_owned(), tree)).into_iter().collect()),
    };
    let stack = |item: Item| Stack { dialect: Dialect::CloudFormation, items: vec![item] };
    let one = stack(only(item.body.get(property).cloned()));
    let other = stack(only(actual.map(without_defaults)));
    let matching = Matching::of(&one, &other);
    let comparer = Comparer { expected: &one, actual: &other, matching: &matching, region: "" };
    if let Some(row) = table::row(Dialect::CloudFormation, BUCKET, property) {
        comparison.part(row.part);
    }
    for item in &one.items {
        comparer.compare_properties(comparison, item);
    }
}

const BUCKET: &str = "AWS::S3::Bucket";

struct Comparer<'s> {
    expected: &'s Stack,
    actual: &'s Stack,
    matching: &'s Matching,
    region: &'s str,
}

impl Comparer<'_> {
    fn dialect(&self) -> Dialect {
        self.actual.dialect
    }

    fn compare_item(&self, comparison: &mut Comparison, item: &Item) {
        let expected = item.body.clone().canonical();
        let deployed = self.matching.actual(self.actual, item);
        if item.is_passive() && deployed.is_none() {
            // The comparison of what refers to it counts.
            return;
        }
        self.name_parts(comparison, item, &expected);
        if deployed.is_some() {
            self.compare_properties(comparison, item);
        } else {
            self.report_missing(comparison, item, &expected);
        }
    }

    /// Compares the properties of a generated resource with those of the deployed one, if there is one.
    fn compare_properties(&self, comparison: &mut Comparison, item: &Item) {
        let Some(deployed) = self.matching.actual(self.actual, item) else { return };
        let expected = item.body.clone().canonical();
        let actual = self.matching.renamed(deployed.body.clone()).canonical();
        let kind = item.kind.as_str();
        let is_document = |path: &str| {
            let row = table::row(self.dialect(), kind, path);
            row.is_some_and(|row| matches!(row.meaning, Meaning::Document(_)) && row.is_at(path))
        };
        let splits = |path: &str| table::rows(self.dialect(), kind).any(|row| row.is_below(path));
        let mut changes = Vec::new();
        let walk = Walk { stops: &is_document, splits: &splits };
        walk.compare(&mut changes, "", Some(&expected), Some(&actual));
        for change in changes {
            self.report(comparison, item, deployed, &change);
        }
    }

    /// Names the parts that the resource belongs to, so that a part without differences is reported as equal.
    fn name_parts(&self, comparison: &mut Comparison, item: &Item, body: &Tree) {
        if item.is_passive() {
            return;
        }
        let rows = || table::rows(self.dialect(), &item.kind);
        for row in rows().filter(|row| !row.path().is_empty() && !matches!(row.meaning, Meaning::Label)) {
            if body.at(row.path()).is_some() {
                comparison.part(row.part);
            }
        }
        // What belongs to no part is only named if it differs.
        let part = self.part_of(item);
        if part != OTHER {
            comparison.part(part);
        }
    }

    fn part_of(&self, item: &Item) -> &'static str {
        let first = table::rows(self.dialect(), &item.kind).next();
        table::resource_row(self.dialect(), &item.kind).or(first).map_or(OTHER, |row| row.part)
    }

    /// Reports a generated resource that is not deployed: what its documents would do, or else what the resource is for.
    fn report_missing(&self, comparison: &mut Comparison, item: &Item, body: &Tree) {
        let mut is_reported = false;
        for row in table::rows(self.dialect(), &item.kind) {
            let (Meaning::Document(document), Some(expected)) = (row.meaning, body.at(row.path())) else {
                continue;
            };
            let evaluated = document.compare(self.dialect(), Some(expected), None);
            is_reported |= !evaluated.differences.is_empty();
            let part = comparison.part(row.part);
            part.differ(evaluated.differences.into_iter().map(|it| self.readable(it)));
        }
        let name = self.shown_name(item);
        match table::resource_row(self.dialect(), &item.kind).map(|row| row.meaning) {
            Some(Meaning::Consequence(severity, affected, consequence)) => {
                let description = format!("{name} is missing");
                let difference = Difference::new(severity, description, consequence).affecting(affected);
                comparison.part(self.part_of(item)).differ([difference]);
            }
            _ if is_reported => {}
            _ => {
                let reason = format!("the file has no such {}", item.kind);
                comparison.part(self.part_of(item)).leave(Uncompared::new(&item.name, reason));
            }
        }
    }

    fn shown_name(&self, item: &Item) -> String {
        format!("{} ({})", item.name, item.kind)
    }

    /// Reports a value that differs.
    fn report(&self, comparison: &mut Comparison, item: &Item, deployed: &Item, change: &Change<'_>) {
        let Change { path, expected, actual } = change;
        let is_state = self.dialect() == Dialect::TerraformState;
        if is_state && is_computed(item, change, self.region) {
            return;
        }
        let row = table::row(self.dialect(), &item.kind, path);
        let part = row.map_or_else(|| self.part_of(item), |row| row.part);
        let name = format!("{}.{}", deployed.name, path.trim_start_matches('@'));
        let uncompared = |reason: String| Uncompared::new(&name, readable_text(&reason, self.matching));
        if row.is_some_and(|row| matches!(row.meaning, Meaning::Label)) {
            return;
        }
        if actual.is_some_and(|tree| self.is_unknown(tree))
            || is_state && expected.is_some_and(has_references)
        {
            comparison.part(part).leave(uncompared(UNKNOWN_VALUE.to_owned()));
            return;
        }
        let is_known = |row: &&Row| expected.is_some() || row.is_at(path);
        match row.filter(is_known).map(|row| row.meaning) {
            Some(Meaning::Document(document)) => {
                let evaluated = document.compare(self.dialect(), *expected, *actual);
                let part = comparison.part(part);
                part.differ(evaluated.differences.into_iter().map(|it| self.readable(it)));
                if let Some(reason) = evaluated.uncompared {
                    part.leave(uncompared(reason));
                }
            }
            Some(Meaning::Consequence(severity, affected, consequence)) => {
                let description = readable_text(&described(&name, *expected, *actual), self.matching);
                let difference = Difference::new(severity, description, consequence).affecting(affected);
                comparison.part(part).differ([difference]);
            }
            _ => {
                let reason = match (expected, actual) {
                    (Some(expected), Some(actual)) => {
                        format!(
                            "it is {}, not {}; what follows is not known",
                            actual.shown(),
                            expected.shown()
                        )
                    }
                    (Some(expected), None) => {
                        format!("it is absent, not {}; what follows is not known", expected.shown())
                    }
                    (None, Some(actual)) => {
                        format!("it is {}, and the generated stack does not set it", actual.shown())
                    }
                    (None, None) => UNKNOWN_VALUE.to_owned(),
                };
                comparison.part(part).leave(uncompared(reason));
            }
        }
    }

    /// Returns whether a value depends on something that the file does not say: a parameter of its own, or a function.
    fn is_unknown(&self, tree: &Tree) -> bool {
        match tree {
            Tree::Text(pieces) => pieces.iter().any(|piece| match piece {
                Piece::Literal(_) => false,
                Piece::Expression(_) => true,
                Piece::Reference(reference) => match reference.name.strip_prefix(UNPAIRED) {
                    Some(name) => self.actual.find(name).is_none_or(Item::is_passive),
                    // Pseudo parameters are the same in both stacks, whatever their values are.
                    None if reference.name.starts_with("AWS::") => reference.name == "AWS::NoValue",
                    None => self.expected.find(&reference.name).is_none(),
                },
            }),
            Tree::List(list) => list.iter().any(|it| self.is_unknown(it)),
            Tree::Map(members) => members.values().any(|it| self.is_unknown(it)),
            Tree::Call(..) => true,
        }
    }

    fn readable(&self, difference: Difference) -> Difference {
        let description = readable_text(&difference.description, self.matching);
        Difference { description, ..difference }
    }
}

fn described(name: &str, expected: Option<&Tree>, actual: Option<&Tree>) -> String {
    match (expected, actual) {
        (Some(expected), Some(actual)) => format!("{name} is {}, not {}", actual.shown(), expected.shown()),
        (Some(expected), None) => format!("{name} is not {}", expected.shown()),
        (None, Some(actual)) => {
            format!("{name} is {}, which the generated stack does not set", actual.shown())
        }
        (None, None) => name.to_owned(),
    }
}

/// Replaces the marks of references in the description of a difference between single documents.
pub(super) fn without_marks(difference: Difference) -> Difference {
    let description = readable_text(&difference.description, &Matching::default());
    Difference { description, ..difference }
}

/// Replaces the marks of references by the spelling `${Name}`, with the deployed names.
fn readable_text(text: &str, matching: &Matching) -> String {
    let [start, end] = MARKS;
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(start) {
        out.push_str(before);
        let (inner, after) = after.split_once(end).unwrap_or((after, ""));
        let (name, attribute) = inner.split_once('.').unwrap_or((inner, ""));
        let dot = if attribute.is_empty() { "" } else { "." };
        out.push_str(&format!("${{{}{dot}{attribute}}}", matching.deployed_name(name)));
        rest = after;
    }
    out.push_str(rest);
    out.replace(UNPAIRED, "")
}
