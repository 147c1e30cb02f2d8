//! A URL dies with the credentials that signed it: the grant says when.

use upsign::core::{
    Bound, Credentials, CredentialsSource, ExpiresIn, Expiry, Identity, PresignError, Target, Timestamp,
    WhenShort, WithCredentials,
};
use upsign::policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadRequest};
use upsign::{AssumeLifetime, IssueError, SigV4, UploadGrant, UploadIssuer, UploadPolicy};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(1_767_225_600 + seconds).unwrap()
}

pub(crate) fn policy(when_short: WhenShort) -> UploadPolicy {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, KeyTemplate::parse("up/{id}.{ext}", &[]).unwrap(), Bodyless::Allow)
        .content(ContentRules::of(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(1 << 20).unwrap())
        .expires_in(ExpiresIn::from_secs(900).unwrap())
        .when_short(when_short)
        .build()
        .unwrap()
}

fn temporary(expiry: Expiry) -> Credentials {
    Credentials::temporary("ASIAEXAMPLE", "secret", "token", expiry).unwrap()
}

async fn issue(
    source: impl CredentialsSource,
    when_short: WhenShort,
    at: Timestamp,
) -> Result<UploadGrant, IssueError> {
    let issuer = UploadIssuer::new(policy(when_short), WithCredentials::new(SigV4::new(), source)).unwrap();
    let who = Identity::vouched("https://issuer.example", "alice").unwrap();
    issuer.issue(&who, &UploadRequest::bodyless(), at).await
}

/// The grant's lifetime, and that the URL says the same.
#[track_caller]
fn check(grant: &UploadGrant, seconds: u32, bound: Bound, from: Timestamp) {
    assert_eq!((grant.expires_in.as_secs(), grant.expires_at_is), (seconds, bound));
    assert_eq!(grant.expires_at, from.saturating_add(u64::from(seconds)));
    let upsign::Upload::Put(put) = &grant.upload else { panic!("not a PUT") };
    assert!(put.url.expose().contains(&format!("&X-Amz-Expires={seconds}&")), "{}", put.url);
}

#[tokio::test]
async fn long_lived_credentials_leave_it_alone() {
    let long_term = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    check(&issue(long_term, WhenShort::Refuse, at(0)).await.unwrap(), 900, Bound::Exact, at(0));
    let grant = issue(temporary(Expiry::At(at(930))), WhenShort::Refuse, at(0)).await.unwrap();
    check(&grant, 900, Bound::Exact, at(0));
}

#[tokio::test]
async fn short_lived_credentials_shorten_it() {
    let grant = issue(temporary(Expiry::At(at(330))), WhenShort::Clamp, at(0)).await.unwrap();
    check(&grant, 300, Bound::Exact, at(0));
    let grant = issue(temporary(Expiry::At(at(31))), WhenShort::Clamp, at(0)).await.unwrap();
    check(&grant, 1, Bound::Exact, at(0));
}

#[tokio::test]
async fn or_stop_it() {
    for (expiry, when_short, remaining) in
        [(at(929), WhenShort::Refuse, 899), (at(30), WhenShort::Clamp, 0), (at(0), WhenShort::Clamp, 0)]
    {
        let refused = issue(temporary(Expiry::At(expiry)), when_short, at(0)).await.unwrap_err();
        let IssueError::Presign(PresignError::CredentialsTooShort { remaining: told, asked: 900 }) = refused
        else {
            panic!("another refusal")
        };
        assert_eq!(told, remaining);
    }
}

#[tokio::test]
async fn an_unknown_end_promises_nothing() {
    let refused = issue(temporary(Expiry::Unknown), WhenShort::Clamp, at(0)).await.unwrap_err();
    assert!(matches!(refused, IssueError::Presign(PresignError::UnknownExpiry)));
}

#[tokio::test]
async fn an_assumed_end_is_told_as_an_upper_bound() {
    let source = std::sync::Arc::new(AssumeLifetime::new(temporary(Expiry::Unknown), 3_600));
    for (second, lifetime) in [(0, 900), (2_670, 900), (2_700, 870), (3_569, 1)] {
        let grant = issue(std::sync::Arc::clone(&source), WhenShort::Clamp, at(second)).await.unwrap();
        check(&grant, lifetime, Bound::AtMost, at(second));
    }
    assert!(issue(source, WhenShort::Clamp, at(3_570)).await.is_err());
    // What is known is not assumed.
    let known = AssumeLifetime::new(temporary(Expiry::At(at(330))), 3_600);
    check(&issue(known, WhenShort::Clamp, at(0)).await.unwrap(), 300, Bound::Exact, at(0));
}
