//! Presigners that support only a part, and presigners with one fault each.

use std::sync::OnceLock;

use upsign::async_trait;
use upsign_core::{
    Condition, Credentials, ExpiresIn, Operation, PostPolicy, PresignError, PresignRequest, PresignedPost,
    PresignedRequest, Presigner, Query, SignedHeaders, Target, Timestamp, Unsupported, WithCredentials,
};
use upsign_sigv4::SigV4;
use upsign_testing::conformance::check_presigner;

use crate::failure_of;

/// How a presigner differs from the one of `upsign-sigv4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    // Supports less, and says so.
    OnlyPuts,
    OnlyGets,
    OnlyForms,
    OneHeader,
    OnlyPlainAddresses,
    // Supports less, and does not say so.
    CheckAcceptsTooMuch,
    CheckRefusesTooMuch,
    CheckPostAcceptsTooMuch,
    CheckPostRefusesTooMuch,
    Nothing,
    // Signs a part.
    DropsHeader,
    DropsHeaderAndNamesIt,
    AddsHeader,
    MovesHeaderIntoQuery,
    DropsQuery,
    OtherMethod,
    OtherLifetime,
    OtherTime,
    DropsSessionToken,
    DropsDualstack,
    OtherKey,
    OtherExpiresAt,
    // Signs wrongly.
    ForgedSignature,
    KeepsFirstCredentials,
    KeepsFirstSecret,
    ShowsSecret,
    // Forms.
    DropsCondition,
    DropsField,
    AddsField,
    WidensLength,
    OtherSecretForForms,
}

use Difference as D;

struct Presigning {
    difference: Difference,
    credentials: Credentials,
    inner: WithCredentials<SigV4, Credentials>,
}

impl std::fmt::Debug for Presigning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secret = self.credentials.secret_access_key();
        f.write_str(if self.difference == D::ShowsSecret { secret } else { "Presigning" })
    }
}

fn unsupported() -> Unsupported {
    Unsupported::new("this presigner", "requests like this one")
}

fn without_content_length(headers: &SignedHeaders) -> SignedHeaders {
    let mut kept = SignedHeaders::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != "content-length") {
        kept.insert(name, value).unwrap();
    }
    kept
}

impl Presigning {
    fn supports(&self, request: &PresignRequest) -> bool {
        let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
        match self.difference {
            D::OnlyPuts => *request.operation() == Operation::PutObject,
            D::OnlyGets => *request.operation() == Operation::GetObject,
            D::OnlyForms | D::Nothing => false,
            D::OneHeader => request.headers().len() <= 1,
            D::OnlyPlainAddresses => *request.target() == target,
            _ => true,
        }
    }

    fn changed(&self, request: &PresignRequest) -> PresignRequest {
        let (mut operation, mut expires_in) = (request.operation().clone(), request.expires_in());
        let (mut target, mut key) = (request.target().clone(), request.key().clone());
        let (mut headers, mut query) = (request.headers().clone(), request.query().clone());
        match self.difference {
            D::DropsHeader | D::DropsHeaderAndNamesIt => headers = without_content_length(&headers),
            D::AddsHeader => headers.insert("x-amz-acl", "private").unwrap(),
            D::MovesHeaderIntoQuery => {
                if let Some(value) = headers.get("content-length") {
                    query.insert("x-moved-content-length", value).unwrap();
                }
                headers = without_content_length(&headers);
            }
            D::DropsQuery => query = Query::new(),
            D::OtherMethod if operation == Operation::HeadObject => operation = Operation::GetObject,
            D::OtherLifetime => expires_in = ExpiresIn::from_secs(900).unwrap(),
            D::DropsDualstack if target.host().contains("dualstack") => {
                target = Target::aws(target.bucket().clone(), target.region().clone());
            }
            D::OtherKey => key = key.as_str().replace('(', "[").parse().unwrap(),
            _ => {}
        }
        PresignRequest::new(target, operation, key, expires_in)
            .with_headers(headers)
            .with_query(query)
            .with_short_credentials(request.short_credentials())
    }

    fn changed_policy(&self, policy: &PostPolicy) -> PostPolicy {
        let mut length = policy.length();
        if self.difference == D::WidensLength {
            length = upsign_core::LengthRange::new(0, 1_000_000).unwrap();
        }
        let mut changed =
            PostPolicy::new(policy.target().clone(), policy.key().clone(), length, policy.expires_in());
        for condition in policy.conditions().iter().filter(|_| self.difference != D::DropsCondition) {
            changed = changed.with_condition(condition.clone()).unwrap();
        }
        if self.difference == D::DropsCondition {
            changed = changed.with_condition(Condition::starts_with("Content-Type", "")).unwrap();
        }
        for (name, value) in
            policy.fields().filter(|(name, _)| self.difference != D::DropsField || *name != "x-amz-meta-name")
        {
            changed = changed.with_field(name, value).unwrap();
        }
        changed.with_style(policy.style())
    }
}

