//! Claims in the metadata of objects: made for every kind of upload, verified with the key of the object, refused elsewhere.

use upsign::policy::{
    Checksum, ChecksumAlgorithm, ChecksumKind, Checksums, ConfirmationOptions, MultipartChecksum,
    PlannedSize, ReadKey, SizeBound, UploadMethod,
};
use upsign::proof::{ClaimedUpload, ObjectClaim};
use upsign::quota::QuotaAccount;
use upsign::session::{SessionGate, SessionMethod, SessionUpload, TokenKeys};
use upsign::types::{MaxSizeBinding, MultipartPlan};
use upsign::{RouteName, Upload, UploadGrant, UploadPolicy};

use super::{at, builder, caller, grant, image, keys, keys_of, options, pending, target};

const SHA256: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const HEADER: &str = "x-amz-meta-upsign";

fn route() -> RouteName {
    "photos".parse().unwrap()
}

fn claiming() -> ConfirmationOptions {
    options().with_claim(true)
}

fn claim_of(grant: &UploadGrant) -> String {
    if let Upload::Put(put) = &grant.upload {
        return put.headers.get(HEADER).unwrap().to_owned();
    }
    let fields = &grant.upload.post().unwrap().fields;
    fields.iter().find(|(name, _)| **name == *HEADER).unwrap().1.to_string()
}

fn open(keys: &TokenKeys, claim: &str, policy: &UploadPolicy, key: &ReadKey) -> Option<ClaimedUpload> {
    keys.open_claim(claim, Some(&route()), policy, key)
}

#[tokio::test]
async fn claim_states_what_was_granted() {
    let gate = pending("pending/{sub}/{id}.{ext}");
    let policy = builder("u/{sub}/{id}.{ext}", claiming().with_gate(gate))
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
        .build()
        .unwrap();
    let grant = grant(&policy, keys(), "alice", &image().with_checksum("sha256", SHA256)).await;
    let claim = claim_of(&grant);
    for key in keys_of(&policy, &grant) {
        let ClaimedUpload { upload, issued_at, owner, .. } = open(&keys(), &claim, &policy, &key).unwrap();
        assert_eq!((issued_at, owner), (at(), keys().owner_of(&caller("alice"))));
        assert_eq!((upload.route, upload.bucket), (Some(route()), policy.target().resource()));
        assert_eq!((&upload.key, &upload.gate), (&key.upload_key, &SessionGate::Pending(key.key.clone())));
        assert_eq!((upload.method, upload.content_type.as_str()), (SessionMethod::Put, "image/png"));
        assert_eq!((upload.size.exact(), upload.min_size), (Some(48_213), 0));
        let sha256 = Checksum::parse(ChecksumAlgorithm::Sha256, SHA256).unwrap();
        assert_eq!(upload.checksum_value, Some(sha256));
    }
}

#[tokio::test]
async fn form_without_a_size_claims_its_range() {
    let limit = upsign::policy::SizeLimit::between(100, 5_000).unwrap();
    let policy = builder("u/{id}", claiming()).method(UploadMethod::Post).size(limit).build().unwrap();
    let request = upsign::UploadRequest::described().with_content_type("image/png");
    let grant = grant(&policy, keys(), "alice", &request).await;
    let key = policy.read_key(grant.key.as_str()).unwrap();
    let claimed = open(&keys(), &claim_of(&grant), &policy, &key).unwrap().upload;
    assert!(matches!(claimed.size, PlannedSize::AtMost(plan) if plan.size() == 5_000));
    assert_eq!((claimed.min_size, claimed.method), (100, SessionMethod::Form));
}

#[tokio::test]
async fn put_with_a_maximum_claims_the_maximum() {
    let bound = SizeBound::Max(MaxSizeBinding::RustFs);
    let policy = builder("u/{id}", claiming()).size_bound(bound).build().unwrap();
    let request = upsign::UploadRequest::described().with_content_type("image/png");
    let grant = grant(&policy, keys(), "alice", &request).await;
    let key = policy.read_key(grant.key.as_str()).unwrap();
    let claimed = open(&keys(), &claim_of(&grant), &policy, &key).unwrap().upload;
    assert!(matches!(claimed.size, PlannedSize::AtMost(plan) if plan.size() == 10 << 20));
}

