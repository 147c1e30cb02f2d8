//! A store in memory with versions, conditions and tags, in which a test can interfere before every call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use upsign::Timestamp;
use upsign::objects::{
    AbortMultipartUpload, CallFailure, CompleteMultipartUpload, CompletedUpload, CopiedObject, CopyObject,
    CreateMultipartUpload, DeleteObject, DeletedObject, ETag, GetObject, GetObjectTagging, HeadObject,
    ListParts, ObjectCalls, ObjectError, ObjectHead, ObjectRange, ObjectTags, PartList, PutObjectTagging,
    StoreError, VersionId,
};
use upsign::types::UploadId;

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) id: Option<String>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: String,
    pub(crate) metadata: Vec<(Box<str>, Box<str>)>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) created_at: u64,
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is answered.
    None,
    /// It does not arrive, and the caller does not know that.
    Lost,
    /// It has its effect, and the answer is lost.
    AnswerLost,
    /// The store refuses it.
    Refused(u16, &'static str),
}

type Interfere = Box<dyn FnMut(&Store, usize, &'static str) -> Fault + Send>;

#[derive(Default)]
struct State {
    /// The versions of each key, the oldest first.
    objects: BTreeMap<String, Vec<Version>>,
    next: u64,
    calls: Vec<&'static str>,
}

/// Clones share the objects.
#[derive(Clone)]
pub(crate) struct Store {
    state: Arc<Mutex<State>>,
    interfere: Arc<Mutex<Option<Interfere>>>,
    is_versioned: bool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    pub(crate) fn new(is_versioned: bool) -> Self {
        Self { state: Arc::default(), interfere: Arc::default(), is_versioned }
    }

    /// Calls `interfere` with the number and the name of each further call.
    pub(crate) fn on_call(
        &self,
        interfere: impl FnMut(&Self, usize, &'static str) -> Fault + Send + 'static,
    ) {
        self.state.lock().unwrap().calls.clear();
        *self.interfere.lock().unwrap() = Some(Box::new(interfere));
    }

    pub(crate) fn answer_all(&self) {
        self.state.lock().unwrap().calls.clear();
        *self.interfere.lock().unwrap() = None;
    }

    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.state.lock().unwrap().calls.clone()
    }

    pub(crate) fn put(&self, key: &str, bytes: &[u8], content_type: &str) {
        self.put_with(key, bytes, content_type, &[]);
    }

    pub(crate) fn put_with(&self, key: &str, bytes: &[u8], content_type: &str, metadata: &[(&str, &str)]) {
        let metadata = metadata.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let version = Version {
            id: None,
            bytes: bytes.to_vec(),
            content_type: content_type.into(),
            metadata,
            tags: Vec::new(),
            created_at: 0,
        };
        self.state.lock().unwrap().add(key, version, self.is_versioned);
    }

    /// Returns the current version.
    pub(crate) fn get(&self, key: &str) -> Option<Version> {
        self.state.lock().unwrap().objects.get(key)?.last().cloned()
    }

    pub(crate) fn versions(&self, key: &str) -> Vec<Version> {
        self.state.lock().unwrap().objects.get(key).cloned().unwrap_or_default()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.state.lock().unwrap().objects.keys().cloned().collect()
    }

    pub(crate) fn remove(&self, key: &str) {
        self.state.lock().unwrap().objects.remove(key);
    }

    fn call<T>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, ObjectError>,
    ) -> Result<T, ObjectError> {
        let number = {
            let mut state = self.state.lock().unwrap();
            state.calls.push(name);
            state.calls.len() - 1
        };
        let fault = match &mut *self.interfere.lock().unwrap() {
            Some(interfere) => interfere(self, number, name),
            None => Fault::None,
        };
        let lost = || {
            let failure = CallFailure::Timeout(Duration::from_secs(5));
            ObjectError::new(name, failure).with_uncertainty(true)
        };
        match fault {
            Fault::None => effect(&mut self.state.lock().unwrap()),
            Fault::Lost => Err(lost()),
            Fault::AnswerLost => {
                let _ = effect(&mut self.state.lock().unwrap());
                Err(lost())
            }
            Fault::Refused(status, code) => Err(error(name, status, code)),
        }
    }
}

impl State {
    fn add(&mut self, key: &str, version: Version, is_versioned: bool) -> Option<String> {
        self.next += 1;
        let id = is_versioned.then(|| format!("v{}", self.next));
        let versions = self.objects.entry(key.to_owned()).or_default();
        if !is_versioned {
            versions.clear();
        }
        versions.push(Version { id: id.clone(), created_at: 1_767_225_600 + self.next, ..version });
        id
    }

    fn find(
        &self,
        name: &'static str,
        key: &str,
        id: Option<&VersionId>,
        etag: Option<&ETag>,
    ) -> Result<Version, ObjectError> {
        let versions = self.objects.get(key).map(Vec::as_slice).unwrap_or_default();
        let found = match id {
            Some(id) => versions.iter().find(|version| version.id.as_deref() == Some(id.as_str())),
            None => versions.last(),
        };
        let version = found.ok_or_else(|| error(name, 404, "NoSuchKey"))?;
        if etag.is_some_and(|etag| *etag != etag_of(&version.bytes)) {
            return Err(error(name, 412, "PreconditionFailed"));
        }
        Ok(version.clone())
    }
}

