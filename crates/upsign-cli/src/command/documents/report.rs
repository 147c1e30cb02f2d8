//! The report of a comparison, as text and as JSON.

use anstyle::Style;
use serde_json::{Value, json};
use upsign_documents::{ComparedPart, Comparison, Difference, Severity, Uncompared, Verdict};

use crate::output;

/// The comparison of one document in use, or of one stack.
pub(super) struct Compared {
    /// The file, or the bucket.
    pub(super) place: String,
    pub(super) is_stack: bool,
    pub(super) comparison: Comparison,
}

/// The commands that replace the documents in use with the generated ones, and what they remove.
pub(super) struct Repair {
    pub(super) commands: Vec<String>,
    /// The names of the statements that deny something, and that the generated documents do not have.
    pub(super) removed: Vec<String>,
    /// The options with which the generated documents have some of these statements too.
    pub(super) keep: Vec<String>,
    /// A sentence for each document that is not replaced, with the reason.
    pub(super) kept: Vec<String>,
    /// The names of what they have in addition.
    pub(super) foreign: Vec<String>,
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

/// Returns the name of a verdict in the JSON form, its mark in the report, and the style of the mark.
const fn verdict(verdict: Verdict) -> (&'static str, &'static str, Style) {
    match verdict {
        Verdict::Equal => ("equal", "✓", output::GREEN),
        Verdict::Narrower => ("narrower", "✓ (narrower)", output::GREEN),
        Verdict::Uncompared => ("not-compared", "?", output::YELLOW),
        _ => ("different", "✗", output::RED),
    }
}

/// Returns how many differences have each severity, in the order of [`SEVERITIES`].
fn counts(all: &[Compared]) -> [usize; 4] {
    let differences = || all.iter().flat_map(|it| it.comparison.differences());
    SEVERITIES.map(|name| differences().filter(|it| severity_name(it.severity()) == name).count())
}

pub(super) fn to_json(all: &[Compared], repair: &Repair) -> Value {
    let (mut parts, mut differences, mut uncompared) = (Vec::new(), Vec::new(), Vec::new());
    for Compared { place, comparison, .. } in all {
        for part in comparison.parts() {
            let (verdict, ..) = verdict(part.verdict());
            parts.push(json!({"file": place, "part": part.name(), "verdict": verdict}));
            differences.extend(part.differences().iter().map(|it| difference_json(place, part.name(), it)));
            uncompared.extend(part.uncompared().iter().map(
                |it| json!({"file": place, "part": part.name(), "name": it.name(), "reason": it.reason(), "allowed": it.is_allowed()}),
            ));
        }
    }
    let counts = SEVERITIES.into_iter().zip(counts(all));
    let counts: serde_json::Map<_, _> = counts.map(|(name, count)| (name.to_owned(), count.into())).collect();
    let mut report = json!({
        "stack": all.iter().any(|it| it.is_stack), "parts": parts, "differences": differences, "uncompared": uncompared,
        "counts": counts, "repair": repair.commands,
    });
    if let Some(members) = report.as_object_mut().filter(|_| !repair.removed.is_empty()) {
        members.insert("removes".to_owned(), repair.removed.clone().into());
    }
    if let Some(members) = report.as_object_mut().filter(|_| !repair.foreign.is_empty()) {
        members.insert("keeps".to_owned(), repair.foreign.clone().into());
    }
    report
}

fn difference_json(place: &str, part: &str, difference: &Difference) -> Value {
    let mut each = json!({
        "file": place, "part": part, "severity": severity_name(difference.severity()),
        "what": difference.description(), "consequence": difference.consequence(),
    });
    if let (Some(affected), Some(members)) = (difference.affected(), each.as_object_mut()) {
        members.insert("breaks".to_owned(), affected.name().into());
    }
    each
}

/// Prints what was compared, the differences, what was not compared, the verdict, and the commands that repair the differences.
pub(super) fn print(all: &[Compared], repair: &Repair) {
    let report = output::report();
    for Compared { place, comparison, .. } in all {
        let parts = comparison.parts().iter().map(|part| {
            let (_, mark, style) = verdict(part.verdict());
            let is_allowed =
                part.verdict() == Verdict::Uncompared && part.uncompared().iter().all(Uncompared::is_allowed);
            let mark = if is_allowed { "? (allowed)" } else { mark };
            format!("{} {style}{mark}{style:#}", part.name())
        });
        report.line(&format!("{place}: {}", parts.collect::<Vec<_>>().join("  ")));
    }
    let differences = all.iter().map(|it| it.comparison.differences().count()).sum();
    let uncompared =
        all.iter().map(|it| it.comparison.uncompared().filter(|it| !it.is_allowed()).count()).sum();
    let allowed = all.iter().map(|it| it.comparison.uncompared().filter(|it| it.is_allowed()).count()).sum();
    if differences > 0 {
        report.line("");
        all.iter().for_each(print_differences);
    }
    if uncompared + allowed > 0 {
        report.line("");
        all.iter().for_each(print_uncompared);
    }
    report.line("");
    print_verdict(all, differences, uncompared, allowed);
    if uncompared > 0 {
        report.line("To accept what was not compared: --allow-uncompared NAME, once for each name.");
    } else if differences > 0 && repair.commands.is_empty() {
        report
            .line("There is nothing to repair: the documents in use only deny more than the generated ones.");
    }
    print_repair(repair);
}

fn print_differences(compared: &Compared) {
    let report = output::report();
    for difference in compared.comparison.differences() {
        let style = severity_style(difference.severity());
        let label = match difference.affected() {
            Some(affected) => format!("breaks {}", affected.name()),
            None => severity_name(difference.severity()).to_owned(),
        };
        report.labelled(style, &label, &format!("{}: {}", compared.place, difference.description()));
        report.line(&format!("    {}", difference.consequence()));
    }
}

fn print_uncompared(compared: &Compared) {
    let report = output::report();
    for it in compared.comparison.uncompared() {
        let label = if it.is_allowed() { "not compared, allowed" } else { "not compared" };
        report.labelled(output::YELLOW, label, &format!("{}: {}", compared.place, it.name()));
        report.line(&format!("    {}", it.reason()));
    }
}

fn print_verdict(all: &[Compared], differences: usize, uncompared: usize, allowed: usize) {
    let report = output::report();
    if differences == 0 && uncompared == 0 {
        let parts: Vec<&str> = all
            .iter()
            .filter(|it| !it.is_stack)
            .flat_map(|it| it.comparison.parts().iter().map(ComparedPart::name))
            .collect();
        let except =
            if allowed == 0 { String::new() } else { format!("; {allowed} not compared, as allowed") };
        if all.iter().any(|it| it.is_stack) {
            report.line(&format!("0 differences: the stack in use agrees with upsign.toml{except}"));
        } else {
            let names = parts.join(", ");
            let verb = if parts.len() == 1 { "agrees" } else { "agree" };
            report.line(&format!(
                "0 differences: {names} in use {verb} with upsign.toml; nothing else was compared{except}"
            ));
        }
        return;
    }
    let counts = SEVERITIES.into_iter().zip(counts(all));
    let counts: Vec<String> = counts.map(|(name, count)| format!("{count} {name}")).collect();
    let noun = if differences == 1 { "difference" } else { "differences" };
    let uncompared = if uncompared == 0 { String::new() } else { format!("; {uncompared} not compared") };
    report.line(&format!("{differences} {noun}: {}{uncompared}", counts.join(", ")));
}

fn print_repair(repair: &Repair) {
    let report = output::report();
    if repair.commands.is_empty() {
        return;
    }
    report.line("To repair:");
    for command in &repair.commands {
        // Some commands go on in another line.
        report.verbatim(&format!("  {}", command.replace('\n', "\n  ")));
    }
    for reason in &repair.kept {
        report.line(reason);
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
