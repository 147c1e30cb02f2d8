//! Compares documents in use with the generated ones: `upsign documents check`, `upsign check --against` and `--live`.

use std::io::Read;
use std::path::Path;

use serde_json::json;
use upsign_documents::{
    CorsDocument, Deployment, DeploymentBucket, Difference, FoundDocuments, IamPolicy, LifecycleDocument,
    Reads, Severity, UnrecognizedDocument,
};

use super::args::ComparisonArgs;
use super::{cannot_generate, deployment, guards, missing_distribution, notifications};
use crate::exit::{CommandError, Exit};
use crate::{missing_feature, output};

/// Compares the documents in use with those that the configuration yields, and prints every difference.
pub(crate) async fn compare(args: &ComparisonArgs, json: bool) -> Result<Exit, CommandError> {
    if !args.is_requested() {
        return Err(CommandError::usage("there is nothing to compare with")
            .with_help("pass --against FILE or --live"));
    }
    let deployment = deployment::from_args(&args.deployment)?;
    let bucket = deployment::bucket(&deployment, &args.deployment)?;
    let mut differences: Vec<(String, Difference)> = Vec::new();
    for path in &args.against {
        let name = path.display().to_string();
        let found = FoundDocuments::read(&text(path)?);
        let found = found.map_err(|error| unreadable_document(&name, &error))?;
        let found_differences = differences_to(args, &deployment, &bucket, &found)?;
        differences.extend(found_differences.into_iter().map(|found| (name.clone(), found)));
    }
    if args.live {
        let found_differences = differences_to(args, &deployment, &bucket, &live(&bucket).await?)?;
        let name = bucket.bucket().to_string();
        differences.extend(found_differences.into_iter().map(|found| (name.clone(), found)));
    }
    if json {
        let each = differences.iter().map(|(file, found)| {
            let (severity, description) = (severity_name(found.severity()), found.description());
            json!({"file": file, "severity": severity, "what": description, "consequence": found.consequence()})
        });
        output::result(&json!({"differences": each.collect::<Vec<_>>()}).to_string());
    } else {
        for (file, found) in &differences {
            let (severity, description) = (severity_name(found.severity()), found.description());
            output::result(&format!("{file}: {severity}: {description}\n    {}", found.consequence()));
        }
        if differences.is_empty() {
            output::notes().success("the documents in use agree with upsign.toml");
        }
    }
    Ok(if differences.is_empty() { Exit::Success } else { Exit::Failure })
}

/// Returns the error for a file that holds no readable document, with the missing feature as a hint.
fn unreadable_document(name: &str, error: &UnrecognizedDocument) -> CommandError {
    let described = CommandError::caused(name, error).into_usage();
    match error {
        UnrecognizedDocument::HclNotSupported => described.with_help(missing_feature::hint("hcl")),
        _ => described,
    }
}

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Broken => "broken",
        Severity::Untidy => "untidy",
        _ => "wider",
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
async fn live(_: &DeploymentBucket<'_>) -> Result<FoundDocuments, CommandError> {
    let instead = "or compare files: aws s3api get-bucket-cors --bucket BUCKET > cors.json; upsign check --against cors.json";
    let hint = format!("{}; {instead}", missing_feature::hint("live"));
    Err(CommandError::usage("this build cannot read the configuration of buckets (--live)").with_help(hint))
}

/// Returns how the documents found differ from the generated ones.
fn differences_to(
    args: &ComparisonArgs,
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    found: &FoundDocuments,
) -> Result<Vec<Difference>, CommandError> {
    let mut differences = Vec::new();
    if let Some(cors) = &found.cors {
        let expected = CorsDocument::for_bucket(deployment, bucket);
        differences.extend(
            expected.map_err(|error| cannot_generate("CORS configuration", &error))?.differences(cors),
        );
    }
    if let Some(lifecycle) = &found.lifecycle {
        differences.extend(LifecycleDocument::for_bucket(deployment, bucket).differences(lifecycle));
    }
    if let Some(found) = &found.notification {
        // A template refers to its own queue by a reference that has no ARN yet, so any queue is accepted there.
        let queue = args.queue_arn.clone().or_else(|| found.queues.first().map(|first| first.queue.clone()));
        let expected = notifications(deployment, bucket, queue.as_deref().or(Some("no queue")))?;
        differences.extend(expected.unwrap_or_default().differences(found));
    }
    if let Some(policy) = &found.role {
        differences.extend(IamPolicy::for_deployment(deployment).differences(policy));
    }
    if let Some(policy) = &found.resource {
        if deployment.reads() == Reads::CloudFront && args.distribution_arn.is_none() {
            return Err(missing_distribution());
        }
        let reader = args.distribution_arn.as_deref();
        let expected = IamPolicy::for_bucket(deployment, bucket, &guards(&args.guards), reader);
        let expected = expected.map_err(|error| cannot_generate("bucket policy", &error))?;
        differences.extend(expected.differences(policy));
    }
    Ok(differences)
}
