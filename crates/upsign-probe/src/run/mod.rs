//! Runs the experiments of a plan, and removes what they stored.

mod answer;
mod cleanup;
mod context;
mod date;
mod form;
mod judge;
mod sign;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use upsign_core::Timestamp;

use crate::catalog::FIRST;
use crate::error::ProbeError;
use crate::plan::Plan;
use crate::probe::Probe;
use crate::report::Report;
use crate::report::finding::{Finding, Holds};
use crate::report::left_over::LeftOver;
use crate::run::answer::Answered;
use crate::run::context::Context;
use crate::run::judge::{Verdict, judge};
use crate::step::{Call, Expected, Step};
use crate::store::ProbedStore;
use crate::transport::{NoAnswer, Transport};

/// Unanswered requests in a row after which no more experiments are tried: each can take as long as the transport waits.
const MAX_UNANSWERED: usize = 3;

/// Ends a run early: the current request is awaited, and what was stored is removed.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Creates a signal that was not given.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_given(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs a plan against a store: sends its requests one after the other, and then removes every object, version and upload under
/// the prefix of the plan. Nothing outside of the prefix is written or removed, and no setting of the bucket is changed.
///
/// `now` reads the clock. A given `stop` ends the run after the current request; the report says so.
///
/// # Errors
/// Returns [`ProbeError`] if the store cannot be reached, or refuses the first upload or to return it, so that nothing can be said.
/// What had been stored is removed then too, and [`ProbeError::left_over`] names what could not be.
pub async fn probe<T: Transport + ?Sized>(
    store: &ProbedStore,
    plan: &Plan,
    transport: &T,
    now: &(dyn Fn() -> Timestamp + Sync),
    stop: &Stop,
) -> Result<Report, ProbeError> {
    let mut run = Run {
        store,
        prefix: plan.prefix.as_str(),
        transport,
        now,
        requests: 0,
        unanswered: 0,
        skew: None,
        stored: Stored::default(),
    };
    let mut findings = Vec::new();
    let mut failure = None;
    for probe in &plan.probes {
        if stop.is_given() {
            break;
        }
        if run.unanswered >= MAX_UNANSWERED {
            findings.push(Finding::untried(&probe.name, "not tried: the store stopped answering"));
            continue;
        }
        let (finding, last) = run.probe(probe, stop).await;
        if probe.name == FIRST && finding.holds != Holds::Yes {
            failure = Some((finding, last));
            break;
        }
        findings.push(finding);
    }
    let is_interrupted = stop.is_given();
    let cleaned = run.clean().await;
    let left_over = LeftOver {
        keys: cleaned.left_over,
        is_certain: cleaned.is_certain,
        command: store.removal_command(&plan.prefix, !run.stored.versions.is_empty()),
    };
    if let Some((finding, last)) = failure.filter(|_| !is_interrupted) {
        return Err(failed(&finding, last, left_over));
    }
    findings.extend(plan.untried.iter().map(|(name, reason)| Finding::untried(name, reason)));
    Ok(Report {
        findings,
        clock_skew: run.skew,
        requests: run.requests,
        removed: cleaned.removed,
        left_over,
        is_interrupted,
        prefix: plan.prefix.clone(),
        bucket: store.target.bucket().as_str().to_owned(),
        probes: plan.probes.clone(),
    })
}

fn failed(finding: &Finding, last: Result<Answered, NoAnswer>, left_over: LeftOver) -> ProbeError {
    let evidence = finding.evidence.clone();
    match last {
        Err(reason) => ProbeError::Unreachable { reason, left_over },
        Ok(answer) if answer.is_success() => ProbeError::OtherBytes { evidence, left_over },
        Ok(Answered { status, code, .. }) => ProbeError::Refused { evidence, status, code, left_over },
    }
}

/// Writes a request and its answer, and for an unexpected one what was expected.
fn evidence_of(step: &Step, verdict: Verdict, answer: &Result<Answered, NoAnswer>) -> String {
    let (found, is_success) = match answer {
        Ok(answer) => (answer.summary(), answer.is_success()),
        Err(error) => (error.to_string(), false),
    };
    match (verdict, step.expected) {
        (Verdict::Passed, _) => format!("{step}: {found}"),
        (Verdict::Undecided, Expected::Inconclusive) => format!("{step}: {found}, which decides nothing"),
        (_, Expected::Header(name, value)) if is_success => {
            format!("{step}: {found} without {name}: {value}")
        }
        (_, Expected::Text(text) | Expected::Shown(text)) if is_success => {
            format!("{step}: {found} without {text} in the body")
        }
        (_, expected) => format!("{step}: {found} instead of {expected}"),
    }
}

