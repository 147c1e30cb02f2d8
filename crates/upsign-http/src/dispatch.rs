//! The API as a function from a request to a response.

use std::error::Error;

use bytes::Bytes;
use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use upsign::Refusal;
use upsign_core::api_cors::AllowHeaders;
use upsign_core::{Identity, Presigner, Timestamp};

use crate::api::{Api, GrantedUpload};
use crate::auth::Authenticate;
use crate::dialect::{self, DialectCall, Found};
use crate::endpoint::Endpoint;
use crate::files_body::{FilesBody, IssueBody};
use crate::grant_body::GrantBody;
use crate::grants_body::GrantsBody;
use crate::invalid_body::InvalidBody;
use crate::issue::log_grant;
use crate::paths::Served;
use crate::problem::Problem;
use crate::refused::RefusedRequest;
use crate::request_id::RequestId;
use crate::session_calls::SessionRequest;
use crate::upload_body::UploadBody;
use crate::{cors, respond};

impl<P: Presigner> Api<P> {
    /// Answers a request.
    ///
    /// `at` is the single reading of the clock by which the token, the rate limit, the lifetime and the signature are
    /// judged. `auth` identifies the caller. A [`RequestId`] in the extensions of the request is in the problem document of a
    /// refusal.
    pub async fn handle(
        &self,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Response<String> {
        let found = match self.paths.at(request.uri().path()) {
            Some(_) => None,
            None => self.dialects.at(request.uri().path(), self.paths.base()),
        };
        let response = match found {
            Some(found) => {
                // Boxed, because the futures of dialects are large, and deeply nested.
                let answer = Box::pin(self.dialect(found, request, at, auth)).await;
                answer.map_err(|refused| refused.with_shape(found.served.shape))
            }
            None => self.route(request, at, auth).await,
        };
        let id = request.extensions().get::<RequestId>();
        let mut response =
            response.unwrap_or_else(|refused| self.report_refused(&refused.with_request_id(id)));
        let allowed = cors::allow(&self.origins, request.headers(), response.headers_mut());
        if allowed && request.method() == Method::OPTIONS {
            let headers = self.allow_headers.clone();
            let headers = match auth.token_header() {
                Some(header) => headers.with_token_header(header),
                None => headers,
            };
            let methods = self.paths.at(request.uri().path()).map_or("POST", Served::cors_methods);
            let (methods, headers) = match found {
                Some(found) => {
                    (found.served.methods, headers.with_client_headers(found.served.headers.iter().copied()))
                }
                None => (methods, headers),
            };
            cors::preflight(methods, &header_value(&headers), response.headers_mut());
        }
        response
    }

    /// Reports a request that an adapter refuses itself, and returns the answer, with the API's CORS headers.
    ///
    /// `headers` are those of the request: pages of the configured origins can read the answer.
    #[must_use]
    pub fn refuse(&self, headers: &HeaderMap, refused: &RefusedRequest) -> Response<String> {
        let mut response = self.report_refused(refused);
        cors::allow(&self.origins, headers, response.headers_mut());
        response
    }

    /// Logs a refusal and notifies the service's observers.
    ///
    /// The log has up to 10 lines per minute and reason; see [`RefusalLog`](crate::RefusalLog) for their levels. Observers receive every refusal.
    ///
    /// Use [`refuse`](Self::refuse) where there is a request to answer. This method is for adapters that cannot answer,
    /// for example because an event is not a request at all.
    pub fn report(&self, refusal: &Refusal) {
        self.log.log(refusal);
        self.service.report(refusal);
    }

    /// The only exit for refused requests.
    fn report_refused(&self, refused: &RefusedRequest) -> Response<String> {
        self.report(&refused.refusal);
        match refused.shape {
            Some(shape) => dialect::respond(shape, &refused.problem),
            None => respond::problem(&refused.problem),
        }
    }

    async fn route(
        &self,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Result<Response<String>, RefusedRequest> {
        let path = request.uri().path();
        let Some(served) = self.paths.at(path) else {
            return Err(RefusedRequest::not_found(path, &self.public_path(), at));
        };
        match served.endpoint(request.method()) {
            Some(endpoint) => self.call(endpoint, request, at, auth).await,
            None if *request.method() == Method::OPTIONS => self.preflight(request.headers(), at),
            None => Err(RefusedRequest::new(Problem::method_not_allowed_except(served.allow()), at)),
        }
    }

    /// Answers a request at the path of a dialect.
    async fn dialect(
        &self,
        found: Found<'_>,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Result<Response<String>, RefusedRequest> {
        let Found { dialect, path, served } = found;
        if served.accepts(request.method()) {
            let call = DialectCall { api: self, dialect, request, path, served, auth, at };
            return dialect::answer(dialect, call).await;
        }
        if *request.method() == Method::OPTIONS {
            return self.preflight(request.headers(), at);
        }
        let allow = format!("{}, OPTIONS", served.methods);
        Err(RefusedRequest::new(Problem::method_not_allowed_except(allow), at))
    }

    /// Answers a preflight without authentication: browsers send preflights without the `Authorization` header.
    fn preflight(&self, headers: &HeaderMap, at: Timestamp) -> Result<Response<String>, RefusedRequest> {
        let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        if origin.is_some_and(|origin| !self.origins.allows(origin)) {
            return Err(RefusedRequest::new(Problem::origin_not_allowed(), at));
        }
        Ok(respond::empty(StatusCode::NO_CONTENT))
    }

    /// The order matters: nothing about the body is revealed to a caller without a valid token, and a caller is counted
    /// before the body is parsed, so that invalid bodies cannot be sent without limit.
    async fn call(
        &self,
        endpoint: Endpoint,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Result<Response<String>, RefusedRequest> {
        let challenge = || auth.challenge();
        let caller = auth.authenticate(&request.into(), at).await;
        let caller =
            caller.map_err(|error| RefusedRequest::unauthenticated(&error, challenge().as_ref(), at))?;
        let session = SessionRequest { api: self, request, caller: &caller, at };
        match endpoint {
            Endpoint::Issue => self.count(&caller, at).await?,
            _ => session.count().await?,
        }
        let answer = match endpoint {
            Endpoint::Issue => self.upload_url(request, &caller, at).await,
            Endpoint::Parts => session.presign_parts().await,
            Endpoint::Status => session.upload_status().await,
            Endpoint::Complete => session.complete_upload().await,
            Endpoint::Abort => session.abort_upload().await,
            Endpoint::Confirm => session.confirm_upload().await,
            Endpoint::ReadUrl => session.read_url().await,
            Endpoint::Delete => session.delete_upload().await,
            // Answered before: no path of an endpoint is that of a dialect.
            Endpoint::Dialect(_) => Err(RefusedRequest::new(Problem::not_found(), at)),
        };
        answer.map_err(|refused| refused.with_challenge(challenge().as_ref()))
    }

    async fn upload_url(
        &self,
        request: &Request<Bytes>,
        caller: &Identity,
        at: Timestamp,
    ) -> Result<Response<String>, RefusedRequest> {
        let (max, headers, ids) = (self.max_bytes(Endpoint::Issue), request.headers(), self.id_members());
        let body = match self.max_files > 1 {
            true => IssueBody::read_up_to(max, headers, request.body(), &ids),
            // The member with several files is unknown to this API.
            false => UploadBody::read_up_to(max, headers, request.body(), &ids).map(IssueBody::One),
        };
        match body {
            Ok(IssueBody::One(body)) => self.issue_one(Ok(body), caller, at).await,
            Ok(IssueBody::Several(body)) => self.issue_several(&body, caller, at).await,
            Err(error) => self.issue_one(Err(error), caller, at).await,
        }
    }

    async fn issue_one(
        &self,
        body: Result<UploadBody, InvalidBody>,
        caller: &Identity,
        at: Timestamp,
    ) -> Result<Response<String>, RefusedRequest> {
        let issued = self.issue_counted(caller, body.map_err(Into::into), &[], at).await;
        let (grant, UploadBody { route, upload }) = issued?;
        let route = route.as_deref();
        let event = GrantedUpload { caller, route, upload: &upload, grant: &grant, at };
        let body = self.body_of(&event).and_then(|body| Ok(body.try_response()?));
        let response = body.map_err(|error| unanswerable(&*error, caller, route, at))?;
        log_grant(&grant);
        Ok(response)
    }

    async fn issue_several(
        &self,
        body: &FilesBody,
        caller: &Identity,
        at: Timestamp,
    ) -> Result<Response<String>, RefusedRequest> {
        let route = body.route.as_deref();
        let grants = self.issue_many_counted(caller, route, &body.files, &[], at).await?;
        let answer = || {
            let uploads = body.files.iter().zip(&grants);
            let bodies = uploads
                .map(|(upload, grant)| self.body_of(&GrantedUpload { caller, route, upload, grant, at }));
            let bodies: Vec<_> = bodies.collect::<Result<_, _>>()?;
            Ok(GrantsBody::of(bodies).try_response()?)
        };
        let response = answer().map_err(|error: Box<dyn Error>| unanswerable(&*error, caller, route, at))?;
        grants.iter().for_each(log_grant);
        Ok(response)
    }

    /// Returns the body of a grant with the members of the application.
    fn body_of<'a>(&self, event: &GrantedUpload<'a>) -> Result<GrantBody<'a>, Box<dyn Error>> {
        let members = self.members.as_ref().map(|members| members(event)).unwrap_or_default();
        Ok(GrantBody::new(event.grant).with_members(members)?)
    }
}

/// Returns the refusal of a request whose grant cannot be written.
fn unanswerable(error: &dyn Error, caller: &Identity, route: Option<&str>, at: Timestamp) -> RefusedRequest {
    let refused = RefusedRequest::new(Problem::internal(), at).with_caller(caller);
    refused.with_route(route).with_reason(error.to_string())
}

/// The names contain only characters that are valid in the value of a header.
fn header_value(headers: &AllowHeaders) -> HeaderValue {
    HeaderValue::try_from(headers.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}
