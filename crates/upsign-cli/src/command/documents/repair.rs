//! Commands that replace a document in use with the generated one.

use std::path::Path;

use upsign_config::Config;
use upsign_core::Provider;
use upsign_documents::{DeploymentBucket, DocumentForm};

use super::args::ComparisonArgs;
use super::{next, options};
use crate::shell::quote;

/// What is generated again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Cors,
    Lifecycle,
    Notification,
    Iam,
    BucketPolicy,
    QueuePolicy,
    /// The whole template or module.
    Stack,
}

/// Where a document in use was read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) form: DocumentForm,
    /// The file, or `None` for the bucket itself.
    pub(super) file: Option<&'a str>,
    /// Whether it has more than the generated document, or is one of several files, so that replacing it would lose something.
    pub(super) has_more: bool,
}

impl<'a> Source<'a> {
    /// Returns the file, unless the document came from standard input or from the bucket itself.
    fn given(&self) -> Option<&'a str> {
        self.file.filter(|file| *file != "-")
    }

    const fn is_terraform(&self) -> bool {
        matches!(
            self.form,
            DocumentForm::Terraform | DocumentForm::TerraformJson | DocumentForm::TerraformShow
        )
    }

    /// Returns whether the document in use is kept, and the generated one is written next to it: a template or a module that has
    /// more may belong to somebody else. Where the files of a module are unknown, a generated file may overwrite one of them or
    /// declare its resources again.
    pub(super) fn is_kept(&self) -> bool {
        let is_unknown =
            self.is_terraform() && (self.given().is_none() || self.form == DocumentForm::TerraformShow);
        let is_template = self.is_terraform()
            || matches!(self.form, DocumentForm::CloudFormationJson | DocumentForm::CloudFormationYaml);
        is_unknown || (self.has_more && is_template)
    }

    /// Returns the sentence that says why the document is kept. `foreign` names what it has in addition.
    pub(super) fn reason(&self, place: &str, foreign: &[&str]) -> String {
        if !foreign.is_empty() {
            return format!(
                "{place} has more than upsign generates ({}). It is not replaced, because deploying the generated document in its \
                 place would delete that. Copy the differences into it by hand.",
                foreign.join(", ")
            );
        }
        if self.has_more {
            return format!(
                "{place} are one module, so none of them is replaced. Copy the differences into them by hand."
            );
        }
        format!(
            "{place} does not say in which files the module is, so none of them is replaced. Copy the differences into them by hand."
        )
    }
}

impl Kind {
    /// Returns what is generated again to repair a part of a comparison, or `None` if nothing is.
    pub(super) fn of(part: &str, is_stack: bool) -> Option<Self> {
        Some(match part {
            _ if is_stack => Self::Stack,
            "cors" => Self::Cors,
            "lifecycle" => Self::Lifecycle,
            "notification" => Self::Notification,
            "role" => Self::Iam,
            "bucket policy" => Self::BucketPolicy,
            "queue policy" => Self::QueuePolicy,
            _ => return None,
        })
    }

    /// Returns the subcommand of `upsign documents` that generates the document.
    const fn command(self) -> &'static str {
        match self {
            Self::Cors => "cors",
            Self::Lifecycle => "lifecycle",
            Self::Notification | Self::QueuePolicy => "notification",
            Self::Iam => "iam",
            Self::BucketPolicy => "bucket-policy",
            Self::Stack => "sam",
        }
    }

    /// Returns the name of a file for the generated document, without its extension.
    const fn file(self) -> &'static str {
        match self {
            Self::QueuePolicy => "queue-policy",
            other => other.command(),
        }
    }
}

/// Where the generated documents come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Generator<'a> {
    /// The configuration, with the options of the command line.
    pub(super) config: &'a Config,
    pub(super) bucket: &'a DeploymentBucket<'a>,
    pub(super) args: &'a ComparisonArgs,
}

impl Generator<'_> {
    /// Returns the command that prints the document in this form, and the extension of a file for it.
    fn document(&self, kind: Kind, form: DocumentForm) -> (String, &'static str) {
        let (name, format, extension) = written(kind, form);
        let options = options::written_for(self.args, self.config, name);
        (format!("upsign documents {name}{format}{options}"), extension)
    }
}