#[tokio::test]
async fn claim_belongs_to_one_object_of_one_route() {
    let policy = builder("u/{id}", claiming()).build().unwrap();
    let first = grant(&policy, keys(), "alice", &image()).await;
    let second = grant(&policy, keys(), "alice", &image()).await;
    let key = |grant: &UploadGrant| policy.read_key(grant.key.as_str()).unwrap();
    let claim = claim_of(&first);
    assert!(open(&keys(), &claim, &policy, &key(&first)).is_some());
    assert_eq!(open(&keys(), &claim, &policy, &key(&second)), None);
    assert_eq!(keys().open_claim(&claim, None, &policy, &key(&first)), None);
    let elsewhere = policy.with_target(target("other-bucket")).unwrap();
    assert_eq!(open(&keys(), &claim, &elsewhere, &key(&first)), None);
    let gated = builder("u/{id}", claiming().with_gate(pending("pending/{id}"))).build().unwrap();
    let in_gated = gated.read_key(first.key.as_str()).unwrap();
    assert_eq!(open(&keys(), &claim, &gated, &in_gated), None);
    let other = TokenKeys::new("production", [[8; 32]]).unwrap();
    assert_eq!(open(&other, &claim, &policy, &key(&first)), None);
    let rotated = TokenKeys::new("production", [[8; 32], [7; 32]]).unwrap();
    assert!(open(&rotated, &claim, &policy, &key(&first)).is_some());
}

#[tokio::test]
async fn changed_claims_are_refused() {
    let policy = builder("u/{id}", claiming()).build().unwrap();
    let grant = grant(&policy, keys(), "alice", &image()).await;
    let key = policy.read_key(grant.key.as_str()).unwrap();
    let claim = claim_of(&grant);
    for (index, original) in claim.char_indices() {
        for replacement in ['A', 'B', '_', '=', ' '].into_iter().filter(|it| *it != original) {
            let mut changed = claim.clone();
            changed.replace_range(index..=index, &replacement.to_string());
            assert_eq!(open(&keys(), &changed, &policy, &key), None, "{index}");
        }
        let (start, _) = claim.split_at(index);
        assert_eq!(open(&keys(), start, &policy, &key), None, "{index}");
    }
    for text in ["", "AQ", &format!("{claim}AA"), &"A".repeat(ObjectClaim::MAX_LEN + 1)] {
        assert_eq!(open(&keys(), text, &policy, &key), None);
    }
}

#[tokio::test]
async fn longest_claim_has_room() {
    let sha512 = "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
    let content_type = format!("image/{};charset={}", "x".repeat(120), "y".repeat(120));
    let checksum = Checksum::parse(ChecksumAlgorithm::Sha512, sha512).unwrap();
    let policy = builder("u/{id}", claiming()).build().unwrap();
    let key = policy.read_key("u/0f9f1c5e-32b8-4c52-9c1e-3e8f7b8f6a55").unwrap();
    let upload = SessionUpload {
        route: Some(route()),
        bucket: policy.target().resource(),
        endpoint: policy.target().endpoint_url().into(),
        key: key.upload_key.clone(),
        method: SessionMethod::Form,
        content_type: content_type.parse().unwrap(),
        size: PlannedSize::AtMost(MultipartPlan::restore(10 << 20, 10 << 20).unwrap()),
        min_size: 7,
        checksum: Some(MultipartChecksum {
            algorithm: ChecksumAlgorithm::Sha512,
            kind: ChecksumKind::FullObject,
        }),
        checksum_value: Some(checksum),
        gate: SessionGate::None,
        account: Some(QuotaAccount::from_bytes([7; 16])),
    };
    assert_eq!(upload.content_type.as_str().len(), 255);
    let claim = keys().claim_upload(&upload, &caller("alice"), at()).unwrap();
    assert_eq!(claim.as_str().len(), 559);
    assert!(claim.as_str().len() <= ObjectClaim::MAX_LEN);
    assert_eq!(open(&keys(), claim.as_str(), &policy, &key).unwrap().upload, upload);
}
