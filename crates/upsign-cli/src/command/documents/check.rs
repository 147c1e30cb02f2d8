//! Compares documents in use with the generated ones: `upsign documents check`, `upsign check --against` and `--live`.

use std::io::Read;
use std::path::Path;

use anstyle::Style;
use serde_json::json;
use upsign_documents::{
    CorsDocument, Deployment, DeploymentBucket, Difference, FoundDocuments, IamPolicy, LifecycleDocument,
    Reads, Severity, UnrecognizedDocument,
};

use super::args::ComparisonArgs;
use super::repair::{self, Form, Kind};
use super::{cannot_generate, deployment, guards, missing_distribution, notifications};
use crate::exit::{CommandError, Diagnostic, Exit};
#[cfg(not(feature = "live"))]
use crate::shell::quote;
use crate::{missing_feature, output};

/// A difference, and where it was found.
struct Found {
    /// The file, or the bucket.
    place: String,
    kind: Kind,
    difference: Difference,
}

/// Compares the documents in use with those that the configuration yields, and prints every difference.
pub(crate) async fn compare(args: &ComparisonArgs, json: bool) -> Result<Exit, CommandError> {
    if !args.is_requested() {
        return Err(CommandError::usage("there is nothing to compare with")
            .with_help("pass --against FILE or --live"));
    }
    let deployment = deployment::from_args(&args.deployment)?;
    let bucket = deployment::bucket(&deployment, &args.deployment)?;
    let (mut all, mut repair) = (Vec::new(), Vec::new());
    let mut add = |place: String, form: Form, file: Option<&str>, found: &FoundDocuments| {
        let differences = differences_to(args, &deployment, &bucket, found)?;
        let mut kinds: Vec<Kind> = differences.iter().map(|(kind, _)| *kind).collect();
        kinds.dedup();
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
        let found = FoundDocuments::read(&text).map_err(|error| unreadable_document(&name, &text, &error))?;
        add(name.clone(), Form::of(&name, &text), Some(&name), &found)?;
    }
    if args.live {
        let found = live(&bucket).await?;
        add(bucket.bucket().to_string(), Form::Json, None, &found)?;
    }
    if json {
        print_json(&all, &repair);
    } else {
        print(&all, &repair);
    }
    Ok(if all.is_empty() { Exit::Success } else { Exit::Failure })
}

/// Returns how many differences break uploads, how many permit more than is needed, and how many are cosmetic.
fn counts(all: &[Found]) -> [usize; 3] {
    ["broken", "wider", "untidy"]
        .map(|name| all.iter().filter(|found| severity_name(found.difference.severity()) == name).count())
}

fn print_json(all: &[Found], repair: &[String]) {
    let each = all.iter().map(|Found { place, kind, difference }| {
        let (severity, description) = (severity_name(difference.severity()), difference.description());
        json!({
            "file": place, "document": kind.command(), "severity": severity, "what": description,
            "consequence": difference.consequence(),
        })
    });
    let [broken, wider, untidy] = counts(all);
    let counts = json!({"broken": broken, "wider": wider, "untidy": untidy});
    let each: Vec<_> = each.collect();
    output::result(&json!({"differences": each, "counts": counts, "repair": repair}).to_string());
}

/// Prints the differences, the verdict, and the commands that repair them.
fn print(all: &[Found], repair: &[String]) {
    let report = output::report();
    if all.is_empty() {
        report.line("0 differences: the documents in use agree with upsign.toml");
        return;
    }
    for Found { place, difference, .. } in all {
        let (style, word) = severity_word(difference.severity());
        report.labelled(style, word, &format!("{place}: {}", difference.description()));
        report.line(&format!("    {}", difference.consequence()));
    }
    let [broken, wider, cosmetic] = counts(all);
    let noun = if all.len() == 1 { "difference" } else { "differences" };
    report.line("");
    report.line(&format!("{} {noun}: {broken} break uploads, {wider} wider, {cosmetic} cosmetic", all.len()));
    report.line("To repair:");
    for command in repair {
        report.verbatim(&format!("  {command}"));
    }
}

/// Returns the error for a file that holds no readable document: where its JSON ends or is invalid, or the missing feature.
fn unreadable_document(name: &str, text: &str, error: &UnrecognizedDocument) -> CommandError {
    if text.trim().is_empty() {
        return CommandError::usage(format!("{name} is empty"));
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
        _ => described.with_code("invalid-document"),
    }
}

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Broken => "broken",
        Severity::Untidy => "untidy",
        _ => "wider",
    }
}

/// Returns the words for a severity, and their color.
const fn severity_word(severity: Severity) -> (Style, &'static str) {
    match severity {
        Severity::Broken => (output::RED, "breaks uploads"),
        Severity::Untidy => (output::DIM, "cosmetic"),
        _ => (output::YELLOW, "wider than needed"),
    }
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
    let live = upsign_aws::LiveBucket::load(route.target()).await;
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
    args: &ComparisonArgs,
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
        let queue = args.queue_arn.clone().or_else(|| found.queues.first().map(|first| first.queue.clone()));
        let expected = notifications(deployment, bucket, queue.as_deref().or(Some("no queue")))?;
        add(Kind::Notification, expected.unwrap_or_default().differences(found));
    }
    if let Some(policy) = &found.role {
        add(Kind::Iam, IamPolicy::for_deployment(deployment).differences(policy));
    }
    if let Some(policy) = &found.resource {
        if deployment.reads() == Reads::CloudFront && args.distribution_arn.is_none() {
            return Err(missing_distribution());
        }
        let reader = args.distribution_arn.as_deref();
        let expected = IamPolicy::for_bucket(deployment, bucket, &guards(&args.guards), reader);
        let expected = expected.map_err(|error| cannot_generate("bucket policy", &error))?;
        add(Kind::BucketPolicy, expected.differences(policy));
    }
    Ok(all)
}
