//! Keys with `{id:sealed}`: made by the issuer, verified with the same secrets, and refused with everything else.

use upsign::policy::Gate;
use upsign::proof::SealedUpload;
use upsign::session::TokenKeys;
use upsign::{IssueError, UploadIssuer, UploadPolicy};

use super::{at, builder, caller, grant, image, issuer, keys, keys_of, options, pending, target};
use crate::fixture::signer;

const KEY: &str = "u/{sub}/{id:sealed}.{ext}";

fn policy() -> UploadPolicy {
    builder(KEY, options()).build().unwrap()
}

fn gated() -> UploadPolicy {
    builder(KEY, options().with_gate(pending("pending/{sub}/{id:sealed}.{ext}"))).build().unwrap()
}

#[tokio::test]
async fn sealed_key_proves_caller_and_time() {
    for policy in [policy(), gated()] {
        let grant = grant(&policy, keys(), "alice", &image()).await;
        for key in keys_of(&policy, &grant) {
            let proof: SealedUpload = keys().open_sealed(Some("photos"), &policy, &key).unwrap();
            assert_eq!(proof.issued_at, at());
            assert_eq!(proof.owner, keys().owner_of(&caller("alice")));
            assert!(!keys().is_owner(&caller("mallory"), proof.owner));
        }
    }
}

#[tokio::test]
async fn other_route_bucket_deployment_and_secret_prove_nothing() {
    let policy = policy();
    let grant = grant(&policy, keys(), "alice", &image()).await;
    let key = policy.read_key(grant.key.as_str()).unwrap();
    for route in [None, Some("photo"), Some("avatars")] {
        assert_eq!(keys().open_sealed(route, &policy, &key), None, "{route:?}");
    }
    let elsewhere = policy.with_target(target("other-bucket")).unwrap();
    assert_eq!(keys().open_sealed(Some("photos"), &elsewhere, &key), None);
    for other in
        [TokenKeys::new("staging", [[7; 32]]).unwrap(), TokenKeys::new("production", [[8; 32]]).unwrap()]
    {
        assert_eq!(other.open_sealed(Some("photos"), &policy, &key), None);
    }
    // A key of the same form with a plain id.
    let plain = builder("u/{sub}/{id}.{ext}", options()).build().unwrap();
    let grant = super::grant(&plain, keys(), "alice", &image()).await;
    let key = plain.read_key(grant.key.as_str()).unwrap();
    assert_eq!(keys().open_sealed(Some("photos"), &plain, &key), None);
}

#[tokio::test]
async fn rotated_secret_still_verifies() {
    let policy = policy();
    let grant = grant(&policy, keys(), "alice", &image()).await;
    let key = policy.read_key(grant.key.as_str()).unwrap();
    let rotated = TokenKeys::new("production", [[9; 32], [7; 32]]).unwrap();
    let proof = rotated.open_sealed(Some("photos"), &policy, &key).unwrap();
    assert!(rotated.is_owner(&caller("alice"), proof.owner));
    assert!(!rotated.is_owner(&caller("mallory"), proof.owner));
    let without = TokenKeys::new("production", [[9; 32]]).unwrap();
    assert_eq!(without.open_sealed(Some("photos"), &policy, &key), None);
}

#[tokio::test]
async fn every_changed_character_is_refused() {
    let policy = gated();
    let grant = grant(&policy, keys(), "alice", &image()).await;
    for key in keys_of(&policy, &grant) {
        let text = if key.is_pending { key.upload_key.as_str() } else { key.key.as_str() };
        for (index, original) in text.char_indices() {
            for replacement in ['0', '1', 'a', 'j', '/', '.'] {
                let mut changed = text.to_owned();
                changed.replace_range(index..=index, &replacement.to_string());
                let read = policy.read_key(&changed).filter(|_| replacement != original);
                let proof = read.and_then(|read| keys().open_sealed(Some("photos"), &policy, &read));
                assert_eq!(proof, None, "{changed}");
            }
        }
    }
}

#[tokio::test]
async fn keys_of_one_caller_have_nothing_in_common() {
    let policy = builder("{id:sealed}", options()).build().unwrap();
    let one = grant(&policy, keys(), "alice", &image()).await;
    let other = grant(&policy, keys(), "alice", &image()).await;
    let sealed =
        |grant: &upsign::UploadGrant| policy.read_key(grant.key.as_str()).unwrap().parts.sealed.unwrap();
    let (one, other) = (sealed(&one), sealed(&other));
    assert_eq!(one.issued_at, other.issued_at);
    assert_ne!(one.owner, other.owner);
    assert_ne!(&one.owner, keys().owner_of(&caller("alice")).as_bytes());
}

#[tokio::test]
async fn sealing_needs_secrets() {
    let unconfirmed = builder(KEY, upsign::policy::ConfirmationOptions::new()).build().unwrap();
    assert_eq!(*unconfirmed.confirmation().gate(), Gate::None);
    let without = UploadIssuer::new(unconfirmed.clone(), signer()).unwrap();
    assert!(without.requires_store());
    let error = without.issue(&caller("alice"), &image(), at()).await.unwrap_err();
    assert!(matches!(error, IssueError::MissingStore));
    let with = issuer(unconfirmed.clone(), keys());
    assert!(!with.requires_store());
    let waited = with.issue(&caller("alice"), &image(), at()).await.unwrap();
    let now = with.issue_now(&caller("alice"), &image(), at()).unwrap();
    for grant in [waited, now] {
        let key = unconfirmed.read_key(grant.key.as_str()).unwrap();
        assert!(keys().open_sealed(None, &unconfirmed, &key).is_some());
    }
}
