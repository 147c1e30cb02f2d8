//! The experiments of `upsign probe` for what the routes rely on.

use serde_json::{Value, json};
use upsign::{Clock, SystemClock, fill_random};
use upsign_config::RouteConfig;
use upsign_core::{Credentials, Target, error_chain};
use upsign_probe::{
    Finding, Holds, HttpTransport, LeftOver, Plan, PlanOptions, ProbeError, ProbePrefix, ProbedStore, Report,
    Stop,
};

use super::relied::Relied;
use crate::command::probe;
use crate::credentials::{self, Sources};
use crate::exit::CommandError;
use crate::listen::ShutdownSignals;
use crate::output;

/// What was found about the stores of the routes.
pub(super) struct Probed(Vec<Store>);

/// One bucket with the capabilities that its routes rely on.
pub(super) struct Store {
    pub(super) bucket: String,
    pub(super) relied: Relied,
    /// What was found, or why nothing was examined.
    pub(super) report: Result<Report, String>,
    /// What the experiments left in the bucket.
    left_over: Option<LeftOver>,
}

impl Probed {
    /// Examines the bucket of each route, or lists only what would be examined.
    pub(super) async fn run(routes: &[&RouteConfig], is_asked: bool) -> Result<Self, CommandError> {
        let mut stores = Vec::new();
        for target in targets(routes) {
            let of_target = routes.iter().filter(|route| is_same(route.policy.target(), target));
            let relied = Relied::of(of_target.copied());
            let mut store = Store {
                bucket: target.bucket().to_string(),
                report: Err(not_asked(target, &relied)),
                relied,
                left_over: None,
            };
            if is_asked {
                store.examine(target).await?;
            }
            stores.push(store);
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
        self.0.iter().flat_map(Store::unchecked).collect()
    }

    /// Returns how many objects are known to be left, and what describes them with the command that removes them.
    pub(super) fn left_over(&self) -> (usize, Vec<String>) {
        let left = self.0.iter().filter_map(|store| store.left_over.as_ref());
        let left: Vec<&LeftOver> = left.filter(|left| !left.keys.is_empty()).collect();
        let described = left.iter().filter_map(|left| probe::describe(left)).map(|parts| parts.join("; "));
        (left.iter().map(|left| left.keys.len()).sum(), described.collect())
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
                "reliedOn": store.relied.capabilities,
                "findings": store.report.is_ok().then(|| findings.collect::<Vec<_>>()),
                "leftOver": store.left_over.as_ref().map(|left| &left.keys),
                "removalCommand": store.left_over.as_ref().and_then(LeftOver::removal_command),
            })
        });
        stores.collect()
    }
}

impl Store {
    /// Returns the findings about what the routes rely on.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.report.as_ref().map(|report| report.findings.as_slice()).unwrap_or_default();
        findings.iter().filter(|finding| self.relied.capabilities.contains(&finding.capability))
    }

    /// Returns what was not checked.
    fn unchecked(&self) -> Vec<String> {
        let mut reasons: Vec<String> = match &self.report {
            Err(reason) => vec![reason.clone()],
            Ok(_) => {
                let unknown = self.findings().filter(|finding| finding.holds == Holds::Unknown);
                let unknown = unknown.map(|finding| format!("{}: {}", finding.capability, finding.evidence));
                let is_found = |name: &&String| !self.findings().any(|finding| finding.capability == **name);
                let absent = self.relied.capabilities.iter().filter(is_found);
                unknown.chain(absent.map(|name| format!("{name}: there is no experiment"))).collect()
            }
        };
        if !self.relied.unexamined.is_empty() {
            let names: Vec<&str> = self.relied.unexamined.iter().map(String::as_str).collect();
            let (bucket, names) = (&self.bucket, names.join(", "));
            reasons.push(format!("what the routes send to {bucket} and no experiment examines: {names}"));
        }
        if let Some(left) = self.left_over.as_ref().filter(|left| left.keys.is_empty())
            && let Some(parts) = probe::describe(left)
        {
            reasons.push(parts.join("; "));
        }
        reasons
    }

    /// Runs the experiments. What keeps them from running is a reason, and no error of the command.
    async fn examine(&mut self, target: &Target) -> Result<(), CommandError> {
        let of_variables = credentials::from_variables(Sources::Variables, SystemClock.now());
        let credentials = match of_variables {
            Ok(credentials) => credentials,
            Err(error) => {
                self.report =
                    Err(error.diagnostics().next().map(|it| it.message.clone()).unwrap_or_default());
                return Ok(());
            }
        };
        let plan = plan(&self.relied)?;
        match run(target, &credentials, &plan).await {
            Ok(report) => {
                self.left_over = Some(report.left_over.clone());
                self.report = Ok(report);
            }
            Err(error) => {
                let of_probe = error.downcast_ref::<ProbeError>();
                self.left_over = of_probe.map(|error| error.left_over().clone());
                self.report = Err(format!("{}: {}", target.bucket(), error_chain(&*error)));
            }
        }
        Ok(())
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

/// Returns whether two targets are the same bucket of the same store.
pub(super) fn is_same(one: &Target, other: &Target) -> bool {
    one.bucket() == other.bucket() && one.endpoint_url() == other.endpoint_url()
}

fn not_asked(target: &Target, relied: &Relied) -> String {
    let names: Vec<&str> = relied.capabilities.iter().map(String::as_str).collect();
    format!(
        "what the routes rely on of {}: {}; --probe finds out, and writes objects below a new prefix, which it removes",
        target.bucket(),
        names.join(", ")
    )
}

fn plan(relied: &Relied) -> Result<Plan, CommandError> {
    let mut random = [0; 8];
    fill_random(&mut random).map_err(|error| CommandError::caused("cannot choose a prefix", &error))?;
    let mut options = PlanOptions::default();
    options.only = relied.capabilities.iter().cloned().collect();
    options.kms_key.clone_from(&relied.kms_key);
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
    let examination = upsign_probe::probe(&store, plan, &transport, &now, &stop);
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
