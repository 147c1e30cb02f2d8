//! Compares a whole deployed stack with the generated one: resource by resource, property by property.

mod matching;
mod properties;
mod table;

use super::Difference;
use super::comparison::{Comparison, Uncompared};
use super::found::UNKNOWN_VALUE;
use crate::read::{Dialect, Item, MARKS, Piece, Place, Stack, Tree};
use matching::{Matching, UNPAIRED};
use properties::{Change, Walk};
use table::{Meaning, OTHER, Row};

/// Compares a deployed stack with the generated one of the same dialect.
pub(super) fn compare(expected: Stack, actual: Stack, place: &Place) -> Comparison {
    let (mut expected, actual) = (expected.resolved(place), actual.resolved(place));
    let matching = Matching::of(&expected, &actual);
    if actual.dialect == Dialect::TerraformState {
        expected = as_in_state(expected, &actual, &matching);
    }
    let comparer = Comparer { expected: &expected, actual: &actual, matching: &matching };
    let mut comparison = Comparison::default();
    for item in &expected.items {
        comparer.compare_item(&mut comparison, item);
    }
    for item in actual.items.iter().filter(|item| !item.is_passive() && !matching.is_paired(item)) {
        let reason = format!("the generated stack has no such {}", item.kind);
        comparison.part(OTHER).leave(Uncompared::new(&item.name, reason));
    }
    comparison.sort(&table::PARTS);
    comparison
}

struct Comparer<'s> {
    expected: &'s Stack,
    actual: &'s Stack,
    matching: &'s Matching,
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
        let Some(deployed) = deployed else {
            self.report_missing(comparison, item, &expected);
            return;
        };
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
        comparison.part(self.part_of(item));
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
        if self.is_computed(item, change) {
            return;
        }
        let row = table::row(self.dialect(), &item.kind, path);
        let part = row.map_or_else(|| self.part_of(item), |row| row.part);
        let name = format!("{}.{}", deployed.name, path.trim_start_matches('@'));
        let uncompared = |reason: String| Uncompared::new(&name, readable_text(&reason, self.matching));
        if row.is_some_and(|row| matches!(row.meaning, Meaning::Label)) {
            return;
        }
        let is_state = self.dialect() == Dialect::TerraformState;
        if actual.is_some_and(|tree| self.is_unknown(tree))
            || is_state && expected.is_some_and(|tree| has_references(tree))
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

    /// Returns whether a state shows a value that AWS computes, or that another resource of the module sets.
    fn is_computed(&self, item: &Item, change: &Change<'_>) -> bool {
        if self.dialect() != Dialect::TerraformState {
            return false;
        }
        let Some(name) = change.path.split('.').next_back() else { return false };
        // Hashes of values that are compared themselves.
        if change.path == "source_code_hash" || change.path.starts_with("triggers") {
            return true;
        }
        change.expected.is_none() && COMPUTED.contains(&name)
            || (item.kind == "aws_s3_bucket" && BUCKET_COMPUTED.contains(&change.path.as_str()))
    }

    fn readable(&self, difference: Difference) -> Difference {
        let description = readable_text(&difference.description, self.matching);
        Difference { description, ..difference }
    }
}

/// The attributes that a state has of every resource, or that only say how it was created.
const COMPUTED: [&str; 38] = [
    "id",
    "arn",
    "tags_all",
    "region",
    "url",
    "unique_id",
    "create_date",
    "created_date",
    "invoke_arn",
    "qualified_arn",
    "qualified_invoke_arn",
    "response_streaming_invoke_arn",
    "version",
    "last_modified",
    "last_modified_time",
    "source_code_size",
    "code_sha256",
    "execution_arn",
    "root_resource_id",
    "api_endpoint",
    "api_id",
    "hosted_zone_id",
    "bucket_domain_name",
    "bucket_regional_domain_name",
    "bucket_region",
    "owner_id",
    "etag",
    "domain_name",
    "caller_reference",
    "status",
    "dashboard_arn",
    "invoke_url",
    "function_arn",
    "function_url",
    "url_id",
    "log_group_class",
    "max_session_duration",
    "kms_data_key_reuse_period_seconds",
];

/// The attributes of a bucket that resources of their own set.
const BUCKET_COMPUTED: [&str; 9] = [
    "grant",
    "policy",
    "versioning",
    "cors_rule",
    "lifecycle_rule",
    "request_payer",
    "server_side_encryption_configuration",
    "object_lock_configuration",
    "bucket_namespace",
];

/// Returns whether the generated value refers to something whose value the state does not have.
fn has_references(tree: &Tree) -> bool {
    match tree {
        Tree::Text(pieces) => !pieces.iter().all(|piece| matches!(piece, Piece::Literal(_))),
        Tree::List(list) => list.iter().any(has_references),
        Tree::Map(members) => members.values().any(has_references),
        Tree::Call(..) => true,
    }
}

/// Replaces references by the values that the state has for them.
fn as_in_state(expected: Stack, actual: &Stack, matching: &Matching) -> Stack {
    let values: Vec<(String, Tree)> = expected
        .items
        .iter()
        .filter_map(|item| Some((item.name.clone(), matching.actual(actual, item)?.body.clone())))
        .collect();
    let defaults: Vec<(String, Tree)> = expected
        .items
        .iter()
        .filter_map(|item| Some((item.name.clone(), item.body.get("default")?.clone())))
        .collect();
    let items = expected.items.into_iter().map(|item| {
        let body = item.body.with_pieces(&|piece| {
            let Piece::Reference(reference) = &piece else { return vec![piece] };
            let of = |all: &[(String, Tree)], attribute: Option<&str>| {
                let (_, tree) = all.iter().find(|(name, _)| *name == reference.name)?;
                let value = attribute.map_or(Some(tree), |attribute| tree.at(attribute))?;
                value.as_literal().map(str::to_owned)
            };
            let value = of(&values, Some(&reference.attribute)).or_else(|| of(&defaults, None));
            vec![value.map_or(piece, Piece::Literal)]
        });
        let mut body = with_defaults(body, &defaults);
        if let Tree::Map(members) = &mut body {
            members.retain(|name, value| !META.contains(&name.as_str()) && !is_empty(value));
        }
        Item { body, ..item }
    });
    Stack { items: items.collect(), ..expected }
}

/// The arguments for Terraform itself, which no state has.
const META: [&str; 5] = ["count", "depends_on", "for_each", "lifecycle", "provider"];

fn is_empty(tree: &Tree) -> bool {
    matches!(tree, Tree::List(list) if list.is_empty())
}

/// Replaces references to variables whose default is no text, such as a list.
fn with_defaults(tree: Tree, defaults: &[(String, Tree)]) -> Tree {
    match tree {
        Tree::Text(pieces) => match pieces.as_slice() {
            [Piece::Reference(reference)] => {
                let default = defaults.iter().find(|(name, _)| *name == reference.name);
                default.map_or(Tree::Text(pieces.clone()), |(_, value)| value.clone())
            }
            _ => Tree::Text(pieces),
        },
        Tree::List(list) => Tree::List(list.into_iter().map(|it| with_defaults(it, defaults)).collect()),
        Tree::Map(members) => {
            Tree::Map(members.into_iter().map(|(name, it)| (name, with_defaults(it, defaults))).collect())
        }
        call @ Tree::Call(..) => call,
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
