//! The report of a comparison, as text and as JSON.

use anstyle::Style;
use serde_json::json;
use upsign_documents::{Difference, Severity};

use super::repair::Kind;
use crate::output;

/// A difference, and where it was found.
pub(super) struct Found {
    /// The file, or the bucket.
    pub(super) place: String,
    pub(super) kind: Kind,
    pub(super) difference: Difference,
}

/// The commands that replace the documents in use with the generated ones, and what they remove.
pub(super) struct Repair {
    pub(super) commands: Vec<String>,
    /// The names of the statements that deny something, and that the generated documents do not have.
    pub(super) removed: Vec<String>,
    /// The options with which the generated documents have some of these statements too.
    pub(super) keep: Vec<String>,
}

/// The names of the severities, in the report and in its JSON form.
const SEVERITIES: [&str; 4] = ["breaking", "wider", "cosmetic", "narrower"];

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Broken => "breaking",
        Severity::Untidy => "cosmetic",
        Severity::Narrower => "narrower",
        _ => "wider",
    }
}

const fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Broken => output::RED,
        Severity::Untidy | Severity::Narrower => output::DIM,
        _ => output::YELLOW,
    }
}

/// Returns how many differences have each severity, in the order of [`SEVERITIES`].
fn counts(all: &[Found]) -> [usize; 4] {
    SEVERITIES
        .map(|name| all.iter().filter(|found| severity_name(found.difference.severity()) == name).count())
}

pub(super) fn print_json(all: &[Found], repair: &Repair) {
    let each = all.iter().map(|Found { place, kind, difference }| {
        let mut each = json!({
            "file": place, "document": kind.command(), "severity": severity_name(difference.severity()),
            "what": difference.description(), "consequence": difference.consequence(),
        });
        if let (Some(affected), Some(members)) = (difference.affected(), each.as_object_mut()) {
            members.insert("breaks".to_owned(), affected.name().into());
        }
        each
    });
    let counts = SEVERITIES.into_iter().zip(counts(all));
    let counts: serde_json::Map<_, _> = counts.map(|(name, count)| (name.to_owned(), count.into())).collect();
    let each: Vec<_> = each.collect();
    let mut report = json!({"differences": each, "counts": counts, "repair": repair.commands});
    if let Some(members) = report.as_object_mut().filter(|_| !repair.removed.is_empty()) {
        members.insert("removes".to_owned(), repair.removed.clone().into());
    }
    output::result(&report.to_string());
}

/// Prints the differences, the verdict, and the commands that repair them.
pub(super) fn print(all: &[Found], repair: &Repair) {
    let report = output::report();
    if all.is_empty() {
        report.line("0 differences: the documents in use agree with upsign.toml");
        return;
    }
    for Found { place, difference, .. } in all {
        let style = severity_style(difference.severity());
        let label = match difference.affected() {
            Some(affected) => format!("breaks {}", affected.name()),
            None => severity_name(difference.severity()).to_owned(),
        };
        report.labelled(style, &label, &format!("{place}: {}", difference.description()));
        report.line(&format!("    {}", difference.consequence()));
    }
    let counts = SEVERITIES.into_iter().zip(counts(all));
    let counts: Vec<String> = counts.map(|(name, count)| format!("{count} {name}")).collect();
    let noun = if all.len() == 1 { "difference" } else { "differences" };
    report.line("");
    report.line(&format!("{} {noun}: {}", all.len(), counts.join(", ")));
    if repair.commands.is_empty() {
        report
            .line("There is nothing to repair: the documents in use only deny more than the generated ones.");
        return;
    }
    report.line("To repair:");
    for command in &repair.commands {
        report.verbatim(&format!("  {command}"));
    }
    if !repair.removed.is_empty() {
        let removed = repair.removed.join(", ");
        let keep = match repair.keep.as_slice() {
            [] => "add these statements to the generated document to keep them".to_owned(),
            keep => format!("to keep what a guard denies, add {}", keep.join(" ")),
        };
        report
            .line(&format!("This removes what the document in use denies in addition ({removed}); {keep}."));
    }
}
