//! What an object proves by itself: its sealed key and its claim.

use upsign_core::{Identity, InvalidHeader, ObjectKey};
use upsign_policy::{Denied, Ids, MultipartRequest, Permit, SealKeys, SignableRequest, UploadRequest};

use crate::error::IssueError;
use crate::issuer::{Beginning, UploadIssuer};
use crate::proof::RouteSeal;
use crate::session::{SessionMethod, SessionUpload};

impl<P> UploadIssuer<P> {
    /// Applies the policy. A key with `{id:sealed}` is sealed for the route.
    pub(super) fn decide(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        ids: &Ids,
    ) -> Result<Permit, Denied> {
        let seal = self.store.as_ref().map(|store| RouteSeal::new(store.keys(), route));
        let seal = seal.as_ref().map(|seal| -> &dyn SealKeys { seal });
        self.policy.authorize_with(caller, upload, ids, seal)
    }

    /// Returns the request with a claim in the metadata of its object, if the policy has one.
    pub(super) fn with_claim(
        &self,
        request: SignableRequest,
        final_key: &ObjectKey,
        beginning: Beginning<'_>,
    ) -> Result<SignableRequest, IssueError> {
        if !self.policy.confirmation().claim() {
            return Ok(request);
        }
        let store = self.store.as_ref().ok_or(IssueError::MissingStore)?;
        let upload = match &request {
            SignableRequest::Put(put) => self.session_of_put(put, final_key, beginning),
            SignableRequest::Post(form) => self.session_of_form(form, final_key, beginning),
            SignableRequest::Multipart(upload) => self.claim_of_parts(upload, final_key, beginning),
        };
        let claim = upload.and_then(|it| store.keys().claim_upload(&it, beginning.caller, beginning.at));
        // A policy with a claim describes every upload, and no claim is too long, so this does not happen.
        let impossible = || Denied::HeaderUnsignable(InvalidHeader::Value("x-amz-meta-upsign".into()));
        let claim = claim.ok_or_else(impossible)?;
        Ok(request.with_claim(claim.as_str())?)
    }

    /// Returns what a claim states about an upload in parts, whose id is not known yet.
    fn claim_of_parts(
        &self,
        upload: &MultipartRequest,
        final_key: &ObjectKey,
        beginning: Beginning<'_>,
    ) -> Option<SessionUpload> {
        Some(SessionUpload {
            route: beginning.route.cloned(),
            bucket: upload.target.resource(),
            endpoint: upload.target.endpoint_url().into(),
            key: upload.key.clone(),
            method: SessionMethod::Put,
            content_type: upload.content_type.clone(),
            size: upload.size,
            min_size: if upload.size.exact().is_some() { 0 } else { self.policy.size().min() },
            checksum: None,
            checksum_value: None,
            gate: self.session_gate(final_key),
            account: beginning.account,
        })
    }
}
