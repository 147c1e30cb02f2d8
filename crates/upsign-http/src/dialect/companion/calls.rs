//! The calls, after their path and method are known.

use http::{Response, StatusCode};
use serde::Serialize;
use upsign::session::{PartUrls, PartsRequest, SessionError, UploadPlace, UploadState};
use upsign::{Upload, UploadGrant, UploadPolicy};
use upsign_core::{Identity, PartNumber, Presigner};
use upsign_objects::VersionId;

use crate::body_limits::MAX_PARTS;
use crate::dialect::DialectCall;
use crate::dialect::companion::answer::{
    Aborted, Begun, Completed, Fields, Params, Part, SignedPart, SignedParts, settable,
};
use crate::dialect::companion::call::Call;
use crate::dialect::companion::complete::ListedParts;
use crate::dialect::companion::invalid::InvalidCall;
use crate::dialect::companion::query::Query;
use crate::dialect::companion::upload::FileDescription;
use crate::dialect::companion::{lacks_form, lacks_parts, resource};
use crate::problem::Problem;
use crate::refused::RefusedRequest;
use crate::respond;
use crate::session_body::MAX_ITEMS;

type Answer = Result<Response<String>, RefusedRequest>;

pub(in crate::dialect) async fn answer<P: Presigner>(call: &DialectCall<'_, P>) -> Answer {
    let Some(wanted) = resource(call.path).and_then(|resource| resource.call(call.method())) else {
        return Err(call.refuse(Problem::not_found()));
    };
    let caller = call.authenticate().await?;
    match wanted {
        Call::Params | Call::Begin => call.count_issue(&caller).await?,
        _ => call.count_call(&caller).await?,
    }
    let of = CallOf { call, caller: &caller };
    match wanted {
        Call::Params => of.params().await,
        Call::Begin => of.begin().await,
        Call::ListParts { token } => of.list_parts(token).await,
        Call::SignPart { token, number } => of.sign_part(token, number).await,
        Call::SignParts { token } => of.sign_parts(token).await,
        Call::Complete { token } => of.complete(token).await,
        Call::Abort { token } => of.abort(token).await,
        Call::TemporaryCredentials => Err(of.refuse(no_credentials())),
    }
}

/// A call of a verified caller that was counted.
struct CallOf<'a, P> {
    call: &'a DialectCall<'a, P>,
    caller: &'a Identity,
}

