//! Prints a diagnosis for people: which request, cause and fix, what differs, and how to prove it.

use upsign_diagnose::{ChosenRequest, Diagnosis, DiffLine, Evidence, LaterSuccess};

use crate::output::{self, BOLD, DIM, GREEN, Printer, RED, YELLOW};

/// The largest number of candidates that is printed. JSON contains all.
const MAX_CANDIDATES: usize = 5;

pub(super) fn print(evidence: &Evidence, found: &[Diagnosis]) {
    let report = output::report();
    print_request(report, evidence);
    let certain: Vec<&Diagnosis> = found.iter().take_while(|it| it.certain).collect();
    if certain.is_empty() {
        candidates(report, "not certain", &found.iter().collect::<Vec<_>>());
        output::notes()
            .next("pass the store's answer, a HAR file, or --grant with the answer that contained the URL");
    } else {
        causes(report, &certain);
    }
}

/// Prints diagnoses without evidence: what is certain, and then the candidates, which are no alternatives to it.
pub(in crate::command) fn print_found(found: &[&Diagnosis]) {
    let report = output::report();
    let (certain, possible): (Vec<&Diagnosis>, Vec<&Diagnosis>) = found.iter().partition(|it| it.certain);
    if !certain.is_empty() {
        causes(report, &certain);
    }
    if !possible.is_empty() {
        let heading = if certain.is_empty() { "not certain" } else { "also possible" };
        candidates(report, heading, &possible);
    }
}

fn causes(report: Printer, certain: &[&Diagnosis]) {
    match certain {
        [only] => one(report, &Heading::Cause, only, &only.diff.iter().collect::<Vec<_>>()),
        several => {
            for (index, diagnosis) in several.iter().enumerate() {
                let heading = Heading::CauseOf { number: index + 1, count: several.len() };
                one(report, &heading, diagnosis, &lines(several, index));
            }
        }
    }
}

/// Prints which request of the evidence the diagnosis is about, and whether a later one succeeded.
fn print_request(report: Printer, evidence: &Evidence) {
    let kind = evidence.kind().description();
    let Some(request) = evidence.request() else {
        return output::notes().line(&format!("{DIM}read {kind}{DIM:#}"));
    };
    output::notes().line(&format!("{DIM}read {kind}: {}{DIM:#}", of_request(&request)));
    if let Some(later) = request.later_success {
        report.labelled(YELLOW, " later", &of_later(later));
    }
}

fn of_request(request: &ChosenRequest) -> String {
    let answer = match request.status {
        Some(0) => ", without an answer".to_owned(),
        Some(status) => format!(", answered with {status}"),
        None => String::new(),
    };
    let among =
        if request.among > 1 { format!(" (one of {} requests)", request.among) } else { String::new() };
    format!("{request}{answer}{among}")
}

fn of_later(later: LaterSuccess) -> String {
    let at = later.at.map(|at| format!(" at {at}")).unwrap_or_default();
    format!("the same request was answered with {}{at}: this failure was repaired", later.status)
}

fn candidates(report: Printer, heading: &str, found: &[&Diagnosis]) {
    let count = match found.len() {
        1 => "one candidate".to_owned(),
        count => format!("{count} candidates, the most likely first"),
    };
    report.line(&format!("{BOLD}{heading}{BOLD:#}: {count}"));
    let shown: Vec<&Diagnosis> = found.iter().take(MAX_CANDIDATES).copied().collect();
    for (index, diagnosis) in shown.iter().enumerate() {
        one(report, &Heading::Candidate(index + 1), diagnosis, &lines(&shown, index));
    }
    if let Some(more) = found.len().checked_sub(MAX_CANDIDATES).filter(|more| *more > 0) {
        report.line(&format!("\n{DIM}and {more} more: --json lists them{DIM:#}"));
    }
}

/// Returns the lines of the diff to print below a diagnosis. The first one has those of all, and each line is printed once.
fn lines<'a>(shown: &[&'a Diagnosis], index: usize) -> Vec<&'a DiffLine> {
    let Some(diagnosis) = shown.get(index) else { return Vec::new() };
    let is_of_other = |line: &DiffLine| {
        let mut others = shown.iter().enumerate().filter(|(other, _)| *other != index);
        others.any(|(_, other)| other.field == line.field && !other.diff.is_empty())
    };
    let is_printed = |line: &DiffLine| line.field == diagnosis.field || !is_of_other(line);
    let is_repeated = |line: &DiffLine| {
        let before = shown.get(..index).unwrap_or_default();
        before.iter().any(|it| it.field == diagnosis.field && it.diff.contains(line))
    };
    diagnosis.diff.iter().filter(|line| is_printed(line) && !is_repeated(line)).collect()
}

enum Heading {
    Cause,
    CauseOf { number: usize, count: usize },
    Candidate(usize),
}

fn one(report: Printer, heading: &Heading, diagnosis: &Diagnosis, diff: &[&DiffLine]) {
    let Diagnosis { cause, sentence, fix, proof, owner, .. } = diagnosis;
    let text = format!("{BOLD}{sentence}{BOLD:#} {DIM}({}){DIM:#}", cause.code);
    match heading {
        Heading::Cause => report.labelled(RED, "cause", &text),
        Heading::CauseOf { number, count } => {
            report.labelled(RED, &format!("cause {number} of {count}"), &text);
        }
        Heading::Candidate(number) => report.step(*number, sentence),
    }
    report.labelled(GREEN, "   fix", &format!("{fix} {DIM}(to be fixed in: {}){DIM:#}", owner.description()));
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
