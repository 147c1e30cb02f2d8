//! The values of options of `upsign documents`, and their parsers.

use clap::ValueEnum;
use upsign_documents::Guard;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// JSON for `aws s3api`.
    Json,
    /// The list that the editor of the S3 console takes; CORS only.
    Console,
    /// XML for the S3 API, also of other stores.
    Xml,
    /// Property of a CloudFormation AWS::S3::Bucket.
    Cloudformation,
    /// Terraform resource in HCL.
    Terraform,
    /// Terraform resource in JSON.
    TerraformJson,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum NotificationFormat {
    /// JSON for `aws s3api`.
    Json,
    /// XML for the S3 API.
    Xml,
    /// Property of a CloudFormation AWS::S3::Bucket.
    Cloudformation,
    /// Terraform resource in HCL.
    Terraform,
    /// Terraform resource in JSON.
    TerraformJson,
    /// Policy of the SQS queue; S3 refuses the notification until the queue has it.
    QueuePolicy,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PolicyFormat {
    /// Policy in JSON.
    Json,
    /// Terraform resource in HCL.
    Terraform,
    /// Terraform resource in JSON.
    TerraformJson,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TemplateFormat {
    Yaml,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum MultipartArg {
    /// No multipart uploads.
    No,
    /// The service creates, completes and aborts uploads; browsers send parts.
    Service,
    /// Browsers do all of it, as Uppy does.
    Browser,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ReadsArg {
    /// Uploads are not read through this deployment.
    None,
    /// Presigned GET URLs.
    Presigned,
    /// A CloudFront distribution, which becomes the only reader.
    Cloudfront,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum NotifyArg {
    /// No notifications.
    None,
    /// An SQS queue with a dead-letter queue.
    Queue,
    /// EventBridge.
    EventBridge,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ApiArg {
    /// REST API with a Cognito authorizer.
    Rest,
    /// HTTP API with a JWT authorizer.
    Http,
}

/// Parses `PREFIX=DAYS`.
pub(super) fn expiring_prefix(text: &str) -> Result<(String, u32), &'static str> {
    let (prefix, days) = text.rsplit_once('=').ok_or("must be PREFIX=DAYS, as in pending/=1")?;
    let days = days.parse().ok().filter(|days| *days > 0).ok_or("DAYS must be a whole number from 1")?;
    Ok((prefix.to_owned(), days))
}

#[derive(Clone, Copy, Debug)]
pub(super) enum GuardArg {
    None,
    Guard(Guard),
}

impl GuardArg {
    /// Returns the name as it is written on the command line.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Guard(guard) => guard.name(),
        }
    }
}

/// Parses the name of a guard, or `none`.
pub(super) fn guard(text: &str) -> Result<GuardArg, String> {
    if text == "none" {
        return Ok(GuardArg::None);
    }
    let found = Guard::ALL.into_iter().find(|guard| guard.name() == text).map(GuardArg::Guard);
    found.ok_or_else(|| {
        let names: Vec<&str> = Guard::ALL.iter().map(|guard| guard.name()).collect();
        format!("must be one of none, {}", names.join(", "))
    })
}
