//! A new object: its description for the policy.

use upsign::{Route, UploadRequest};
use upsign_core::{Identity, Presigner};
use upsign_policy::{Denied, UploadPolicy};

use crate::dialect::uppy::request::Described;
use crate::dialect::{DialectCall, companion};
use crate::invalid_body::InvalidBody;
use crate::problem::Problem;
use crate::refused::RefusedRequest;

/// The type that the client sends for a file whose type the browser does not know.
const UNKNOWN: &str = "application/octet-stream";

impl Described {
    /// Describes the object to the policy, without its size.
    pub(super) fn upload(&self, policy: Option<&UploadPolicy>) -> UploadRequest {
        let mut upload = UploadRequest::described();
        if let Some(name) = self.file_name() {
            upload = upload.with_file_name(name);
        }
        for (name, uuid) in &self.ids {
            upload = upload.with_id(&**name, &**uuid);
        }
        let sent = self.content_type.as_deref().unwrap_or_default();
        let described = upload.clone().with_content_type(sent);
        // If the route does not take files of unknown type, the name of the file decides.
        let is_denied = policy.is_some_and(|policy| policy.content_type_of(&described).is_err());
        if sent == UNKNOWN && is_denied { upload.with_content_type("") } else { described }
    }
}

impl<P: Presigner> DialectCall<'_, P> {
    /// Returns the description of an object that one request stores.
    pub(super) fn single(
        &self,
        object: &Described,
        caller: &Identity,
    ) -> Result<UploadRequest, RefusedRequest> {
        let policy = self.route(object.route.as_deref()).map(|route| route.issuer().policy());
        let upload = object.upload(policy).with_multipart(false);
        if let Some(length) = object.length {
            return Ok(upload.with_content_length(length));
        }
        self.check_lacking(
            object,
            companion::lacks_form,
            " (or `shouldUseMultipart: true` of Uppy)",
            caller,
        )?;
        Ok(upload.with_unbound_size())
    }

    /// Returns the description of an object in parts of any length.
    pub(super) fn in_parts(
        &self,
        object: &Described,
        caller: &Identity,
    ) -> Result<UploadRequest, RefusedRequest> {
        self.check_lacking(
            object,
            companion::lacks_parts,
            " (or `shouldUseMultipart: false` of Uppy)",
            caller,
        )?;
        let policy = self.route(object.route.as_deref()).map(|route| route.issuer().policy());
        let max = policy.map(UploadPolicy::max_size);
        if let (Some(len), Some(max)) = (object.length, max.filter(|max| object.length > Some(*max))) {
            let problem = Problem::from(&Denied::TooLarge { len, max });
            return Err(self.refuse(problem).with_caller(caller));
        }
        Ok(object.upload(policy).with_free_parts())
    }

    /// Refuses a way to upload that the route does not have. Routes that do not exist are refused when the upload is issued.
    fn check_lacking(
        &self,
        object: &Described,
        lacks: fn(&UploadPolicy) -> Option<Box<str>>,
        otherwise: &str,
        caller: &Identity,
    ) -> Result<(), RefusedRequest> {
        let route = self.route(object.route.as_deref());
        let Some(lacked) = route.and_then(|route| lacks(route.issuer().policy())) else { return Ok(()) };
        let detail = format!("this route cannot take the file so: {lacked}{otherwise}");
        let refused = self.refuse_body(&InvalidBody::ClientCannotSend(detail.into()), caller);
        Err(refused.with_route(route.and_then(Route::name)))
    }
}
