//! The status of each code, read from an error of each kind.

use std::collections::BTreeMap;

use upsign::confirm::InspectError;
use upsign::policy::{
    ChecksumAlgorithm, Denied, InvalidChecksum, InvalidContentType, InvalidDisposition, InvalidFileName,
    InvalidMetadata, InvalidTag, MultipartConflict,
};
use upsign::quota::{
    FailMode, Limits, QuotaCounter, QuotaDenied, QuotaKind, QuotaScope, QuotaStoreError, Window,
};
use upsign::session::{PartRanges, SessionError, TokenKeys};
use upsign::types::{CredentialsError, ExpiresIn, InvalidHeader, PresignError};
use upsign::{
    AnnounceError, AuthorizeError, FilesDenied, Identity, IssueError, NoEntropy, RateLimitError, Timestamp,
    TooManyRequests,
};
use upsign_core::InvalidPostPolicy;
use upsign_http::{AuthenticateError, InvalidBody, Problem};
use upsign_objects::{CallFailure, ObjectError, StoreError};

/// Returns the status that the API answers with each code.
pub(super) fn statuses() -> BTreeMap<&'static str, u16> {
    problems().iter().map(|problem| (problem.code(), problem.status().as_u16())).collect()
}

pub(super) fn problems() -> Vec<Problem> {
    let denials = denials().into_iter().map(Problem::from);
    let bodies = bodies().into_iter().map(Problem::from);
    let issuing = issuing().into_iter().map(Problem::from);
    let sessions = sessions().into_iter().map(Problem::from);
    requests().into_iter().chain(denials).chain(bodies).chain(issuing).chain(sessions).collect()
}

fn requests() -> Vec<Problem> {
    let rejected = AuthenticateError::Rejected { code: "expired", reason: String::new() };
    let forbidden = AuthenticateError::Forbidden { code: "groups", reason: String::new() };
    let unavailable = AuthenticateError::Unavailable { reason: String::new() };
    vec![
        Problem::not_found(),
        Problem::method_not_allowed(),
        Problem::origin_not_allowed(),
        Problem::credentials_not_offered(),
        Problem::internal(),
        Problem::request_malformed(""),
        Problem::body_unreadable(),
        Problem::body_too_slow(),
        Problem::headers_too_large(1),
        Problem::overloaded(),
        Problem::took_too_long(),
        Problem::unauthenticated(&rejected, None),
        Problem::unauthenticated(&forbidden, None),
        Problem::unauthenticated(&unavailable, None),
    ]
}

fn bodies() -> Vec<InvalidBody> {
    vec![
        InvalidBody::TooLarge(1),
        InvalidBody::Length,
        InvalidBody::NotJsonType,
        InvalidBody::Syntax,
        InvalidBody::NotAnObject,
        InvalidBody::Duplicate,
        InvalidBody::TooMany(1),
        InvalidBody::UnknownMember("".into()),
        InvalidBody::Type("tags", "an object"),
        InvalidBody::ContentLength,
        InvalidBody::Missing("uploadToken"),
        InvalidBody::PartNumber("after".into()),
        InvalidBody::PartLength(0),
        InvalidBody::ClientCannotSend("".into()),
    ]
}

fn issuing() -> Vec<IssueError> {
    vec![
        IssueError::Forbidden,
        AuthorizeError::new("").into(),
        IssueError::IdConflict("article_id".parse().unwrap()),
        IssueError::RouteRequired,
        IssueError::RouteUnknown,
        IssueError::RouteForbidden,
        TooManyRequests::new(7).into(),
        rate_limit_unavailable(),
        quota_denied().into(),
        QuotaStoreError::new("").into(),
        FilesDenied::NotOffered.into(),
        FilesDenied::Count { files: 0, max: 2 }.into(),
        FilesDenied::TooLarge { total: 2, max: 1 }.into(),
        PresignError::CredentialsTooShort { remaining: 1, requested: 2 }.into(),
        PresignError::from(CredentialsError::Missing("".into())).into(),
        NoEntropy::new().into(),
        ExpiresIn::from_secs(0).unwrap_err().into(),
    ]
}

