//! What a generated function or role is for, which decides what breaks if it differs.

use super::super::{Affected, Difference, Severity};
use super::Comparer;
use super::table::texts::{ACCESS_LOGS, WORKER};
use crate::read::{Item, Piece, Tree};

const FUNCTIONS: [&str; 2] = ["AWS::Serverless::Function", "aws_lambda_function"];
const ROLES: [&str; 2] = ["AWS::IAM::Role", "aws_iam_role"];
const SOURCES: [&str; 2] = ["AWS::Lambda::EventSourceMapping", "aws_lambda_event_source_mapping"];

impl Comparer<'_> {
    /// Corrects what a difference breaks if no upload depends on the resource: it is the role with which the API writes logs, or it
    /// belongs to a function that takes messages from a queue.
    pub(super) fn for_its_purpose(&self, item: &Item, difference: Difference) -> Difference {
        if difference.severity != Severity::Broken {
            return difference;
        }
        if self.is_other_role(item) {
            let (severity, affected) = (Severity::Untidy, Affected::Uploads);
            return Difference { severity, consequence: ACCESS_LOGS, affected, ..difference };
        }
        if self.is_of_worker(item) {
            return Difference { consequence: WORKER, affected: Affected::Processing, ..difference };
        }
        difference
    }

    /// Returns whether a role is not that of a function, but the one with which the API writes logs.
    pub(super) fn is_other_role(&self, item: &Item) -> bool {
        ROLES.contains(&item.kind.as_str()) && self.function_of(item).is_none()
    }

    /// Returns whether Lambda calls the function of this resource with the messages of a queue.
    fn is_of_worker(&self, item: &Item) -> bool {
        let function = match item.kind.as_str() {
            kind if FUNCTIONS.contains(&kind) => Some(item),
            kind if ROLES.contains(&kind) => self.function_of(item),
            "aws_iam_role_policy" => {
                let role = referred(item, &["role"]);
                self.generated
                    .items
                    .iter()
                    .find(|it| role == Some(&it.name))
                    .and_then(|it| self.function_of(it))
            }
            _ => None,
        };
        let called = |function: &Item| {
            let mut sources = self.generated.items.iter().filter(|it| SOURCES.contains(&it.kind.as_str()));
            sources.any(|it| referred(it, &["FunctionName", "function_name"]) == Some(&function.name))
        };
        function.is_some_and(called)
    }

    /// Returns the function that runs with a role.
    fn function_of(&self, role: &Item) -> Option<&Item> {
        let mut functions = self.generated.items.iter().filter(|it| FUNCTIONS.contains(&it.kind.as_str()));
        functions.find(|it| referred(it, &["Role", "role"]) == Some(&role.name))
    }
}

/// Returns the name of the resource to which one of these members refers.
fn referred<'a>(item: &'a Item, members: &[&str]) -> Option<&'a String> {
    match members.iter().find_map(|member| item.body.get(member))? {
        Tree::Text(pieces) => match pieces.as_slice() {
            [Piece::Reference(reference)] => Some(&reference.name),
            _ => None,
        },
        _ => None,
    }
}
