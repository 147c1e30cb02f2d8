//! What `upsign probe` prints for people. Standard output carries the list of requests or the table `[bucket.can]`, and everything
//! else is on standard error.

use upsign_probe::{Finding, Holds, Plan, Report};

use super::store::ChosenStore;
use crate::output::{self, BOLD, DIM, GREEN, RED, YELLOW};

/// Clocks may differ by this many seconds without a note. S3 tolerates 900.
const TOLERATED_SKEW: u64 = 60;

pub(super) fn dry_run(chosen: &ChosenStore, plan: &Plan) {
    let report = output::report();
    let target = &chosen.target;
    report.line(&format!("{BOLD}{} at {}{BOLD:#}", target.bucket(), target.endpoint_url()));
    let mut last = String::new();
    let mut count = 0;
    for planned in plan.requests() {
        if planned.capability != last {
            let statement = plan.probes().iter().find(|probe| probe.name() == planned.capability);
            let statement = statement.map(upsign_probe::Probe::statement).unwrap_or_default();
            report.line(&format!("{BOLD}{}{BOLD:#}  {DIM}{statement}{DIM:#}", planned.capability));
            last.clone_from(&planned.capability);
        }
        report.verbatim(&format!("   {planned}"));
        count += 1;
    }
    report.line(&format!("{BOLD}removal{BOLD:#}"));
    report.verbatim(&format!(
        "   listings of {}, and a DELETE for each object, version and upload",
        plan.prefix()
    ));
    let notes = output::notes();
    notes.line(&format!(
        "nothing was sent; these are {count} requests and those of the removal; no setting of the bucket is changed"
    ));
    notes.next("the same command with --yes sends them, with the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    notes.next("the same command with --iam prints the permissions that the credentials need");
}

pub(super) fn print(chosen: &ChosenStore, report: &Report) {
    let notes = output::notes();
    for finding in &report.findings {
        line(finding);
    }
    let [yes, no, unknown] = report.counts();
    notes.line(&format!("{BOLD}{yes} yes, {no} no, {unknown} unknown{BOLD:#}"));
    let differences = report.differences(&chosen.assumed);
    let assumed = chosen.provider.title();
    if differences.is_empty() {
        notes.success(&format!("no difference from what is assumed about {assumed}"));
    } else {
        notes.line(&format!("{BOLD}differences from what is assumed about {assumed}{BOLD:#}"));
        for difference in &differences {
            let (style, text) = match difference.found {
                true => (GREEN, "has it, against the assumption"),
                false => (RED, "does not have it"),
            };
            notes.labelled(style, &difference.capability, &format!("{text}: {}", difference.evidence));
        }
    }
    if let Some(skew) = report.clock_skew.filter(|skew| skew.unsigned_abs() > TOLERATED_SKEW) {
        let side = if skew > 0 { "ahead of" } else { "behind" };
        output::warning(&format!(
            "the clock of the store is {} s {side} that of this machine, and stores refuse more than 900 s",
            skew.unsigned_abs()
        ));
    }
    notes.line(&format!(
        "{DIM}{} requests, {} objects, versions and markers removed{DIM:#}",
        report.requests, report.removed
    ));
    if report.findings.iter().any(is_denied) {
        notes.next("`upsign probe --iam` prints the permissions that the findings with 403 may lack");
    }
    output::result(report.can_table(&chosen.assumed).trim_end());
}

fn line(finding: &Finding) {
    let (style, mark) = match finding.holds {
        Holds::Yes => (GREEN, "✓"),
        Holds::No => (RED, "✗"),
        _ => (YELLOW, "?"),
    };
    let text = match finding.holds {
        Holds::Yes => finding.statement.clone(),
        _ => finding.evidence.clone(),
    };
    output::notes().labelled(style, &format!("{mark} {}", finding.capability), &text);
}

fn is_denied(finding: &Finding) -> bool {
    finding.holds == Holds::Unknown && finding.evidence.contains(": 403")
}
