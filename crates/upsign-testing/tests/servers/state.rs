//! What has to be there before a request can succeed, and what has to be there after it.

use reqwest::Client;
use upsign_core::{ExpiresIn, ObjectKey, Operation, PartNumber, PresignRequest, SignedHeaders, UploadId};

use crate::requests::{Case, Kind};
use crate::server::{Account, Server, now};
use crate::wire::{Answer, Outgoing, element};

/// A request that would be taken now.
pub(crate) struct Ready<'a> {
    pub(crate) case: &'a Case,
    pub(crate) account: &'a Account,
    pub(crate) request: PresignRequest,
    pub(crate) body: Vec<u8>,
    http: &'a Client,
}

/// Why a request that was sent as signed failed.
pub(crate) enum NotDone {
    /// It was refused.
    NotTaken(String),
    /// It was taken, and something else stored or answered.
    NotKept(String),
}

impl<'a> Ready<'a> {
    pub(crate) async fn prepare(server: &'a Server, case: &'a Case) -> Self {
        let account = server.account(case.temporary);
        let bare = |operation| {
            let target = if case.hosted { &account.hosted } else { &account.target };
            PresignRequest::new(target.clone(), operation, case.key.clone(), case.expires_in)
        };
        let mut ready =
            Self { case, account, request: bare(Operation::PutObject), body: Vec::new(), http: &server.http };
        let operation = match case.kind {
            Kind::Put => Operation::PutObject,
            Kind::Get => Operation::GetObject,
            Kind::Head => Operation::HeadObject,
            Kind::Delete => Operation::DeleteObject,
            Kind::Create => Operation::CreateMultipartUpload,
            _ => ready.in_upload().await,
        };
        if matches!(case.kind, Kind::Get | Kind::Head | Kind::Delete) {
            ready.plain(Operation::PutObject, &case.body).await.expect(200);
        }
        if matches!(case.kind, Kind::Put | Kind::Part) {
            ready.body.clone_from(&case.body);
        }
        ready.request = bare(operation).with_headers(case.headers.clone()).with_query(case.query.clone());
        ready
    }

    /// Begins an upload, with a part where the request needs one.
    async fn in_upload(&mut self) -> Operation {
        let begun = self.plain(Operation::CreateMultipartUpload, &[]).await.expect(200);
        let upload_id: UploadId = element(&begun.text(), "UploadId").parse().unwrap();
        let part = Operation::UploadPart { upload_id: upload_id.clone(), part_number: PartNumber::MIN };
        if self.case.kind == Kind::Part {
            return part;
        }
        let stored = self.plain(part, &self.case.body).await.expect(200);
        let tag = stored.header("etag");
        match self.case.kind {
            Kind::List => Operation::ListParts { upload_id },
            Kind::Abort => Operation::AbortMultipartUpload { upload_id },
            _ => {
                self.body = format!(
                    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part>\
                     </CompleteMultipartUpload>"
                )
                .into();
                Operation::CompleteMultipartUpload { upload_id }
            }
        }
    }

    pub(crate) fn outgoing(&self) -> Outgoing {
        Outgoing::signed(&self.request, &self.account.credentials, now(), &self.body)
    }

    /// Checks that rejected requests have changed nothing.
    pub(crate) async fn untouched(&self) {
        let status = self.plain(Operation::GetObject, &[]).await.status;
        let wanted = if matches!(self.case.kind, Kind::Get | Kind::Head | Kind::Delete) { 200 } else { 404 };
        assert_eq!(status, wanted, "something refused left its trace at {:?}", self.case);
    }

    /// Checks that the response reports success and that the effect is visible.
    pub(crate) async fn done(&self, answer: &Answer) -> Result<(), NotDone> {
        let ranged = self.case.headers.get("range").is_some();
        let wanted = match self.case.kind {
            Kind::Delete | Kind::Abort => 204,
            Kind::Get if ranged => 206,
            _ => 200,
        };
        if answer.status != wanted || answer.text().contains("<Error>") {
            return Err(NotDone::NotTaken(answer.summary()));
        }
        self.kept(answer, ranged).await.map_err(NotDone::NotKept)
    }

    async fn kept(&self, answer: &Answer, ranged: bool) -> Result<(), String> {
        let found = match self.case.kind {
            Kind::Get => return self.overridden(answer, ranged),
            Kind::Put | Kind::Complete => self.plain(Operation::GetObject, &[]).await,
            _ => return Ok(()),
        };
        if found.body != self.case.body {
            return Err(format!("{}, other bytes stored", found.summary()));
        }
        for (name, value) in self.case.headers.iter().filter(|(name, _)| kept_with_object(name)) {
            if self.case.kind == Kind::Put && value != found.header(name) {
                return Err(format!("{name} stored as {:?}", found.header(name)));
            }
        }
        Ok(())
    }

    fn overridden(&self, answer: &Answer, ranged: bool) -> Result<(), String> {
        let wanted = if ranged { self.case.body.get(..1) } else { Some(self.case.body.as_slice()) };
        if Some(answer.body.as_slice()) != wanted {
            return Err("other bytes".to_owned());
        }
        for (name, value) in self.case.query.iter() {
            let header = name.strip_prefix("response-").unwrap_or(name);
            if answer.headers.get(header).is_none_or(|given| given.as_bytes() != value.as_bytes()) {
                return Err(format!("{header}: {:?}", answer.headers.get(header)));
            }
        }
        Ok(())
    }

    /// A request without headers or parameters, sent as signed.
    async fn plain(&self, operation: Operation, body: &[u8]) -> Answer {
        let key: ObjectKey = self.case.key.clone();
        let request = PresignRequest::new(self.account.target.clone(), operation, key, ExpiresIn::MAX)
            .with_headers(SignedHeaders::new());
        Outgoing::signed(&request, &self.account.credentials, now(), body).send(self.http).await
    }
}

fn kept_with_object(name: &str) -> bool {
    name.starts_with("x-amz-meta-")
        || matches!(
            name,
            "cache-control"
                | "content-disposition"
                | "content-encoding"
                | "content-language"
                | "content-type"
                | "expires"
        )
}

impl Answer {
    #[track_caller]
    fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}
