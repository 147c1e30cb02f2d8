//! Reports what differs between a generated resource and the deployed one.

use super::super::comparison::{Comparison, Uncompared};
use super::super::found::UNKNOWN_VALUE;
use super::super::{Difference, Severity};
use super::matching::UNPAIRED;
use super::properties::Change;
use super::state::{has_references, is_computed, is_left_out};
use super::table::texts::ACCESS_LOGS;
use super::table::{self, Meaning, Row};
use super::{Comparer, readable_text};
use crate::read::{Dialect, Item, Piece, Tree};

impl Comparer<'_> {
    /// Reports a generated resource that is not deployed: what its documents would do, or else what the resource is for.
    pub(super) fn report_missing(&self, comparison: &mut Comparison, item: &Item, body: &Tree) {
        if self.dialect() == Dialect::TerraformState && is_left_out(self.generated, &item.name) {
            return;
        }
        let description = format!("{} ({}) is missing", item.name, item.kind);
        if self.is_other_role(item) {
            let difference = Difference::new(Severity::Untidy, description, ACCESS_LOGS);
            comparison.part("logs").differ([difference]);
            return;
        }
        let mut is_reported = false;
        for row in table::rows(self.dialect(), &item.kind) {
            let (Meaning::Document(document), Some(expected)) = (row.meaning, body.at(row.path())) else {
                continue;
            };
            let evaluated = document.compare(self.dialect(), Some(expected), None);
            is_reported |= !evaluated.differences.is_empty();
            let part = comparison.part(row.part);
            let differences = evaluated.differences.into_iter().map(|it| self.for_its_purpose(item, it));
            part.differ(differences.map(|it| self.readable(it)));
        }
        match table::resource_row(self.dialect(), &item.kind).map(|row| row.meaning) {
            Some(Meaning::Consequence(severity, affected, consequence)) => {
                let difference = Difference::new(severity, description, consequence).affecting(affected);
                comparison.part(self.part_of(item)).differ([self.for_its_purpose(item, difference)]);
            }
            _ if is_reported => {}
            _ => {
                let reason = format!("the file has no such {}", item.kind);
                comparison.part(self.part_of(item)).leave(Uncompared::new(&item.name, reason));
            }
        }
    }

    /// Reports a value that differs.
    pub(super) fn report(
        &self,
        comparison: &mut Comparison,
        item: &Item,
        deployed: &Item,
        change: &Change<'_>,
    ) {
        let Change { path, expected, actual } = change;
        let is_state = self.dialect() == Dialect::TerraformState;
        if is_state && is_computed(self.actual, deployed, change, self.region) {
            return;
        }
        let row = table::row(self.dialect(), &item.kind, path);
        let part = row.map_or_else(|| self.part_of(item), |row| row.part);
        let name = format!("{}.{}", deployed.name, path.trim_start_matches('@'));
        let uncompared = |reason: String| Uncompared::new(&name, readable_text(&reason, self.matching));
        let is_name = |row: &Row| match row.meaning {
            Meaning::Label => true,
            Meaning::Name(..) => expected.is_none(),
            _ => false,
        };
        if row.is_some_and(is_name) || is_same(&item.kind, path, *expected, *actual) {
            return;
        }
        if actual.is_some_and(|tree| self.is_unknown(tree)) {
            comparison.part(part).leave(uncompared(UNKNOWN_VALUE.to_owned()));
            return;
        }
        if let Some(expected) = expected.filter(|tree| is_state && has_references(tree)) {
            let found = actual.map_or_else(|| "absent".to_owned(), |actual| self.shown(actual));
            let reason = format!(
                "it is {found}, and the generated {} refers to something that neither the configuration nor the state has",
                self.shown(expected)
            );
            comparison.part(part).leave(uncompared(reason));
            return;
        }
        if path == "lifecycle.prevent_destroy" && actual.and_then(Tree::as_literal) == Some("true") {
            let consequence = "Terraform refuses to delete or to replace the bucket";
            let description = format!("{name} is true");
            comparison.part(part).differ([Difference::new(Severity::Narrower, description, consequence)]);
            return;
        }
        let is_known = |row: &&Row| expected.is_some() || row.is_at(path);
        match row.filter(is_known).map(|row| row.meaning) {
            Some(Meaning::Document(document)) => {
                let evaluated = document.compare(self.dialect(), *expected, *actual);
                let differences = evaluated.differences.into_iter().map(|it| self.for_its_purpose(item, it));
                let part = comparison.part(part);
                part.differ(differences.map(|it| self.readable(it)));
                if let Some(reason) = evaluated.uncompared {
                    part.leave(uncompared(reason));
                }
            }
            Some(Meaning::Consequence(severity, affected, consequence)) => {
                let description = readable_text(&self.described(&name, *expected, *actual), self.matching);
                let difference = Difference::new(severity, description, consequence).affecting(affected);
                comparison.part(part).differ([self.for_its_purpose(item, difference)]);
            }
            Some(Meaning::Name(affected, consequence)) => {
                let description = readable_text(&self.described(&name, *expected, *actual), self.matching);
                let difference = Difference::new(Severity::Broken, description, consequence);
                comparison.part(part).differ([difference.affecting(affected)]);
            }
            _ => comparison.part(part).leave(uncompared(self.unknown_effect(*expected, *actual))),
        }
    }

    fn unknown_effect(&self, expected: Option<&Tree>, actual: Option<&Tree>) -> String {
        match (expected, actual) {
            (Some(expected), Some(actual)) => format!(
                "it is {}, not {}; what follows is not known",
                self.shown(actual),
                self.shown(expected)
            ),
            (Some(expected), None) => {
                format!("it is absent, not {}; what follows is not known", self.shown(expected))
            }
            (None, Some(actual)) => {
                format!("it is {}, and the generated stack does not set it", self.shown(actual))
            }
            (None, None) => UNKNOWN_VALUE.to_owned(),
        }
    }

    /// Returns the text of a value, with the deployed names in its references.
    fn shown(&self, tree: &Tree) -> String {
        let with_names = tree.clone().with_pieces(&|piece| match piece {
            Piece::Reference(mut reference) => {
                reference.name = self.matching.deployed_name(&reference.name).to_owned();
                vec![Piece::Reference(reference)]
            }
            other => vec![other],
        });
        with_names.shown()
    }

    fn described(&self, name: &str, expected: Option<&Tree>, actual: Option<&Tree>) -> String {
        match (expected, actual) {
            (Some(expected), Some(actual)) => {
                format!("{name} is {}, not {}", self.shown(actual), self.shown(expected))
            }
            (Some(expected), None) => format!("{name} is not {}", self.shown(expected)),
            (None, Some(actual)) => {
                format!("{name} is {}, which the generated stack does not set", self.shown(actual))
            }
            (None, None) => name.to_owned(),
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

/// Returns whether two values mean the same: the default of AWS, or the place of the code in a template that the SAM CLI has
/// deployed.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-package.html>.
fn is_same(kind: &str, path: &str, expected: Option<&Tree>, actual: Option<&Tree>) -> bool {
    let is_empty = matches!(actual, Some(Tree::List(list)) if list.is_empty());
    if expected.is_none() && is_empty && ["ManagedPolicyArns", "Policies", "Tags", "Layers"].contains(&path) {
        return true;
    }
    let (expected, actual) = (expected.map(Tree::as_literal), actual.map(Tree::as_literal));
    match (kind, path, expected, actual) {
        ("AWS::S3::Bucket", "AccessControl", None, Some(Some("Private")))
        | ("aws_s3_bucket", "acl", None, Some(Some("private"))) => true,
        ("AWS::Serverless::Function", "CodeUri", Some(Some(local)), Some(Some(packaged))) => {
            !local.starts_with("s3://") && packaged.starts_with("s3://aws-sam-cli-managed-default-")
        }
        _ => false,
    }
}
