//! The part of the endpoint after authentication, which handlers of the application call too.

use upsign::{IssueError, UploadGrant, UploadRequest, Uuid};
use upsign_core::{Identity, Presigner, Timestamp};

use crate::api::Api;
use crate::files_body::FilesBody;
use crate::problem::Problem;
use crate::refused::RefusedRequest;
use crate::upload_body::UploadBody;

impl<P: Presigner> Api<P> {
    /// Issues a grant for a caller that the application has verified, as the endpoint does: for handlers of the application
    /// with a path or answers of their own.
    ///
    /// It counts the caller against the rate limit, takes the body, issues a grant under `ids`, and logs and reports a
    /// refusal. An invalid `body` therefore counts and is reported too. [`UploadService::issue_under`](upsign::UploadService::issue_under) describes `ids`. Answer
    /// with [`GrantBody`](crate::GrantBody) or [`Problem::response`]; members of [`with_grant_members`](Self::with_grant_members) and CORS
    /// headers are not added.
    ///
    /// ```
    /// # use http::{Request, Response};
    /// # use upsign::Uuid;
    /// # use upsign_http::{Api, GrantBody, Identity, Problem, Timestamp, UploadBody};
    /// /// `POST /articles/{article}/image`
    /// async fn upload_image(
    ///     api: &Api,
    ///     caller: &Identity,
    ///     article: Uuid,
    ///     request: &Request<Vec<u8>>,
    ///     at: Timestamp,
    /// ) -> Response<String> {
    ///     let body = UploadBody::read(request.headers(), request.body(), &[]);
    ///     match api.issue_under(caller, body, [("articleId", article)], at).await {
    ///         Ok(grant) => GrantBody::new(&grant).response(),
    ///         Err(problem) => problem.response(),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// Returns the problem document if the body is invalid or one of the steps refuses the request or fails. It is reported
    /// already.
    pub async fn issue_under<'a>(
        &self,
        caller: &Identity,
        body: Result<UploadBody, impl Into<Problem>>,
        ids: impl IntoIterator<Item = (&'a str, Uuid)>,
        at: Timestamp,
    ) -> Result<UploadGrant, Problem> {
        let (body, ids) = (body.map_err(Into::into), ids.into_iter().collect::<Vec<_>>());
        let issued = match self.count(caller, at).await {
            Ok(()) => self.issue_counted(caller, body, &ids, at).await,
            Err(refused) => Err(refused),
        };
        let (grant, _) = issued.map_err(|refused| {
            self.report(&refused.refusal);
            *refused.problem
        })?;
        log_grant(&grant);
        Ok(grant)
    }

    /// Issues grants for several files, as the endpoint does: all of them, or none. For handlers of the application with a path or
    /// answers of their own; see [`issue_under`](Self::issue_under). Answer with [`GrantsBody`](crate::GrantsBody) or
    /// [`Problem::response`].
    ///
    /// # Errors
    /// Returns the problem document if the body is invalid or one of the steps refuses the request or fails. Its member `file` is the
    /// index of the file that caused it. It is reported already.
    pub async fn issue_many_under<'a>(
        &self,
        caller: &Identity,
        body: Result<FilesBody, impl Into<Problem>>,
        ids: impl IntoIterator<Item = (&'a str, Uuid)>,
        at: Timestamp,
    ) -> Result<Vec<UploadGrant>, Problem> {
        let (body, ids) = (body.map_err(Into::into), ids.into_iter().collect::<Vec<_>>());
        let issued = match (self.count(caller, at).await, body) {
            (Err(refused), _) => Err(refused),
            (Ok(()), Err(problem)) => Err(RefusedRequest::new(problem, at).with_caller(caller)),
            (Ok(()), Ok(body)) => {
                self.issue_many_counted(caller, body.route.as_deref(), &body.files, &ids, at).await
            }
        };
        let grants = issued.map_err(|refused| {
            self.report(&refused.refusal);
            *refused.problem
        })?;
        grants.iter().for_each(log_grant);
        Ok(grants)
    }

    /// Issues grants for several files to a caller that was already counted.
    pub(crate) async fn issue_many_counted(
        &self,
        caller: &Identity,
        route: Option<&str>,
        files: &[UploadRequest],
        ids: &[(&str, Uuid)],
        at: Timestamp,
    ) -> Result<Vec<UploadGrant>, RefusedRequest> {
        let grants =
            self.service().issue_many_under_counted(caller, route, files, ids.iter().copied(), at).await;
        grants.map_err(|error| {
            let refused = self.refused(&error.source, caller, route, at);
            match error.file {
                Some(file) => refused.with_file(file),
                None => refused,
            }
        })
    }

    /// Counts the caller. The rate limit covers all routes, so its refusals belong to none.
    pub(crate) async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), RefusedRequest> {
        let counted = self.service().count(caller, at).await;
        counted.map_err(|error| self.refused(&error, caller, None, at))
    }

    /// Issues a grant to a caller that was already counted.
    pub(crate) async fn issue_counted(
        &self,
        caller: &Identity,
        body: Result<UploadBody, Problem>,
        ids: &[(&str, Uuid)],
        at: Timestamp,
    ) -> Result<(UploadGrant, UploadBody), RefusedRequest> {
        let body = body.map_err(|problem| RefusedRequest::new(problem, at).with_caller(caller))?;
        let (route, ids) = (body.route.as_deref(), ids.iter().copied());
        let grant = self.service().issue_under_counted(caller, route, &body.upload, ids, at).await;
        let grant = grant.map_err(|error| self.refused(&error, caller, route, at))?;
        Ok((grant, body))
    }

    fn refused(
        &self,
        error: &IssueError,
        caller: &Identity,
        route: Option<&str>,
        at: Timestamp,
    ) -> RefusedRequest {
        RefusedRequest::issue(error, self.service().refusal(error, caller, route, at))
    }
}

/// Logs a grant that is about to be sent, without its URL and its upload token. `parts` is the number of parts of an upload in
/// parts.
pub(crate) fn log_grant(grant: &UploadGrant) {
    let parts = grant.upload.multipart().map(|upload| upload.plan.plan().part_count());
    tracing::info!(key = grant.key.as_str(), parts, expires_at = %grant.expires_at, "upload granted");
}
