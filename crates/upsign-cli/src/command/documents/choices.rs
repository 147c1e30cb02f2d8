//! The values of options of `upsign documents`, and their parsers.

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser};
use upsign_documents::{ApiKind, NotificationTarget, Reads};

use crate::deployment_summary;

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
    /// A page of Markdown, in the form of llms.txt, for people and for programs that read text.
    Markdown,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TemplateFormat {
    Yaml,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ModuleFormat {
    /// HCL, for a file main.tf.
    Hcl,
    /// JSON, for a file main.tf.json.
    Json,
}

/// Returns a parser of the names of the APIs.
pub(super) fn apis() -> PossibleValuesParser {
    ApiKind::ALL.map(|api| PossibleValue::new(api.name()).help(deployment_summary::api_name(api))).into()
}

/// Returns a parser of the names of the ways to read uploads.
pub(super) fn reads() -> PossibleValuesParser {
    Reads::ALL
        .map(|reads| PossibleValue::new(reads.name()).help(deployment_summary::reads_name(reads)))
        .into()
}

/// Returns a parser of the names of the targets of notifications.
pub(super) fn notification_targets() -> PossibleValuesParser {
    let value = |target: NotificationTarget| {
        PossibleValue::new(target.name()).help(deployment_summary::notify_name(target))
    };
    NotificationTarget::ALL.map(value).into()
}

/// Parses `PREFIX=DAYS`. The configuration checks both.
pub(super) fn expiring_prefix(text: &str) -> Result<(String, String), &'static str> {
    let (prefix, days) = text.rsplit_once('=').ok_or("must be PREFIX=DAYS, as in pending/=1")?;
    Ok((prefix.to_owned(), days.to_owned()))
}
