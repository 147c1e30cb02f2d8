//! Headers that are stored with an object or change how it is stored.

use crate::probe::{Probe, Reference};
use crate::step::{Call, Expected, SHA256_OF_TAGS, Step};

/// An account that does not exist.
const OTHER_ACCOUNT: &str = "000000000000";
const ENCRYPTION: &str = "x-amz-server-side-encryption";

pub(super) fn all(kms_key: Option<&str>) -> Vec<Probe> {
    let accepted = || Step::new(Call::Put, "a", Expected::Accepted);
    let shown = |name, value| Step::new(Call::Head, "a", Expected::Header(name, value));
    let tag = || Step::new(Call::GetTags, "a", Expected::Text("<Key>probe</Key>"));
    let mut all = vec![
        Probe::new(
            "tags",
            "the tags of x-amz-tagging are stored",
            Reference::Profile(|can| can.tags),
            vec![accepted().header("x-amz-tagging", "probe=1"), tag()],
        ),
        Probe::new(
            "object_tags_by_version",
            "PutObjectTagging sets the tags of a version",
            Reference::Profile(|can| can.object_tags_by_version),
            vec![
                Step::put("a"),
                Step::new(Call::PutTags, "a", Expected::Accepted)
                    .header("x-amz-checksum-sha256", SHA256_OF_TAGS)
                    .parameter("versionId", "{version}"),
                tag().parameter("versionId", "{version}"),
            ],
        ),
        Probe::new(
            "acl",
            "an ACL in x-amz-acl takes effect (only an unknown one is sent: a valid one would show objects to others)",
            Reference::Profile(|can| can.acl),
            vec![Step::new(Call::Put, "a", Expected::Inconclusive).header("x-amz-acl", "upsign-probe")],
        ),
        Probe::new(
            "storage_class",
            "the class REDUCED_REDUNDANCY is kept",
            Reference::Profile(|can| can.storage_classes.contain("REDUCED_REDUNDANCY")),
            vec![
                accepted().header("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                shown("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ],
        ),
        Probe::new(
            "expected_bucket_owner",
            "an upload is refused if x-amz-expected-bucket-owner is not the owner of the bucket",
            Reference::Profile(|can| can.expected_bucket_owner),
            vec![
                Step::new(Call::Put, "a", Expected::Refused(&[403]))
                    .header("x-amz-expected-bucket-owner", OTHER_ACCOUNT),
            ],
        ),
        Probe::new(
            "website_redirect",
            "x-amz-website-redirect-location is stored",
            Reference::Profile(|can| can.website_redirect),
            vec![
                accepted().header("x-amz-website-redirect-location", "/moved.html"),
                shown("x-amz-website-redirect-location", "/moved.html"),
            ],
        ),
    ];
    if let Some(key) = kms_key {
        let encrypted = || {
            accepted()
                .header(ENCRYPTION, "aws:kms")
                .header("x-amz-server-side-encryption-aws-kms-key-id", key)
        };
        let bucket_key = "x-amz-server-side-encryption-bucket-key-enabled";
        all.push(Probe::new(
            "kms",
            "an object is encrypted with the key of --kms-key",
            Reference::Profile(|can| can.kms),
            vec![encrypted(), shown(ENCRYPTION, "aws:kms")],
        ));
        all.push(Probe::new(
            "bucket_key",
            "an object says that it has a bucket key",
            Reference::Profile(|can| can.kms),
            vec![encrypted().header(bucket_key, "true"), shown(bucket_key, "true")],
        ));
    }
    all
}
