//! Keys of objects that are found by their content.

use upsign_policy::{
    Bodyless, Checksum, ChecksumAlgorithm, Checksums, Denied, Identity, Ids, KeyOptions, ObjectKey,
    SharedContent, Target, Timestamp, UploadPolicy, UploadRequest, uuid_v4,
};

fn policy(key: &str) -> UploadPolicy {
    let target = Target::aws("lfs-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, key.parse().unwrap(), Bodyless::Refuse)
        .content_types(["application/octet-stream"])
        .max_size(1 << 30)
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
        .keys(KeyOptions::new().shared_content(SharedContent::Danger))
        .build()
        .unwrap()
}

fn caller() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap().with_groups(["art"])
}

#[test]
fn only_templates_of_caller_and_content_find_objects() {
    let found = [
        ("lfs/{sha256}", Some("lfs/")),
        ("lfs/{sub}/{sha256}", Some("lfs/alice/")),
        ("lfs/{group}/o/{sha256}", Some("lfs/art/o/")),
        ("lfs/{id}/{sha256}", None),
        ("lfs/{date}/{sha256}", None),
        ("lfs/{sha256}.{ext}", None),
        ("lfs/{sha256}/{filename}", None),
        ("lfs/{asset_id}/{sha256}", None),
    ];
    let sha256 = Checksum::sha256([0xab; 32]);
    for (template, folder) in found {
        let policy = policy(template);
        assert_eq!(policy.finds_by_content(), folder.is_some(), "{template}");
        let key = policy.content_key(&caller(), &sha256).unwrap();
        let expected = folder.map(|folder| format!("{folder}{}", "ab".repeat(32)));
        assert_eq!(key.as_ref().map(ObjectKey::as_str), expected.as_deref(), "{template}");
    }
}

#[test]
fn the_key_is_that_of_a_grant() {
    let policy = policy("lfs/{group}/{sub}/{sha256}");
    let sha256 = Checksum::sha256([7; 32]);
    let request = UploadRequest::described()
        .with_content_type("application/octet-stream")
        .with_content_length(5)
        .with_checksum("sha256", sha256.as_base64());
    let permit =
        policy.authorize(&caller(), &request, &Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([9; 16]))).unwrap();
    assert_eq!(Some(permit.key()), policy.content_key(&caller(), &sha256).unwrap().as_ref());
}

#[test]
fn callers_without_a_value_of_the_template_are_denied() {
    let nobody = Identity::from_verified("https://issuer.example", "bob").unwrap();
    let denied = policy("lfs/{group}/{sha256}").content_key(&nobody, &Checksum::sha256([0; 32])).unwrap_err();
    assert_eq!(denied, Denied::GroupRequired);
    let denied =
        policy("lfs/{claim:team}/{sha256}").content_key(&nobody, &Checksum::sha256([0; 32])).unwrap_err();
    assert_eq!(denied, Denied::ClaimRequired("team".into()));
}
