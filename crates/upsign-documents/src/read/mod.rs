//! Reads the forms in which deployed documents are written: JSON, YAML, HCL, and the output of `terraform show -json`.
//!
//! Every form is first converted to JSON that means the same: YAML's short functions to CloudFormation's full ones, HCL to
//! Terraform's JSON syntax. [`stack`] then yields the resources of a template, independent of the form.

mod cloudformation;
mod json;
mod security;
mod stack;
mod template;
mod terraform;
mod tree;
#[cfg(feature = "xml")]
mod xml;
#[cfg(feature = "yaml")]
mod yaml;

use serde_json::Value;

use crate::drift::UnrecognizedDocument;
use crate::terraform as hcl;

pub(crate) use stack::{Dialect, Item, Place, Stack};
pub(crate) use tree::{MARKS, Piece, Tree};
#[cfg(feature = "xml")]
pub(crate) use xml::parse as parse_xml;

/// The form in which a deployed document is written.
///
/// ```
/// use upsign_documents::{DeployedFile, DocumentForm};
/// let file = DeployedFile::read(r#"[{"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["PUT"]}]"#)?;
/// assert_eq!(file.form(), DocumentForm::Json);
/// # Ok::<(), upsign_documents::UnrecognizedDocument>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentForm {
    /// The JSON of `aws s3api`, `aws iam` or the S3 console, or the same as YAML.
    Json,
    /// The XML of S3's API.
    Xml,
    /// A CloudFormation template in JSON.
    CloudFormationJson,
    /// A CloudFormation template in YAML.
    CloudFormationYaml,
    /// Terraform in HCL.
    Terraform,
    /// Terraform in JSON syntax.
    TerraformJson,
    /// The output of `terraform show -json`, of a state or a plan.
    TerraformShow,
}

/// A file that was parsed, as JSON that means the same.
pub(crate) struct Parsed {
    pub(crate) form: DocumentForm,
    pub(crate) value: Value,
}

/// Parses a file in any form but XML.
pub(crate) fn parse(text: &str) -> Result<Parsed, UnrecognizedDocument> {
    let text = without_mark(text);
    if let Some(value) = json::parse(text)? {
        return Ok(match hcl::configuration(&value) {
            Some(value) => Parsed { form: DocumentForm::TerraformShow, value },
            None if value.get("Resources").is_some() => {
                Parsed { form: DocumentForm::CloudFormationJson, value }
            }
            None if terraform::stack(&value, Dialect::Terraform).is_some() => {
                Parsed { form: DocumentForm::TerraformJson, value }
            }
            None => Parsed { form: DocumentForm::Json, value },
        });
    }
    if hcl::looks_like_hcl(text) && !looks_like_template(text) {
        return Ok(Parsed { form: DocumentForm::Terraform, value: parse_hcl(text)? });
    }
    let value = parse_yaml(text)?;
    if !value.is_object() && !value.is_array() {
        return Err(UnrecognizedDocument::Nothing);
    }
    let is_template = value.get("Resources").is_some();
    let form = if is_template { DocumentForm::CloudFormationYaml } else { DocumentForm::Json };
    Ok(Parsed { form, value })
}

/// Returns the resources of a template or a module, or `None` if the value is another document.
pub(crate) fn stack(parsed: &Parsed) -> Option<Stack> {
    match parsed.form {
        DocumentForm::CloudFormationJson | DocumentForm::CloudFormationYaml => {
            cloudformation::stack(&parsed.value)
        }
        DocumentForm::Terraform | DocumentForm::TerraformJson => {
            terraform::stack(&parsed.value, Dialect::Terraform)
        }
        DocumentForm::TerraformShow => terraform::stack(&parsed.value, Dialect::TerraformState),
        DocumentForm::Json | DocumentForm::Xml => None,
    }
}

#[cfg(feature = "hcl")]
fn parse_hcl(text: &str) -> Result<Value, UnrecognizedDocument> {
    hcl::parse(text).map_err(|error| UnrecognizedDocument::Invalid(format!("the HCL is invalid: {error}")))
}

#[cfg(not(feature = "hcl"))]
fn parse_hcl(_: &str) -> Result<Value, UnrecognizedDocument> {
    Err(UnrecognizedDocument::HclNotSupported)
}

#[cfg(feature = "yaml")]
fn parse_yaml(text: &str) -> Result<Value, UnrecognizedDocument> {
    yaml::parse(text).map_err(|error| match looks_like_template(text) {
        true => UnrecognizedDocument::Invalid(format!("the YAML is invalid: {error}")),
        false => UnrecognizedDocument::Nothing,
    })
}

#[cfg(not(feature = "yaml"))]
fn parse_yaml(text: &str) -> Result<Value, UnrecognizedDocument> {
    Err(match looks_like_template(text) {
        true => UnrecognizedDocument::YamlNotSupported,
        false => UnrecognizedDocument::Nothing,
    })
}

/// Returns whether a text looks like a CloudFormation template in YAML: whether a line starts with `Resources:`.
fn looks_like_template(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("Resources:"))
}

/// Parses a text of JSON inside of another document, or returns the reason why it is not read.
pub(crate) fn inner_json(text: &str) -> Result<Value, String> {
    match json::parse(text) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err("the text is not valid JSON".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Removes the byte order mark with which some editors start a file.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

/// Converts JSON in which nothing refers to anything.
pub(crate) fn plain(value: &Value) -> Tree {
    terraform::plain(value)
}
