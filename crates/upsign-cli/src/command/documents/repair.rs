//! Commands that replace a document in use with the generated one.

use std::path::Path;

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

impl Source<'_> {
    /// Returns whether the file is a template or a module, which may belong to somebody else.
    pub(super) const fn is_template(&self) -> bool {
        matches!(
            self.form,
            DocumentForm::CloudFormationJson
                | DocumentForm::CloudFormationYaml
                | DocumentForm::Terraform
                | DocumentForm::TerraformJson
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

/// Returns the commands that replace the document in use with the generated one.
///
/// A file that AWS printed is evidence of what was in use, so the commands for AWS write to another one. Templates, Terraform
/// and XML files are sources, which the generated document replaces.
pub(super) fn commands(
    kind: Kind,
    source: &Source<'_>,
    bucket: &DeploymentBucket<'_>,
    args: &ComparisonArgs,
) -> Vec<String> {
    let given = source.file.filter(|file| *file != "-");
    if source.has_more && source.is_template() {
        return commands_to_merge(kind, source, given, args);
    }
    if kind == Kind::Stack {
        return stack_commands(source.form, given, args);
    }
    let (name, new) = (kind.command(), kind.file());
    let options = options::written_for(args, name);
    let default = format!("{new}.json");
    let file = quote(given.unwrap_or(&default));
    let document = format!("upsign documents {name}{options}");
    let has_forms = kind != Kind::QueuePolicy;
    match source.form {
        DocumentForm::Xml => return vec![format!("{document} --format xml > {file}")],
        DocumentForm::Terraform if has_forms => {
            return vec![format!("{document} --format terraform > {file}"), apply()];
        }
        DocumentForm::TerraformJson if has_forms => {
            return vec![format!("{document} --format terraform-json > {file}"), apply()];
        }
        DocumentForm::TerraformShow if has_forms => {
            return vec![format!("{document} --format terraform > {name}.tf"), apply()];
        }
        _ => {}
    }
    let file = quote(&new_file(new, given));
    let bucket = quote(bucket.bucket().as_str());
    let format = if kind == Kind::QueuePolicy { " --format queue-policy" } else { "" };
    let apply = match kind {
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
    vec![format!("{document}{format} > {file}"), apply]
}

/// Returns the commands that write the generated document next to the one in use and show how the two differ.
fn commands_to_merge(
    kind: Kind,
    source: &Source<'_>,
    given: Option<&str>,
    args: &ComparisonArgs,
) -> Vec<String> {
    let is_terraform = matches!(source.form, DocumentForm::Terraform | DocumentForm::TerraformJson);
    let (name, format, extension) = match (kind, source.form) {
        (Kind::Stack, DocumentForm::Terraform | DocumentForm::TerraformJson) => ("terraform", "", "tf"),
        (Kind::Stack, DocumentForm::CloudFormationJson) => ("sam", " --format json", "json"),
        (Kind::Stack, _) => ("sam", "", "yaml"),
        (Kind::QueuePolicy, _) => ("notification", " --format queue-policy", "json"),
        (kind, DocumentForm::Terraform) => (kind.command(), " --format terraform", "tf"),
        (kind, DocumentForm::TerraformJson) => (kind.command(), " --format terraform-json", "tf.json"),
        (kind, _) => (kind.command(), "", "json"),
    };
    let options = options::written_for(args, name);
    // Terraform reads every file of the folder, so the generated one needs another.
    let folder = if is_terraform { "generated/" } else { "" };
    let file = match (kind, is_terraform) {
        (Kind::Stack, true) => format!("{folder}main.tf"),
        _ => format!("{folder}{}-generated.{extension}", kind.file()),
    };
    let document = format!("upsign documents {name}{format}{options} > {file}");
    let document = if is_terraform { format!("mkdir -p generated && {document}") } else { document };
    let compare = given.map(|given| format!("diff -u {} {file}", quote(given)));
    std::iter::once(document).chain(compare).collect()
}

/// Returns the commands that generate the whole stack again. They replace the file, so what it has in addition is lost.
fn stack_commands(form: DocumentForm, given: Option<&str>, args: &ComparisonArgs) -> Vec<String> {
    let sam = options::written_for(args, "sam");
    let terraform = options::written_for(args, "terraform");
    let file = |default: &str| quote(given.unwrap_or(default));
    let config = args.deployment.config.load().ok();
    let sam_deploy = |default: &str| {
        let template = given.unwrap_or(default);
        config.as_ref().map_or_else(|| "sam deploy".to_owned(), |config| next::sam_deploy(config, template))
    };
    match form {
        DocumentForm::CloudFormationJson => vec![
            format!("upsign documents sam --format json{sam} > {}", file("template.json")),
            sam_deploy("template.json"),
        ],
        DocumentForm::CloudFormationYaml => {
            vec![
                format!("upsign documents sam{sam} > {}", file("template.yaml")),
                sam_deploy("template.yaml"),
            ]
        }
        DocumentForm::Terraform => {
            vec![format!("upsign documents terraform{terraform} > {}", file("main.tf")), apply()]
        }
        // The module is written in HCL only.
        _ => vec![format!("upsign documents terraform{terraform} > main.tf"), apply()],
    }
}

/// Returns the name of a new file for a generated document: that of the document, unless the document in use has it.
fn new_file(name: &str, in_use: Option<&str>) -> String {
    let default = format!("{name}.json");
    let is_in_use = in_use.is_some_and(|file| Path::new(file).file_name() == Some(default.as_ref()));
    if is_in_use { format!("{name}-new.json") } else { default }
}

fn apply() -> String {
    "terraform apply".to_owned()
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