fn sessions() -> Vec<SessionError> {
    let answer = |status, code: &str| {
        let answer = StoreError::new(status).with_code(code);
        ObjectError::new("CompleteMultipartUpload", CallFailure::Store(answer))
    };
    let keys = TokenKeys::new("default", [[7; 32]]).unwrap();
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    vec![
        keys.verify("", &caller, Timestamp::UNIX_EPOCH, |_| None).unwrap_err().into(),
        SessionError::PartsMissing { missing: PartRanges::default(), part_count: 1 },
        SessionError::PartsUnlisted { unlisted: PartRanges::default(), part_count: 1 },
        SessionError::PartMismatch(Vec::new()),
        SessionError::ChecksumMismatch,
        SessionError::ObjectExists,
        SessionError::Conflict,
        SessionError::AlreadyCompleted {
            key: "videos/1.mp4".parse().unwrap(),
            size: 1,
            etag: "9b2c".parse().unwrap(),
        },
        SessionError::Gone,
        SessionError::Uncertain(answer(500, "InternalError")),
        SessionError::Store(answer(503, "SlowDown")),
        SessionError::Store(answer(403, "AccessDenied")),
        keys.verify_receipt("", |_| None).unwrap_err().into(),
        SessionError::ReadForbidden,
        SessionError::ObjectChanged,
        quota_denied().into(),
        InspectError::new("").into(),
        AnnounceError::new("").into(),
        SessionError::VersionsRequired,
    ]
}

#[expect(clippy::panic, reason = "a fixture of tests")]
fn rate_limit_unavailable() -> IssueError {
    match RateLimitError::unavailable("", FailMode::Closed) {
        RateLimitError::Unavailable(error) => error.into(),
        other => panic!("{other:?}"),
    }
}

fn quota_denied() -> QuotaDenied {
    let counter = QuotaCounter::new(QuotaScope::AllRoutes, Window::DAY, 0, Limits::default());
    QuotaDenied::new(&counter, QuotaKind::Objects, 1, Timestamp::UNIX_EPOCH)
}

fn denials() -> Vec<Denied> {
    let png = || "image/png".parse().unwrap();
    let id = || "article_id".parse().unwrap();
    let sha256 = ChecksumAlgorithm::Sha256;
    vec![
        Denied::BodyRequired,
        Denied::ContentLengthRequired,
        Denied::TooLarge { len: 2, max: 1 },
        Denied::TooSmall { len: 0, min: 1 },
        Denied::ContentTypeRequired { example: None },
        Denied::ContentTypeInvalid { source: InvalidContentType::Form, suggestion: None },
        Denied::ContentTypeNotAllowed { content_type: png(), allowed: "image/jpeg".into(), suggestion: None },
        Denied::ExtensionUnknown(png()),
        Denied::ExtensionMismatch { content_type: png(), extensions: ["png".into()].into() },
        Denied::FileNameRequired,
        Denied::FileNameInvalid(InvalidFileName::Empty),
        Denied::ChecksumRequired([sha256].into()),
        Denied::ChecksumNotAllowed([sha256].into()),
        Denied::ChecksumInvalid(InvalidChecksum(sha256)),
        Denied::MultipartNotAllowed(MultipartConflict::Required),
        Denied::DispositionNotAllowed,
        Denied::DispositionInvalid(InvalidDisposition::Kind),
        Denied::IfMatchNotAllowed,
        Denied::IfMatchInvalid,
        Denied::MetadataNotAllowed,
        Denied::MetadataInvalid(InvalidMetadata::Name),
        Denied::TagsNotAllowed,
        Denied::TagInvalid(InvalidTag::Key),
        Denied::SubjectInvalid,
        Denied::GroupRequired,
        Denied::GroupAmbiguous,
        Denied::ClaimRequired("custom:tenant".into()),
        Denied::IdNotAllowed,
        Denied::IdInvalid(id()),
        Denied::KeyTooLong,
        Denied::FileNameVariable("tagging".into()),
        Denied::IssuerNameMissing,
        Denied::IdMissing(id()),
        Denied::SealMissing,
        Denied::HeaderUnsignable(InvalidHeader::Name),
        Denied::FieldUnsignable(InvalidPostPolicy::Name),
    ]
}
