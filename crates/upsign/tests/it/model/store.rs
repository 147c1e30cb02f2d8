//! A store in memory that does what S3 documents: versions, conditions of reads and copies, tags, and delete markers. Every call
//! gives way once before it has its effect, so that a test decides in which order the calls of several requests happen.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;

use async_trait::async_trait;
use upsign::Timestamp;
use upsign::objects::{
    AbortMultipartUpload, CallFailure, CompleteMultipartUpload, CompletedUpload, CopiedObject, CopyObject,
    CreateMultipartUpload, DeleteObject, DeletedObject, ETag, GetObject, GetObjectTagging, HeadObject,
    ListParts, ObjectCalls, ObjectError, ObjectHead, ObjectRange, ObjectTags, PartList, PutObjectTagging,
    StoreError, VersionId,
};
use upsign::types::UploadId;

/// One version of an object. A delete marker has no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) id: Option<String>,
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) content_type: String,
    pub(super) metadata: Vec<(Box<str>, Box<str>)>,
    pub(super) tags: BTreeMap<String, String>,
}

impl Version {
    pub(super) fn etag(&self) -> ETag {
        // Equal bytes have equal entity tags, as they have with MD5.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.bytes.as_deref().unwrap_or_default() {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("\"{hash:032x}\"").parse().unwrap()
    }
}

#[derive(Debug, Default)]
struct Content {
    /// The oldest version first.
    objects: BTreeMap<String, Vec<Version>>,
    next: u64,
}

/// The store. Clones share its content.
#[derive(Clone, Debug)]
pub(super) struct Store {
    content: Arc<Mutex<Content>>,
    versioned: bool,
}

impl Store {
    pub(super) fn new(versioned: bool) -> Self {
        Self { content: Arc::default(), versioned }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap()
    }

    /// Stores an object as a client does. Returns `false` if `if_absent` is set and there is one.
    pub(super) fn put(&self, key: &str, version: Version, if_absent: bool) -> bool {
        let mut content = self.content();
        if if_absent && content.current(key).is_some() {
            return false;
        }
        content.add(key, version, self.versioned);
        true
    }

    /// Removes every version, as a lifecycle rule does in the end. Returns whether there was any object.
    pub(super) fn expire(&self, key: &str) -> bool {
        self.content().objects.remove(key).is_some_and(|versions| !versions.is_empty())
    }

    /// Returns every version with bytes.
    pub(super) fn versions(&self) -> Vec<(String, Version)> {
        let content = self.content();
        let all = content
            .objects
            .iter()
            .flat_map(|(key, versions)| versions.iter().map(|version| (key.clone(), version.clone())));
        all.filter(|(_, version)| version.bytes.is_some()).collect()
    }

    /// Returns the version that a reader with this version id reads.
    pub(super) fn read(&self, key: &str, id: Option<&str>) -> Option<Version> {
        self.content().find(key, id).cloned()
    }
}

impl Content {
    fn current(&self, key: &str) -> Option<&Version> {
        self.objects.get(key)?.last().filter(|version| version.bytes.is_some())
    }

    fn find(&self, key: &str, id: Option<&str>) -> Option<&Version> {
        match id {
            None => self.current(key),
            Some(id) => {
                let versions = self.objects.get(key)?;
                let found = versions.iter().find(|version| version.id.as_deref() == Some(id));
                found.filter(|version| version.bytes.is_some())
            }
        }
    }

    fn add(&mut self, key: &str, version: Version, versioned: bool) -> Option<String> {
        self.next += 1;
        let id = versioned.then(|| format!("v{}", self.next));
        let versions = self.objects.entry(key.to_owned()).or_default();
        if !versioned {
            versions.clear();
        }
        versions.push(Version { id: id.clone(), ..version });
        id
    }
}

