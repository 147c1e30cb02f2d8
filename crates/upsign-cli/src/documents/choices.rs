//! What may be chosen on the command line, and how it is read.

use clap::ValueEnum;
use upsign_documents::Guard;

use super::args::GuardArg;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For `aws s3api`.
    Json,
    /// The bare list of the console's editor. CORS only.
    Console,
    /// For S3's API and other stores'.
    Xml,
    /// A property of AWS::S3::Bucket.
    Cloudformation,
    /// A resource in HCL.
    Terraform,
    /// A resource in Terraform's JSON.
    TerraformJson,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NotificationFormat {
    /// For `aws s3api`.
    Json,
    /// For S3's API.
    Xml,
    /// A property of AWS::S3::Bucket.
    Cloudformation,
    /// A resource in HCL.
    Terraform,
    /// A resource in Terraform's JSON.
    TerraformJson,
    /// The policy of the queue.
    QueuePolicy,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PolicyFormat {
    /// The policy.
    Json,
    /// A resource in HCL.
    Terraform,
    /// A resource in Terraform's JSON.
    TerraformJson,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TemplateFormat {
    Yaml,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MultipartArg {
    /// Nobody.
    No,
    /// The service begins, completes and aborts; browsers send parts.
    Service,
    /// Browsers do all of it, as Uppy does.
    Browser,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReadsArg {
    /// Not by anything here.
    None,
    /// By presigned GETs of the signer.
    Presigned,
    /// Through a distribution that alone may read.
    Cloudfront,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NotifyArg {
    /// Nobody.
    None,
    /// A queue, with another for what fails.
    Queue,
    /// EventBridge.
    EventBridge,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ApiArg {
    /// A REST API with a Cognito authorizer.
    Rest,
    /// An HTTP API with a JWT authorizer.
    Http,
}

pub(super) fn pending(text: &str) -> Result<(String, u32), String> {
    let (prefix, days) = text.rsplit_once('=').ok_or("write PREFIX=DAYS, as in pending/=1")?;
    let days = days.parse().ok().filter(|days| *days > 0).ok_or("the days are a whole number from 1")?;
    Ok((prefix.to_owned(), days))
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn guard(text: &str) -> Result<GuardArg, String> {
    if text == "none" {
        return Ok(GuardArg::None);
    }
    let found = Guard::ALL.into_iter().find(|guard| guard.name() == text).map(GuardArg::One);
    found.ok_or_else(|| {
        let names: Vec<&str> = Guard::ALL.iter().map(|guard| guard.name()).collect();
        format!("known are none, {}", names.join(", "))
    })
}
