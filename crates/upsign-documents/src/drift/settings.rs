//! Settings of a live bucket in the XML of S3's API, as properties of the bucket in a CloudFormation template.

use super::comparison::Uncompared;
use super::found::{FoundDocuments, UnrecognizedDocument};
use crate::read::Tree;

/// A setting of a bucket that is no document of its own in a deployment: part of the bucket in CloudFormation, and a resource
/// of its own in Terraform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BucketSetting {
    /// Block Public Access.
    PublicAccessBlock,
    /// Object Ownership.
    Ownership,
    /// The default encryption.
    Encryption,
    /// Versioning.
    Versioning,
}

impl BucketSetting {
    /// Returns the property of `AWS::S3::Bucket`.
    pub(super) const fn property(self) -> &'static str {
        match self {
            Self::PublicAccessBlock => "PublicAccessBlockConfiguration",
            Self::Ownership => "OwnershipControls",
            Self::Encryption => "BucketEncryption",
            Self::Versioning => "VersioningConfiguration",
        }
    }
}

impl FoundDocuments {
    /// Adds a setting of a live bucket, in the XML that S3 answers, or none if the bucket has no such setting. Needs the feature
    /// `xml`.
    ///
    /// # Errors
    /// Fails if the text is not XML, or if this build lacks the feature.
    pub fn add_setting(
        &mut self,
        setting: BucketSetting,
        xml: Option<&str>,
    ) -> Result<(), UnrecognizedDocument> {
        // S3 answers an empty element for a bucket without the setting.
        let tree = xml.map(tree).transpose()?.filter(|tree| *tree != Tree::empty());
        self.settings.push((setting, tree));
        Ok(())
    }

    /// Adds something that could not be read, for example because a permission is missing, with the reason.
    pub fn add_uncompared(&mut self, name: &str, reason: &str) {
        self.uncompared.push(Uncompared::new(name, reason));
    }
}

/// Two names differ between the API and CloudFormation.
#[cfg(feature = "xml")]
fn member(name: &str) -> &str {
    match name {
        "Rule" => "Rules",
        "ApplyServerSideEncryptionByDefault" => "ServerSideEncryptionByDefault",
        other => other,
    }
}

/// Reads the root element. Repeated elements are a list; a rule of the default encryption has no member in CloudFormation.
#[cfg(feature = "xml")]
fn tree(xml: &str) -> Result<Tree, UnrecognizedDocument> {
    use std::collections::BTreeMap;

    use quick_xml::Reader;
    use quick_xml::events::Event;

    let invalid = |reason: &dyn std::fmt::Display| {
        UnrecognizedDocument::Invalid(format!("the XML is invalid: {reason}"))
    };
    let mut reader = Reader::from_str(xml);
    // The names of the open elements, with what was read inside of them.
    let mut open: Vec<(String, BTreeMap<String, Tree>, String)> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| invalid(&error))? {
            Event::Start(element) => {
                let name = String::from_utf8_lossy(element.local_name().as_ref()).into_owned();
                open.push((name, BTreeMap::new(), String::new()));
            }
            Event::Text(text) => {
                if let Some((_, _, inner)) = open.last_mut() {
                    inner.push_str(&text.decode().map_err(|error| invalid(&error))?);
                }
            }
            Event::End(_) => {
                let Some((name, members, text)) = open.pop() else { continue };
                let value = if members.is_empty() { Tree::literal(text.trim()) } else { Tree::Map(members) };
                let Some((_, parent, _)) = open.last_mut() else { return Ok(root(&name, value)) };
                let name = member(&name).to_owned();
                let value = match parent.remove(&name) {
                    Some(Tree::List(mut list)) => {
                        list.push(value);
                        Tree::List(list)
                    }
                    Some(first) => Tree::List(vec![first, value]),
                    None => value,
                };
                parent.insert(name, value);
            }
            // An empty element stands for no text.
            Event::Empty(element) if open.is_empty() => {
                let _ = element;
                return Ok(Tree::empty());
            }
            Event::Eof => return Err(invalid(&"it ends too early")),
            _ => {}
        }
    }
}

#[cfg(feature = "xml")]
fn root(name: &str, value: Tree) -> Tree {
    // An element without members reads as an empty text.
    let value = if value.as_literal() == Some("") { Tree::empty() } else { value };
    match (name, value) {
        ("ServerSideEncryptionConfiguration", Tree::Map(mut members)) => {
            let rules = members.remove("Rules").unwrap_or_else(Tree::empty);
            Tree::Map([("ServerSideEncryptionConfiguration".to_owned(), rules)].into())
        }
        (_, value) => value,
    }
}

#[cfg(not(feature = "xml"))]
fn tree(_: &str) -> Result<Tree, UnrecognizedDocument> {
    Err(UnrecognizedDocument::XmlNotSupported)
}

/// Removes values that a live bucket states and a template leaves out.
pub(super) fn without_defaults(tree: Tree) -> Tree {
    match tree {
        Tree::Map(members) => Tree::Map(
            members
                .into_iter()
                // S3 blocks no encryption type unless told to, and answers so.
                .filter(|(name, value)| {
                    !(name == "BucketKeyEnabled" && value.as_literal() == Some("false"))
                        && name != "BlockedEncryptionTypes"
                })
                .map(|(name, value)| (name, without_defaults(value)))
                .collect(),
        ),
        other => other,
    }
}
