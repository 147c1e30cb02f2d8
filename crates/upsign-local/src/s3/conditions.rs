//! Conditional reads (RFC 9110 section 13).

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, header};
use s3s::dto::{ETag, ETagCondition, GetObjectInput, HeadObjectInput, Timestamp};
use s3s::{S3Result, s3_error};

/// The conditions of a read.
#[derive(Debug, Default)]
pub(super) struct Conditions<'a> {
    matches: Option<&'a ETagCondition>,
    none_match: Option<&'a ETagCondition>,
    modified_since: Option<&'a Timestamp>,
    unmodified_since: Option<&'a Timestamp>,
}

/// The object they are held against.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    pub(super) etag: &'a str,
    pub(super) modified: SystemTime,
}

impl<'a> Conditions<'a> {
    pub(super) fn of_get(input: &'a GetObjectInput) -> Self {
        Self {
            matches: input.if_match.as_ref(),
            none_match: input.if_none_match.as_ref(),
            modified_since: input.if_modified_since.as_ref(),
            unmodified_since: input.if_unmodified_since.as_ref(),
        }
    }

    pub(super) fn of_head(input: &'a HeadObjectInput) -> Self {
        Self {
            matches: input.if_match.as_ref(),
            none_match: input.if_none_match.as_ref(),
            modified_since: input.if_modified_since.as_ref(),
            unmodified_since: input.if_unmodified_since.as_ref(),
        }
    }

    /// In the order of RFC 9110 section 13.2.2: an ETag condition makes the date beside it moot.
    pub(super) fn check(&self, object: &Standing<'_>) -> S3Result<()> {
        let same = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(etag) => etag.value() == object.etag,
        };
        let modified = Timestamp::from(whole_seconds(object.modified));
        let holds = match (self.matches, self.unmodified_since) {
            (Some(condition), _) => same(condition),
            (None, Some(at)) => modified <= *at,
            (None, None) => true,
        };
        if !holds {
            return Err(s3_error!(
                PreconditionFailed,
                "At least one of the pre-conditions you specified did not hold"
            ));
        }
        let fresh = match (self.none_match, self.modified_since) {
            (Some(condition), _) => same(condition),
            (None, Some(at)) => modified <= *at,
            (None, None) => false,
        };
        if !fresh {
            return Ok(());
        }
        let mut error = s3_error!(NotModified);
        if let Ok(etag) = ETag::Strong(object.etag.to_owned()).to_http_header() {
            // RFC 9110 section 15.4.5: what a 200 would have carried.
            error.set_headers(HeaderMap::from_iter([(header::ETAG, etag)]));
        }
        Err(error)
    }
}

/// `Last-Modified` has whole seconds, and a client sends back what it was told.
fn whole_seconds(at: SystemTime) -> SystemTime {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}
