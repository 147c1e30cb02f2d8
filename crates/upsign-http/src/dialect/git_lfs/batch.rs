//! `objects/batch`: looks for each object, and signs the URLs to send or to read it.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use http::{Response, StatusCode};
use upsign::content::Contents;
use upsign::{IssueError, Route, Upload, UploadRequest};
use upsign_core::{Identity, Presigner};
use upsign_policy::{Checksum, ContentType};

use crate::dialect::DialectCall;
use crate::dialect::git_lfs::answer::{Action, ObjectAnswer, Verify};
use crate::dialect::git_lfs::request::{BatchObject, BatchRequest, Direction, MAX_OBJECTS};
use crate::dialect::git_lfs::{VERIFY, answer, lacks};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::refused::RefusedRequest;

/// How many objects the service looks for at the same time. One `HeadObject` takes about 10 to 30 ms at S3, so a batch of 100 takes
/// about 0.2 s, and a single client does not take all connections to the store.
const LOOKS_AT_ONCE: usize = 16;

/// A batch of a caller that may use the route.
struct Batch<'a, P> {
    call: &'a DialectCall<'a, P>,
    caller: &'a Identity,
    route: Option<&'a str>,
    contents: Contents<'a, P>,
    /// The URL of `verify`.
    verify: String,
    reads: bool,
}

pub(super) async fn transfer<P: Presigner>(
    call: &DialectCall<'_, P>,
    repository: Option<&str>,
) -> Result<Response<String>, RefusedRequest> {
    let caller = call.authenticate_with_password().await?;
    call.count_issue(&caller).await?;
    let body = call.object(MAX_OBJECTS).and_then(|body| BatchRequest::read(&body));
    let body = body.map_err(|error| call.refuse_body(&error, &caller))?;
    call.check_route(repository, lacks, &caller)?;
    let verify = call.public_url(repository, VERIFY);
    let no_host =
        || call.refuse(Problem::request_malformed("the request names no host: send the header Host"));
    let verify = verify.ok_or_else(|| no_host().with_caller(&caller))?;
    let batch = Batch::new(call, &caller, repository, verify)?;
    let answers = batch.answers(&body).await?;
    log(&batch, &body, &answers);
    Ok(answer::batch(body.direction, &body.objects, &answers))
}

impl<'a, P: Presigner> Batch<'a, P> {
    fn new(
        call: &'a DialectCall<'a, P>,
        caller: &'a Identity,
        repository: Option<&'a str>,
        verify: String,
    ) -> Result<Self, RefusedRequest> {
        let route = repository.or_else(|| call.api.default_route(call.dialect));
        let contents = contents(call, caller, route)?;
        let reads = call.api.endpoints().contains(&Endpoint::ReadUrl);
        Ok(Self { call, caller, route, contents, verify, reads })
    }

    /// Returns one answer for each object. A fault of the service refuses the whole batch, which git-lfs can repeat; everything else
    /// concerns one object.
    async fn answers(&self, body: &BatchRequest) -> Result<Vec<ObjectAnswer>, RefusedRequest> {
        if !body.is_sha256 {
            let refused = |_| {
                ObjectAnswer::error(StatusCode::CONFLICT, "the oids of this server are SHA-256 checksums")
            };
            return Ok(body.objects.iter().map(refused).collect());
        }
        let answers = body.objects.iter().map(|object| self.object(body.direction, object));
        let answers: Vec<_> = answers.collect();
        stream::iter(answers).buffered(LOOKS_AT_ONCE).try_collect().await
    }

    async fn object(
        &self,
        direction: Direction,
        object: &BatchObject,
    ) -> Result<ObjectAnswer, RefusedRequest> {
        let Some(sha256) = object.sha256() else {
            let message = "the oid must be a SHA-256 checksum in lower-case hex";
            return Ok(ObjectAnswer::error(StatusCode::UNPROCESSABLE_ENTITY, message));
        };
        let answer = match direction {
            Direction::Upload => self.upload(object, &sha256).await,
            Direction::Download => self.download(object, &sha256).await,
        };
        answer.or_else(|refused| {
            if refused.problem().status().is_server_error() {
                return Err(refused);
            }
            self.call.api.report(refused.refusal());
            Ok(ObjectAnswer::problem(refused.problem()))
        })
    }

