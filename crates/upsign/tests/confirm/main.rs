//! Confirmations, inspections, events, reads and deletions, with a store in memory that fails and changes before every call.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test's panic is its report")]

mod delete;
mod events;
mod gates;
mod lost;
mod observed;
mod quota;
mod quota_limits;
mod read;
mod receipts;
mod states;
mod store;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use upsign::confirm::{
    ConfirmReason, ConfirmState, Confirmation, Inspect, InspectError, InspectRequest, InspectVerdict,
};
use upsign::policy::{ConfirmationOptions, Gate, Inspection, UploadPolicyBuilder};
use upsign::session::{SessionError, TokenKeys};
use upsign::{
    Announce, AnnounceError, Announcement, Bodyless, Credentials, Identity, Route, SigV4, Target, Timestamp,
    UploadGrant, UploadIssuer, UploadPolicy, UploadRequest, UploadService, WithCredentials,
};

use crate::store::Store;

type Signer = WithCredentials<SigV4, Credentials>;
type Service = UploadService<Signer>;

/// What honest clients upload, and what the inspector refuses. Both have the granted size.
const GOOD: &[u8] = b"good";
const EVIL: &[u8] = b"evil";
const JPEG: &str = "image/jpeg";

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn alice() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap()
}

fn bob() -> Identity {
    Identity::from_verified("https://issuer.example", "bob").unwrap()
}

fn keys() -> TokenKeys {
    TokenKeys::new("production", [[7; 32]]).unwrap()
}

fn target() -> Target {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
}

fn options() -> ConfirmationOptions {
    ConfirmationOptions::new().with_confirm(true)
}

fn pending() -> ConfirmationOptions {
    let gate = Gate::Pending("pending/{id}.{ext}".parse().unwrap());
    options().with_gate(gate).with_inspection(Inspection::Hook)
}

fn tagged() -> ConfirmationOptions {
    options().with_gate(Gate::Tag).with_inspection(Inspection::Hook)
}

fn policy_with(
    options: ConfirmationOptions,
    configure: impl FnOnce(UploadPolicyBuilder) -> UploadPolicyBuilder,
) -> UploadPolicy {
    let builder = UploadPolicy::builder(target(), "images/{id}.{ext}".parse().unwrap(), Bodyless::Refuse)
        .content_types([JPEG, "text/html"])
        .max_size(1_000)
        .confirmation(options);
    configure(builder).build().unwrap()
}

fn policy(options: ConfirmationOptions) -> UploadPolicy {
    policy_with(options, |builder| builder)
}

fn signer() -> Signer {
    WithCredentials::new(SigV4::new(), Credentials::long_term("AKIDEXAMPLE", "secret").unwrap())
}

fn issuer(policy: UploadPolicy, store: &Store) -> UploadIssuer<Signer> {
    let issuer = UploadIssuer::new(policy, signer()).unwrap().with_store(store.clone(), keys());
    if issuer.requires_inspector() { issuer.with_inspector(Inspector) } else { issuer }
}

fn service_of(policy: UploadPolicy, store: &Store) -> Service {
    UploadService::new([Route::named("images".parse().unwrap(), issuer(policy, store))]).unwrap()
}

fn service(options: ConfirmationOptions, store: &Store) -> Service {
    service_of(policy(options), store)
}

fn image() -> UploadRequest {
    UploadRequest::described().with_content_type(JPEG).with_content_length(4)
}

async fn grant(service: &Service) -> UploadGrant {
    service.issue(&alice(), Some("images"), &image(), at()).await.unwrap()
}

/// Returns the key to which the client uploads.
fn upload_key(grant: &UploadGrant) -> String {
    let path = grant.upload.put().unwrap().url.expose().split('?').next().unwrap().to_owned();
    path.split_once(".com/").unwrap().1.to_owned()
}

fn token(grant: &UploadGrant) -> &str {
    grant.upload_token().unwrap().expose()
}

async fn confirm(service: &Service, grant: &UploadGrant) -> Result<Confirmation, SessionError> {
    service.confirm_upload(&alice(), token(grant), at()).await
}

fn outcome(confirmation: &Confirmation) -> (ConfirmState, Option<ConfirmReason>) {
    (confirmation.state, confirmation.reason)
}

/// Refuses what begins like [`EVIL`], and has no verdict about what begins with `?`.
#[derive(Debug)]
struct Inspector;

#[async_trait]
impl Inspect for Inspector {
    async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        let start = object.read(0, 4).await.map_err(InspectError::new)?;
        match start.as_slice() {
            EVIL => Ok(InspectVerdict::Reject(ConfirmReason::Malware)),
            b"soon" => Ok(InspectVerdict::Later { retry_after: 7 }),
            b"????" => Err(InspectError::new("the scanner does not answer")),
            b"size" => Ok(InspectVerdict::Reject(ConfirmReason::Size)),
            _ => Ok(InspectVerdict::Accept),
        }
    }
}

/// Records announcements, and refuses the first ones.
#[derive(Clone, Debug, Default)]
struct Announcer(Arc<Mutex<(u32, Vec<String>)>>);

impl Announcer {
    fn failing(times: u32) -> Self {
        Self(Arc::new(Mutex::new((times, Vec::new()))))
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().1.clone()
    }
}

#[async_trait]
impl Announce for Announcer {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        let mut state = self.0.lock().unwrap();
        if state.0 > 0 {
            state.0 -= 1;
            return Err(AnnounceError::new("the queue does not answer"));
        }
        let kind = announcement.kind.as_str();
        let caller = announcement.caller.map_or("nobody", |caller| caller.subject().as_str());
        assert_eq!(announcement.route, Some("images"));
        state.1.push(format!("{kind} {} {caller} {}", announcement.key, announcement.id));
        Ok(())
    }
}
