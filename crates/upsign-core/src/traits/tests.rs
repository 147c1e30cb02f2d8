//! The traits behind pointers and closures, and the combination of a signer with credentials.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use crate::credentials::{Credentials, Expiry};
use crate::error::{CredentialsError, PresignError, Unsupported};
use crate::post::condition::LengthRange;
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::post::unsigned::PostSigningFields;
use crate::request::PresignRequest;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision, ShortCredentials};
use crate::request::operation::Operation;
use crate::request::presigned::PresignedRequest;
use crate::target::Target;
use crate::time::Timestamp;
use crate::traits::credentials::{CredentialsSource, credentials_fn};
use crate::traits::presigner::Presigner;
use crate::traits::sign::{Sign, SignPost};
use crate::traits::with_credentials::WithCredentials;

/// Writes the lifetime and the access key id into the URL instead of a signature. `forms` decides whether it signs forms.
#[derive(Clone, Debug)]
struct FakeSigner {
    forms: bool,
}

impl Sign for FakeSigner {
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.check(request)?;
        let url = format!("u?{}&{}", credentials.access_key_id(), request.expires_in().as_secs());
        Ok(PresignedRequest::new(request, url, at))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        if *request.operation() == Operation::DeleteObject {
            return Err(Unsupported::new("fake", "DeleteObject"));
        }
        Ok(())
    }

    fn post_signer(&self) -> Option<&dyn SignPost> {
        self.forms.then_some(self as _)
    }
}

impl SignPost for FakeSigner {
    fn sign_post(
        &self,
        policy: &PostPolicy,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError> {
        let fields = PostSigningFields {
            algorithm: "A",
            credential: credentials.access_key_id(),
            date: "D",
            security_token: None,
        };
        Ok(policy.to_unsigned(&fields, at).into_signed("P", "S"))
    }

    fn check_post(&self, _policy: &PostPolicy) -> Result<(), Unsupported> {
        Ok(())
    }
}

/// Runs a future that never waits.
pub(super) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future waits"),
    }
}

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn target() -> Target {
    Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap())
}

fn request(operation: Operation) -> PresignRequest {
    PresignRequest::new(target(), operation, "k".parse().unwrap(), ExpiresIn::from_secs(900).unwrap())
}

fn policy() -> PostPolicy {
    let expires_in = ExpiresIn::from_secs(900).unwrap();
    PostPolicy::new(target(), "k".parse().unwrap(), LengthRange::ANY, expires_in)
}

fn credentials(expiry: Expiry) -> Credentials {
    Credentials::temporary("AKID", "s", "t", expiry).unwrap()
}

fn ends_after(seconds: u64) -> Expiry {
    Expiry::AtMost(AT.saturating_add(seconds))
}

#[test]
fn fixed_credentials_sign_without_waiting_as_they_do_asynchronously() {
    let presigner = WithCredentials::new(FakeSigner { forms: true }, credentials(ends_after(90)));
    let now = presigner.presign_now(&request(Operation::PutObject), AT).unwrap();
    assert_eq!(now.url.expose(), "u?AKID&60");
    assert_eq!(now.expiry_precision, ExpiryPrecision::UpperBound);
    assert_eq!(now, ready(presigner.presign(&request(Operation::PutObject), AT)).unwrap());
    let now = presigner.presign_post_now(&policy(), AT).unwrap();
    assert_eq!(now.expires_at, AT.saturating_add(60));
    assert_eq!(now.expiry_precision, ExpiryPrecision::UpperBound);
    assert_eq!(now, ready(presigner.presign_post(&policy(), AT)).unwrap());
    assert!(presigner.signer().forms);
    assert!(presigner.source().same_keys(&credentials(Expiry::Never)));
}

#[test]
fn signing_without_waiting_fails_as_it_does_asynchronously() {
    let short = WithCredentials::new(FakeSigner { forms: false }, credentials(ends_after(90)));
    let refusing = request(Operation::PutObject).with_short_credentials(ShortCredentials::Refuse);
    let error = short.presign_now(&refusing, AT).unwrap_err();
    assert!(matches!(error, PresignError::CredentialsTooShort { remaining: 60, requested: 900 }));
    let error = short.presign_now(&request(Operation::DeleteObject), AT).unwrap_err();
    assert!(matches!(error, PresignError::Unsupported(_)));
    let error = short.presign_post_now(&policy(), AT).unwrap_err();
    assert!(matches!(error, PresignError::Unsupported(_)));
    let unknown = WithCredentials::new(FakeSigner { forms: true }, credentials(Expiry::Unknown));
    let error = unknown.presign_post_now(&policy(), AT).unwrap_err();
    assert!(matches!(error, PresignError::UnknownExpiry));
}

#[test]
fn closure_is_called_for_every_request_with_its_time() {
    let calls = AtomicU32::new(0);
    let source = credentials_fn(|at| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        async move {
            let expiry = Expiry::At(at.saturating_add(60));
            if call == 0 { Ok(credentials(expiry)) } else { Err(CredentialsError::load("vault is sealed")) }
        }
    });
    let at = AT.saturating_add(7);
    assert_eq!(ready(source.credentials(at)).unwrap().expiry(), Expiry::At(at.saturating_add(60)));
    let error = ready(source.credentials(at)).unwrap_err();
    assert_eq!(crate::error_chain(&error).to_string(), "credentials could not be loaded: vault is sealed");
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert_eq!(format!("{source:?}"), "CredentialsFn { .. }");
}

/// Asserts that a signer behaves as `FakeSigner { forms: true }`, and so do its form signer and its presigner.
fn check_signer(signer: impl Sign + Clone) {
    let fixed = credentials(Expiry::Never);
    assert!(signer.sign(&request(Operation::PutObject), &fixed, AT).is_ok());
    assert!(signer.check(&request(Operation::DeleteObject)).is_err());
    let forms = signer.post_signer().unwrap();
    assert!(forms.sign_post(&policy(), &fixed, AT).is_ok());
    assert!((&forms).check_post(&policy()).is_ok());
    let presigner = WithCredentials::new(signer, fixed);
    check_presigner(&presigner);
    check_presigner(Arc::new(presigner.clone()) as Arc<dyn Presigner>);
    check_presigner(Box::new(presigner) as Box<dyn Presigner>);
}

fn check_presigner(presigner: impl Presigner) {
    let put = request(Operation::PutObject);
    assert!(ready(presigner.presign(&put, AT)).is_ok());
    assert!(ready(presigner.presign_post(&policy(), AT)).is_ok());
    assert!(presigner.check(&put).is_ok());
    assert!(presigner.check(&request(Operation::DeleteObject)).is_err());
    assert!(presigner.check_post(&policy()).is_ok());
}

fn check_source(source: impl CredentialsSource) {
    assert_eq!(ready(source.credentials(AT)).unwrap().access_key_id(), "AKID");
}

/// Every method is forwarded, in particular those with a default implementation.
#[test]
fn pointers_forward_every_method() {
    let signer = FakeSigner { forms: true };
    check_signer(signer.clone());
    check_signer(&signer);
    check_signer(&signer as &dyn Sign);
    check_signer(Arc::new(signer.clone()) as Arc<dyn Sign>);
    check_signer(&*(Box::new(signer) as Box<dyn Sign>));
    let source = credentials(Expiry::Never);
    check_source(&source);
    check_source(&source as &dyn CredentialsSource);
    check_source(Arc::new(source.clone()) as Arc<dyn CredentialsSource>);
    check_source(Box::new(source) as Box<dyn CredentialsSource>);
}
