//! The table of stores: what each lacks, and what their limits are.

use super::*;

#[test]
fn missing_features_by_provider() {
    let lacking = |lacks: fn(&Capabilities) -> bool| {
        Provider::ALL.into_iter().filter(|provider| lacks(&provider.capabilities())).collect::<Vec<_>>()
    };
    let names = |list: Vec<Provider>| list.into_iter().map(Provider::name).collect::<Vec<_>>().join(" ");
    assert_eq!(names(lacking(|c| !c.post_form)), "r2 b2 wasabi gcs hetzner ovh");
    assert_eq!(names(lacking(|c| !c.if_none_match)), "b2 wasabi do garage gcs hetzner ovh ceph");
    let without_if_match = "b2 minio wasabi do garage gcs hetzner ovh ceph rustfs";
    assert_eq!(names(lacking(|c| !c.if_match)), without_if_match);
    let unverified = "b2 wasabi do tigris gcs hetzner ovh ceph";
    assert_eq!(names(lacking(|c| !c.checksums.contain("sha256"))), unverified);
    assert_eq!(names(lacking(|c| !c.form_checksums)), "rustfs");
    let without_md5 = "b2 wasabi do tigris hetzner ovh scaleway ceph rustfs localstack";
    assert_eq!(names(lacking(|c| !c.checksums.contain("md5"))), without_md5);
    let of_2026 = ["sha512", "amz-md5", "xxhash64", "xxhash3", "xxhash128"];
    for name in of_2026 {
        let lacks = Provider::ALL.into_iter().filter(|it| it.capabilities().checksums.contain(name));
        assert_eq!(names(lacks.collect()), "aws custom", "{name}");
    }
    assert_eq!(names(lacking(|c| !c.acl)), "r2 b2 minio wasabi tigris garage seaweedfs hetzner rustfs");
    let without_kms = "r2 b2 wasabi do tigris garage seaweedfs gcs hetzner ovh scaleway rustfs";
    assert_eq!(names(lacking(|c| !c.kms)), without_kms);
    assert_eq!(names(lacking(|c| !c.tags)), "r2 b2 wasabi do tigris garage gcs hetzner");
    assert_eq!(names(lacking(|c| !c.object_lock)), "r2 do tigris garage gcs ovh");
    assert_eq!(
        names(Provider::ALL.into_iter().filter(|it| it.capabilities().expected_bucket_owner).collect()),
        "aws b2 localstack custom"
    );
    assert_eq!(
        names(Provider::ALL.into_iter().filter(|it| it.capabilities().website_redirect).collect()),
        "aws localstack custom"
    );
    let without_standard_ia = "b2 minio wasabi do tigris garage gcs hetzner scaleway rustfs";
    assert_eq!(names(lacking(|c| !c.storage_classes.contain("STANDARD_IA"))), without_standard_ia);
    assert_eq!(names(lacking(|c| c.equal_part_sizes)), "r2");
    assert_eq!(names(lacking(|c| c.complete_if_none_match)), "aws minio seaweedfs custom");
    assert_eq!(names(lacking(|c| c.object_size)), "aws custom");
    assert_eq!(names(lacking(|c| c.copy_if_none_match)), "aws seaweedfs scaleway custom");
    let with_source = "aws r2 minio seaweedfs ceph localstack custom";
    assert_eq!(names(lacking(|c| c.copy_source_if_match)), with_source);
    let with_tags = "aws minio seaweedfs localstack custom";
    assert_eq!(names(lacking(|c| c.object_tags_by_version)), with_tags);
    assert_eq!(names(lacking(|c| c.delete_if_match)), "aws seaweedfs custom");
    let special = [Capabilities::DIRECTORY_BUCKET, Capabilities::GOOGLE];
    assert_eq!(special.map(|store| store.delete_if_match), [true, false]);
    let full_object = |name| {
        Provider::ALL.into_iter().filter(move |it| it.capabilities().full_object_checksums.contain(name))
    };
    assert_eq!(names(full_object("crc64nvme").collect()), "aws r2 minio seaweedfs custom");
    assert_eq!(names(full_object("crc32").collect()), "aws seaweedfs custom");
    assert_eq!(names(full_object("crc32c").collect()), "aws custom");
    assert_eq!(
        names(lacking(|c| c.part_checksums.contain("sha256"))),
        "aws r2 minio garage seaweedfs custom"
    );
    assert_eq!(
        names(lacking(|c| c.part_checksums.contain("md5"))),
        "aws r2 minio seaweedfs localstack custom"
    );
    for can in Provider::ALL.map(Provider::capabilities).into_iter().chain([Capabilities::DIRECTORY_BUCKET]) {
        let is_combined = can.full_object_checksums.contain("crc64nvme");
        assert!(is_combined || !can.part_checksums.contain("crc64nvme"), "{can:?}");
        // There is no SHA of a full object.
        assert!(!can.full_object_checksums.contain("sha256") && !can.full_object_checksums.contain("sha1"));
    }
    assert_eq!(names(lacking(|c| !c.cors_api)), "minio wasabi gcs");
    let compare_whole_origins = "r2 wasabi tigris garage gcs hetzner ovh scaleway rustfs";
    assert_eq!(names(lacking(|c| c.cors_wildcard == CorsWildcard::Nowhere)), compare_whole_origins);
    assert_eq!(names(lacking(|c| c.cors_wildcard == CorsWildcard::HostStart)), "b2 do seaweedfs");
    assert_eq!(names(lacking(|c| c.max_size.is_some())), "rustfs");
    assert_eq!(lacking(|c| c.max_put_bytes < 5_000_000_000), []);
    assert_eq!(names(lacking(|c| c.max_parts < 10_000)), "scaleway");
    assert_eq!(lacking(|c| c.min_part_bytes > 5 << 20), []);
    assert_eq!(names(lacking(|c| c.min_object_bytes > 0)), "b2");
    // A part is sent with a PUT too.
    assert_eq!(lacking(|c| c.max_part_bytes > c.max_put_bytes), []);
    assert_eq!(names(lacking(|c| c.max_object_bytes > 10_000_000_000_000)), "aws minio localstack custom");
}
