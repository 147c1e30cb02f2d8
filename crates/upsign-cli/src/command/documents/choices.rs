//! The values of options of `upsign documents`, and their parsers.

use clap::ValueEnum;
use upsign_documents::{AccountId, Guard};

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
pub(super) fn queue_arn(text: &str) -> Result<String, String> {
    let is_name = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !name.is_empty() && name.bytes().all(allowed)
    };
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "sqs", region, account, name]
            if is_partition(partition) && is_name(region) && is_account(account) && is_name(name) =>
        {
            Ok(text.to_owned())
        }
        _ => {
            Err("write the ARN of an SQS queue, as in arn:aws:sqs:eu-central-1:123456789012:uploads"
                .to_owned())
        }
    }
}

/// Parses the ARN of a CloudFront distribution.
pub(super) fn distribution_arn(text: &str) -> Result<String, String> {
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "cloudfront", "", account, distribution]
            if is_partition(partition)
                && is_account(account)
                && distribution.strip_prefix("distribution/").is_some_and(|id| {
                    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
                }) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("write the ARN of a CloudFront distribution, as in \
                  arn:aws:cloudfront::123456789012:distribution/E1A2B3C4D5E6F7"
            .to_owned()),
    }
}

fn is_partition(text: &str) -> bool {
    text == "aws" || text.starts_with("aws-")
}

fn is_account(text: &str) -> bool {
    text.parse::<AccountId>().is_ok()
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

/// Returns the guards of the bucket policy: the default ones, unless `none` leaves them out, and those that were written.
pub(super) fn guards(written: &[GuardArg]) -> Vec<Guard> {
    let leaves_out_defaults = written.iter().any(|guard| matches!(guard, GuardArg::None));
    let mut guards = if leaves_out_defaults { Vec::new() } else { Guard::RECOMMENDED.to_vec() };
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
            guards(&written).into_iter().map(Guard::name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(""), "tls tls12 sigv4");
        assert_eq!(of("signature-age tls acl acl"), "tls tls12 sigv4 signature-age acl");
        assert_eq!(of("none"), "");
        assert_eq!(of("none acl"), "acl");
        assert_eq!(of("acl none"), "acl");
    }

    #[test]
    fn arns_of_other_services_are_refused() {
        assert!(queue_arn("arn:aws:sqs:eu-central-1:123456789012:uploads.fifo").is_ok());
        assert!(queue_arn("arn:aws-cn:sqs:cn-north-1:123456789012:uploads").is_ok());
        for text in ["", "foo", "arn:q", "arn:aws:sns:eu-central-1:123456789012:uploads"] {
            assert!(queue_arn(text).is_err(), "{text}");
        }
        assert!(queue_arn("arn:aws:sqs:eu-central-1:ACCOUNT:uploads").is_err());
        assert!(distribution_arn("arn:aws:cloudfront::123456789012:distribution/E1").is_ok());
        for text in ["E1", "arn:aws:cloudfront::123456789012:E1", "arn:aws:s3:::uploads"] {
            assert!(distribution_arn(text).is_err(), "{text}");
        }
    }
}
