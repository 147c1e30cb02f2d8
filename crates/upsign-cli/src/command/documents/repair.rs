//! Commands that replace a document in use with the generated one.

use std::path::Path;

use upsign_documents::DeploymentBucket;

use super::args::ComparisonArgs;
use super::options;
use crate::shell::quote;

/// The kind of a document that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Cors,
    Lifecycle,
    Notification,
    Iam,
    BucketPolicy,
}

impl Kind {
    /// Returns the subcommand of `upsign documents` that generates the document.
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::Cors => "cors",
            Self::Lifecycle => "lifecycle",
            Self::Notification => "notification",
            Self::Iam => "iam",
            Self::BucketPolicy => "bucket-policy",
        }
    }
}

/// How a document in use is written, which decides how it is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The JSON of `aws s3api` or `aws iam`, or the bucket itself.
    Json,
    /// The XML of the S3 API.
    Xml,
    /// A CloudFormation template.
    Template,
    /// Terraform in HCL.
    Terraform,
    /// Terraform in JSON.
    TerraformJson,
    /// The output of `terraform show -json`.
    TerraformShow,
}

impl Form {
    /// Detects the form of a document that was read.
    pub(super) fn of(name: &str, text: &str) -> Self {
        let text = text.trim_start();
        if text.starts_with('<') {
            return Self::Xml;
        }
        let Ok(document) = serde_json::from_str::<serde_json::Value>(text) else { return Self::Terraform };
        match document {
            _ if name.ends_with(".tf.json") => Self::TerraformJson,
            document if document.get("Resources").is_some() => Self::Template,
            document if document.get("resource").is_some() => Self::TerraformJson,
            document if document.get("values").is_some() || document.get("planned_values").is_some() => {
                Self::TerraformShow
            }
            _ => Self::Json,
        }
    }
}

/// Returns the commands that replace the document in use, which was read from `file`, with the generated one. `file` is `None`
/// if the document was read from the bucket.
///
/// A file that AWS printed is evidence of what was in use, so the commands for AWS write to another one. Templates, Terraform
/// and XML files are sources, which the generated document replaces.
pub(super) fn commands(
    kind: Kind,
    form: Form,
    file: Option<&str>,
    bucket: &DeploymentBucket<'_>,
    args: &ComparisonArgs,
) -> Vec<String> {
    let name = kind.command();
    let options = options::written_for(args, name);
    let given = file.filter(|file| *file != "-");
    let default = format!("{name}.json");
    let file = quote(given.unwrap_or(&default));
    let document = format!("upsign documents {name}{options}");
    match form {
        Form::Template => {
            let options = options::written_for(args, "sam");
            return vec![
                format!("upsign documents sam --format json{options} > {file}"),
                "sam deploy".to_owned(),
            ];
        }
        Form::Xml => return vec![format!("{document} --format xml > {file}")],
        Form::Terraform => return vec![format!("{document} --format terraform > {file}"), apply()],
        Form::TerraformJson => return vec![format!("{document} --format terraform-json > {file}"), apply()],
        Form::TerraformShow => return vec![format!("{document} --format terraform > {name}.tf"), apply()],
        Form::Json => {}
    }
    let file = quote(&new_file(name, given));
    let bucket = quote(bucket.bucket().as_str());
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
        Kind::Iam => format!(
            "aws iam put-role-policy --role-name ROLE --policy-name uploads --policy-document file://{file}"
        ),
    };
    vec![format!("{document} > {file}"), apply]
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

    #[test]
    fn forms_are_detected() {
        for (name, text, form) in [
            ("cors.json", r#"{"CORSRules":[]}"#, Form::Json),
            ("cors.json", "[]", Form::Json),
            ("cors.xml", "<CORSConfiguration/>", Form::Xml),
            ("template.json", r#"{"Resources":{}}"#, Form::Template),
            ("main.tf", "resource \"aws_s3_bucket\" \"b\" {}", Form::Terraform),
            ("cors.tf.json", r#"{"resource":{}}"#, Form::TerraformJson),
            ("show.json", r#"{"values":{}}"#, Form::TerraformShow),
        ] {
            assert_eq!(Form::of(name, text), form, "{name}");
        }
    }
}
