//! The lifetime of a grant when its signing credentials expire early, or at an unknown time.

use upsign::policy::{
    Bodyless, ContentRules, KeyTemplate, LifetimeOptions, SizeLimit, UploadMethod, UploadRequest,
};
use upsign::types::{
    Credentials, CredentialsSource, ExpiresIn, Expiry, ExpiryPrecision, Identity, PresignError,
    ShortCredentials, Target, Timestamp, WithCredentials, credentials_fn, error_chain,
};
use upsign::{AssumeLifetime, IssueError, SigV4, UploadGrant, UploadIssuer, UploadPolicy};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(1_767_225_600 + seconds).unwrap()
}

pub(crate) fn policy(short_credentials: ShortCredentials) -> UploadPolicy {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, KeyTemplate::parse("up/{id}.{ext}", &[]).unwrap(), Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(1 << 20).unwrap())
        .lifetime(
            LifetimeOptions::new()
                .expires_in(ExpiresIn::from_secs(900).unwrap())
                .short_credentials(short_credentials)
                .min_expires_in(ExpiresIn::from_secs(1).unwrap()),
        )
        .build()
        .unwrap()
}

fn temporary(expiry: Expiry) -> Credentials {
    Credentials::temporary("ASIAEXAMPLE", "secret", "token", expiry).unwrap()
}

async fn issue(
    source: impl CredentialsSource,
    short_credentials: ShortCredentials,
    at: Timestamp,
) -> Result<UploadGrant, IssueError> {
    let issuer =
        UploadIssuer::new(policy(short_credentials), WithCredentials::new(SigV4::new(), source)).unwrap();
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    issuer.issue(&caller, &UploadRequest::bodyless(), at).await
}

/// Checks the lifetime of the grant and that the presigned URL has the same one.
#[track_caller]
fn check(grant: &UploadGrant, seconds: u32, precision: ExpiryPrecision, from: Timestamp) {
    assert_eq!((grant.expires_in.as_secs(), grant.expiry_precision), (seconds, precision));
    assert_eq!(grant.expires_at, from.saturating_add(u64::from(seconds)));
    let put = grant.upload.put().unwrap();
    assert!(put.url.expose().contains(&format!("&X-Amz-Expires={seconds}&")), "{}", put.url);
}

#[tokio::test]
async fn long_lived_credentials_do_not_shorten_the_lifetime() {
    let long_term = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    check(
        &issue(long_term, ShortCredentials::Refuse, at(0)).await.unwrap(),
        900,
        ExpiryPrecision::Exact,
        at(0),
    );
    let grant = issue(temporary(Expiry::At(at(930))), ShortCredentials::Refuse, at(0)).await.unwrap();
    check(&grant, 900, ExpiryPrecision::Exact, at(0));
}

#[tokio::test]
async fn short_lived_credentials_shorten_the_lifetime() {
    let grant = issue(temporary(Expiry::At(at(330))), ShortCredentials::Clamp, at(0)).await.unwrap();
    check(&grant, 300, ExpiryPrecision::Exact, at(0));
    let grant = issue(temporary(Expiry::At(at(31))), ShortCredentials::Clamp, at(0)).await.unwrap();
    check(&grant, 1, ExpiryPrecision::Exact, at(0));
}

#[tokio::test]
async fn credentials_about_to_expire_are_refused() {
    for (expiry, short_credentials, remaining) in [
        (at(929), ShortCredentials::Refuse, 899),
        (at(30), ShortCredentials::Clamp, 0),
        (at(0), ShortCredentials::Clamp, 0),
    ] {
        let refused = issue(temporary(Expiry::At(expiry)), short_credentials, at(0)).await.unwrap_err();
        let IssueError::Presign(PresignError::CredentialsTooShort { remaining: reported, requested: 900 }) =
            refused
        else {
            panic!("unexpected error")
        };
        assert_eq!(reported, remaining);
    }
}

/// A grant that expires at once is worse than an answer that tells the client to come back.
#[tokio::test]
async fn grants_promise_at_least_the_minimum() {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    for method in [UploadMethod::Put, UploadMethod::Post] {
        for (expires_in, remaining, granted) in
            [(900, 90, Some(60)), (900, 89, None), (30, 60, Some(30)), (30, 59, None), (60, 89, None)]
        {
            let builder =
                UploadPolicy::builder(target.clone(), "up/{id}.{ext}".parse().unwrap(), Bodyless::Allow);
            let lifetime = LifetimeOptions::new().expires_in(ExpiresIn::from_secs(expires_in).unwrap());
            let policy =
                builder.content_types(["image/jpeg"]).max_size(1 << 20).method(method).lifetime(lifetime);
            let source = temporary(Expiry::At(at(remaining)));
            let issuer = UploadIssuer::sigv4(policy.build().unwrap(), source).unwrap();
            let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
            let issued = issuer.issue(&caller, &UploadRequest::bodyless(), at(0)).await;
            match (issued, granted) {
                (Ok(grant), Some(seconds)) => assert_eq!(grant.expires_in.as_secs(), seconds),
                (Err(error), None) => {
                    assert_eq!((error.code(), error.status()), ("credentials-too-short", 503));
                    assert_eq!(error.retry_after(), Some(30));
                    assert!(
                        error_chain(&error).to_string().contains(&format!("{} more seconds", remaining - 30))
                    );
                }
                (issued, _) => panic!("{expires_in} {remaining}: {issued:?}"),
            }
        }
    }
}

