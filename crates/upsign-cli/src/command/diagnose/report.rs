//! Prints a diagnosis for people: cause and fix, what differs, and how to prove it.

use upsign_diagnose::{Diagnosis, Evidence};

use crate::output::{self, BOLD, DIM, GREEN, Printer, RED, YELLOW};

/// The largest number of candidates that is printed. JSON contains all.
const MAX_CANDIDATES: usize = 5;

pub(super) fn print(evidence: &Evidence, found: &[Diagnosis]) {
    let report = output::report();
    output::notes().line(&format!("{DIM}read {}{DIM:#}", evidence.kind().description()));
    let is_certain = |it: &&Diagnosis| it.certain;
    let certain: Vec<&Diagnosis> = found.iter().take_while(is_certain).collect();
    if !certain.is_empty() {
        for diagnosis in certain {
            one(report, diagnosis, None);
        }
        return;
    }
    report.line(&format!(
        "{BOLD}not certain{BOLD:#}: {}, the most likely first",
        match found.len() {
            1 => "one candidate".to_owned(),
            count => format!("{count} candidates"),
        }
    ));
    for (index, diagnosis) in found.iter().take(MAX_CANDIDATES).enumerate() {
        one(report, diagnosis, Some(index + 1));
    }
    output::notes()
        .next("pass the store's answer, a HAR file, or --grant with the answer that contained the URL");
}

fn one(report: Printer, diagnosis: &Diagnosis, number: Option<usize>) {
    let Diagnosis { cause, sentence, fix, proof, owner, diff, .. } = diagnosis;
    match number {
        Some(number) => report.step(number, sentence),
        None => {
            report.labelled(RED, "cause", &format!("{BOLD}{sentence}{BOLD:#} {DIM}({}){DIM:#}", cause.code));
        }
    }
    report.labelled(GREEN, "   fix", &format!("{fix} {DIM}(in the hands of {}){DIM:#}", owner.description()));
    for line in diff {
        let field = line.field.to_string();
        // The URL contains the names of signed headers, and not their values.
        let is_unknown = matches!(cause.code, "header-missing" | "header-differs" | "length-differs");
        let nothing =
            if is_unknown { "(signed; the value is not known)" } else { "(not signed, or not known)" };
        let signed = line.signed.as_ref().map_or(nothing, AsRef::as_ref);
        let sent = line.sent.as_ref().map_or("(not sent)", AsRef::as_ref);
        report.verbatim(&format!("   {GREEN}- signed{GREEN:#}  {field}  {signed}"));
        report.verbatim(&format!("   {RED}+ sent{RED:#}    {field}  {sent}"));
    }
    report.labelled(YELLOW, " prove", proof);
}