/// Returns the subcommand of `upsign documents` that generates a document in the form of the one in use, its option for that form,
/// and the extension of the file.
const fn written(kind: Kind, form: DocumentForm) -> (&'static str, &'static str, &'static str) {
    match (kind, form) {
        (Kind::Stack, DocumentForm::Terraform | DocumentForm::TerraformShow) => ("terraform", "", "tf"),
        (Kind::Stack, DocumentForm::TerraformJson) => ("terraform", " --format json", "tf.json"),
        (Kind::Stack, DocumentForm::CloudFormationJson) => ("sam", " --format json", "json"),
        (Kind::Stack, _) => ("sam", "", "yaml"),
        (Kind::QueuePolicy, _) => ("notification", " --format queue-policy", "json"),
        (kind, DocumentForm::Terraform | DocumentForm::TerraformShow) => {
            (kind.command(), " --format terraform", "tf")
        }
        (kind, DocumentForm::TerraformJson) => (kind.command(), " --format terraform-json", "tf.json"),
        (kind, DocumentForm::Xml) => (kind.command(), " --format xml", "xml"),
        (kind, _) => (kind.command(), "", "json"),
    }
}

/// Returns the commands that replace the document in use with the generated one.
///
/// A file that AWS printed is evidence of what was in use, so the commands for AWS write to another one. Templates, Terraform
/// and XML files are sources, which the generated document replaces.
pub(super) fn commands(kind: Kind, source: &Source<'_>, generator: &Generator<'_>) -> Vec<String> {
    if source.is_kept() {
        return commands_to_merge(kind, source, generator);
    }
    let (document, extension) = generator.document(kind, source.form);
    let given = source.given();
    let name = if kind == Kind::Stack { "template" } else { kind.file() };
    let default = format!("{name}.{extension}");
    let file = given.unwrap_or(&default);
    let is_terraform = source.is_terraform() && kind != Kind::QueuePolicy;
    if is_terraform || kind == Kind::Stack || source.form == DocumentForm::Xml {
        let apply = match kind {
            _ if is_terraform => Some("terraform apply".to_owned()),
            Kind::Stack => Some(next::sam_deploy(generator.config, file)),
            _ => None,
        };
        return std::iter::once(format!("{document} > {}", quote(file))).chain(apply).collect();
    }
    let file = quote(&new_file(name, given));
    let bucket = quote(generator.bucket.bucket().as_str());
    let apply = match kind {
        Kind::Cors if generator.bucket.provider() == Provider::Gcs => {
            format!("gcloud storage buckets update gs://{bucket} --cors-file={file}")
        }
        Kind::Cors => {
            format!("aws s3api put-bucket-cors --bucket {bucket} --cors-configuration file://{file}")
        }
        Kind::Lifecycle => format!(
            "aws s3api put-bucket-lifecycle-configuration --bucket {bucket} --lifecycle-configuration file://{file}"
        ),
        Kind::Notification => format!(
            "aws s3api put-bucket-notification-configuration --bucket {bucket} --notification-configuration file://{file}"
        ),
        Kind::BucketPolicy => format!("aws s3api put-bucket-policy --bucket {bucket} --policy file://{file}"),
        Kind::QueuePolicy => format!(
            "jq '{{Policy: tostring}}' {file} > attributes.json && aws sqs set-queue-attributes --queue-url URL --attributes file://attributes.json"
        ),
        Kind::Iam | Kind::Stack => format!(
            "aws iam put-role-policy --role-name ROLE --policy-name uploads --policy-document file://{file}"
        ),
    };
    vec![format!("{document} > {file}"), apply]
}

/// Returns the commands that write the generated document next to the one in use and show how the two differ.
fn commands_to_merge(kind: Kind, source: &Source<'_>, generator: &Generator<'_>) -> Vec<String> {
    let (document, extension) = generator.document(kind, source.form);
    // Terraform reads every file of the folder, so the generated one needs another.
    let (prepare, file) = match (kind, source.is_terraform()) {
        (Kind::Stack, true) => ("mkdir -p generated && ", format!("generated/main.{extension}")),
        (_, true) => ("mkdir -p generated && ", format!("generated/{}-generated.{extension}", kind.file())),
        _ => ("", format!("{}-generated.{extension}", kind.file())),
    };
    // A state or plan is no text to compare a module with.
    let given = source.given().filter(|_| source.form != DocumentForm::TerraformShow);
    let compare = given.map(|given| format!("diff -u {} {file}", quote(given)));
    std::iter::once(format!("{prepare}{document} > {file}")).chain(compare).collect()
}

/// Returns the name of a new file for a generated document: that of the document, unless the document in use has it.
fn new_file(name: &str, in_use: Option<&str>) -> String {
    let default = format!("{name}.json");
    let is_in_use = in_use.is_some_and(|file| Path::new(file).file_name() == Some(default.as_ref()));
    if is_in_use { format!("{name}-new.json") } else { default }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_document_never_replaces_the_one_in_use() {
        for (in_use, file) in [
            (None, "cors.json"),
            (Some("deployed.json"), "cors.json"),
            (Some("cors.json"), "cors-new.json"),
            (Some("./cors.json"), "cors-new.json"),
            (Some("/tmp/cors.json"), "cors-new.json"),
        ] {
            assert_eq!(new_file("cors", in_use), file, "{in_use:?}");
        }
    }
}
