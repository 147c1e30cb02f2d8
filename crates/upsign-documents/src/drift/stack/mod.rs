//! Compares a whole deployed stack with the generated one: resource by resource, property by property.

mod matching;
mod mirrors;
mod properties;
mod purpose;
mod report;
mod state;
mod table;

use super::Difference;
use super::comparison::{Comparison, Uncompared};
use super::settings::without_defaults;
use crate::read::{Dialect, Item, MARKS, Place, Stack, Tree};
use matching::{Matching, UNPAIRED};
use properties::Walk;
use state::as_in_state;
use table::{Meaning, OTHER};

/// Compares a deployed stack with the generated one of the same dialect.
pub(super) fn compare(expected: Stack, actual: Stack, place: &Place) -> Comparison {
    let (mut expected, actual) = (expected.resolved(place), actual.resolved(place));
    let matching = Matching::of(&expected, &actual);
    let generated = expected.clone();
    if actual.dialect == Dialect::TerraformState {
        expected = as_in_state(expected, &actual, &matching);
    }
    let region = &place.region;
    let comparer =
        Comparer { generated: &generated, expected: &expected, actual: &actual, matching: &matching, region };
    let mut comparison = Comparison::default();
    let is_state = actual.dialect == Dialect::TerraformState;
    let is_data = |item: &&Item| item.kind.starts_with("data.");
    // The data sources of a state say where it is deployed; their other values are AWS's.
    for item in expected.items.iter().filter(|item| !(is_state && is_data(item))) {
        comparer.compare_item(&mut comparison, item);
    }
    for item in actual.items.iter().filter(|item| is_state && is_data(item)) {
        if let Some(reason) = place.contradiction(item) {
            comparison.part(OTHER).leave(Uncompared::new(&item.name, reason));
        }
    }
    for item in actual.items.iter().filter(|item| !item.is_passive() && !matching.is_paired(item)) {
        let reason = match item.kind.as_str() {
            "locals" => "the local value is set twice".to_owned(),
            kind => format!("the generated stack has no such {kind}"),
        };
        comparison.part(OTHER).leave(Uncompared::addition(&item.name, reason));
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
    let stack = |item: Item| Stack::new(Dialect::CloudFormation, vec![item]);
    let one = stack(only(item.body.get(property).cloned()));
    let other = stack(only(actual.map(without_defaults)));
    let matching = Matching::of(&one, &other);
    let comparer =
        Comparer { generated: &one, expected: &one, actual: &other, matching: &matching, region: "" };
    if let Some(row) = table::row(Dialect::CloudFormation, BUCKET, property) {
        comparison.part(row.part);
    }
    for item in &one.items {
        comparer.compare_properties(comparison, item);
    }
}

const BUCKET: &str = "AWS::S3::Bucket";

struct Comparer<'s> {
    /// The generated stack, before the values of a state were inserted.
    generated: &'s Stack,
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
        if deployed.is_some() {
            self.name_parts(comparison, item, &expected);
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
}

/// Replaces the marks of references in the description of a difference between single documents.
pub(super) fn without_marks(difference: Difference) -> Difference {
    let description = readable(&difference.description);
    Difference { description, ..difference }
}

/// Replaces the marks of references in a text that names no generated resource.
pub(super) fn readable(text: &str) -> String {
    readable_text(text, &Matching::default())
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
