//! The steps of each command, in order.

mod browser;
mod browser_client;
mod browser_dev;
mod browser_files;
mod browser_multipart;
mod browser_panels;
mod callers;
mod checks;
mod cloud;
mod commands;
mod common;
mod contract;
mod counts;
mod deploy;
mod deployments;
mod dev;
mod documents;
mod drift;
mod foreign_clients;
mod fuzz;
mod git_lfs;
mod instructions;
mod issuers;
mod lanes;
mod mime_types;
mod pools;
mod postgres;
mod printed;
mod quotas;
mod report;
mod revocations;
mod runtimes;
mod scanner;
mod schedules;
mod schemas;
mod screenshots;
mod servers;
mod signing;
mod soak;
mod two_step;
mod upload;
mod whole;

use crate::api;
use crate::build::Build;
use crate::process::{Failure, cargo, run as run_to_end};
use crate::servers::StartError;
use crate::tools::{Missing, Tools};

pub(crate) use lanes::SUBCOMMAND as RUN_STEP;
pub(crate) use report::{Outcome, run, run_reported};
pub(crate) use schedules::forwarded as stands_in_for_rustc;
pub(crate) use screenshots::write as screenshots;
pub(crate) use soak::run as soak;

/// One step of a command.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    lane: Lane,
    run: fn(&Context) -> Result<(), StepError>,
}

/// Which steps may run at the same time as a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// None: the step compiles what later steps use, or measures time.
    Alone,
    /// Those of the other lane. The step keeps a processor busy: it compiles with flags or features of its own, or computes.
    Busy,
    /// Those of the other lane. The step mostly waits for servers, a browser or the clock. Only steps of this lane build
    /// programs that others run too, so that no step replaces a program in use.
    Waiting,
    /// Those of the other lane, like [`Waiting`](Self::Waiting). After the build of the workspace, which replaces no program, the
    /// step runs in the lane that is free first.
    Either,
}

/// The tools and builds that a step may use.
pub(crate) struct Context {
    pub(crate) tools: Tools,
    pub(crate) build: Build,
}

/// The reason why a step did not pass.
pub(crate) enum StepError {
    /// A component is not installed and cannot be installed here.
    Missing(Missing),
    Failed(Failure),
}

impl From<Failure> for StepError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Missing> for StepError {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<StartError> for StepError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Missing(missing) => Self::Missing(missing),
            StartError::Failed(failure) => Self::Failed(failure),
        }
    }
}

const fn step(
    name: &'static str,
    description: &'static str,
    run: fn(&Context) -> Result<(), StepError>,
) -> Step {
    Step { name, description, lane: Lane::Alone, run }
}

impl Step {
    const fn busy(self) -> Self {
        Self { lane: Lane::Busy, ..self }
    }

    const fn waiting(self) -> Self {
        Self { lane: Lane::Waiting, ..self }
    }

    const fn either(self) -> Self {
        Self { lane: Lane::Either, ..self }
    }
}

/// The step whose build the others reuse.
const WORKSPACE: &str = "workspace";

/// Checks of the sources and manifests.
pub(crate) const CHECKS: &[Step] = &[
    step("fmt", "formatting", checks::format),
    step("clippy", "lints of every target with all features; warnings fail", checks::clippy),
    step("features", "lints of the workspace with default features; warnings fail", checks::default_features),
    step("rustdoc", "documentation builds; warnings fail", checks::documentation),
    step("api", "public API equals the golden files and names no unstable foreign crate", |_| {
        Ok(api::check(false)?)
    }),
    step("deny", "dependency rules, licenses and sources, with cargo-deny", checks::deny),
    step("workflows", "the GitHub workflows and that of an example, with actionlint", checks::workflows),
    step("package", "every published crate can be packaged, in dependency order, offline", checks::package),
];

