//! `upsign documents check`, and `upsign check --against` and `--live`.

use std::io::Read;
use std::path::Path;

use serde_json::json;
use upsign_documents::{
    BucketUse, CorsDocument, Difference, Found, IamPolicy, LifecycleDocument, Reads, Severity, System,
};

use super::args::Comparison;
use super::{guards, notifications, system};
use crate::environment;
use crate::exit::{Exit, Failed};
use crate::say;

pub(crate) async fn compared(args: &Comparison, as_json: bool) -> Result<Exit, Failed> {
    if !args.is_asked_for() {
        return Err(Failed::usage("there is nothing to compare with").hint("give --against FILE or --live"));
    }
    let system = system::of(&args.system)?;
    let bucket = system::bucket(&system, &args.system)?;
    let mut differences: Vec<(String, Difference)> = Vec::new();
    for path in &args.against {
        let name = path.display().to_string();
        let found = Found::read(&text(path)?);
        let found = found.map_err(|error| Failed::caused(&name, &error).into_usage())?;
        let here = compare(args, &system, &bucket, &found)?;
        differences.extend(here.into_iter().map(|difference| (name.clone(), difference)));
    }
    if args.live {
        let here = compare(args, &system, &bucket, &live(&bucket).await?)?;
        differences.extend(here.into_iter().map(|it| (bucket.bucket().to_string(), it)));
    }
    if as_json {
        let each = differences.iter().map(|(file, it)| {
            let severity = word(it.severity());
            json!({"file": file, "severity": severity, "what": it.what(), "consequence": it.consequence()})
        });
        say::answer(&json!({"differences": each.collect::<Vec<_>>()}).to_string());
    } else {
        for (file, it) in &differences {
            say::answer(&format!("{file}: {}: {}\n    {}", word(it.severity()), it.what(), it.consequence()));
        }
        if differences.is_empty() {
            say::good("in use is what would be generated");
        }
    }
    Ok(if differences.is_empty() { Exit::Success } else { Exit::Failure })
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Broken => "broken",
        Severity::Untidy => "untidy",
        _ => "wider",
    }
}

fn text(path: &Path) -> Result<String, Failed> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| environment::unreadable(path, &error))
}

/// What the bucket has now. A document that it lacks is an empty one.
#[cfg(feature = "live")]
async fn live(bucket: &BucketUse<'_>) -> Result<Found, Failed> {
    let Some(route) = bucket.routes().first() else { return Ok(Found::default()) };
    let live = upsign_aws::LiveBucket::of(route.target()).await;
    let documents =
        live.documents().await.map_err(|error| Failed::caused("the bucket cannot be read", &error))?;
    let read = |text: Option<String>| match text {
        Some(text) => Found::read(&text).map_err(|error| Failed::caused("the bucket's document", &error)),
        None => Ok(Found::default()),
    };
    let mut found = Found::default();
    found.cors = Some(read(documents.cors)?.cors.unwrap_or_else(CorsDocument::none));
    found.lifecycle = Some(read(documents.lifecycle)?.lifecycle.unwrap_or_default());
    found.notification = Some(read(documents.notification)?.notification.unwrap_or_default());
    found.resource = Some(read(documents.policy)?.resource.unwrap_or_default());
    Ok(found)
}

#[cfg(not(feature = "live"))]
async fn live(_: &BucketUse<'_>) -> Result<Found, Failed> {
    Err(Failed::usage("this build has no AWS SDK").hint("build with --features live"))
}

fn compare(
    args: &Comparison,
    system: &System,
    bucket: &BucketUse<'_>,
    found: &Found,
) -> Result<Vec<Difference>, Failed> {
    let mut out = Vec::new();
    if let Some(cors) = &found.cors {
        let wanted = CorsDocument::for_bucket(system, bucket);
        out.extend(wanted.map_err(|error| Failed::caused("the CORS document", &error))?.differences(cors));
    }
    if let Some(lifecycle) = &found.lifecycle {
        out.extend(LifecycleDocument::for_bucket(system, bucket).differences(lifecycle));
    }
    if let Some(found) = &found.notification {
        // A template names its own queue by reference: it is taken at its word.
        let queue = args.queue_arn.clone().or_else(|| found.queues.first().map(|it| it.queue.clone()));
        let wanted = notifications(system, bucket, queue.as_deref().or(Some("no queue")))?;
        out.extend(wanted.unwrap_or_default().differences(found));
    }
    if let Some(policy) = &found.role {
        out.extend(IamPolicy::for_system(system).differences(policy));
    }
    if let Some(policy) = &found.resource {
        if system.reads() == Reads::CloudFront && args.distribution_arn.is_none() {
            return Err(Failed::usage("which distribution reads is not said").hint("give --distribution-arn"));
        }
        let reader = args.distribution_arn.as_deref();
        let wanted = IamPolicy::for_bucket(system, bucket, &guards(&args.guards), reader);
        let wanted = wanted.map_err(|error| Failed::caused("the bucket policy", &error).into_usage())?;
        out.extend(wanted.differences(policy));
    }
    Ok(out)
}
