//! Conditional reads (RFC 9110 section 13).

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, header};
use s3s::dto::{CopyObjectInput, ETag, ETagCondition, GetObjectInput, HeadObjectInput, Timestamp};
use s3s::{S3ErrorCode, S3Result, s3_error};

use crate::store::precondition::failed;

/// The conditions of a GET or HEAD request.
#[derive(Debug, Default)]
pub(super) struct ReadConditions<'a> {
    if_match: Option<&'a ETagCondition>,
    if_none_match: Option<&'a ETagCondition>,
    if_modified_since: Option<&'a Timestamp>,
    if_unmodified_since: Option<&'a Timestamp>,
}

/// The properties of the stored object that the conditions refer to.
#[derive(Debug)]
pub(super) struct CurrentObject<'a> {
    pub(super) etag: &'a str,
    pub(super) modified: SystemTime,
}

impl<'a> ReadConditions<'a> {
    pub(super) fn from_get(input: &'a GetObjectInput) -> Self {
        Self {
            if_match: input.if_match.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
        }
    }

    pub(super) fn from_head(input: &'a HeadObjectInput) -> Self {
        Self {
            if_match: input.if_match.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
        }
    }

    /// Returns the conditions on the source of a copy.
    pub(super) fn from_copy(input: &'a CopyObjectInput) -> Self {
        Self {
            if_match: input.copy_source_if_match.as_ref(),
            if_none_match: input.copy_source_if_none_match.as_ref(),
            if_modified_since: input.copy_source_if_modified_since.as_ref(),
            if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        }
    }

    /// Checks the conditions on the source of a copy, where every one that does not hold is `PreconditionFailed`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
    pub(super) fn check_copy(&self, object: &CurrentObject<'_>) -> S3Result<()> {
        self.check(object).map_err(|error| match error.code() {
            S3ErrorCode::NotModified => failed(match self.if_none_match {
                Some(_) => "If-None-Match",
                None => "If-Modified-Since",
            }),
            _ => error,
        })
    }

    /// Checks the conditions in the order of RFC 9110 section 13.2.2.
    ///
    /// `If-Unmodified-Since` is ignored if there is an `If-Match`, and `If-Modified-Since` if there is an
    /// `If-None-Match`.
    ///
    /// # Errors
    /// `PreconditionFailed` (412) or `NotModified` (304).
    pub(super) fn check(&self, object: &CurrentObject<'_>) -> S3Result<()> {
        let matches = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(etag) => etag.value() == object.etag,
        };
        let modified = Timestamp::from(whole_seconds(object.modified));
        let holds = match (self.if_match, self.if_unmodified_since) {
            (Some(condition), _) => matches(condition),
            (None, Some(at)) => modified <= *at,
            (None, None) => true,
        };
        if !holds {
            return Err(failed(if self.if_match.is_some() { "If-Match" } else { "If-Unmodified-Since" }));
        }
        let not_modified = match (self.if_none_match, self.if_modified_since) {
            (Some(condition), _) => matches(condition),
            (None, Some(at)) => modified <= *at,
            (None, None) => false,
        };
        if !not_modified {
            return Ok(());
        }
        let mut error = s3_error!(NotModified);
        if let Ok(etag) = ETag::Strong(object.etag.to_owned()).to_http_header() {
            // RFC 9110 section 15.4.5: a 304 response has the ETag that a 200 response would have.
            error.set_headers(HeaderMap::from_iter([(header::ETAG, etag)]));
        }
        Err(error)
    }
}

/// Removes the fraction of a second. `Last-Modified` has none, and clients send its value back in a condition.
fn whole_seconds(at: SystemTime) -> SystemTime {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}