/// Every test. Each lane runs its steps in the order of this list.
pub(crate) const TESTS: &[Step] = &[
    step(
        WORKSPACE,
        "cargo test --workspace: all tests that need only Rust; prints how many mutants were checked",
        |_| Ok(counts::of_the_workspace()?),
    ),
    step("instructions", "instructions per URL within 5 % of the committed figures", instructions::per_url).busy(),
    step(
        "commands",
        "every command of the README, the manual and the examples' README, as a newcomer types it",
        commands::of_the_documentation,
    ).busy(),
    step(
        "schedules",
        "caches and the signer's state under random schedules of their threads, with shuttle",
        schedules::of_shared_state,
    ).busy(),
    step(
        "servers",
        "signed requests, mutations of them, every file of the corpus, and multipart uploads against two S3 servers",
        servers::suite,
    ).waiting(),
    step(
        "quotas",
        "quotas in Redis, killed and restarted, in a cluster of it, in an emulated DynamoDB, and of two upsign serve",
        quotas::of_every_store,
    ).waiting(),
    step(
        "scanner",
        "uploads scanned by ClamAV before they leave quarantine: the example's tests",
        scanner::clamav,
    ).waiting(),
    step(
        "postgres",
        "an application with PostgreSQL: a row for each upload and the receipt of each confirmed file",
        postgres::example,
    )
    .waiting(),
    step(
        "backends",
        "tokens, events and bodies in a program that enables other features of jsonwebtoken and serde_json",
        pools::both_backends,
    ).busy(),
    step("pools", "tokens of two emulated user pools, verified with keys fetched over HTTP", pools::tokens).waiting(),
    step(
        "issuers",
        "callers of OpenID Connect issuers and emulated user pools, signed in over HTTP, get upload URLs",
        issuers::sign_in,
    ).waiting(),
    step(
        "documents",
        "CORS, IAM, lifecycle and stack documents: linters, an IAM evaluator, two servers",
        documents::external_checks,
    ).busy(),
    step(
        "revocations",
        "statements that stop issued URLs: an IAM evaluator, and their effect on a server",
        revocations::by_effect,
    ).waiting(),
    step(
        "schemas",
        "SAM templates and Terraform modules for every option, against the schemas of AWS resources",
        schemas::of_every_option,
    ).busy(),
    step("fuzz", "each fuzz target for ten seconds", fuzz::short).busy(),
    step("browser", "the page of upsign dev in Chromium: photos, recordings, odd files", browser::dev_page).waiting(),
    step(
        "browser-dev",
        "the page of upsign dev as people use it: several files, pauses, 200 MiB on a phone, saved configurations, restarts",
        browser_dev::page,
    ).either(),
    step(
        "browser-panels",
        "what the page of upsign dev shows of an upload in Chromium, and its texts for other programs",
        browser_panels::panels,
    ).either(),
    step(
        "browser-multipart",
        "multipart uploads of a page in Chromium, under the generated CORS rules, to upsign dev and to SeaweedFS",
        browser_multipart::page,
    ).waiting(),
    step(
        "browser-client",
        "the npm package: its entries, types and size; its uploads to upsign dev in Chromium and Firefox",
        browser_client::package_and_uploads,
    ).either(),
    step(
        "callers",
        "the manual's examples of uploads from programs, as printed: curl, Python, Node.js and Rust",
        callers::of_the_manual,
    )
    .either(),
    step(
        "uppy",
        "Uppy 6 in Chromium, unmodified, with its option signRequest, on two S3 servers",
        foreign_clients::uppy,
    )
    .either(),
    step(
        "companion",
        "Uppy 5 and 4 in Chromium, unmodified, with the endpoints of Companion, on two S3 servers",
        foreign_clients::companion,
    )
    .either(),
    step(
        "git-lfs",
        "git-lfs, unmodified: pushes and pulls of 1 GiB and of 2,000 files, refusals and expired URLs, on two S3 servers",
        git_lfs::pushes_and_pulls,
    )
    .either(),
    step(
        "active-storage",
        "Active Storage's client in Chromium, to upsign serve and two S3 servers",
        foreign_clients::active_storage,
    )
    .either(),
    step(
        "better-upload",
        "better-upload 3 and 2 in Chromium, to upsign serve and two S3 servers",
        foreign_clients::better_upload,
    )
    .either(),
    step("dev", "the users, issuers and buckets of upsign dev, with boto3 and the AWS CLI", dev::bucket).waiting(),
    step(
        "browser-types",
        "every content type that a range can grant, opened in Chromium: no script runs",
        browser::content_types,
    ).busy(),
    step(
        "mime-types",
        "the file extensions of content types are those of the pinned version of mime-db",
        mime_types::of_mime_db,
    ).busy(),
    step(
        "two-step",
        "the original browser client, with upsign serve and emulated Cognito and S3",
        two_step::client,
    ).waiting(),
    step("cloud", "the deployed system: gateway, function, S3, queue, consumer, page", cloud::system).waiting(),
    step(
        "whole",
        "what follows an upload: page, inspection, promotion, webhook and URL to read, with upsign serve",
        whole::with_server,
    ).waiting(),
    step(
        "deployments",
        "over 40 generated stacks, deployed on an emulator: every kind of API, of caller and of upload",
        deployments::of_every_kind,
    ).waiting(),
    step("drift", "the GitHub workflow that finds drift, against a stack that drifts", drift::workflow).waiting(),
    step(
        "printed",
        "the commands that are printed after a template, from the build of the function to an upload",
        printed::from_template_to_upload,
    ).waiting(),
    step(
        "contract",
        "upsign serve against its OpenAPI description, with schemathesis",
        contract::schemathesis,
    ).waiting(),
    step("soak", "upsign serve for three minutes while what it depends on fails in turn", soak::short).waiting(),
    step("deploy", "the systemd unit and the Dockerfile, with systemd and hadolint", deploy::files).waiting(),
];

