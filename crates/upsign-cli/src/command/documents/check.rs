//! Compares documents in use with the generated ones: `upsign check --against` and `--live`, also as `upsign documents check`.

use std::io::Read;
use std::path::Path;

use upsign_documents::{
    CorsDocument, Deployment, DeploymentBucket, Difference, FoundDocuments, Guard, IamPolicy,
    InvalidCorsDocument, InvalidCorsRule, LifecycleDocument, Reads, Severity, UnrecognizedDocument,
};

use super::args::ComparisonArgs;
use super::repair::{self, Form, Kind};
use super::report::{self, Found, Repair};
use super::{cannot_generate, deployment, missing_distribution, notifications};
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::missing_feature;
#[cfg(not(feature = "live"))]
use crate::shell::quote;

/// Compares the documents in use with those that the configuration yields, and prints every difference.
pub(crate) async fn compare(args: &ComparisonArgs, json: bool) -> Result<Exit, CommandError> {
    if !args.is_requested() {
        return Err(CommandError::usage("there is nothing to compare with")
            .with_help("pass --against FILE or --live"));
    }
    let deployment = deployment::from_args(&args.deployment)?;
    let bucket = deployment::bucket(&deployment, &args.deployment)?;
    let (mut all, mut repair, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |place: String, form: Form, file: Option<&str>, found: &FoundDocuments| {
        let differences = differences_to(&deployment, &bucket, found)?;
        let is_repaired = |difference: &Difference| difference.severity() != Severity::Narrower;
        let repaired = differences.iter().filter(|(_, difference)| is_repaired(difference));
        let mut kinds: Vec<Kind> = repaired.map(|(kind, _)| *kind).collect();
        kinds.dedup();
        for (kind, difference) in &differences {
            // The generated document replaces the whole one in use, with what that one denies in addition.
            if let Some(name) = difference.denied_by().filter(|_| kinds.contains(kind))
                && !removed.iter().any(|known| known == name)
            {
                removed.push(name.to_owned());
            }
        }
        for kind in kinds {
            for command in repair::commands(kind, form, file, &bucket, args) {
                if !repair.contains(&command) {
                    repair.push(command);
                }
            }
        }
        let found = differences.into_iter().map(|(kind, difference)| Found {
            place: place.clone(),
            kind,
            difference,
        });
        all.extend(found);
        Ok::<(), CommandError>(())
    };
    for path in &args.against {
        let name = path.display().to_string();
        let text = text(path)?;
        let found = FoundDocuments::read(&text)
            .map_err(|error| unreadable_document(&name, &text, &error, &bucket, args))?;
        add(name.clone(), Form::of(&name, &text), Some(&name), &found)?;
    }
    if args.live {
        let found = live(&bucket).await?;
        add(bucket.bucket().to_string(), Form::Json, None, &found)?;
    }
    let keep = guards_with(&deployment, &bucket, &removed);
    let repair = Repair { commands: repair, removed, keep };
    if json {
        report::print_json(&all, &repair);
    } else {
        report::print(&all, &repair);
    }
    Ok(if repair.commands.is_empty() { Exit::Success } else { Exit::Failure })
}

/// Returns the options that add the statements with these names to a bucket policy, as far as a guard has them.
fn guards_with(deployment: &Deployment, bucket: &DeploymentBucket<'_>, statements: &[String]) -> Vec<String> {
    let has = |guard: Guard| {
        let guarded = deployment.clone().with_guards([guard]);
        let policy = IamPolicy::for_bucket(&guarded, bucket, None).unwrap_or_default();
        policy.statements().iter().any(|it| statements.iter().any(|name| name == it.sid()))
    };
    let guards = Guard::ALL.into_iter().filter(|guard| has(*guard));
    guards.map(|guard| format!("--guard {}", guard.name())).collect()
}

/// Returns the error for a file that holds no readable document: where its JSON ends or is invalid, or the missing feature.
fn unreadable_document(
    name: &str,
    text: &str,
    error: &UnrecognizedDocument,
    bucket: &DeploymentBucket<'_>,
    args: &ComparisonArgs,
) -> CommandError {
    if text.trim().is_empty() {
        let file = (name != "-").then_some(name);
        let commands = repair::commands(Kind::Cors, Form::Json, file, bucket, args).join("\n  ");
        let message = if name == "-" {
            "standard input is empty: `aws s3api get-bucket-cors` prints nothing for a bucket without CORS rules"
                .to_owned()
        } else {
            format!(
                "the file {name} is empty: `aws s3api get-bucket-cors` prints nothing for a bucket without CORS rules"
            )
        };
        return CommandError::usage(message)
            .with_code("invalid-document")
            .with_help(format!("to give the bucket its rules:\n  {commands}"));
    }
    if text.trim_start().starts_with(['{', '['])
        && let Err(syntax) = serde_json::from_str::<serde::de::IgnoredAny>(text)
    {
        let message = if syntax.is_eof() { "the JSON ends too early" } else { "the JSON is invalid" };
        let message = format!("{name}:{}: {message}", syntax.line());
        let mut diagnostic = Diagnostic::new("invalid-document", message).in_file(name);
        (diagnostic.line, diagnostic.column) = (Some(syntax.line()), Some(syntax.column()));
        if syntax.is_eof() {
            diagnostic.help = Some(
                "is the file complete? Write it again, as in: aws s3api get-bucket-cors --bucket \
                                    BUCKET > cors.json"
                    .to_owned(),
            );
        }
        return CommandError::new(Exit::Usage, diagnostic);
    }
    let described = CommandError::caused(name, error).into_usage();
    match error {
        UnrecognizedDocument::HclNotSupported => {
            described.with_code("missing-feature").with_help(missing_feature::hint("hcl"))
        }
        _ => match help_for_cors_rule(text) {
            Some(help) => described.with_code("invalid-document").with_help(help),
            None => described.with_code("invalid-document"),
        },
    }
}

/// Returns the next step for a CORS document in JSON with a rule that S3 does not accept, or `None` for another document.
fn help_for_cors_rule(text: &str) -> Option<String> {
    let invalid = CorsDocument::from_json(text).err()?;
    let change = match invalid {
        InvalidCorsDocument::Method { .. } => "write only GET, PUT, POST, DELETE and HEAD",
        InvalidCorsDocument::Rule { source: InvalidCorsRule::NoMethod, .. } => {
            "add AllowedMethods to it, for example [\"PUT\"]"
        }
        InvalidCorsDocument::Rule { source: InvalidCorsRule::NoOrigin, .. } => {
            "add AllowedOrigins to it, for example [\"https://app.example.com\"]"
        }
        InvalidCorsDocument::Rule { .. } => "correct the rule",
        _ => return None,
    };
    Some(format!("{change}; `upsign documents cors` prints the rules that the configuration needs"))
}

fn text(path: &Path) -> Result<String, CommandError> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| CommandError::unreadable(path, &error))
}

