//! URLs that an SDK presigned.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use upsign_core::{
    Credentials, ExpiresIn, Operation, PartNumber, PresignRequest, PresignedRequest, Query, SignedHeaders,
    Timestamp,
};

use super::client::ClientOptions;
use super::{Keys, Pairs};

/// A request and the URL that an SDK presigned for it.
#[derive(Clone, Debug, Deserialize)]
pub struct UrlRow {
    /// The name of the row, such as `boto3-0002-key-nested`.
    pub id: String,
    pub(super) operation: String,
    pub(super) params: Map<String, Value>,
    pub(super) client: Value,
    pub(super) credentials: Keys,
    now: String,
    pub(super) expires: i64,
    pub(super) expected: Option<Expected>,
    #[serde(default)]
    pub(super) quirks: BTreeSet<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Expected {
    pub(super) method: String,
    pub(super) canonical_host: String,
    pub(super) path: String,
    pub(super) extra_query: Pairs,
    pub(super) required_headers: Pairs,
    pub(super) unsigned_headers: Pairs,
    pub(super) signature: String,
    pub(super) whatwg: Option<String>,
}

/// A signer's answer to a row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// A URL, and the headers to send with it.
    Signed(String, Vec<(String, String)>),
    /// A refusal with its reason.
    Refused(String),
}

impl Answer {
    /// Converts the result of a presigner.
    pub fn of<E: ToString>(presigned: Result<PresignedRequest, E>) -> Self {
        match presigned {
            Ok(presigned) => {
                let headers = presigned.headers.iter();
                let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                Self::Signed(presigned.url.into_exposed(), headers)
            }
            Err(error) => Self::Refused(error.to_string()),
        }
    }

    /// Reads the answer in a line of `upsign presign --batch`.
    #[must_use]
    pub fn of_line(line: &Value) -> Self {
        match (line.get("url").and_then(Value::as_str), line.get("headers")) {
            (Some(url), Some(headers)) => {
                Self::Signed(url.to_owned(), serde_json::from_value(headers.clone()).unwrap())
            }
            _ => Self::Refused(line.get("error").unwrap().to_string()),
        }
    }
}

/// Query parameters that are not input: the operation implies them, or the SDK for JavaScript adds them.
const IMPLIED: [&str; 5] = ["partnumber", "uploadid", "uploads", "x-id", "x-amz-content-sha256"];
impl UrlRow {
    pub(super) fn text(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns `true` if the SDK's caller set this header.
    fn has_param(&self, header: &str) -> bool {
        let name = header.replace('-', "");
        self.params.keys().any(|given| given.eq_ignore_ascii_case(&name))
    }

    /// Returns the headers to sign, and further query parameters. A header that the SDK for JavaScript moves into the query
    /// is a header here, and so is a content type that it leaves unsigned.
    fn input(&self) -> (Pairs, Pairs) {
        let Some(expected) = &self.expected else { return Default::default() };
        let required = expected.required_headers.iter().filter(|(name, _)| name != "host");
        let (mut headers, mut query): (Vec<_>, Vec<_>) = (required.cloned().collect(), Vec::new());
        for (name, value) in &expected.extra_query {
            let lower = name.to_ascii_lowercase();
            match lower.as_str() {
                lower if IMPLIED.contains(&lower) => {}
                _ if lower.starts_with("x-amz-") => headers.push((lower, value.clone())),
                _ => query.push((name.clone(), value.clone())),
            }
        }
        headers.extend(self.unsigned_input(expected).cloned());
        (headers, query)
    }

    pub(super) fn unsigned_input<'a>(
        &'a self,
        expected: &'a Expected,
    ) -> impl Iterator<Item = &'a (String, String)> {
        let known = |name: &str| ["content-type", "cache-control"].contains(&name);
        expected.unsigned_headers.iter().filter(move |(name, _)| known(name) && self.has_param(name))
    }

    /// Returns the name of the operation in camel case: `put_object` becomes `PutObject`.
    fn operation_name(&self) -> String {
        let upper = |word: &str| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect::<String>()
        };
        self.operation.split('_').map(upper).collect()
    }

    /// Returns the request as a line for `upsign presign --batch`.
    #[must_use]
    pub fn line(&self, backend: &str) -> Value {
        let ((headers, query), options) = (self.input(), ClientOptions::of(&self.client));
        let mut line = json!({
            "id": self.id,
            "operation": self.operation_name(),
            "bucket": self.text("Bucket"),
            "key": self.text("Key"),
            "region": options.region,
            "endpoint": options.line(),
            "headers": headers,
            "query": query,
            "expires_in": self.expires,
            "at": self.now,
            "credentials": self.credentials.line(),
            "backend": backend,
        });
        for (member, name) in [("upload_id", "UploadId"), ("part_number", "PartNumber")] {
            if let Some(value) = self.params.get(name) {
                line[member] = value.clone();
            }
        }
        line
    }

    /// Returns the request for a library.
    ///
    /// # Errors
    /// Returns the reason if a value of the row is not valid in upsign.
    pub fn request(&self) -> Result<PresignRequest, String> {
        let target = ClientOptions::of(&self.client).target(self.text("Bucket"))?;
        let key = self.text("Key").parse().map_err(|error| format!("{error}"))?;
        let expires_in = u64::try_from(self.expires).unwrap_or_default();
        let expires_in = ExpiresIn::from_secs(expires_in).map_err(|error| error.to_string())?;
        let (given, parameters) = self.input();
        let (mut headers, mut query) = (SignedHeaders::new(), Query::new());
        for (name, value) in &given {
            headers.insert(name, value).map_err(|error| error.to_string())?;
        }
        for (name, value) in &parameters {
            query.insert(name, value).map_err(|error| error.to_string())?;
        }
        let request = PresignRequest::new(target, self.operation(), key, expires_in);
        Ok(request.with_headers(headers).with_query(query))
    }

    fn operation(&self) -> Operation {
        let part = self.params.get("PartNumber").and_then(Value::as_u64);
        let part = part.map(|part| PartNumber::new(part).unwrap());
        let upload_id = || self.text("UploadId").parse().unwrap();
        match (self.operation_name().as_str(), part) {
            ("PutObject", _) => Operation::PutObject,
            ("GetObject", None) => Operation::GetObject,
            ("GetObject", Some(part_number)) => Operation::GetObjectPart { part_number },
            ("HeadObject", None) => Operation::HeadObject,
            ("HeadObject", Some(part_number)) => Operation::HeadObjectPart { part_number },
            ("DeleteObject", _) => Operation::DeleteObject,
            ("CreateMultipartUpload", _) => Operation::CreateMultipartUpload,
            ("UploadPart", Some(part_number)) => {
                Operation::UploadPart { upload_id: upload_id(), part_number }
            }
            ("CompleteMultipartUpload", _) => Operation::CompleteMultipartUpload { upload_id: upload_id() },
            ("AbortMultipartUpload", _) => Operation::AbortMultipartUpload { upload_id: upload_id() },
            (name, _) => {
                assert_eq!(name, "ListParts");
                Operation::ListParts { upload_id: upload_id() }
            }
        }
    }

    /// Returns the credentials to sign with.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials.credentials()
    }

    /// Returns the time of signing.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.now.parse().unwrap()
    }

    /// Returns `true` if a browser would rewrite or reject the SDK's URL.
    #[must_use]
    pub fn breaks_in_browsers(&self) -> bool {
        self.expected.as_ref().is_some_and(|expected| expected.whatwg.is_some())
    }
}
