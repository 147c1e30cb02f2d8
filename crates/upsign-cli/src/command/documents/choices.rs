//! The values of options of `upsign documents`, and their parsers.

use clap::ValueEnum;
use upsign_config::arn::{self, InvalidArn};
use upsign_documents::{ApiKind, CodeLocation, Guard, NotificationTarget, Reads};

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
pub(super) enum OpenApiFormat {
    #[value(name = "3.1")]
    V3_1,
    #[value(name = "3.0")]
    V3_0,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TemplateFormat {
    Yaml,
    Json,
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
    /// REST API.
    Rest,
    /// HTTP API.
    Http,
    /// Function URL.
    Url,
    /// Application Load Balancer.
    Alb,
}

impl From<ReadsArg> for Reads {
    fn from(argument: ReadsArg) -> Self {
        match argument {
            ReadsArg::None => Self::None,
            ReadsArg::Presigned => Self::Presigned,
            ReadsArg::Cloudfront => Self::CloudFront,
        }
    }
}

impl From<NotifyArg> for NotificationTarget {
    fn from(argument: NotifyArg) -> Self {
        match argument {
            NotifyArg::None => Self::None,
            NotifyArg::Queue => Self::Queue,
            NotifyArg::EventBridge => Self::EventBridge,
        }
    }
}

impl From<ApiArg> for ApiKind {
    fn from(argument: ApiArg) -> Self {
        match argument {
            ApiArg::Rest => Self::Rest,
            ApiArg::Http => Self::Http,
            ApiArg::Url => Self::FunctionUrl,
            ApiArg::Alb => Self::LoadBalancer,
        }
    }
}

/// Returns the name of a value as it is written on the command line and in upsign.toml.
pub(super) fn name_of(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Parses `PREFIX=DAYS`.
pub(super) fn expiring_prefix(text: &str) -> Result<(String, u32), &'static str> {
    let (prefix, days) = text.rsplit_once('=').ok_or("must be PREFIX=DAYS, as in pending/=1")?;
    let days = days.parse().ok().filter(|days| *days > 0).ok_or("DAYS must be a whole number from 1")?;
    Ok((prefix.to_owned(), days))
}

/// Parses the number of days after which uploads move to `STANDARD_IA`.
pub(super) fn infrequent_after(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days @ 30..) => Ok(days),
        Ok(days @ 0..30) => {
            Err(format!("S3 moves objects to STANDARD_IA after 30 days at the earliest, not after {days}"))
        }
        Err(_) => Err("must be a whole number of days from 30, as in 60".to_owned()),
    }
}

/// Parses the ARN of an SQS queue.
pub(super) fn queue_arn(text: &str) -> Result<String, InvalidArn> {
    arn::queue(text).map(|_| text.to_owned())
}

/// Parses the ARN of a CloudFront distribution.
pub(super) fn distribution_arn(text: &str) -> Result<String, InvalidArn> {
    arn::distribution(text).map(|_| text.to_owned())
}

/// Parses the ARN of a listener of a load balancer.
pub(super) fn listener_arn(text: &str) -> Result<String, InvalidArn> {
    arn::listener(text).map(|_| text.to_owned())
}

/// Parses the place of the function's code.
pub(super) fn code_location(text: &str) -> Result<CodeLocation, &'static str> {
    let Some(object) = text.strip_prefix("s3://") else { return Ok(CodeLocation::Local(text.into())) };
    let (bucket, key) = object.split_once('/').ok_or("must be a path or s3://BUCKET/KEY")?;
    Ok(CodeLocation::Object { bucket: bucket.into(), key: key.into() })
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

/// Returns the guards of the bucket policy: `base`, unless `none` leaves them out, and those that were written.
pub(super) fn guards(base: &[Guard], written: &[GuardArg]) -> Vec<Guard> {
    let leaves_out_base = written.iter().any(|guard| matches!(guard, GuardArg::None));
    let mut guards = if leaves_out_base { Vec::new() } else { base.to_vec() };
    for guard in written {
        match guard {
            GuardArg::Guard(guard) if !guards.contains(guard) => guards.push(*guard),
            GuardArg::Guard(_) | GuardArg::None => {}
        }
    }
    guards
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_added_to_the_default_ones() {
        let of = |names: &str| {
            let written: Vec<GuardArg> = names.split_whitespace().map(|name| guard(name).unwrap()).collect();
            guards(&Guard::RECOMMENDED, &written).into_iter().map(Guard::name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(""), "tls tls12 sigv4");
        assert_eq!(of("signature-age tls acl acl"), "tls tls12 sigv4 signature-age acl");
        assert_eq!(of("none"), "");
        assert_eq!(of("none acl"), "acl");
        assert_eq!(of("acl none"), "acl");
    }
}