pub(crate) fn error(name: &'static str, status: u16, code: &str) -> ObjectError {
    ObjectError::new(name, CallFailure::Store(StoreError::new(status).with_code(code)))
}

/// Equal bytes have equal entity tags, as with MD5.
pub(crate) fn etag_of(bytes: &[u8]) -> ETag {
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("e{text}").parse().unwrap()
}

fn head_of(version: &Version) -> ObjectHead {
    let mut head = ObjectHead::new(version.bytes.len() as u64, etag_of(&version.bytes));
    head.version_id = version.id.as_ref().map(|id| id.parse().unwrap());
    head.content_type = Some(version.content_type.as_str().into());
    head.last_modified = Timestamp::from_unix(version.created_at);
    head.metadata.clone_from(&version.metadata);
    head
}

#[async_trait]
impl ObjectCalls for Store {
    async fn head_object(&self, call: &HeadObject, _: Timestamp) -> Result<ObjectHead, ObjectError> {
        self.call("HeadObject", |state| {
            let found = state.find("HeadObject", call.key().as_str(), call.version_id(), call.if_match())?;
            Ok(head_of(&found))
        })
    }

    async fn get_object(&self, call: &GetObject, _: Timestamp) -> Result<ObjectRange, ObjectError> {
        self.call("GetObject", |state| {
            let found = state.find("GetObject", call.key().as_str(), call.version_id(), call.if_match())?;
            let start = usize::try_from(call.offset()).unwrap();
            let bytes = found.bytes.iter().copied().skip(start).take(call.len()).collect();
            Ok(ObjectRange::new(head_of(&found), bytes))
        })
    }

    async fn copy_object(&self, call: &CopyObject, _: Timestamp) -> Result<CopiedObject, ObjectError> {
        let is_versioned = self.is_versioned;
        self.call("CopyObject", |state| {
            let from = call.source();
            let found = state.find("CopyObject", from.key().as_str(), from.version_id(), from.if_match())?;
            if call.is_if_absent() && state.objects.contains_key(call.key().as_str()) {
                return Err(error("CopyObject", 412, "PreconditionFailed"));
            }
            let mut copied = CopiedObject::new(etag_of(&found.bytes));
            let id = state.add(call.key().as_str(), found, is_versioned);
            copied.version_id = id.map(|id| id.parse().unwrap());
            Ok(copied)
        })
    }

    async fn get_object_tagging(
        &self,
        call: &GetObjectTagging,
        _: Timestamp,
    ) -> Result<ObjectTags, ObjectError> {
        self.call("GetObjectTagging", |state| {
            let found = state.find("GetObjectTagging", call.key().as_str(), call.version_id(), None)?;
            Ok(found.tags.into_iter().collect())
        })
    }

    async fn put_object_tagging(&self, call: &PutObjectTagging, _: Timestamp) -> Result<(), ObjectError> {
        self.call("PutObjectTagging", |state| {
            state.find("PutObjectTagging", call.key().as_str(), call.version_id(), None)?;
            let tags: Vec<_> = call.tags().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
            let id = call.version_id().map(VersionId::as_str);
            for version in state.objects.get_mut(call.key().as_str()).unwrap() {
                if version.id.as_deref() == id {
                    version.tags.clone_from(&tags);
                }
            }
            Ok(())
        })
    }

    async fn delete_object(&self, call: &DeleteObject, _: Timestamp) -> Result<DeletedObject, ObjectError> {
        self.call("DeleteObject", |state| {
            let key = call.key().as_str();
            if call.if_match().is_some() {
                state.find("DeleteObject", key, None, call.if_match())?;
            }
            if let Some(id) = call.version_id()
                && let Some(versions) = state.objects.get_mut(key)
            {
                versions.retain(|version| version.id.as_deref() != Some(id.as_str()));
            }
            let is_gone = state.objects.get(key).is_some_and(Vec::is_empty);
            if call.version_id().is_none() || is_gone {
                state.objects.remove(key);
            }
            Ok(DeletedObject::new())
        })
    }

    async fn create_multipart_upload(
        &self,
        _: &CreateMultipartUpload,
        _: Timestamp,
    ) -> Result<UploadId, ObjectError> {
        self.call("CreateMultipartUpload", |_| Ok("id".parse().unwrap()))
    }

    async fn list_parts(&self, _: &ListParts, _: Timestamp) -> Result<PartList, ObjectError> {
        self.call("ListParts", |_| Err(error("ListParts", 404, "NoSuchUpload")))
    }

    async fn complete_multipart_upload(
        &self,
        _: &CompleteMultipartUpload,
        _: Timestamp,
    ) -> Result<CompletedUpload, ObjectError> {
        self.call("CompleteMultipartUpload", |_| Err(error("CompleteMultipartUpload", 404, "NoSuchUpload")))
    }

    async fn abort_multipart_upload(
        &self,
        _: &AbortMultipartUpload,
        _: Timestamp,
    ) -> Result<(), ObjectError> {
        self.call("AbortMultipartUpload", |_| Ok(()))
    }
}
