//! The codes with which a `POST` can be refused.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use upsign::{AuthorizeError, IssueError, TooManyRequests};
use upsign_core::{InvalidHeader, InvalidPostPolicy, PresignError};
use upsign_policy::{
    ChecksumAlgorithm, ContentType, Denied, IdName, InvalidChecksum, InvalidContentType, InvalidDisposition,
    InvalidFileName, InvalidMetadata, InvalidTag,
};

use crate::auth::AuthenticateError;
use crate::invalid_body::InvalidBody;
use crate::problem::Problem;

/// Returns the codes with which a `POST` may be refused, by status.
pub(super) fn by_status() -> BTreeMap<StatusCode, BTreeSet<&'static str>> {
    let mut codes: BTreeMap<StatusCode, BTreeSet<&'static str>> = BTreeMap::new();
    for problem in problems() {
        codes.entry(problem.status()).or_default().insert(problem.code());
    }
    codes
}

/// Returns one problem of every kind that a `POST` can be refused with.
fn problems() -> Vec<Problem> {
    let rejected = AuthenticateError::Rejected { code: "", reason: String::new() };
    let unavailable = AuthenticateError::Unavailable { reason: String::new() };
    let unsigned = PresignError::UnknownExpiry;
    let short = PresignError::CredentialsTooShort { remaining: 0, requested: 0 };
    let mut problems = vec![
        Problem::from(&rejected),
        Problem::from(&unavailable),
        Problem::internal(),
        Problem::overloaded(),
        Problem::took_too_long(),
        Problem::body_too_slow(),
        Problem::body_unreadable(),
        Problem::headers_too_large(0),
        Problem::request_malformed(""),
        Problem::from(&IssueError::Presign(unsigned)),
        Problem::from(&IssueError::Presign(short)),
        Problem::from(&IssueError::Forbidden),
        Problem::from(&IssueError::RouteRequired),
        Problem::from(&IssueError::RouteUnknown),
        Problem::from(&IssueError::RouteForbidden),
        Problem::from(&IssueError::TooManyRequests(TooManyRequests::new(1))),
        Problem::from(&IssueError::AuthorizerUnavailable(AuthorizeError::new("unavailable"))),
    ];
    let bodies = [
        InvalidBody::TooLarge(0),
        InvalidBody::Length,
        InvalidBody::NotJsonType,
        InvalidBody::Syntax,
        InvalidBody::NotAnObject,
        InvalidBody::Duplicate,
        InvalidBody::TooMany(0),
        InvalidBody::UnknownMember("".into()),
        InvalidBody::Id("".into()),
        InvalidBody::Type("", ""),
        InvalidBody::ContentLength,
    ];
    problems.extend(bodies.iter().map(Problem::from));
    problems.extend(denials().iter().map(Problem::from));
    problems
}

/// Returns one denial of every kind.
fn denials() -> Vec<Denied> {
    let mut denials = vec![
        Denied::BodyRequired,
        Denied::ContentLengthRequired,
        Denied::TooLarge { len: 0, max: 0 },
        Denied::TooSmall { len: 0, min: 0 },
        Denied::ContentTypeRequired { example: None },
        Denied::ContentTypeInvalid { source: InvalidContentType::Form, suggestion: None },
        Denied::FileNameRequired,
        Denied::FileNameInvalid(InvalidFileName::Empty),
        Denied::ChecksumRequired([].into()),
        Denied::ChecksumNotAllowed([].into()),
        Denied::ChecksumInvalid(InvalidChecksum(ChecksumAlgorithm::Sha256)),
        Denied::DispositionNotAllowed,
        Denied::DispositionInvalid(InvalidDisposition::Kind),
        Denied::MetadataNotAllowed,
        Denied::MetadataInvalid(InvalidMetadata::Name),
        Denied::TagsNotAllowed,
        Denied::TagInvalid(InvalidTag::Key),
        Denied::SubjectInvalid,
        Denied::GroupRequired,
        Denied::GroupAmbiguous,
        Denied::ClaimRequired("".into()),
        Denied::IdNotAllowed,
        Denied::KeyTooLong,
        Denied::FileNameVariable("".into()),
        Denied::HeaderUnsignable(InvalidHeader::Name),
        Denied::FieldUnsignable(InvalidPostPolicy::Name),
    ];
    if let Ok(png) = "image/png".parse::<ContentType>() {
        denials.extend([
            Denied::ContentTypeNotAllowed { content_type: png.clone(), allowed: "".into(), suggestion: None },
            Denied::ExtensionUnknown(png.clone()),
            Denied::ExtensionMismatch { content_type: png, extensions: [].into() },
        ]);
    }
    if let Ok(id) = "article_id".parse::<IdName>() {
        denials.extend([Denied::IdInvalid(id.clone()), Denied::IdMissing(id)]);
    }
    denials
}
