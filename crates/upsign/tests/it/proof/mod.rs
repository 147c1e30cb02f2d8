//! What objects prove by themselves: sealed keys and claims, through the issuer that makes them.

mod claim;
mod sealed;

use upsign::policy::{ConfirmationOptions, Gate, ReadKey, UploadPolicyBuilder};
use upsign::session::TokenKeys;
use upsign::{
    Bodyless, Identity, Route, Target, Timestamp, UploadGrant, UploadIssuer, UploadPolicy, UploadRequest,
    UploadService,
};
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{Signer, signer};

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn caller(subject: &str) -> Identity {
    Identity::from_verified("https://issuer.example", subject).unwrap()
}

fn keys() -> TokenKeys {
    TokenKeys::new("production", [[7; 32]]).unwrap()
}

fn target(bucket: &str) -> Target {
    Target::aws(bucket.parse().unwrap(), "ap-southeast-1".parse().unwrap())
}

fn options() -> ConfirmationOptions {
    ConfirmationOptions::new().with_confirm(true)
}

fn pending(template: &str) -> Gate {
    Gate::Pending(template.parse().unwrap())
}

fn builder(key: &str, options: ConfirmationOptions) -> UploadPolicyBuilder {
    UploadPolicy::builder(target("article-images-bucket"), key.parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/png", "image/jpeg"])
        .max_size(10 << 20)
        .confirmation(options)
}

fn issuer(policy: UploadPolicy, keys: TokenKeys) -> UploadIssuer<Signer> {
    UploadIssuer::new(policy, signer()).unwrap().with_store(MockObjectCalls::new(), keys)
}

fn service(route: &str, policy: UploadPolicy, keys: TokenKeys) -> UploadService<Signer> {
    UploadService::new([Route::named(route.parse().unwrap(), issuer(policy, keys))]).unwrap()
}

fn image() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(48_213)
}

async fn grant(policy: &UploadPolicy, keys: TokenKeys, subject: &str, upload: &UploadRequest) -> UploadGrant {
    let service = service("photos", policy.clone(), keys);
    service.issue(&caller(subject), Some("photos"), upload, at()).await.unwrap()
}

/// Returns the final key and, if it differs, the one of the upload.
fn keys_of(policy: &UploadPolicy, grant: &UploadGrant) -> Vec<ReadKey> {
    let of_final = policy.read_key(grant.key.as_str()).unwrap();
    let of_upload = policy.read_key(of_final.upload_key.as_str()).unwrap();
    vec![of_final, of_upload]
}
