//! What the servers answered, counted, shown and judged.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::deviations::{self, excused};
use crate::mutations;
use crate::requests::Case;
use crate::server::Name;
use crate::state::NotDone;
use crate::wire::Answer;

/// Under this name requests as they were signed are counted.
pub(crate) const TAKEN: &str = "as signed: taken";
/// Under this name, what was stored by them, or answered.
pub(crate) const KEPT: &str = "as signed: kept as given";

/// One answer.
pub(crate) struct Answered {
    mutation: &'static str,
    /// Taken as signed, or refused as changed.
    pub(crate) as_on_s3: bool,
    excused: bool,
    outcome: String,
    about: String,
}

impl Answered {
    pub(crate) fn as_signed(server: Name, case: &Case, done: Result<(), NotDone>) -> Vec<Self> {
        let answered = |mutation, as_on_s3, outcome| Self {
            mutation,
            as_on_s3,
            excused: excused(server, mutation, case),
            outcome,
            about: about(case),
        };
        let well = || "well".to_owned();
        match done {
            Ok(()) => vec![answered(TAKEN, true, well()), answered(KEPT, true, well())],
            Err(NotDone::NotTaken(outcome)) => vec![answered(TAKEN, false, outcome)],
            Err(NotDone::NotKept(outcome)) => {
                vec![answered(TAKEN, true, well()), answered(KEPT, false, outcome)]
            }
        }
    }

    pub(crate) fn mutated(server: Name, mutation: &'static str, case: &Case, answer: &Answer) -> Self {
        let excused = excused(server, mutation, case);
        Self { mutation, as_on_s3: answer.refused(), excused, outcome: answer.summary(), about: about(case) }
    }
}

fn about(case: &Case) -> String {
    format!("{} {:?} {:?}", case.key, case.headers, case.query)
}

/// Results of one server.
pub(crate) struct Report {
    server: Name,
    counts: BTreeMap<&'static str, Count>,
    took: Duration,
}

/// Results of one server for one mutation.
#[derive(Default)]
struct Count {
    sent: usize,
    as_on_s3: usize,
    /// In another way than S3 does, as the table of known deviations says.
    deviating: usize,
    /// In another way than S3 does, and nothing says so.
    unexpected: Vec<String>,
    outcome: BTreeMap<String, usize>,
}

impl Count {
    fn add(&mut self, answered: Answered) {
        self.sent += 1;
        match answered {
            Answered { as_on_s3: true, .. } => self.as_on_s3 += 1,
            Answered { excused: true, .. } => self.deviating += 1,
            _ => self.unexpected.push(format!("{} for {}", answered.outcome, answered.about)),
        }
        *self.outcome.entry(answered.outcome).or_default() += 1;
    }
}

impl Report {
    pub(crate) fn of(server: Name, answers: impl Iterator<Item = Answered>, took: Duration) -> Self {
        let mut counts: BTreeMap<&'static str, Count> = BTreeMap::new();
        for answered in answers {
            counts.entry(answered.mutation).or_default().add(answered);
        }
        Self { server, counts, took }
    }

    fn refuses(&self, mutation: &str) -> bool {
        self.counts.get(mutation).is_some_and(|count| count.as_on_s3 == count.sent)
    }

    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for name in names() {
            let Some(count) = self.counts.get(name) else {
                wrong.push(format!("{}: {name}: never sent", self.server));
                continue;
            };
            if !count.unexpected.is_empty() {
                let shown = count.unexpected.iter().take(3).map(|text| format!("\n    {text}"));
                let (unexpected, shown) = (count.unexpected.len(), shown.collect::<String>());
                let (sent, outcome) = (count.sent, &count.outcome);
                wrong.push(format!("{}: {name}: {unexpected} of {sent}, {outcome:?}{shown}", self.server));
            }
        }
        for row in deviations::KNOWN.iter().filter(|row| row.server == self.server) {
            if self.counts.get(row.mutation).is_none_or(|count| count.deviating == 0) {
                wrong.push(format!("{}: {}: as on S3 now, strike the row", self.server, row.mutation));
            }
        }
        wrong
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    [TAKEN, KEPT].into_iter().chain(mutations::ALL.iter().map(|mutation| mutation.name))
}

/// The table: for each server how many of how many were answered as S3 answers.
pub(crate) fn table(reports: &[Report]) -> String {
    let mut table = format!("{:<40}", "");
    for report in reports {
        let server = format!("{} {:.1} s", report.server, report.took.as_secs_f32());
        write!(table, "{server:>22}").unwrap();
    }
    for name in names() {
        write!(table, "\n{name:<40}").unwrap();
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
        write!(table, "\n  {:<12} {:<32} {}", row.server, row.mutation, row.why).unwrap();
    }
    table
}

/// Fails for every answer that is neither S3's nor in the table, for every row of the table that no longer holds, and
/// for every mutation that none of other people's servers refuses throughout.
pub(crate) fn check(reports: &[Report]) {
    let mut wrong: Vec<String> = reports.iter().flat_map(Report::wrong).collect();
    let others: Vec<&Report> = reports.iter().filter(|report| report.server != Name::Local).collect();
    for mutation in mutations::ALL.iter().filter(|_| !others.is_empty()) {
        if !others.iter().any(|report| report.refuses(mutation.name)) {
            wrong.push(format!("{}: no server refuses it throughout", mutation.name));
        }
    }
    for row in deviations::KNOWN {
        assert!(names().any(|name| name == row.mutation), "nothing is called {:?}", row.mutation);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
