//! PutObjectTagging and GetObjectTagging.

use std::time::Duration;

use upsign_core::{ObjectKey, SignedHeaders};

use crate::calls::common;
use crate::values::version_id::VersionId;

/// Replaces all tags of an object.
///
/// An object has up to 10 tags. Keys have 1 to 128 characters and occur once, values up to 256.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html> and
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutObjectTagging {
    key: ObjectKey,
    pub(crate) tags: Vec<(Box<str>, Box<str>)>,
    version_id: Option<VersionId>,
    headers: SignedHeaders,
    time_limit: Option<Duration>,
}

impl PutObjectTagging {
    /// Creates the call with these keys and values. Without any, it removes all tags.
    #[must_use]
    pub fn new<K: AsRef<str>, V: AsRef<str>>(key: ObjectKey, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        let tags = tags.into_iter().map(|(key, value)| (key.as_ref().into(), value.as_ref().into()));
        Self { key, tags: tags.collect(), version_id: None, headers: SignedHeaders::new(), time_limit: None }
    }

    common::headers!();
    common::time_limit!();

    /// Tags this version.
    #[must_use]
    pub fn with_version_id(self, version_id: VersionId) -> Self {
        Self { version_id: Some(version_id), ..self }
    }

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the version to tag.
    #[must_use]
    pub const fn version_id(&self) -> Option<&VersionId> {
        self.version_id.as_ref()
    }

    /// Returns the keys and values of the tags.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }
}

/// Reads the tags of an object.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetObjectTagging {
    key: ObjectKey,
    version_id: Option<VersionId>,
    headers: SignedHeaders,
    time_limit: Option<Duration>,
}

impl GetObjectTagging {
    /// Creates the call for the current version.
    #[must_use]
    pub fn new(key: ObjectKey) -> Self {
        Self { key, version_id: None, headers: SignedHeaders::new(), time_limit: None }
    }

    common::headers!();
    common::time_limit!();

    /// Reads the tags of this version.
    #[must_use]
    pub fn with_version_id(self, version_id: VersionId) -> Self {
        Self { version_id: Some(version_id), ..self }
    }

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the version whose tags are read.
    #[must_use]
    pub const fn version_id(&self) -> Option<&VersionId> {
        self.version_id.as_ref()
    }
}

/// The tags of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectTags(Vec<(Box<str>, Box<str>)>);

impl ObjectTags {
    /// Returns the value of a tag.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// Returns the keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }
}

impl<K: Into<Box<str>>, V: Into<Box<str>>> FromIterator<(K, V)> for ObjectTags {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(tags: T) -> Self {
        Self(tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}
