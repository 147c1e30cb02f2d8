//! A call in the form in which it is signed and sent, and its answer; for each call, how one becomes the other.

mod abort;
pub(crate) mod checksum;
mod complete;
mod copy;
mod create;
mod delete;
mod get;
mod head;
mod list_parts;
mod store_error;
mod tagging;
pub(crate) mod xml;

use std::str::FromStr;

use upsign_core::{ObjectKey, Operation, Query, SignedHeaders};

use crate::error::{CallFailure, InvalidAnswer, InvalidCall};
use crate::http::wire::xml::Element;
use crate::values::checksum::ChecksumAlgorithm;
use crate::values::etag::ETag;
use crate::values::version_id::VersionId;

/// A request without target, lifetime and signature, and how it is sent.
pub(crate) struct Prepared {
    pub(crate) operation: Operation,
    pub(crate) key: ObjectKey,
    pub(crate) headers: SignedHeaders,
    pub(crate) query: Query,
    /// An XML document, which is not signed.
    pub(crate) body: Option<String>,
    pub(crate) repeat: Repeat,
    pub(crate) limit: AttemptLimit,
    pub(crate) expected: Expected,
}

/// When an attempt that failed is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Also if the outcome is not known: a second execution changes nothing that the first has not.
    Always,
    /// Only if the attempt certainly had no effect.
    IfNothingHappened,
}

/// Which time limit applies to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptLimit {
    /// The store answers at once.
    Short,
    /// The store copies the bytes of an object before it answers.
    Long,
}

/// What a successful answer contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Headers only. A body is not read.
    Headers,
    /// An XML document of at most `max` bytes with this root element.
    Xml { root: &'static str, max: usize },
    /// Up to this many bytes of the object.
    Bytes(usize),
}

/// Limit of an XML document that has a fixed set of elements, and of error answers: the largest known, an echo of the signed
/// request with a session token, has less than 20 KiB.
pub(crate) const MAX_XML: usize = 64 << 10;

/// A successful answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    None,
    Xml(Element),
    Bytes(Vec<u8>),
}

/// The headers of an answer with values of visible ASCII; others are left out.
pub(crate) struct Headers(pub(crate) Vec<(String, String)>);

impl Prepared {
    pub(crate) fn new(operation: Operation, key: &ObjectKey, repeat: Repeat) -> Self {
        Self {
            operation,
            key: key.clone(),
            headers: SignedHeaders::new(),
            query: Query::new(),
            body: None,
            repeat,
            limit: AttemptLimit::Short,
            expected: Expected::Headers,
        }
    }

    pub(crate) fn header(&mut self, name: &str, value: &str) -> Result<(), InvalidCall> {
        self.headers.insert(name, value).map_err(InvalidCall::Header)
    }

    /// Sets headers that the caller chose, of a request that has no body.
    pub(crate) fn bodyless_headers(&mut self, headers: &SignedHeaders) -> Result<(), InvalidCall> {
        let checksums = ChecksumAlgorithm::ALL.map(ChecksumAlgorithm::header);
        let mut of_bodies = ["content-length", "content-md5"].into_iter().chain(checksums);
        if let Some(name) = of_bodies.find(|name| headers.get(name).is_some()) {
            return Err(InvalidCall::BodyHeader(name));
        }
        self.headers = headers.clone();
        Ok(())
    }

    pub(crate) fn parameter(&mut self, name: &str, value: &str) -> Result<(), InvalidCall> {
        self.query.insert(name, value).map_err(InvalidCall::Query)
    }

    pub(crate) fn version(&mut self, version: Option<&VersionId>) -> Result<(), InvalidCall> {
        version.map_or(Ok(()), |version| self.parameter("versionId", version.as_str()))
    }

    /// Returns whether the call changes nothing in the store.
    pub(crate) const fn is_read(&self) -> bool {
        matches!(
            self.operation,
            Operation::HeadObject
                | Operation::GetObject
                | Operation::GetObjectTagging
                | Operation::ListParts { .. }
        )
    }

    /// Adds `If-None-Match: *` or `If-Match`.
    pub(crate) fn condition(&mut self, if_absent: bool, if_match: Option<&ETag>) -> Result<(), InvalidCall> {
        match (if_absent, if_match) {
            (true, Some(_)) => Err(InvalidCall::Contradiction),
            (true, None) => self.header("if-none-match", "*"),
            (false, Some(etag)) => self.header("if-match", &etag.quoted()),
            (false, None) => Ok(()),
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get(name)
    }

    /// Returns the root element of an answer that was expected to be XML.
    pub(crate) fn xml(&self) -> Result<&Element, CallFailure> {
        match &self.content {
            Content::Xml(root) => Ok(root),
            Content::None | Content::Bytes(_) => Err(missing("the body")),
        }
    }

    /// Returns the id of the version that a call created or read. A bucket without versioning has none.
    pub(crate) fn version_id(&self) -> Option<VersionId> {
        self.header("x-amz-version-id").and_then(|id| id.parse().ok())
    }
}

impl Headers {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
    }
}

/// Returns the value of the first child of `element` with this name.
pub(crate) fn member<T: FromStr>(element: &Element, name: &'static str) -> Result<T, CallFailure> {
    element.text(name).and_then(|text| text.trim().parse().ok()).ok_or(missing(name))
}

/// Returns the error of an answer without a readable value of this name.
pub(crate) const fn missing(name: &'static str) -> CallFailure {
    CallFailure::Answer(InvalidAnswer::Member(name))
}