/// Benchmarks with bounds, which `nightly` runs too.
const OVERLOAD: Step = step(
    "overload",
    "the server at four times its capacity, and under a flood of invalid tokens",
    runtimes::overload,
);
const START: Step =
    step("start", "the start of upsign serve with 10,000 routes: at most a second", runtimes::start);

/// Long versions of the randomized tests, benchmarks with bounds, and checks that need separate builds.
pub(crate) const NIGHTLY: &[Step] = &[
    step("oracle", "a million random requests, signed by upsign and by aws-sigv4", |_| {
        let mut test = cargo();
        test.args(["test", "--locked", "--release", "-p", "upsign-sigv4", "--test", "it", "oracle"]);
        Ok(run_to_end(test.env("TEST_ORACLE_CASES", "1000000"))?)
    }),
    step(
        "model",
        "two confirmations that race, with up to three changes of turn and anything between",
        |_| {
            let mut test = cargo();
            test.args(["test", "--locked", "--release", "-p", "upsign", "--test", "it", "model::"]);
            Ok(run_to_end(test.env("TEST_MODEL_SWITCHES", "3"))?)
        },
    ),
    step("shutdown", "200 servers end while clients open connections, and none is lost", |_| {
        let mut test = cargo();
        test.args(["test", "--locked", "-p", "upsign-axum", "--all-features", "--test", "it", "shutdown"]);
        Ok(run_to_end(test.env("TEST_SHUTDOWN_TRIALS", "200"))?)
    }),
    step(
        "features",
        "lints of each library with every two of its features, with cargo-hack",
        checks::feature_combinations,
    ),
    step("rust-version", "each crate compiles with the Rust version that it states", checks::rust_versions),
    step(
        "wasm",
        "the crates that need no operating system compile for wasm32-unknown-unknown",
        checks::webassembly,
    ),
    step(
        "huge-upload",
        "5 GiB and one byte in parts through a service to SeaweedFS, read back",
        servers::huge_upload,
    ),
    step("fuzz", "each fuzz target for ten minutes", fuzz::long),
    step("cloud", "the deployed system, with the zip files that cargo lambda makes", cloud::system),
    OVERLOAD,
    START,
    step(
        "upload",
        "1 GiB with upsign upload next to curl -T: at least 90 % of its speed, at most 64 MiB of memory",
        upload::throughput,
    ),
];

/// Benchmarks.
pub(crate) const BENCHES: &[Step] = &[
    step("signing", "signing and verification next to other crates", signing::both_tables),
    step("load", "upsign serve next to servers in other languages", runtimes::load),
    OVERLOAD,
    START,
    step("lambda", "the Lambda function: size, cold start, warm responses", runtimes::lambda),
    step("diagnose", "upsign diagnose with HAR files of 10 MiB", signing::diagnose),
];

/// Returns the steps named in `only`, or all of them if it is empty.
///
/// # Errors
/// Returns the first name that is not the name of a step.
pub(crate) fn select<'a>(steps: &[&'a Step], only: &[String]) -> Result<Vec<&'a Step>, String> {
    let known = |name: &String| steps.iter().any(|step| step.name == name);
    match only.iter().find(|name| !known(name)) {
        Some(unknown) => Err(unknown.clone()),
        None => {
            let selected = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
            Ok(steps.iter().copied().filter(selected).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lanes start a step by its name.
    #[test]
    fn names_of_steps_are_unique() {
        for steps in [CHECKS.iter().chain(TESTS).collect::<Vec<&Step>>(), NIGHTLY.iter().collect()] {
            let names: std::collections::BTreeSet<&str> = steps.iter().map(|step| step.name).collect();
            assert_eq!(names.len(), steps.len());
        }
    }

    #[test]
    fn steps_before_the_lanes_come_first() {
        let lanes = TESTS.iter().map(|step| step.lane != Lane::Alone);
        assert!(lanes.is_sorted(), "the list is in the order in which the steps run");
    }

    #[test]
    fn unknown_step_is_reported_by_name() {
        let steps: Vec<&Step> = TESTS.iter().collect();
        assert_eq!(select(&steps, &["fuzz".into(), "fuss".into()]).err(), Some("fuss".into()));
        let selected = select(&steps, &["fuzz".into()]).unwrap_or_default();
        assert_eq!(selected.iter().map(|step| step.name).collect::<Vec<_>>(), ["fuzz"]);
        assert_eq!(select(&steps, &[]).map(|all| all.len()), Ok(TESTS.len()));
    }
}
