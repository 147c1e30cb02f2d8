//! What a statement stops and what it leaves, by evaluating it for a request of each kind.

use upsign_core::{Region, Timestamp};
use upsign_documents::{
    Effect, IamContext, IamDecision, IamPolicy, IamRequest, IamStatement, RequestPrincipal,
};

use super::partition;
use crate::redacted::Redacted;

/// What happens to one kind of request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevocationEffect {
    /// The request, in words.
    pub request: Box<str>,
    /// Whether the statement denies it.
    pub is_stopped: bool,
}

/// A request of a kind.
pub(super) struct Sample {
    name: String,
    action: &'static str,
    resource: String,
    context: IamContext,
}

impl Sample {
    fn new(name: &str, action: &'static str, resource: &str, auth: &str) -> Self {
        let context = IamContext::new().with("s3:authType", auth).with("s3:signatureAge", "0");
        Self { name: Redacted::new(name).as_str().to_owned(), action, resource: resource.to_owned(), context }
    }

    fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.context = self.context.with(key, value);
        self
    }
}

const QUERY: &str = "REST-QUERY-STRING";
const HEADER: &str = "REST-HEADER";

/// Evaluates the statement for a principal that may do everything, so that only the statement decides.
pub(super) fn evaluate(statement: &IamStatement, samples: &[Sample]) -> Vec<RevocationEffect> {
    let policy = IamPolicy::new([statement.clone()]);
    let all = IamPolicy::new([IamStatement::new("All", Effect::Allow, ["*"], ["*"])]);
    let of = |sample: &Sample| {
        let request = IamRequest {
            principal: RequestPrincipal::Role("arn:aws:iam::111122223333:role/signer".to_owned()),
            action: sample.action.to_owned(),
            resource: sample.resource.clone(),
            context: sample.context.clone(),
        };
        let decision = request.evaluate(&[&all], Some(&policy));
        RevocationEffect {
            request: sample.name.as_str().into(),
            is_stopped: matches!(decision, IamDecision::ExplicitDeny(_)),
        }
    };
    samples.iter().map(of).collect()
}

/// Requests next to a leaked URL, whose signature has the age `age` in milliseconds.
pub(super) fn of_url(object: &str, action: &'static str, age: u64) -> Vec<Sample> {
    let old = age.to_string();
    let (other, put) = (format!("{object}.other"), "s3:PutObject");
    vec![
        Sample::new("the URL", action, object, QUERY).with("s3:signatureAge", &*old),
        Sample::new(
            "an upload to the same key by another presigned URL that is as old or older",
            put,
            object,
            QUERY,
        )
        .with("s3:signatureAge", &*old),
        Sample::new(
            "a download of the same key by a presigned URL that is as old or older",
            "s3:GetObject",
            object,
            QUERY,
        )
        .with("s3:signatureAge", &*old),
        Sample::new("an upload to the same key by a presigned URL that is signed now", put, object, QUERY),
        Sample::new("a form (POST) for the same key", put, object, "POST").with("s3:signatureAge", &*old),
        Sample::new(
            "a request for the same key with an Authorization header, as the service sends it",
            action,
            object,
            HEADER,
        ),
        Sample::new("a presigned URL for another key, as old", action, &other, QUERY)
            .with("s3:signatureAge", old),
    ]
}

/// Requests next to those of a caller, whose keys `own` is an example of.
pub(super) fn of_caller(own: &str, other: &str) -> Vec<Sample> {
    let put = "s3:PutObject";
    vec![
        Sample::new(
            "an upload of the caller by a presigned URL, whenever it was signed, also a part of a large file",
            put,
            own,
            QUERY,
        ),
        Sample::new("an upload of the caller by a form (POST)", put, own, "POST"),
        Sample::new("a download of the caller's files by a presigned URL", "s3:GetObject", own, QUERY),
        Sample::new(
            "a request for the caller's files with an Authorization header, as the service sends it",
            put,
            own,
            HEADER,
        ),
        Sample::new("an upload of another caller", put, other, QUERY),
    ]
}

/// Requests next to those of a signer.
pub(super) fn of_signer(bucket: &str, region: Option<&Region>, user_id: &str) -> Vec<Sample> {
    let object = object(bucket, region);
    let by =
        |name: &str, auth, id: &str| Sample::new(name, "s3:PutObject", &object, auth).with("aws:userid", id);
    vec![
        by(
            "an upload by a presigned URL that the identity signed, for any key, before or from now on",
            QUERY,
            user_id,
        ),
        by("a form (POST) that the identity signed", "POST", user_id),
        Sample::new("a download by a presigned URL that the identity signed", "s3:GetObject", &object, QUERY)
            .with("aws:userid", user_id),
        by("a request of the identity with an Authorization header", HEADER, user_id),
        by("a presigned URL that another identity signed", QUERY, "AROAOTHEROTHEROTHER00:other"),
    ]
}

/// Requests of sessions from before and from after an instant.
pub(super) fn of_sessions(bucket: &str, region: Option<&Region>, instant: Timestamp) -> Vec<Sample> {
    let object = object(bucket, region);
    let (before, after) = (instant.saturating_sub(1).to_string(), instant.to_string());
    let at = |name: &str, auth, time: &str| {
        Sample::new(name, "s3:PutObject", &object, auth).with("aws:TokenIssueTime", time)
    };
    vec![
        at(
            "a presigned URL of a session from before the instant, for any key, also if it was signed later",
            QUERY,
            &before,
        ),
        at("a form (POST) of a session from before the instant", "POST", &before),
        Sample::new(
            "a download by a presigned URL of a session from before the instant",
            "s3:GetObject",
            &object,
            QUERY,
        )
        .with("aws:TokenIssueTime", &*before),
        at("a presigned URL of a session from after the instant", QUERY, &after),
        at(
            "a request of an older session with an Authorization header, as the service sends it",
            HEADER,
            &before,
        ),
        Sample::new(
            "a presigned URL that an access key of a user signed, without a session",
            "s3:PutObject",
            &object,
            QUERY,
        ),
    ]
}

fn object(bucket: &str, region: Option<&Region>) -> String {
    format!("arn:{}:s3:::{bucket}/key", partition(region))
}