    async fn upload(&self, object: &BatchObject, sha256: &Checksum) -> Result<ObjectAnswer, RefusedRequest> {
        match self.contents.find(sha256).await.map_err(|error| self.refused(&error))? {
            Some(found) if found.is(object.size, sha256) => return Ok(ObjectAnswer::Present),
            Some(_) => return Ok(other_object()),
            None => {}
        }
        let upload = UploadRequest::described()
            .with_content_type(ContentType::octet_stream().as_str())
            .with_content_length(object.size)
            .with_checksum(sha256.algorithm().as_str(), sha256.as_base64());
        let grant = self.call.issue(self.caller, self.route, upload).await?;
        let (Upload::Put(put), Some(token)) = (grant.upload, grant.token) else {
            let reason = "the route grants no PUT with an upload token".to_owned();
            return Err(self.call.unanswerable(reason, self.caller, self.route));
        };
        Ok(ObjectAnswer::Action(Box::new(Action {
            href: put.url.expose().to_owned(),
            headers: put.headers,
            expires_in: grant.expires_in,
            expires_at: grant.expires_at,
            verify: Some(Verify { href: self.verify.clone(), token }),
        })))
    }

    async fn download(
        &self,
        object: &BatchObject,
        sha256: &Checksum,
    ) -> Result<ObjectAnswer, RefusedRequest> {
        if !self.reads {
            let message = "this server signs no URLs for reading";
            return Ok(ObjectAnswer::error(StatusCode::FORBIDDEN, message));
        }
        let found = self.contents.find(sha256).await.map_err(|error| self.refused(&error))?;
        let Some(found) = found else {
            return Ok(ObjectAnswer::error(StatusCode::NOT_FOUND, "the object does not exist"));
        };
        if !found.is(object.size, sha256) {
            return Ok(other_object());
        }
        let read = self.contents.read_url(&found).await.map_err(|error| self.refused(&error))?;
        Ok(ObjectAnswer::Action(Box::new(Action {
            href: read.url.expose().to_owned(),
            headers: read.headers,
            expires_in: read.expires_in,
            expires_at: read.expires_at,
            verify: None,
        })))
    }

    fn refused(&self, error: &IssueError) -> RefusedRequest {
        refused(self.call, error, self.caller, self.route)
    }
}

/// The store has something else at the key: another program wrote it, or the pointer file of the client is wrong.
fn other_object() -> ObjectAnswer {
    let message = "the server has an object of another size or checksum for this oid";
    ObjectAnswer::error(StatusCode::UNPROCESSABLE_ENTITY, message)
}

/// Returns the objects that the caller finds on a route.
pub(super) fn contents<'a, P: Presigner>(
    call: &'a DialectCall<'_, P>,
    caller: &'a Identity,
    route: Option<&str>,
) -> Result<Contents<'a, P>, RefusedRequest> {
    let contents = call.api.service().contents(caller, route, call.at);
    let contents = contents.map_err(|error| refused(call, &error, caller, route))?;
    // `check_route` has refused routes that cannot find objects.
    contents.ok_or_else(|| call.refuse(Problem::not_found()).with_caller(caller))
}

fn refused<P: Presigner>(
    call: &DialectCall<'_, P>,
    error: &IssueError,
    caller: &Identity,
    route: Option<&str>,
) -> RefusedRequest {
    let refusal = call.api.service().refusal(error, caller, route, call.at);
    RefusedRequest::issue(error, refusal).with_challenge(call.auth.challenge().as_ref())
}

/// Logs what became of the objects, without their URLs.
fn log<P: Presigner>(batch: &Batch<'_, P>, body: &BatchRequest, answers: &[ObjectAnswer]) {
    let count = |is: fn(&ObjectAnswer) -> bool| answers.iter().filter(|answer| is(answer)).count();
    let route = batch.call.route(batch.route).and_then(Route::name);
    tracing::info!(
        route,
        operation = body.direction.as_str(),
        objects = answers.len(),
        signed = count(|answer| matches!(answer, ObjectAnswer::Action(_))),
        present = count(|answer| matches!(answer, ObjectAnswer::Present)),
        errors = count(|answer| matches!(answer, ObjectAnswer::Error { .. })),
        "git-lfs batch"
    );
}
