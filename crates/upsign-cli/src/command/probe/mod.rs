//! `upsign probe`: finds out by experiments what a store supports.

mod report;
mod store;

use clap::Args;
use serde_json::json;
use upsign::{Clock, SystemClock, fill_random};
use upsign_probe::{
    HttpTransport, LeftOver, Plan, PlanOptions, ProbeError, ProbePrefix, ProbedStore, Report, Stop,
    iam_policy, probe,
};

use self::store::{ChosenStore, StoreArgs};
use crate::credentials::{self, Sources};
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::listen::ShutdownSignals;
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Send the requests. Without it they are only listed.
    #[arg(long, short = 'y')]
    yes: bool,
    /// Capability to examine, as in if_none_match, or several by their beginning, as in checksums.put; repeatable. Default: all.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Key of a KMS with which two objects are encrypted. Default: none, and kms is not examined.
    #[arg(long, value_name = "KEY")]
    kms_key: Option<String>,
    /// Print the IAM policy that the experiments need, and nothing else.
    #[arg(long, conflicts_with = "yes")]
    iam: bool,
}

pub(crate) async fn run(args: &ProbeArgs, json: bool) -> Result<Exit, CommandError> {
    let chosen = args.store.choose()?;
    if args.iam {
        let policy = iam_policy(&chosen.target);
        output::result(&serde_json::to_string_pretty(&policy).unwrap_or_else(|_| policy.to_string()));
        return Ok(Exit::Success);
    }
    let plan = plan(args)?;
    if !args.yes {
        dry_run(&chosen, &plan, json);
        return Ok(Exit::Success);
    }
    examine(&chosen, &plan, json).await
}

fn plan(args: &ProbeArgs) -> Result<Plan, CommandError> {
    let mut random = [0; 8];
    fill_random(&mut random).map_err(|error| CommandError::caused("cannot choose a prefix", &error))?;
    let mut options = PlanOptions::default();
    options.kms_key.clone_from(&args.kms_key);
    let all = Plan::new(ProbePrefix::new(&random), &options);
    for only in &args.only {
        if !all.contains(only) {
            let names: Vec<&str> = all.capabilities().filter(|name| !name.contains('.')).collect();
            let message = format!("--only: {only:?} is no capability");
            let help = format!("one of {}, checksums or full_object_checksums", names.join(", "));
            return Err(CommandError::usage(message).with_help(help));
        }
    }
    options.only.clone_from(&args.only);
    Ok(Plan::new(ProbePrefix::new(&random), &options))
}

/// Prints every request that would be sent.
fn dry_run(chosen: &ChosenStore, plan: &Plan, json: bool) {
    if json {
        let requests: Vec<_> = plan
            .requests()
            .map(|planned| {
                json!({
                    "capability": planned.capability,
                    "request": planned.request,
                    "expected": planned.expected,
                })
            })
            .collect();
        let document = json!({
            "dryRun": true,
            "bucket": chosen.target.bucket().as_str(),
            "endpoint": chosen.target.endpoint_url(),
            "provider": chosen.provider.name(),
            "prefix": plan.prefix().as_str(),
            "requests": requests,
            "iam": iam_policy(&chosen.target),
        });
        output::result(&document.to_string());
    } else {
        report::dry_run(chosen, plan);
    }
}

async fn examine(chosen: &ChosenStore, plan: &Plan, json: bool) -> Result<Exit, CommandError> {
    let at = SystemClock.now();
    let credentials = credentials::from_variables(Sources::Variables, at)?;
    let store = ProbedStore::new(chosen.target.clone(), &credentials)
        .map_err(|error| CommandError::usage(error.to_string()))?;
    let transport = HttpTransport::new(&chosen.target, true)
        .map_err(|error| CommandError::caused("cannot create the HTTP client", &error))?;
    let removal = store.removal_command(plan.prefix(), false);
    output::notes().line(&format!(
        "examining {} at {}, below {}",
        chosen.target.bucket(),
        chosen.target.endpoint_url(),
        plan.prefix()
    ));
    let stop = Stop::new();
    let signals = ShutdownSignals::install()?;
    let now = || SystemClock.now();
    let run = probe(&store, plan, &transport, &now, &stop);
    tokio::pin!(run);
    let found = tokio::select! {
        found = &mut run => found,
        () = signals.clone().received(1) => {
            stop.stop();
            output::notes().line("interrupted; removing what was stored (interrupt again to leave it)");
            tokio::select! {
                found = &mut run => found,
                () = signals.received(2) => {
                    output::warning(&format!("objects may be left; remove them with: {removal}"));
                    return Ok(Exit::Interrupted);
                }
            }
        }
    };
    let report = found.map_err(|error| failed(&error))?;
    print(chosen, &report, json);
    Ok(match report.is_interrupted {
        true => Exit::Interrupted,
        // What the user was promised did not happen.
        false if !report.left_over.keys.is_empty() => Exit::Failure,
        false => Exit::Success,
    })
}

fn print(chosen: &ChosenStore, report: &Report, json: bool) {
    if json {
        let mut document = report.to_json(&chosen.assumed);
        if let Some(members) = document.as_object_mut() {
            members.insert("provider".to_owned(), chosen.provider.name().into());
        }
        output::result(&document.to_string());
    } else {
        report::print(chosen, report);
    }
    if let Some([what, repair]) = describe(&report.left_over) {
        output::warning(&format!("{what}; {repair}"));
    }
}

/// Describes what a run left, and what removes it. `None` if nothing is there.
pub(crate) fn describe(left_over: &LeftOver) -> Option<[String; 2]> {
    let command = left_over.removal_command()?;
    let what = match left_over.keys.as_slice() {
        [] => "the store does not list what is left".to_owned(),
        [key] => format!("1 object was not removed: {key}"),
        keys => format!("{} objects were not removed: {}", keys.len(), keys.join(", ")),
    };
    Some([what, format!("to remove everything below the prefix: {command}")])
}

/// Describes why nothing could be examined, and what the attempt left.
fn failed(error: &ProbeError) -> CommandError {
    let described = reason(error);
    match describe(error.left_over()) {
        Some([what, repair]) => {
            described.with_other(Diagnostic { help: Some(repair), ..Diagnostic::new("left-over", what) })
        }
        None => described,
    }
}

/// Describes why nothing could be examined, with what to do.
fn reason(error: &ProbeError) -> CommandError {
    let described = CommandError::failure(error.to_string());
    let ProbeError::Refused { status, code, .. } = error else {
        return described.with_code("unreachable");
    };
    let help = match (*status, code.as_str()) {
        (_, "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "ExpiredToken") => {
            "compare AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN with those of this store"
        }
        (_, "RequestTimeTooSkewed") => "set the clock of this machine",
        (_, "NoSuchBucket") => "compare --bucket and --endpoint-url with the console of the store",
        (301 | 307, _) | (400, "AuthorizationHeaderMalformed") => {
            "the bucket is in another region: pass its --region"
        }
        (403, _) => "the identity needs the permissions that `upsign probe --iam` prints",
        _ => "the store refuses a plain presigned PUT: compare bucket, region and endpoint",
    };
    described.with_code("refused").with_help(help)
}