/// Reads the documents that the bucket has now. A document that it lacks counts as empty.
#[cfg(feature = "live")]
async fn live(bucket: &DeploymentBucket<'_>) -> Result<FoundDocuments, CommandError> {
    let Some(route) = bucket.routes().first() else { return Ok(FoundDocuments::default()) };
    let live = upsign_aws::LiveBucket::load(route.policy().target()).await;
    let documents = live
        .documents()
        .await
        .map_err(|error| CommandError::caused("cannot read the bucket's configuration", &error))?;
    let read = |text: Option<String>| match text {
        Some(text) => {
            FoundDocuments::read(&text).map_err(|error| CommandError::caused("the bucket's document", &error))
        }
        None => Ok(FoundDocuments::default()),
    };
    let mut found = FoundDocuments::default();
    found.cors = Some(read(documents.cors)?.cors.unwrap_or_else(CorsDocument::empty));
    found.lifecycle = Some(read(documents.lifecycle)?.lifecycle.unwrap_or_default());
    found.notification = Some(read(documents.notification)?.notification.unwrap_or_default());
    found.resource = Some(read(documents.policy)?.resource.unwrap_or_default());
    Ok(found)
}

#[cfg(not(feature = "live"))]
#[expect(clippy::unused_async, reason = "the variant with the AWS SDK awaits")]
async fn live(bucket: &DeploymentBucket<'_>) -> Result<FoundDocuments, CommandError> {
    let help = format!(
        "{}\nwithout it:\n  aws s3api get-bucket-cors --bucket {} > cors.json\n  upsign check --against cors.json",
        missing_feature::hint("live"),
        quote(bucket.bucket().as_str()),
    );
    let error = CommandError::usage("this build cannot read the configuration of buckets (--live)");
    Err(error.with_code("missing-feature").with_help(help))
}

/// Returns how the documents found differ from the generated ones.
fn differences_to(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    found: &FoundDocuments,
) -> Result<Vec<(Kind, Difference)>, CommandError> {
    let mut all = Vec::new();
    let mut add = |kind: Kind, differences: Vec<Difference>| {
        all.extend(differences.into_iter().map(|difference| (kind, difference)));
    };
    if let Some(cors) = &found.cors {
        let expected = CorsDocument::for_bucket(deployment, bucket);
        let expected = expected.map_err(|error| cannot_generate("CORS configuration", &error))?;
        add(Kind::Cors, expected.differences(cors));
    }
    if let Some(lifecycle) = &found.lifecycle {
        add(Kind::Lifecycle, LifecycleDocument::for_bucket(deployment, bucket).differences(lifecycle));
    }
    if let Some(found) = &found.notification {
        // A template refers to its own queue by a reference that has no ARN yet, so any queue is accepted there.
        let queue = deployment.queue_arn().map(str::to_owned);
        let queue = queue.or_else(|| found.queues.first().map(|first| first.queue.clone()));
        let expected = notifications(deployment, bucket, queue.as_deref().or(Some("no queue")))?;
        add(Kind::Notification, expected.unwrap_or_default().differences(found));
    }
    if let Some(policy) = &found.role {
        add(Kind::Iam, IamPolicy::for_deployment(deployment).differences(policy));
    }
    if let Some(policy) = &found.resource {
        if deployment.reads() == Reads::CloudFront && deployment.distribution_arn().is_none() {
            return Err(missing_distribution());
        }
        let expected = IamPolicy::for_bucket(deployment, bucket, deployment.distribution_arn());
        let expected = expected.map_err(|error| cannot_generate("bucket policy", &error))?;
        add(Kind::BucketPolicy, expected.differences(policy));
    }
    Ok(all)
}