impl<P: Presigner> CallOf<'_, P> {
    async fn params(&self) -> Answer {
        let file = FileDescription::from_query(&self.query()?).map_err(|error| self.invalid(error))?;
        let grant = self.issue(&file, false).await?;
        let expires = grant.expires_in.as_secs();
        match &grant.upload {
            Upload::Post(form) => self.json(&Params {
                method: "POST",
                url: &form.url,
                fields: Fields::Form(form),
                headers: Default::default(),
                expires,
            }),
            Upload::Put(put) => self.json(&Params {
                method: put.method.as_str(),
                url: put.url.expose(),
                fields: Fields::Key(grant.key.as_str()),
                headers: settable(&put.headers),
                expires,
            }),
            _ => Err(self.refuse(Problem::internal())),
        }
    }

    async fn begin(&self) -> Answer {
        let body = self.call.object(MAX_ITEMS).and_then(FileDescription::from_body);
        let file = body.map_err(|error| self.call.refuse_body(&error, self.caller))?;
        let grant = self.issue(&file, true).await?;
        let Upload::Multipart(upload) = &grant.upload else {
            return Err(self.refuse(Problem::internal()));
        };
        let bucket = self.policy_of(&file).map(|policy| policy.target().resource().to_string());
        self.json(&Begun {
            key: grant.key.as_str(),
            upload_id: upload.token.expose(),
            bucket: bucket.as_deref().unwrap_or_default(),
        })
    }

    async fn list_parts(&self, token: &str) -> Answer {
        self.place(token, &self.query()?)?;
        let status = self.call.api.service().upload_status_counted(self.caller, token, self.call.at).await;
        let status = status.map_err(|error| self.refuse_session(&error, token))?;
        match status.state {
            UploadState::Open(open) => self.json(&open.parts.iter().map(Part::new).collect::<Vec<_>>()),
            // A client that asks for the parts would send all of them again.
            UploadState::Completed(object) => {
                let (key, size, etag) = (object.key, object.size, object.etag);
                Err(self.refuse_session(&SessionError::AlreadyCompleted { key, size, etag }, token))
            }
            UploadState::Gone => Err(self.refuse_session(&SessionError::Gone, token)),
        }
    }

    async fn sign_part(&self, token: &str, number: &str) -> Answer {
        self.place(token, &self.query()?)?;
        let number = part_number(number).ok_or_else(|| self.invalid(InvalidCall::PartNumber))?;
        let urls = self.part_urls(token, vec![number]).await?;
        match urls.parts.as_slice() {
            [part] => self.json(&SignedPart::new(&urls, part)),
            _ => Err(self.refuse(Problem::internal())),
        }
    }

    async fn sign_parts(&self, token: &str) -> Answer {
        let query = self.query()?;
        self.place(token, &query)?;
        let listed = query.get("partNumbers").ok_or_else(|| self.invalid(InvalidCall::PartNumbers))?;
        if listed.split(',').count() > MAX_ITEMS {
            return Err(self.invalid(InvalidCall::TooManyPartNumbers(MAX_ITEMS)));
        }
        let numbers = listed.split(',').map(part_number).collect::<Option<Vec<_>>>();
        let numbers = numbers.ok_or_else(|| self.invalid(InvalidCall::PartNumber))?;
        let urls = self.part_urls(token, numbers).await?;
        self.json(&SignedParts::new(&urls))
    }

    async fn complete(&self, token: &str) -> Answer {
        let place = self.place(token, &self.query()?)?;
        let body = self.call.object(MAX_PARTS).and_then(ListedParts::read);
        let parts = body.map_err(|error| self.call.refuse_body(&error, self.caller))?;
        let parts = parts.into_request().map_err(|error| self.refuse_session(&error, token))?;
        let service = self.call.api.service();
        let object = service.complete_upload_counted(self.caller, token, &parts, self.call.at).await;
        let object = object.map_err(|error| self.refuse_session(&error, token))?;
        tracing::info!(
            key = object.key.as_str(),
            size = object.size,
            parts = parts.parts().len(),
            version_id = object.version_id.as_ref().map(VersionId::as_str),
            repeated = object.was_complete,
            "upload completed"
        );
        self.json(&Completed {
            location: &place.target.object_url(&object.key),
            key: object.key.as_str(),
            bucket: place.target.resource().as_ref(),
        })
    }

    async fn abort(&self, token: &str) -> Answer {
        self.place(token, &self.query()?)?;
        let aborted = self.call.api.service().abort_upload_counted(self.caller, token, self.call.at).await;
        let key = aborted.map_err(|error| self.refuse_session(&error, token))?;
        tracing::info!(key = key.as_str(), "upload aborted");
        self.json(&Aborted {})
    }

    async fn part_urls(&self, token: &str, numbers: Vec<PartNumber>) -> Result<PartUrls, RefusedRequest> {
        let parts = PartsRequest::new(numbers).map_err(|error| self.refuse_session(&error.into(), token))?;
        let service = self.call.api.service();
        let urls = service.presign_parts_counted(self.caller, token, &parts, self.call.at).await;
        let urls = urls.map_err(|error| self.refuse_session(&error, token))?;
        tracing::debug!(key = urls.key.as_str(), parts = urls.parts.len(), "upload parts signed");
        Ok(urls)
    }

    /// Issues a grant for one request, or for parts. The size is not stated, so its policy bounds it in another way.
    async fn issue(&self, file: &FileDescription, in_parts: bool) -> Result<UploadGrant, RefusedRequest> {
        let lacks = if in_parts { lacks_parts } else { lacks_form };
        self.call.check_route(file.route(), lacks, self.caller)?;
        let ids = self.call.api.id_members();
        let upload = file.request(self.policy_of(file), &ids);
        let upload = match in_parts {
            true => upload.with_free_parts(),
            false => upload.with_multipart(false).with_unbound_size(),
        };
        self.call.issue(self.caller, file.route(), upload).await
    }

    /// Returns the policy for a file, or `None` if it names no route of the service, which is refused later.
    fn policy_of(&self, file: &FileDescription) -> Option<&UploadPolicy> {
        self.call.route(file.route()).map(|route| route.issuer().policy())
    }

    /// Verifies the token, and that the key of the query is that of the upload. Companion does neither: who knows the key and the id of
    /// an upload can complete or abort it.
    fn place(&self, token: &str, query: &Query) -> Result<UploadPlace, RefusedRequest> {
        let key = query.get("key").ok_or_else(|| self.invalid(InvalidCall::Key))?;
        let place = self.call.api.service().upload_place(self.caller, token, self.call.at);
        let place = place.map_err(|error| self.refuse_session(&error, token))?;
        if place.key.as_str() == key { Ok(place) } else { Err(self.invalid(InvalidCall::OtherKey)) }
    }

    fn query(&self) -> Result<Query, RefusedRequest> {
        let pairs = self.call.query().map_err(|refused| refused.with_caller(self.caller))?;
        Query::new(pairs).map_err(|error| self.invalid(error))
    }

    fn invalid(&self, error: InvalidCall) -> RefusedRequest {
        self.refuse(Problem::request_malformed(error.to_string()))
    }

    fn refuse(&self, problem: Problem) -> RefusedRequest {
        self.call.refuse(problem).with_caller(self.caller)
    }

    fn refuse_session(&self, error: &SessionError, token: &str) -> RefusedRequest {
        self.call.refuse_session(error, self.caller, token)
    }

    fn json(&self, body: &impl Serialize) -> Answer {
        let body = serde_json::to_string(body).map_err(|_| self.refuse(Problem::internal()))?;
        Ok(respond::response(StatusCode::OK, "application/json", body))
    }
}

/// Temporary credentials are never given out. The client would choose the key of a single upload by itself (`crypto.randomUUID()` and the
/// file's name, without a prefix), and sign the requests for parts with S3's own upload id, which it does not have here. Credentials for
/// that permit every key, type and size, and no check of this service would remain.
///
/// Source: <https://github.com/transloadit/uppy/blob/%40uppy/aws-s3%405.1.0/packages/%40uppy/aws-s3/src/index.ts>, `createSignedURL`.
fn no_credentials() -> Problem {
    Problem::credentials_not_offered()
}

/// Reads a part number from 1 to 10,000, without a sign and without leading zeros.
fn part_number(text: &str) -> Option<PartNumber> {
    let number = text.parse::<u16>().ok().filter(|number| number.to_string() == text)?;
    PartNumber::new(number.into()).ok()
}