/// Gives way once.
async fn turn() {
    let mut has_waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn refused(operation: &'static str, status: u16, code: &str) -> ObjectError {
    ObjectError::new(operation, CallFailure::Store(StoreError::new(status).with_code(code)))
}

fn head_of(version: &Version) -> ObjectHead {
    let size = version.bytes.as_ref().map_or(0, Vec::len) as u64;
    let mut head = ObjectHead::new(size, version.etag());
    head.version_id = version.id.as_ref().map(|id| id.parse().unwrap());
    head.content_type = Some(version.content_type.as_str().into());
    head.metadata.clone_from(&version.metadata);
    head
}

fn text(id: Option<&VersionId>) -> Option<&str> {
    id.map(VersionId::as_str)
}

impl Store {
    fn pinned(
        &self,
        operation: &'static str,
        key: &str,
        id: Option<&VersionId>,
        if_match: Option<&ETag>,
    ) -> Result<Version, ObjectError> {
        let content = self.content();
        let version =
            content.find(key, text(id)).ok_or_else(|| refused(operation, 404, "NoSuchKey"))?.clone();
        if if_match.is_some_and(|etag| *etag != version.etag()) {
            return Err(refused(operation, 412, "PreconditionFailed"));
        }
        Ok(version)
    }
}

#[async_trait]
impl ObjectCalls for Store {
    async fn head_object(&self, call: &HeadObject, _: Timestamp) -> Result<ObjectHead, ObjectError> {
        turn().await;
        let version = self.pinned("HeadObject", call.key().as_str(), call.version_id(), call.if_match())?;
        Ok(head_of(&version))
    }

    async fn get_object(&self, call: &GetObject, _: Timestamp) -> Result<ObjectRange, ObjectError> {
        turn().await;
        let version = self.pinned("GetObject", call.key().as_str(), call.version_id(), call.if_match())?;
        let bytes = version.bytes.as_deref().unwrap_or_default();
        let start = usize::try_from(call.offset()).unwrap();
        if start >= bytes.len() {
            return Err(refused("GetObject", 416, "InvalidRange"));
        }
        let end = (start + call.len()).min(bytes.len());
        Ok(ObjectRange::new(head_of(&version), bytes[start..end].to_vec()))
    }

    async fn copy_object(&self, call: &CopyObject, _: Timestamp) -> Result<CopiedObject, ObjectError> {
        turn().await;
        let source = call.source();
        let version =
            self.pinned("CopyObject", source.key().as_str(), source.version_id(), source.if_match())?;
        let (mut content, key) = (self.content(), call.key().as_str());
        let is_present = content.current(key).is_some();
        let matches = |etag: &ETag| content.current(key).is_some_and(|it| it.etag() == *etag);
        if (call.is_if_absent() && is_present) || call.if_match().is_some_and(|etag| !matches(etag)) {
            return Err(refused("CopyObject", 412, "PreconditionFailed"));
        }
        let mut copied = CopiedObject::new(version.etag());
        let id = content.add(key, version, self.versioned);
        copied.version_id = id.map(|id| id.parse().unwrap());
        Ok(copied)
    }

    async fn delete_object(&self, call: &DeleteObject, _: Timestamp) -> Result<DeletedObject, ObjectError> {
        turn().await;
        let (mut content, key) = (self.content(), call.key().as_str());
        if let Some(etag) = call.if_match() {
            let current = content.current(key).ok_or_else(|| refused("DeleteObject", 404, "NoSuchKey"))?;
            if current.etag() != *etag {
                return Err(refused("DeleteObject", 412, "PreconditionFailed"));
            }
        }
        match text(call.version_id()) {
            Some(id) => {
                if let Some(versions) = content.objects.get_mut(key) {
                    versions.retain(|version| version.id.as_deref() != Some(id));
                }
            }
            None if self.versioned => {
                let marker = Version {
                    id: None,
                    bytes: None,
                    content_type: String::new(),
                    metadata: Vec::new(),
                    tags: BTreeMap::new(),
                };
                content.add(key, marker, true);
            }
            None => drop(content.objects.remove(key)),
        }
        Ok(DeletedObject::new())
    }

    async fn get_object_tagging(
        &self,
        call: &GetObjectTagging,
        _: Timestamp,
    ) -> Result<ObjectTags, ObjectError> {
        turn().await;
        let version = self.pinned("GetObjectTagging", call.key().as_str(), call.version_id(), None)?;
        Ok(version.tags.into_iter().collect())
    }

    async fn put_object_tagging(&self, call: &PutObjectTagging, _: Timestamp) -> Result<(), ObjectError> {
        turn().await;
        let mut content = self.content();
        let id = text(call.version_id());
        let versions = content.objects.get_mut(call.key().as_str());
        let version = versions.and_then(|versions| match id {
            Some(id) => versions.iter_mut().find(|version| version.id.as_deref() == Some(id)),
            None => versions.last_mut(),
        });
        let version = version
            .filter(|version| version.bytes.is_some())
            .ok_or_else(|| refused("PutObjectTagging", 404, "NoSuchKey"))?;
        version.tags = call.tags().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Ok(())
    }

    async fn create_multipart_upload(
        &self,
        _: &CreateMultipartUpload,
        _: Timestamp,
    ) -> Result<UploadId, ObjectError> {
        Err(refused("CreateMultipartUpload", 501, "NotImplemented"))
    }

    async fn list_parts(&self, _: &ListParts, _: Timestamp) -> Result<PartList, ObjectError> {
        Err(refused("ListParts", 404, "NoSuchUpload"))
    }

    async fn complete_multipart_upload(
        &self,
        _: &CompleteMultipartUpload,
        _: Timestamp,
    ) -> Result<CompletedUpload, ObjectError> {
        Err(refused("CompleteMultipartUpload", 404, "NoSuchUpload"))
    }

    async fn abort_multipart_upload(
        &self,
        _: &AbortMultipartUpload,
        _: Timestamp,
    ) -> Result<(), ObjectError> {
        Err(refused("AbortMultipartUpload", 404, "NoSuchUpload"))
    }
}
