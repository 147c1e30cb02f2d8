//! The experiments of `upsign probe` for what the routes rely on.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use upsign::{Clock, SystemClock, fill_random};
use upsign_config::RouteConfig;
use upsign_core::{Credentials, Target, error_chain};
use upsign_probe::{
    Finding, Holds, HttpTransport, Plan, PlanOptions, ProbePrefix, ProbedStore, Report, Stop, probe,
};

use super::relied;
use crate::credentials::{self, Sources};
use crate::exit::CommandError;
use crate::listen::ShutdownSignals;
use crate::output;

/// What was found about the stores of the routes.
pub(super) struct Probed(Vec<Store>);

/// One bucket with the capabilities that its routes rely on.
pub(super) struct Store {
    pub(super) bucket: String,
    pub(super) relied: BTreeSet<String>,
    /// What was found, or why nothing was examined.
    pub(super) report: Result<Report, String>,
}

impl Probed {
    /// Examines the bucket of each route, or lists only what would be examined.
    pub(super) async fn run(routes: &[&RouteConfig], is_asked: bool) -> Result<Self, CommandError> {
        let mut stores = Vec::new();
        for target in targets(routes) {
            let of_target = routes.iter().filter(|route| is_same(route.policy.target(), target));
            let relied: BTreeSet<String> = of_target.flat_map(|route| relied::capabilities(route)).collect();
            let report =
                if is_asked { examine(target, &relied).await? } else { Err(not_asked(target, &relied)) };
            stores.push(Store { bucket: target.bucket().to_string(), relied, report });
        }
        Ok(Self(stores))
    }

    pub(super) fn stores(&self) -> &[Store] {
        &self.0
    }

    /// Returns how many capabilities are missing.
    pub(super) fn missing(&self) -> usize {
        self.0.iter().flat_map(Store::findings).filter(|finding| finding.holds == Holds::No).count()
    }

    /// Returns what was not checked.
    pub(super) fn unchecked(&self) -> Vec<String> {
        let of_store = |store: &Store| match &store.report {
            Err(reason) => vec![reason.clone()],
            Ok(report) => {
                let unknown = store.findings().filter(|finding| finding.holds == Holds::Unknown);
                let unknown = unknown.map(|finding| format!("{}: {}", finding.capability, finding.evidence));
                let left = report
                    .removal_command()
                    .map(|command| format!("whether everything was removed; to remove it: {command}"));
                unknown.chain(left).collect()
            }
        };
        self.0.iter().flat_map(of_store).collect()
    }

    pub(super) fn to_json(&self) -> Value {
        let stores = self.0.iter().map(|store| {
            let findings = store.findings().map(|finding| {
                json!({
                    "capability": finding.capability, "holds": finding.holds.as_str(), "evidence": finding.evidence,
                })
            });
            json!({
                "bucket": store.bucket,
                "reliedOn": store.relied,
                "findings": store.report.is_ok().then(|| findings.collect::<Vec<_>>()),
            })
        });
        stores.collect()
    }
}

impl Store {
    /// Returns the findings about what the routes rely on.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.report.as_ref().map(|report| report.findings.as_slice()).unwrap_or_default();
        findings.iter().filter(|finding| self.relied.contains(&finding.capability))
    }
}

/// Returns each bucket once.
fn targets<'a>(routes: &[&'a RouteConfig]) -> Vec<&'a Target> {
    let mut targets: Vec<&Target> = Vec::new();
    for route in routes {
        let target = route.policy.target();
        if !targets.iter().any(|known| is_same(known, target)) {
            targets.push(target);
        }
    }
    targets
}

fn is_same(one: &Target, other: &Target) -> bool {
    one.bucket() == other.bucket() && one.endpoint_url() == other.endpoint_url()
}

fn not_asked(target: &Target, relied: &BTreeSet<String>) -> String {
    let names: Vec<&str> = relied.iter().map(String::as_str).collect();
    format!(
        "what the routes rely on of {}: {}; --probe finds out, and writes objects below a new prefix, which it removes",
        target.bucket(),
        names.join(", ")
    )
}

/// Runs the experiments. What keeps them from running is a reason, and no error of the command.
async fn examine(target: &Target, relied: &BTreeSet<String>) -> Result<Result<Report, String>, CommandError> {
    let of_variables = credentials::from_variables(Sources::Variables, SystemClock.now());
    let credentials = match of_variables {
        Ok(credentials) => credentials,
        Err(error) => {
            let reason = error.diagnostics().next().map(|it| it.message.clone()).unwrap_or_default();
            return Ok(Err(reason));
        }
    };
    let plan = plan(relied)?;
    match run(target, &credentials, &plan).await {
        Ok(report) => Ok(Ok(report)),
        Err(error) => Ok(Err(format!("{}: {}", target.bucket(), error_chain(&*error)))),
    }
}

fn plan(relied: &BTreeSet<String>) -> Result<Plan, CommandError> {
    let mut random = [0; 8];
    fill_random(&mut random).map_err(|error| CommandError::caused("cannot choose a prefix", &error))?;
    let mut options = PlanOptions::default();
    options.only = relied.iter().cloned().collect();
    Ok(Plan::new(ProbePrefix::new(&random), &options))
}

async fn run(
    target: &Target,
    credentials: &Credentials,
    plan: &Plan,
) -> Result<Report, Box<dyn std::error::Error + Send + Sync>> {
    let store = ProbedStore::new(target.clone(), credentials)?;
    let transport = HttpTransport::new(target, true)?;
    output::notes().line(&format!("examining {}, below {}", target.bucket(), plan.prefix()));
    let (stop, now) = (Stop::new(), || SystemClock.now());
    let signals = ShutdownSignals::install().map_err(|_| "cannot listen for signals")?;
    let examination = probe(&store, plan, &transport, &now, &stop);
    tokio::pin!(examination);
    let report = tokio::select! {
        report = &mut examination => report,
        () = signals.received(1) => {
            stop.stop();
            output::notes().line("interrupted; removing what was stored");
            examination.await
        }
    };
    Ok(report?)
}
