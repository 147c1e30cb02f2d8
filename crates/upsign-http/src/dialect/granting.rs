//! Steps of the dialects whose clients describe a file and receive an ordinary grant.

use serde_json::{Map, Value};
use upsign::{Route, UploadGrant, UploadPolicy};
use upsign_core::{Identity, Presigner};

use crate::api::GrantedUpload;
use crate::dialect::DialectCall;
use crate::grant_body::GrantBody;
use crate::invalid_body::InvalidBody;
use crate::problem::Problem;
use crate::refused::RefusedRequest;

impl<P: Presigner> DialectCall<'_, P> {
    /// Returns the route that a request is for, or `None` if there is no such route, which issuing refuses.
    pub(super) fn route(&self, name: Option<&str>) -> Option<&Route<P>> {
        let name = name.or_else(|| self.api.default_route(self.dialect));
        self.api.service().routes().iter().find(|route| route.name() == name)
    }

    /// Refuses a request for a route that the dialect cannot serve: one of several, because an API whose routes all lack something
    /// does not answer the dialect at all.
    pub(super) fn check_route(
        &self,
        name: Option<&str>,
        lacks: fn(&UploadPolicy) -> Option<Box<str>>,
        caller: &Identity,
    ) -> Result<(), RefusedRequest> {
        let route = self.route(name);
        let Some(lacked) = route.and_then(|route| lacks(route.issuer().policy())) else { return Ok(()) };
        let detail = format!("this route cannot serve the dialect `{}`: {lacked}", self.dialect);
        let refused = self.refuse_body(&InvalidBody::ClientCannotSend(detail.into()), caller);
        Err(refused.with_route(route.and_then(Route::name)))
    }

    /// Returns the members of the application for a grant. `defined` are the names of members that the answer itself has, in addition
    /// to those of a [`GrantBody`].
    pub(super) fn members(
        &self,
        event: &GrantedUpload<'_>,
        defined: &[&str],
    ) -> Result<Map<String, Value>, String> {
        let Some(members) = &self.api.members else { return Ok(Map::new()) };
        let members = members(event);
        GrantBody::new(event.grant).with_members(members.clone()).map_err(|error| error.to_string())?;
        match members.keys().find(|name| defined.contains(&name.as_str())) {
            Some(name) => Err(format!(
                "the application cannot add the member `{name}` to the answer, because the dialect defines it"
            )),
            None => Ok(members),
        }
    }

    /// Aborts the multipart uploads of grants that the client does not receive, which no longer count towards its quota. What cannot
    /// be aborted is left to the bucket's lifecycle rule.
    pub(super) async fn abandon(&self, caller: &Identity, grants: &[UploadGrant]) {
        for upload in grants.iter().filter_map(|grant| grant.upload.multipart()) {
            let token = upload.token.expose();
            if let Err(error) = self.api.service().abort_upload_counted(caller, token, self.at).await {
                tracing::warn!(%error, "upload that was not answered cannot be aborted");
            }
        }
    }

    /// Returns the refusal of a request whose grant cannot be written for the client.
    pub(super) fn unanswerable(
        &self,
        reason: String,
        caller: &Identity,
        route: Option<&str>,
    ) -> RefusedRequest {
        let refused = self.refuse(Problem::internal()).with_caller(caller);
        refused.with_route(route).with_reason(reason)
    }
}