#[tokio::test]
async fn unknown_expiry_is_refused() {
    let refused = issue(temporary(Expiry::Unknown), ShortCredentials::Clamp, at(0)).await.unwrap_err();
    assert!(matches!(refused, IssueError::Presign(PresignError::UnknownExpiry)));
}

#[tokio::test]
async fn assumed_expiry_is_an_upper_bound() {
    let source = std::sync::Arc::new(AssumeLifetime::new(temporary(Expiry::Unknown), 3_600, at(0)));
    for (second, lifetime) in [(0, 900), (2_670, 900), (2_700, 870), (3_569, 1)] {
        let grant = issue(std::sync::Arc::clone(&source), ShortCredentials::Clamp, at(second)).await.unwrap();
        check(&grant, lifetime, ExpiryPrecision::UpperBound, at(second));
    }
    assert!(issue(source, ShortCredentials::Clamp, at(3_570)).await.is_err());
    // A process can receive its credentials long before the first upload, and a clock can be set back.
    let source = std::sync::Arc::new(AssumeLifetime::new(temporary(Expiry::Unknown), 3_600, at(0)));
    for (second, lifetime) in [(3_000, 570), (3_500, 70)] {
        let grant = issue(std::sync::Arc::clone(&source), ShortCredentials::Clamp, at(second)).await.unwrap();
        check(&grant, lifetime, ExpiryPrecision::UpperBound, at(second));
    }
    assert!(issue(source, ShortCredentials::Clamp, at(3_570)).await.is_err());
    let early = AssumeLifetime::new(temporary(Expiry::Unknown), 600, at(86_400));
    assert_eq!(early.credentials(at(0)).await.unwrap().expiry(), Expiry::AtMost(at(600)));
    // A stated expiry takes precedence over the assumption.
    let known = AssumeLifetime::new(temporary(Expiry::At(at(330))), 3_600, at(0));
    check(&issue(known, ShortCredentials::Clamp, at(0)).await.unwrap(), 300, ExpiryPrecision::Exact, at(0));
}

/// Keys that appear in the source later begin a life of their own.
#[tokio::test]
async fn assumed_life_begins_again_with_other_credentials() {
    let number = std::sync::Mutex::new(1);
    let current = credentials_fn(|_| {
        let id = format!("ASIA{}", number.lock().unwrap());
        async move { Ok(Credentials::temporary(&id, "secret", "token", Expiry::Unknown).unwrap()) }
    });
    let source = AssumeLifetime::new(current, 600, at(0));
    let end = async |second| source.credentials(at(second)).await.unwrap().expiry();
    assert_eq!(end(500).await, Expiry::AtMost(at(600)));
    *number.lock().unwrap() = 2;
    assert_eq!([end(550).await, end(560).await], [Expiry::AtMost(at(1_150)); 2]);
}

/// A source can return the credentials before the last ones again, as overlapping calls do during a change.
#[tokio::test]
async fn assumed_life_does_not_begin_again_with_earlier_credentials() {
    let number = std::sync::Mutex::new(0);
    let current = credentials_fn(|_| {
        let id = format!("ASIA{}", number.lock().unwrap());
        async move { Ok(Credentials::temporary(&id, "secret", "token", Expiry::Unknown).unwrap()) }
    });
    let source = AssumeLifetime::new(current, 600, at(0));
    // One call of ASIA2 began before the others and ends after them.
    for (id, second, end) in [
        (1, 500, 600),
        (2, 550, 1_150),
        (1, 560, 600),
        (2, 570, 1_150),
        (1, 595, 600),
        (2, 540, 1_140),
        (2, 600, 1_140),
    ] {
        *number.lock().unwrap() = id;
        let expiry = source.credentials(at(second)).await.unwrap().expiry();
        assert_eq!(expiry, Expiry::AtMost(at(end)), "ASIA{id} at {second}");
    }
    // Eight others later, they are new.
    for id in 3..=10 {
        *number.lock().unwrap() = id;
        source.credentials(at(600)).await.unwrap();
    }
    *number.lock().unwrap() = 1;
    assert_eq!(source.credentials(at(700)).await.unwrap().expiry(), Expiry::AtMost(at(1_300)));
}