#[async_trait]
impl Presigner for Presigning {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        let is_head = *request.operation() == Operation::HeadObject;
        if !self.supports(request) || (self.difference == D::CheckAcceptsTooMuch && is_head) {
            return Err(unsupported().into());
        }
        let time = if self.difference == D::OtherTime { at.saturating_add(1) } else { at };
        let mut presigned = self.inner.presign(&self.changed(request), time).await?;
        let with_url =
            |url: String| PresignedRequest::new(request, url, at).with_precision_of(&self.credentials);
        match self.difference {
            D::DropsHeaderAndNamesIt | D::OtherMethod | D::OtherKey | D::OtherLifetime => {
                presigned = with_url(presigned.url.into_exposed());
            }
            D::OtherExpiresAt => presigned.expires_at = at,
            D::ForgedSignature => {
                let url = presigned.url.into_exposed();
                let (rest, _) = url.rsplit_once('=').unwrap();
                presigned = with_url(format!("{rest}={}", "ab".repeat(32)));
            }
            _ => {}
        }
        Ok(presigned)
    }

    async fn presign_post(&self, policy: &PostPolicy, at: Timestamp) -> Result<PresignedPost, PresignError> {
        let refuses = [
            D::OnlyPuts,
            D::OnlyGets,
            D::OneHeader,
            D::OnlyPlainAddresses,
            D::Nothing,
            D::CheckPostAcceptsTooMuch,
        ];
        if refuses.contains(&self.difference) {
            return Err(unsupported().into());
        }
        let other = Credentials::long_term(self.credentials.access_key_id(), "another secret").unwrap();
        let other = SigV4::new().with_credentials(other);
        let signer = if self.difference == D::OtherSecretForForms { &other } else { &self.inner };
        let mut post = signer.presign_post(&self.changed_policy(policy), at).await?;
        if self.difference == D::AddsField {
            post.fields.push(("acl".into(), "private".into()));
        }
        Ok(post)
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        let is_head = *request.operation() == Operation::HeadObject;
        if !self.supports(request) || (self.difference == D::CheckRefusesTooMuch && is_head) {
            return Err(unsupported());
        }
        self.inner.check(request)
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        let refuses = [
            D::OnlyPuts,
            D::OnlyGets,
            D::OneHeader,
            D::OnlyPlainAddresses,
            D::Nothing,
            D::CheckPostRefusesTooMuch,
        ];
        if refuses.contains(&self.difference) { Err(unsupported()) } else { self.inner.check_post(policy) }
    }
}

async fn check(difference: Difference) -> Option<String> {
    let first = OnceLock::new();
    let make = move |credentials: Credentials| {
        let credentials = match difference {
            D::KeepsFirstCredentials => first.get_or_init(|| credentials).clone(),
            D::DropsSessionToken => {
                Credentials::long_term(credentials.access_key_id(), credentials.secret_access_key()).unwrap()
            }
            // As a cache of signing keys by access key id would.
            D::KeepsFirstSecret => {
                let (id, token) = (credentials.access_key_id(), credentials.session_token());
                let secret = first.get_or_init(|| credentials.clone()).secret_access_key();
                match token {
                    Some(token) => Credentials::temporary(id, secret, token, credentials.expiry()).unwrap(),
                    None => Credentials::long_term(id, secret).unwrap(),
                }
            }
            _ => credentials,
        };
        let inner = SigV4::new().with_credentials(credentials.clone());
        Box::new(Presigning { difference, credentials, inner }) as Box<dyn Presigner>
    };
    failure_of(check_presigner(&make)).await
}

#[tokio::test]
async fn presigners_that_support_only_a_part_pass() {
    for difference in [D::OnlyPuts, D::OnlyGets, D::OnlyForms, D::OneHeader, D::OnlyPlainAddresses] {
        assert_eq!(check(difference).await, None, "{difference:?}");
    }
}

#[tokio::test]
async fn check_and_presign_must_agree() {
    for (difference, message) in [
        (D::CheckAcceptsTooMuch, "check() accepts a request that presign() refuses"),
        (D::CheckRefusesTooMuch, "check() refuses a request that presign() signs"),
        (D::CheckPostAcceptsTooMuch, "check_post() accepts a form that presign_post() refuses"),
        (D::CheckPostRefusesTooMuch, "check_post() refuses a form that presign_post() signs"),
        (D::Nothing, "the presigner supports no request"),
    ] {
        let failure = check(difference).await.unwrap_or_else(|| panic!("{difference:?} passes"));
        assert!(failure.contains(message), "{difference:?}: {failure}");
    }
}

#[tokio::test]
async fn presigners_that_sign_only_a_part_fail() {
    for (difference, message) in [
        (D::DropsHeader, "the headers to send"),
        (D::DropsHeaderAndNamesIt, "the signed headers"),
        (D::AddsHeader, "the headers to send"),
        (D::MovesHeaderIntoQuery, "the headers to send"),
        (D::DropsQuery, "the query parameters"),
        (D::OtherMethod, "the signature"),
        (D::OtherLifetime, "the lifetime"),
        (D::OtherTime, "expires_at"),
        (D::DropsSessionToken, "the session token"),
        (D::DropsDualstack, "the host"),
        (D::OtherKey, "the path"),
        (D::OtherExpiresAt, "expires_at"),
        (D::ForgedSignature, "the signature"),
        (D::KeepsFirstCredentials, "the session token"),
        (D::KeepsFirstSecret, "the signature"),
        (D::ShowsSecret, "Debug shows a secret"),
        (D::DropsCondition, "is not in"),
        (D::DropsField, "is not in"),
        (D::AddsField, "a field without a condition"),
        (D::WidensLength, "is not in"),
        (D::OtherSecretForForms, "the signature of the form"),
    ] {
        let failure = check(difference).await.unwrap_or_else(|| panic!("{difference:?} passes"));
        assert!(failure.contains(message), "{difference:?}: {failure}");
    }
}
