//! The API.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use upsign::{Refused, Route, UploadService};
use upsign_core::{Presigner, Timestamp};
use upsign_documents::CorsOrigins;

use crate::auth::{Authenticate, Unauthenticated};
use crate::body::{self, Body, InvalidBody};
use crate::problem::Problem;
use crate::{cors, respond};

/// `POST /upload-url`, in any framework: a request and an instant in, a response out.
#[derive(Debug)]
pub struct Api<P> {
    service: UploadService<P>,
    origins: CorsOrigins,
}

impl<P: Presigner> Api<P> {
    /// The path that issues uploads.
    pub const UPLOAD_URL: &'static str = "/upload-url";

    /// The longest body that is read: a description of an upload takes a fraction of it.
    pub const MAX_BODY_BYTES: usize = 16 << 10;

    /// The API of a service, or of one issuer alone, for pages of these origins (and for anything that is not a page).
    pub fn new(service: impl Into<UploadService<P>>, origins: CorsOrigins) -> Self {
        Self { service: service.into(), origins }
    }

    /// The service.
    #[must_use]
    pub const fn service(&self) -> &UploadService<P> {
        &self.service
    }

    /// The answer to a request. `at` is the one reading of the clock that judges everything.
    pub async fn handle(
        &self,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Response<Vec<u8>> {
        let mut answer = self.route(request, at, auth).await;
        if cors::allow(&self.origins, request.headers(), answer.headers_mut())
            && request.method() == Method::OPTIONS
        {
            cors::preflight(answer.headers_mut());
        }
        answer
    }

    /// The answer to a request that the door itself had to refuse, readable by the same pages as any other.
    #[must_use]
    pub fn refuse(&self, headers: &HeaderMap, problem: &Problem) -> Response<Vec<u8>> {
        let mut answer = respond::refused(problem);
        cors::allow(&self.origins, headers, answer.headers_mut());
        answer
    }

    async fn route(
        &self,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Response<Vec<u8>> {
        if request.uri().path() != Self::UPLOAD_URL {
            return self.turned_away(&Problem::not_found(), at);
        }
        match *request.method() {
            Method::POST => self.upload_url(request, at, auth).await.unwrap_or_else(|problem| {
                tracing::info!(code = problem.code(), status = problem.status().as_u16(), "refused");
                respond::refused(&problem)
            }),
            Method::OPTIONS => self.preflight(request.headers(), at),
            _ => self.turned_away(&Problem::method_not_allowed(), at),
        }
    }

    fn turned_away(&self, problem: &Problem, at: Timestamp) -> Response<Vec<u8>> {
        self.service.refused(&Refused::new(problem.code(), false, at));
        respond::refused(problem)
    }

    /// A preflight carries no token, and its answer needs none.
    fn preflight(&self, headers: &HeaderMap, at: Timestamp) -> Response<Vec<u8>> {
        let origin = headers.get(http::header::ORIGIN).and_then(|origin| origin.to_str().ok());
        if origin.is_some_and(|origin| !self.origins.allows(origin)) {
            return self.turned_away(&Problem::origin_not_allowed(), at);
        }
        respond::empty(StatusCode::NO_CONTENT)
    }

    async fn upload_url(
        &self,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Result<Response<Vec<u8>>, Problem> {
        let who = auth.authenticate(request.headers(), at).await.map_err(|why| {
            match &why {
                Unauthenticated::Refused { code, reason } => {
                    tracing::info!(code, reason, "caller not authenticated");
                }
                Unauthenticated::Unavailable { reason } => tracing::warn!(reason, "tokens cannot be checked"),
            }
            let ours = matches!(why, Unauthenticated::Unavailable { .. });
            let problem = Problem::from(&why);
            self.service.refused(&Refused::new(problem.code(), ours, at));
            problem
        })?;
        self.service.admit(&who, at).await.map_err(|why| Problem::issue(&why))?;
        let body = self.read(request).map_err(|why| {
            self.service.refused(&Refused::new(why.code(), false, at).of(&who));
            Problem::body(&why)
        })?;
        let Body { route, what } = body;
        let grant =
            self.service.issue_to_admitted(&who, route.as_deref(), &what, at).await.map_err(|why| {
                let problem = Problem::issue(&why);
                if problem.status().is_server_error() {
                    let causes = causes(&why);
                    tracing::error!(causes, "no grant could be issued");
                }
                problem
            })?;
        tracing::info!(key = grant.key.as_str(), expires_at = %grant.expires_at, "granted");
        Ok(respond::granted(&grant))
    }

    /// An empty body, whatever its declared type, asks for the contract without a body.
    fn read(&self, request: &Request<Bytes>) -> Result<Body, InvalidBody> {
        let (headers, body) = (request.headers(), request.body());
        if body.len() > Self::MAX_BODY_BYTES {
            return Err(InvalidBody::TooLarge(Self::MAX_BODY_BYTES));
        }
        let declared =
            headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|declared| declared != body.len()) {
            return Err(InvalidBody::Length);
        }
        if body.is_empty() {
            return Ok(Body::absent());
        }
        if !is_json(headers) {
            return Err(InvalidBody::NotJsonType);
        }
        body::read(body, &self.client_ids())
    }

    /// The members by which a caller can name an id, on any route.
    fn client_ids(&self) -> Vec<&str> {
        let policies = self.service.routes().iter().map(Route::issuer).map(upsign::UploadIssuer::policy);
        policies.flat_map(upsign::UploadPolicy::client_ids).map(upsign_policy::IdName::as_wire).collect()
    }
}

/// No type at all is read as JSON: there is only one thing a body can be here.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let essence = value.to_str().ok().and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut all = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        all.push_str(": ");
        all.push_str(&cause.to_string());
        next = cause.source();
    }
    all
}
