//! Prepares the objects and multipart uploads that a request needs, and checks its effect.

use reqwest::Client;
use upsign_core::{ExpiresIn, ObjectKey, Operation, PartNumber, PresignRequest, SignedHeaders, UploadId};

use crate::requests::{Case, Kind};
use crate::server::{Account, Server, now};
use crate::wire::{Answer, Outgoing, element};

/// A request whose objects and multipart upload exist, so that it would succeed now.
pub(crate) struct PreparedCase<'a> {
    pub(crate) case: &'a Case,
    pub(crate) account: &'a Account,
    pub(crate) request: PresignRequest,
    pub(crate) body: Vec<u8>,
    http: &'a Client,
}

/// The reason why an unchanged request failed.
pub(crate) enum CaseError {
    /// The server refused it.
    Refused(String),
    /// The server accepted it, but stored or returned something else.
    WrongEffect(String),
}

impl<'a> PreparedCase<'a> {
    pub(crate) async fn prepare(server: &'a Server, case: &'a Case) -> Self {
        let account = server.account(case.temporary);
        let request = |operation| {
            let target = if case.virtual_hosted { &account.virtual_hosted } else { &account.target };
            PresignRequest::new(target.clone(), operation, case.key.clone(), case.expires_in)
        };
        let mut prepared = Self {
            case,
            account,
            request: request(Operation::PutObject),
            body: Vec::new(),
            http: &server.http,
        };
        let operation = match case.kind {
            Kind::Put => Operation::PutObject,
            Kind::Get => Operation::GetObject,
            Kind::Head => Operation::HeadObject,
            Kind::Delete => Operation::DeleteObject,
            Kind::Create => Operation::CreateMultipartUpload,
            _ => prepared.start_multipart_upload().await,
        };
        if matches!(case.kind, Kind::Get | Kind::Head | Kind::Delete) {
            prepared.send_minimal(Operation::PutObject, &case.body).await.expect(200);
        }
        if matches!(case.kind, Kind::Put | Kind::Part) {
            prepared.body.clone_from(&case.body);
        }
        prepared.request =
            request(operation).with_headers(case.headers.clone()).with_query(case.query.clone());
        prepared
    }

    /// Creates a multipart upload, and uploads a part if the request needs one. Returns the operation of the request.
    async fn start_multipart_upload(&mut self) -> Operation {
        let created = self.send(Operation::CreateMultipartUpload, self.checksum_of_upload(), &[]).await;
        let created = created.expect(200);
        let upload_id: UploadId = element(&created.text(), "UploadId").parse().unwrap();
        let part = Operation::UploadPart { upload_id: upload_id.clone(), part_number: PartNumber::MIN };
        if self.case.kind == Kind::Part {
            return part;
        }
        let stored = self.send_minimal(part, &self.case.body).await.expect(200);
        let etag = stored.header("etag");
        match self.case.kind {
            Kind::List => Operation::ListParts { upload_id },
            Kind::Abort => Operation::AbortMultipartUpload { upload_id },
            _ => {
                self.body = format!(
                    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
                     </CompleteMultipartUpload>"
                )
                .into();
                Operation::CompleteMultipartUpload { upload_id }
            }
        }
    }

    /// Returns the request, signed at the current time.
    pub(crate) fn outgoing(&self) -> Outgoing {
        Outgoing::signed(&self.request, &self.account.credentials, now(), &self.body)
    }

    /// Checks that rejected requests have changed nothing.
    pub(crate) async fn assert_unchanged(&self) {
        let status = self.send_minimal(Operation::GetObject, &[]).await.status;
        let wanted = if matches!(self.case.kind, Kind::Get | Kind::Head | Kind::Delete) { 200 } else { 404 };
        assert_eq!(status, wanted, "a rejected request changed the state of {:?}", self.case);
    }

    /// Checks that the response reports success and that the effect is visible.
    pub(crate) async fn check(&self, answer: &Answer) -> Result<(), CaseError> {
        let ranged = self.case.headers.get("range").is_some();
        let wanted = match self.case.kind {
            Kind::Delete | Kind::Abort => 204,
            Kind::Get if ranged => 206,
            _ => 200,
        };
        if answer.status != wanted || answer.text().contains("<Error>") {
            return Err(CaseError::Refused(answer.summary()));
        }
        self.check_effect(answer, ranged).await.map_err(CaseError::WrongEffect)
    }

    /// Checks the stored object, or the response of a GET.
    async fn check_effect(&self, answer: &Answer, ranged: bool) -> Result<(), String> {
        let found = match self.case.kind {
            Kind::Get => return self.check_response(answer, ranged),
            Kind::Put | Kind::Complete => self.send_minimal(Operation::GetObject, &[]).await,
            _ => return Ok(()),
        };
        if found.body != self.case.body {
            return Err(format!("{}, the stored bytes differ", found.summary()));
        }
        for (name, value) in self.case.headers.iter().filter(|(name, _)| is_stored(name)) {
            if self.case.kind == Kind::Put && value != found.header(name) {
                return Err(format!("{name} stored as {:?}", found.header(name)));
            }
        }
        Ok(())
    }

    /// Checks the body of a GET, and the headers that its `response-…` parameters override.
    fn check_response(&self, answer: &Answer, ranged: bool) -> Result<(), String> {
        let wanted = if ranged { self.case.body.get(..1) } else { Some(self.case.body.as_slice()) };
        if Some(answer.body.as_slice()) != wanted {
            return Err("the returned bytes differ".to_owned());
        }
        for (name, value) in &self.case.query {
            let header = name.strip_prefix("response-").unwrap_or(name);
            if answer.headers.get(header).is_none_or(|given| given.as_bytes() != value.as_bytes()) {
                return Err(format!("{header}: {:?}", answer.headers.get(header)));
            }
        }
        Ok(())
    }

    /// Returns the header with the algorithm of the part's checksum. S3 refuses parts with a checksum of another algorithm than
    /// that of the upload, which is CRC64NVME unless the request that creates it names one
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>).
    fn checksum_of_upload(&self) -> SignedHeaders {
        let mut names = self.case.headers.iter().filter_map(|(name, _)| name.strip_prefix("x-amz-checksum-"));
        let mut headers = SignedHeaders::new();
        if let Some(algorithm) = names.next() {
            headers.insert("x-amz-checksum-algorithm", &algorithm.to_uppercase()).unwrap();
        }
        headers
    }

    /// Signs and sends a request without additional headers and parameters.
    async fn send_minimal(&self, operation: Operation, body: &[u8]) -> Answer {
        self.send(operation, SignedHeaders::new(), body).await
    }

    async fn send(&self, operation: Operation, headers: SignedHeaders, body: &[u8]) -> Answer {
        let key: ObjectKey = self.case.key.clone();
        let request = PresignRequest::new(self.account.target.clone(), operation, key, ExpiresIn::MAX)
            .with_headers(headers);
        Outgoing::signed(&request, &self.account.credentials, now(), body).send(self.http).await
    }
}

/// Returns `true` for headers that S3 stores and returns with the object.
pub(crate) fn is_stored(name: &str) -> bool {
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
    /// Checks the status of the answer.
    #[track_caller]
    fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}
