//! The upload token of an upload with one request.

use upsign_core::{MultipartPlan, ObjectKey, PostPolicy, PresignRequest};
use upsign_policy::{
    Checksum, ChecksumAlgorithm, ChecksumKind, MultipartChecksum, MultipartMode, PlannedSize, Replace,
    ResumeWindow, SignableRequest,
};

use crate::error::IssueError;
use crate::issuer::{Beginning, UploadIssuer};
use crate::session::{SessionGate, SessionMethod, SessionUpload, UploadSession, UploadToken};

impl<P> UploadIssuer<P> {
    /// Returns the token with which the client can ask for the status of an upload with one request, and confirm or delete it.
    ///
    /// Every upload of a route that confirms has one. Otherwise only a `PUT` that never replaces an object needs it: a repeated
    /// `PUT` is refused with 412 although the first one, whose answer was lost, stored the object. Looking at the object needs a
    /// permission that only such routes with multipart uploads have.
    pub(super) fn upload_token(
        &self,
        request: &SignableRequest,
        final_key: &ObjectKey,
        beginning: Beginning<'_>,
    ) -> Result<Option<UploadToken>, IssueError> {
        let Some((window, store)) = self.token_window(request).zip(self.store.as_ref()) else {
            return Ok(None);
        };
        let upload = match request {
            SignableRequest::Put(put) => self.session_of_put(put, final_key, beginning),
            SignableRequest::Post(form) => self.session_of_form(form, final_key, beginning),
            SignableRequest::Multipart(_) => None,
        };
        let Some(upload) = upload else { return Ok(None) };
        let session = UploadSession::begin(upload, beginning.caller, beginning.at, window);
        Ok(Some(store.keys().sign(&session)?))
    }

    /// Returns how long the token of an upload with one request is valid, or `None` if it gets none.
    fn token_window(&self, request: &SignableRequest) -> Option<ResumeWindow> {
        let confirmation = self.policy.confirmation();
        if confirmation.confirm() {
            // The client can upload until the grant expires, and has the window after that.
            let seconds = confirmation.confirm_within().as_secs();
            let seconds = seconds.saturating_add(self.policy.expires_in().as_secs().into());
            return Some(ResumeWindow::from_secs(seconds).unwrap_or(ResumeWindow::MAX));
        }
        let options = self.policy.multipart().filter(|options| options.mode() != MultipartMode::No)?;
        let is_needed = request.put().is_some() && self.policy.replace() == Replace::Never;
        is_needed.then(|| options.resume_window())
    }

    pub(super) fn session_of_put(
        &self,
        put: &PresignRequest,
        final_key: &ObjectKey,
        beginning: Beginning<'_>,
    ) -> Option<SessionUpload> {
        let header = |name| put.headers().get(name);
        let checksum_value = full_object_checksum(put.headers().iter());
        let size = match header("content-length") {
            Some(length) => PlannedSize::Exact(one_part(length.parse().ok()?)?),
            None => PlannedSize::AtMost(one_part(self.policy.max_size())?),
        };
        Some(SessionUpload {
            route: beginning.route.cloned(),
            bucket: put.target().resource(),
            endpoint: put.target().endpoint_url().into(),
            key: put.key().clone(),
            method: SessionMethod::Put,
            content_type: header("content-type")?.parse().ok()?,
            min_size: if size.exact().is_some() { 0 } else { self.policy.size().min() },
            size,
            checksum: checksum_value.as_ref().map(of_full_object),
            checksum_value,
            gate: self.session_gate(final_key),
            account: beginning.account,
        })
    }

    pub(super) fn session_of_form(
        &self,
        form: &PostPolicy,
        final_key: &ObjectKey,
        beginning: Beginning<'_>,
    ) -> Option<SessionUpload> {
        let field = |name: &str| {
            form.fields().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        // A form that leaves the end of the key to the client names no object.
        let key: ObjectKey = Some(form.key()).filter(|key| !key.is_prefix())?.as_str().parse().ok()?;
        let checksum_value = full_object_checksum(form.fields());
        let (min, max) = (form.length().min(), form.length().max());
        let size = one_part(max)?;
        Some(SessionUpload {
            route: beginning.route.cloned(),
            bucket: form.target().resource(),
            endpoint: form.target().endpoint_url().into(),
            key,
            method: SessionMethod::Form,
            content_type: field("content-type")?.parse().ok()?,
            size: if min == max { PlannedSize::Exact(size) } else { PlannedSize::AtMost(size) },
            min_size: if min == max { 0 } else { min },
            checksum: checksum_value.as_ref().map(of_full_object),
            checksum_value,
            gate: self.session_gate(final_key),
            account: beginning.account,
        })
    }

    pub(super) fn session_gate(&self, final_key: &ObjectKey) -> SessionGate {
        SessionGate::of(&self.policy, final_key)
    }
}

/// Returns the plan of an object that is uploaded with one request.
fn one_part(size: u64) -> Option<MultipartPlan> {
    MultipartPlan::restore(size, size.max(1))
}

/// Returns the checksum that the request carries in a header or a field, and that the store keeps with the object. `Content-MD5`
/// is not kept.
fn full_object_checksum<'a>(mut pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Checksum> {
    pairs.find_map(|(name, base64)| {
        let is_checksum =
            name.get(..CHECKSUM.len()).is_some_and(|start| start.eq_ignore_ascii_case(CHECKSUM));
        let mut algorithms = ChecksumAlgorithm::ALL.into_iter().filter(|_| is_checksum);
        let algorithm = algorithms.find(|algorithm| algorithm.header().eq_ignore_ascii_case(name))?;
        Checksum::parse(algorithm, base64).ok()
    })
}

/// The start of the names of headers and fields with a checksum that the store keeps.
const CHECKSUM: &str = "x-amz-checksum-";

const fn of_full_object(checksum: &Checksum) -> MultipartChecksum {
    MultipartChecksum { algorithm: checksum.algorithm(), kind: ChecksumKind::FullObject }
}
