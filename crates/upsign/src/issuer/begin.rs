//! The first call of an upload that later calls continue: creates it at the store and signs its token.

use std::time::Duration;

use upsign_core::{ExpiresIn, ExpiryPrecision, Identity, ObjectKey, Timestamp};
use upsign_objects::{AbortMultipartUpload, CreateMultipartUpload};
use upsign_policy::MultipartRequest;
use uuid::Uuid;

use crate::error::IssueError;
use crate::grant::{MultipartGrant, Upload, UploadGrant};
use crate::issuer::UploadIssuer;
use crate::quota::QuotaAccount;
use crate::route::RouteName;
use crate::session::{SessionMethod, SessionUpload, StoreAccess, UploadSession};
use crate::store::Store;

/// Who begins an upload, through which route and when.
#[derive(Clone, Copy)]
pub(crate) struct Beginning<'a> {
    pub(crate) caller: &'a Identity,
    pub(crate) route: Option<&'a RouteName>,
    pub(crate) at: Timestamp,
    /// The account of the quota that counts the upload.
    pub(crate) account: Option<QuotaAccount>,
}

/// An upload that exists at the store.
pub(super) struct Begun {
    upload: MultipartGrant,
    expires_at: Timestamp,
    /// The call that removes the upload again.
    pub(super) abort: AbortMultipartUpload,
    /// How long the call to the store took.
    pub(super) store: Duration,
}

impl Begun {
    pub(super) fn into_grant(
        self,
        key: ObjectKey,
        ids: Vec<(Box<str>, Uuid)>,
        at: Timestamp,
        confirm: bool,
    ) -> Result<UploadGrant, IssueError> {
        Ok(UploadGrant {
            key,
            upload: Upload::Multipart(self.upload),
            ids,
            expires_in: ExpiresIn::from_secs(self.expires_at.seconds_since(at))?,
            expires_at: self.expires_at,
            expiry_precision: ExpiryPrecision::Exact,
            token: None,
            confirm,
        })
    }
}

impl<P> UploadIssuer<P> {
    /// Creates the upload at the store. It is the first step with an effect outside of the process, so everything that can
    /// refuse the request comes before it.
    pub(super) async fn begin(
        &self,
        request: MultipartRequest,
        final_key: &ObjectKey,
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
            min_size: if request.size.exact().is_some() { 0 } else { self.policy.size().min() },
            checksum: request.checksum,
            checksum_value: None,
            gate: self.session_gate(final_key),
            account: beginning.account,
        };
        let session = UploadSession::begin(upload, beginning.caller, beginning.at, request.resume_window);
        let abort = AbortMultipartUpload::new(request.key, upload_id).with_headers(request.call_headers);
        let token = match uploads.keys().sign(&session) {
            Ok(token) => token,
            Err(error) => {
                // No one can continue the upload. It costs nothing, and the lifecycle rule removes it if this call fails.
                let _ = store.abort(abort).await;
                return Err(error.into());
            }
        };
        let grant = MultipartGrant {
            token,
            plan: request.size,
            parts_at_once: request.parts_at_once,
            checksum: request.checksum,
        };
        Ok(Begun { upload: grant, expires_at: session.expires_at(), abort, store: duration })
    }
}
