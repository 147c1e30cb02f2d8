//! The answers: one signed request, or one with a ticket.

use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use upsign::session::{PartsRequest, TicketCall};
use upsign::{Upload, UploadGrant, UploadRequest};
use upsign_core::{Identity, PartNumber, Presigner, SignedHeaders};

use crate::api::GrantedUpload;
use crate::dialect::call::json as answer_json;
use crate::dialect::uppy::request::{Described, Wanted, read};
use crate::dialect::uppy::{TICKETS, TICKETS_REFERENCE};
use crate::dialect::{DialectCall, ticket};
use crate::problem::Problem;
use crate::refused::RefusedRequest;

type Answer = Result<Response<String>, RefusedRequest>;

pub(in crate::dialect) async fn answer<P: Presigner>(call: &DialectCall<'_, P>) -> Answer {
    if call.path == TICKETS {
        return ticket::answer(call).await;
    }
    let caller = call.authenticate().await?;
    let signing = Signing { call, caller: &caller };
    let ids = call.api.id_members();
    // The limit of new uploads or that of calls counts the request, which its body decides. An invalid body counts as a call.
    let wanted = call.object(0).and_then(|members| read(members, &ids));
    match &wanted {
        Ok(Wanted::Put(_) | Wanted::Create(_)) => call.count_issue(&caller).await?,
        _ => call.count_call(&caller).await?,
    }
    match wanted.map_err(|error| call.refuse_body(&error, &caller))? {
        Wanted::Put(object) => signing.put(&object).await,
        Wanted::Create(object) => signing.create(&object).await,
        Wanted::Part { token, number } => signing.part(&token, number).await,
        Wanted::List { token } => signing.ticket(&token, TicketCall::List).await,
        Wanted::Complete { token } => signing.ticket(&token, TicketCall::Complete).await,
        Wanted::Abort { token } => signing.ticket(&token, TicketCall::Abort).await,
        Wanted::DeleteObject => signing.delete_object(),
    }
}

/// A request of a caller that was verified and counted.
struct Signing<'a, P> {
    call: &'a DialectCall<'a, P>,
    caller: &'a Identity,
}

impl<P: Presigner> Signing<'_, P> {
    async fn put(&self, object: &Described) -> Answer {
        let upload = self.call.single(object, self.caller)?;
        let grant = self.call.issue(self.caller, object.route.as_deref(), upload.clone()).await?;
        let mut members = Map::new();
        match &grant.upload {
            Upload::Put(put) => {
                members.insert("url".into(), put.url.expose().into());
                members.insert("headers".into(), headers(&put.headers));
            }
            Upload::Post(form) => {
                let fields = form.fields.iter().map(|(name, value)| (name.to_string(), (**value).into()));
                members.insert("url".into(), (*form.url).into());
                members.insert("fields".into(), fields.collect::<Map<_, Value>>().into());
            }
            _ => return Err(self.unexpected(object)),
        }
        self.granted(object, &upload, &grant, members)
    }

    /// Begins an upload in parts. The client reads its id from the answer to a further request.
    async fn create(&self, object: &Described) -> Answer {
        let upload = self.call.in_parts(object, self.caller)?;
        let grant = self.call.issue(self.caller, object.route.as_deref(), upload.clone()).await?;
        let answer = self.begun(object, &upload, &grant).await;
        if answer.is_err() {
            self.call.abandon(self.caller, std::slice::from_ref(&grant)).await;
        }
        answer
    }

    async fn begun(&self, object: &Described, upload: &UploadRequest, grant: &UploadGrant) -> Answer {
        let Upload::Multipart(begun) = &grant.upload else { return Err(self.unexpected(object)) };
        let url = self.url_with_ticket(begun.token.expose(), TicketCall::Create).await?;
        self.granted(object, upload, grant, [("url".to_owned(), url.into())].into_iter().collect())
    }

    async fn part(&self, token: &str, number: PartNumber) -> Answer {
        let refused = |error| self.call.refuse_session(&error, self.caller, token);
        let parts = PartsRequest::new(vec![number]).map_err(|error| refused(error.into()))?;
        let service = self.call.api.service();
        let urls = service.presign_parts_counted(self.caller, token, &parts, self.call.at).await;
        let urls = urls.map_err(refused)?;
        let part = urls.parts.first().map(|part| (part.url.expose(), headers(&part.headers)));
        let (url, headers) = part.ok_or_else(|| self.call.refuse(Problem::internal()))?;
        tracing::debug!(key = urls.key.as_str(), part = number.get(), "upload part signed");
        Ok(answer_json(&json!({ "url": url, "headers": headers })))
    }

    async fn ticket(&self, token: &str, wanted: TicketCall) -> Answer {
        Ok(answer_json(&json!({ "url": self.url_with_ticket(token, wanted).await? })))
    }

    async fn url_with_ticket(&self, token: &str, wanted: TicketCall) -> Result<String, RefusedRequest> {
        let ticket = self.call.api.service().ticket_counted(self.caller, token, wanted, self.call.at).await;
        let ticket = ticket.map_err(|error| self.call.refuse_session(&error, self.caller, token))?;
        Ok(format!("{TICKETS_REFERENCE}?{}", ticket::query(token, &ticket)))
    }

    /// Returns the answer for a new object: its key, its ids, what confirms or deletes it later, and the members of the application.
    fn granted(
        &self,
        object: &Described,
        upload: &UploadRequest,
        grant: &UploadGrant,
        mut members: Map<String, Value>,
    ) -> Answer {
        let route = object.route.as_deref();
        let event = GrantedUpload { caller: self.caller, route, upload, grant, at: self.call.at };
        let others = self.call.members(&event, &DEFINED);
        let others = others.map_err(|reason| self.call.unanswerable(reason, self.caller, route))?;
        members.extend(others);
        members.insert("key".into(), grant.key.as_str().into());
        for (name, id) in &grant.ids {
            members.insert(name.to_string(), id.hyphenated().to_string().into());
        }
        if let Some(token) = grant.upload_token() {
            members.insert("uploadToken".into(), token.expose().into());
        }
        Ok(answer_json(&members.into()))
    }

    fn delete_object(&self) -> Answer {
        let detail = "objects are not deleted by Uppy: call DELETE /uploads of the API, if the route lets callers delete uploads";
        let problem = Problem::of_dialect(StatusCode::FORBIDDEN, "forbidden", detail);
        Err(self.call.refuse(problem).with_caller(self.caller))
    }

    /// Refuses a request for which the policy decided on another kind of upload.
    fn unexpected(&self, object: &Described) -> RefusedRequest {
        let reason = "the policy permits another kind of upload than the request is for";
        let refused = self.call.refuse(Problem::internal()).with_caller(self.caller);
        refused
            .with_route(object.route.as_deref().filter(|name| self.call.route(Some(name)).is_some()))
            .with_reason(reason)
    }
}

/// The members of an answer that the application cannot define, in addition to those of a grant.
const DEFINED: [&str; 1] = ["url"];

/// Returns the headers that the client must set.
fn headers(signed: &SignedHeaders) -> Value {
    signed.settable().map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>().into()
}
