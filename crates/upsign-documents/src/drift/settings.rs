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
    /// Object Lock with its default retention.
    ObjectLock,
}

impl BucketSetting {
    /// Returns the property of `AWS::S3::Bucket`, or `None` for a setting that is compared with what the routes sign.
    pub(super) const fn property(self) -> Option<&'static str> {
        match self {
            Self::PublicAccessBlock => Some("PublicAccessBlockConfiguration"),
            Self::Ownership => Some("OwnershipControls"),
            Self::Encryption => Some("BucketEncryption"),
            Self::Versioning => Some("VersioningConfiguration"),
            Self::ObjectLock => None,
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

/// Reads the root element. A rule of the default encryption has no member in CloudFormation.
#[cfg(feature = "xml")]
fn tree(xml: &str) -> Result<Tree, UnrecognizedDocument> {
    crate::read::parse_xml(xml).map(|(name, value)| root(&name, value))
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