/// Returns whether a request can have stored something. An error of the server does not show that it did not.
fn may_have_stored(answer: &Result<Answered, NoAnswer>) -> bool {
    match answer {
        Ok(answer) => answer.is_success() || answer.status >= 500,
        Err(error) => error.was_sent(),
    }
}

/// A run in progress.
struct Run<'a, T: ?Sized> {
    store: &'a ProbedStore,
    prefix: &'a str,
    transport: &'a T,
    now: &'a (dyn Fn() -> Timestamp + Sync),
    requests: usize,
    /// How many of the last requests had no answer.
    unanswered: usize,
    skew: Option<i64>,
    stored: Stored,
}

/// What may have been stored, also by a request without an answer.
#[derive(Debug, Default)]
struct Stored {
    /// The keys of all uploads.
    keys: Vec<String>,
    /// Those of uploads that were not clearly refused.
    accepted: BTreeSet<String>,
    versions: Vec<(String, String)>,
    /// Keys and ids of multipart uploads.
    uploads: Vec<(String, String)>,
    /// Ids of uploads that were completed or aborted.
    ended: Vec<String>,
}

impl<T: Transport + ?Sized> Run<'_, T> {
    /// Runs one experiment. Also returns the last answer.
    async fn probe(&mut self, probe: &Probe, stop: &Stop) -> (Finding, Result<Answered, NoAnswer>) {
        let mut context = Context::new(format!("{}{}/", self.prefix, probe.name), self.store.target.bucket());
        let (mut last, before) = (Err(NoAnswer::new("no request was sent")), self.requests);
        let mut evidence = String::new();
        let mut holds = Holds::Yes;
        for step in &probe.steps {
            if stop.is_given() {
                (holds, evidence) = (Holds::Unknown, "interrupted".to_owned());
                break;
            }
            last = match self.step(step, &mut context).await {
                Ok(answered) => answered,
                Err(reason) => {
                    (holds, evidence) = (Holds::Unknown, reason);
                    break;
                }
            };
            let verdict = last.as_ref().map_or(Verdict::Undecided, |answer| judge(step.expected, answer));
            evidence = evidence_of(step, verdict, &last);
            match verdict {
                Verdict::Passed => {}
                Verdict::Missing => holds = Holds::No,
                Verdict::Undecided => holds = Holds::Unknown,
            }
            if verdict != Verdict::Passed {
                break;
            }
        }
        let requests = self.requests - before;
        let statement = probe.statement.clone();
        (Finding { capability: probe.name.clone(), statement, holds, evidence, requests }, last)
    }

    /// Sends one request. The error says why it cannot be sent.
    async fn step(
        &mut self,
        step: &Step,
        context: &mut Context,
    ) -> Result<Result<Answered, NoAnswer>, String> {
        let unsigned = context.complete(step)?;
        if step.call.stores() {
            self.stored.keys.push(unsigned.key.clone());
        }
        let answered = self.send(&unsigned, step.clock).await?;
        if step.call.stores() && may_have_stored(&answered) {
            self.stored.accepted.insert(unsigned.key.clone());
        }
        if let Ok(answer) = answered.as_ref()
            && answer.is_success()
        {
            context.learn(step.call, answer);
            if let Some(version) = answer.header("x-amz-version-id") {
                self.stored.versions.push((unsigned.key.clone(), version.to_owned()));
            }
            match (step.call, &context.upload_id) {
                (Call::Create, Some(id)) => self.stored.uploads.push((unsigned.key.clone(), id.clone())),
                (Call::Complete | Call::Abort, Some(id)) => self.stored.ended.push(id.clone()),
                _ => {}
            }
        }
        Ok(answered)
    }

    async fn send(
        &mut self,
        unsigned: &sign::Unsigned,
        clock: i64,
    ) -> Result<Result<Answered, NoAnswer>, String> {
        let now = (self.now)();
        let at = match clock {
            0.. => now.saturating_add(clock.unsigned_abs()),
            _ => now.saturating_sub(clock.unsigned_abs()),
        };
        let request = sign::sign(self.store, unsigned, at).map_err(|error| format!("not sent: {error}"))?;
        self.requests += 1;
        let answer = self.transport.send(&request).await;
        self.unanswered = if answer.is_ok() { 0 } else { self.unanswered + 1 };
        if let (None, Ok(answer)) = (self.skew, &answer) {
            self.skew = answer.header("date").and_then(|date| date::skew(date, (self.now)()));
        }
        Ok(answer.map(Answered::read))
    }
}
