//! The first call of an upload that later calls continue: creates it at the store and signs its token.

use std::time::Duration;

use upsign_core::{
    ExpiresIn, ExpiryPrecision, Identity, MultipartPlan, ObjectKey, PresignRequest, Timestamp,
};
use upsign_objects::{AbortMultipartUpload, CreateMultipartUpload};
use upsign_policy::{
    ChecksumAlgorithm, ChecksumKind, MultipartChecksum, MultipartMode, MultipartRequest, PlannedSize, Replace,
};
use uuid::Uuid;

use crate::error::IssueError;
use crate::grant::{MultipartGrant, Upload, UploadGrant};
use crate::issuer::UploadIssuer;
use crate::route::RouteName;
use crate::session::{SessionMethod, SessionUpload, StoreAccess, UploadSession, UploadToken};
use crate::store::Store;

/// Who begins an upload, through which route and when.
#[derive(Clone, Copy)]
pub(crate) struct Beginning<'a> {
    pub(crate) caller: &'a Identity,
    pub(crate) route: Option<&'a RouteName>,
    pub(crate) at: Timestamp,
}

/// An upload that exists at the store.
pub(super) struct Begun {
    upload: MultipartGrant,
    expires_at: Timestamp,
    /// How long the call to the store took.
    pub(super) store: Duration,
}

impl Begun {
    pub(super) fn into_grant(
        self,
        key: ObjectKey,
        ids: Vec<(Box<str>, Uuid)>,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        Ok(UploadGrant {
            key,
            upload: Upload::Multipart(self.upload),
            ids,
            expires_in: ExpiresIn::from_secs(self.expires_at.seconds_since(at))?,
            expires_at: self.expires_at,
            expiry_precision: ExpiryPrecision::Exact,
            token: None,
        })
    }
}

impl<P> UploadIssuer<P> {
    /// Creates the upload at the store. It is the first step with an effect outside of the process, so everything that can
    /// refuse the request comes before it.
    pub(super) async fn begin(
        &self,
        request: MultipartRequest,
        uploads: &StoreAccess,
        store: Store<'_>,
        beginning: Beginning<'_>,
    ) -> Result<Begun, IssueError> {
        let create = CreateMultipartUpload::new(request.key.clone(), request.create_headers.clone());
        let (upload_id, duration) = store.create(create).await.map_err(IssueError::Store)?;
        let upload = SessionUpload {
            route: beginning.route.cloned(),
            bucket: request.target.resource(),
            endpoint: request.target.endpoint_url().into(),
            key: request.key.clone(),
            method: SessionMethod::Multipart(upload_id.clone()),
            content_type: request.content_type.clone(),
            size: request.size,
            checksum: request.checksum,
        };
        let session = UploadSession::begin(upload, beginning.caller, beginning.at, request.resume_window);
        let token = match uploads.keys().sign(&session) {
            Ok(token) => token,
            Err(error) => {
                // No one can continue the upload. It costs nothing, and the lifecycle rule removes it if this call fails.
                let abort = AbortMultipartUpload::new(request.key, upload_id);
                let _ = store.abort(abort.with_headers(request.call_headers)).await;
                return Err(error.into());
            }
        };
        let grant = MultipartGrant {
            token,
            plan: request.size,
            parts_at_once: request.parts_at_once,
            checksum: request.checksum,
        };
        Ok(Begun { upload: grant, expires_at: session.expires_at(), store: duration })
    }

    /// Returns the token with which the client can ask whether the object of a `PUT` exists.
    ///
    /// Only uploads that never replace an object need it: a repeated `PUT` is refused with 412 although the first one, whose
    /// answer was lost, stored the object. Looking at the object needs a permission that only routes with multipart uploads have.
    pub(super) fn upload_token(
        &self,
        put: &PresignRequest,
        beginning: Beginning<'_>,
    ) -> Result<Option<UploadToken>, IssueError> {
        let Some((options, uploads)) = self.policy.multipart().zip(self.store.as_ref()) else {
            return Ok(None);
        };
        if options.mode() == MultipartMode::No || self.policy.replace() != Replace::Never {
            return Ok(None);
        }
        let header = |name| put.headers().get(name);
        let content_type = header("content-type").and_then(|value| value.parse().ok());
        let (Some(content_type), Some(size)) = (content_type, self.size_of(header("content-length"))) else {
            return Ok(None);
        };
        let upload = SessionUpload {
            route: beginning.route.cloned(),
            bucket: put.target().resource(),
            endpoint: put.target().endpoint_url().into(),
            key: put.key().clone(),
            method: SessionMethod::Put,
            content_type,
            size,
            checksum: full_object_checksum(|name| header(name).is_some()),
        };
        let session = UploadSession::begin(upload, beginning.caller, beginning.at, options.resume_window());
        Ok(Some(uploads.keys().sign(&session)?))
    }

    /// Returns the size that a `PUT` with this `content-length` binds, or the maximum if it has none.
    fn size_of(&self, content_length: Option<&str>) -> Option<PlannedSize> {
        let plan = |size: u64| MultipartPlan::restore(size, size.max(1));
        match content_length {
            Some(length) => plan(length.parse().ok()?).map(PlannedSize::Exact),
            None => plan(self.policy.max_size()).map(PlannedSize::AtMost),
        }
    }
}

/// Returns the algorithm of the checksum that a `PUT` carries and that the store keeps with the object.
fn full_object_checksum(has_header: impl Fn(&'static str) -> bool) -> Option<MultipartChecksum> {
    let kept = |algorithm: &ChecksumAlgorithm| {
        *algorithm != ChecksumAlgorithm::Md5 && has_header(algorithm.header())
    };
    let algorithm = ChecksumAlgorithm::ALL.into_iter().find(kept)?;
    Some(MultipartChecksum { algorithm, kind: ChecksumKind::FullObject })
}
