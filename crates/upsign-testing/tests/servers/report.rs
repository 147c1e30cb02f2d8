//! Counts the answers of the servers, prints them as a table, and fails for unexpected ones.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::deviations::{self, is_known};
use crate::mutations;
use crate::requests::Case;
use crate::server::ServerName;
use crate::state::CaseError;
use crate::wire::Answer;

/// The row of the table for unchanged requests: they are accepted.
pub(crate) const ACCEPTED: &str = "unchanged: accepted";
/// The row of the table for unchanged requests: the stored object, or the response, is the expected one.
pub(crate) const EFFECT: &str = "unchanged: expected effect";

/// The answer to one request.
pub(crate) struct Answered {
    mutation: &'static str,
    /// Whether S3 would have given this answer: it accepts the unchanged request and rejects a mutation.
    pub(crate) as_on_s3: bool,
    /// Whether the table of known deviations lists this request.
    is_known: bool,
    outcome: String,
    request: String,
}

impl Answered {
    pub(crate) fn unchanged(server: ServerName, case: &Case, result: Result<(), CaseError>) -> Vec<Self> {
        let answered = |mutation, as_on_s3, outcome| Self {
            mutation,
            as_on_s3,
            is_known: is_known(server, mutation, case),
            outcome,
            request: describe(case),
        };
        let passed = || "passed".to_owned();
        match result {
            Ok(()) => vec![answered(ACCEPTED, true, passed()), answered(EFFECT, true, passed())],
            Err(CaseError::Refused(outcome)) => vec![answered(ACCEPTED, false, outcome)],
            Err(CaseError::WrongEffect(outcome)) => {
                vec![answered(ACCEPTED, true, passed()), answered(EFFECT, false, outcome)]
            }
        }
    }

    pub(crate) fn mutated(server: ServerName, mutation: &'static str, case: &Case, answer: &Answer) -> Self {
        Self {
            mutation,
            as_on_s3: answer.is_rejection(),
            is_known: is_known(server, mutation, case),
            outcome: answer.summary(),
            request: describe(case),
        }
    }
}

fn describe(case: &Case) -> String {
    format!("{} {:?} {:?}", case.key, case.headers, case.query)
}

/// Results of one server.
pub(crate) struct Report {
    server: ServerName,
    counts: BTreeMap<&'static str, Count>,
    took: Duration,
}

/// Results of one server for one mutation.
#[derive(Default)]
struct Count {
    sent: usize,
    as_on_s3: usize,
    /// Answers that differ from those of S3 and are listed in the table of known deviations.
    deviating: usize,
    /// Answers that differ from those of S3 and are not listed.
    unexpected: Vec<String>,
    outcome: BTreeMap<String, usize>,
}

impl Count {
    fn add(&mut self, answered: Answered) {
        self.sent += 1;
        match answered {
            Answered { as_on_s3: true, .. } => self.as_on_s3 += 1,
            Answered { is_known: true, .. } => self.deviating += 1,
            _ => self.unexpected.push(format!("{} for {}", answered.outcome, answered.request)),
        }
        *self.outcome.entry(answered.outcome).or_default() += 1;
    }
}

impl Report {
    pub(crate) fn new(server: ServerName, answers: impl Iterator<Item = Answered>, took: Duration) -> Self {
        let mut counts: BTreeMap<&'static str, Count> = BTreeMap::new();
        for answered in answers {
            counts.entry(answered.mutation).or_default().add(answered);
        }
        Self { server, counts, took }
    }

    fn rejects_all(&self, mutation: &str) -> bool {
        self.counts.get(mutation).is_some_and(|count| count.as_on_s3 == count.sent)
    }

    /// Returns a line for each mutation with unexpected answers, and for each row of the table that no longer holds.
    fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for name in names() {
            let Some(count) = self.counts.get(name) else {
                failures.push(format!("{}: {name}: never sent", self.server));
                continue;
            };
            if !count.unexpected.is_empty() {
                let shown = count.unexpected.iter().take(3).map(|text| format!("\n    {text}"));
                let (unexpected, shown) = (count.unexpected.len(), shown.collect::<String>());
                let (sent, outcome) = (count.sent, &count.outcome);
                failures.push(format!("{}: {name}: {unexpected} of {sent}, {outcome:?}{shown}", self.server));
            }
        }
        for row in deviations::KNOWN.iter().filter(|row| row.server == self.server) {
            if self.counts.get(row.mutation).is_none_or(|count| count.deviating == 0) {
                failures
                    .push(format!("{}: {}: answers like S3 now; remove the row", self.server, row.mutation));
            }
        }
        failures
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    [ACCEPTED, EFFECT].into_iter().chain(mutations::ALL.iter().map(|mutation| mutation.name))
}

/// Returns the table: for each server and mutation, the number of requests that were answered as by S3, and of all requests.
pub(crate) fn table(reports: &[Report]) -> String {
    let mut table = format!("{:<46}", "");
    for report in reports {
        let server = format!("{} {:.1} s", report.server, report.took.as_secs_f32());
        write!(table, "{server:>22}").unwrap();
    }
    for name in names() {
        write!(table, "\n{name:<46}").unwrap();
        for report in reports {
            let cell = report.counts.get(name).map_or_else(String::new, |count| {
                let mark = if count.deviating > 0 { '*' } else { ' ' };
                format!("{} of {} {mark}", count.as_on_s3, count.sent)
            });
            write!(table, "{cell:>22}").unwrap();
        }
    }
    table.push_str("\n* known deviations:");
    for row in deviations::KNOWN {
        write!(table, "\n  {:<12} {:<36} {}", row.server, row.mutation, row.behavior).unwrap();
    }
    table
}

/// Fails for every answer that differs from that of S3 and is not a known deviation, for every known deviation that no longer
/// occurs, and for every mutation that no external server rejects in all its requests.
pub(crate) fn check(reports: &[Report]) {
    let mut failures: Vec<String> = reports.iter().flat_map(Report::failures).collect();
    let external: Vec<&Report> = reports.iter().filter(|report| report.server != ServerName::Local).collect();
    for mutation in mutations::ALL.iter().filter(|_| !external.is_empty()) {
        if !external.iter().any(|report| report.rejects_all(mutation.name)) {
            failures.push(format!("{}: no external server rejects all of its requests", mutation.name));
        }
    }
    for row in deviations::KNOWN {
        assert!(names().any(|name| name == row.mutation), "there is no mutation {:?}", row.mutation);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
