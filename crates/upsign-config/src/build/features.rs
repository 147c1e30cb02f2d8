//! The features of stores that policies can need: their names in `[bucket.can]`, and what to do without them.

use upsign_core::{Capabilities, Provider, StorageClasses, VerifiedChecksums};
use upsign_policy::{ChecksumAlgorithm, ChecksumKind, Encryption, Gate, Replace, UploadMethod, UploadPolicy};

use crate::source::raw::Value;

/// A feature of a store that a policy can need.
pub(super) struct Feature {
    /// The name in `[bucket.can]`.
    pub(super) name: &'static str,
    /// The key of the route that needs it.
    pub(super) key: &'static str,
    pub(super) needs: fn(&UploadPolicy) -> bool,
    pub(super) has: fn(&Capabilities, &UploadPolicy) -> bool,
    pub(super) set: fn(&mut Capabilities, bool),
    /// Why the feature is missed, after the name of the store.
    pub(super) lacks: &'static str,
    /// The value of `key` that does not need it, if there is one.
    pub(super) without: Option<fn() -> Value>,
    /// What to do if no value of `key` does without.
    pub(super) help: &'static str,
}

pub(super) const OBJECT_LOCK: &str = "object_lock";

pub(super) const FEATURES: [Feature; 16] = [
    Feature {
        name: "if_none_match",
        key: "no_overwrite",
        // Completing a multipart upload has a condition of its own.
        needs: |policy| policy.no_overwrite() && policy.has_put(),
        has: |can, _| can.if_none_match,
        set: |can, has| can.if_none_match = has,
        lacks: "does not support If-None-Match, so overwriting cannot be prevented",
        without: Some(|| Value::Flag(false)),
        help: "",
    },
    Feature {
        name: "if_match",
        key: "replace",
        needs: |policy| policy.replace() == Replace::IfMatch,
        // The first upload to a key is signed with If-None-Match.
        has: |can, _| can.if_match && can.if_none_match,
        set: |can, has| can.if_match = has,
        lacks: "does not support If-Match and If-None-Match, so an object could be replaced unseen",
        without: Some(|| Value::Text("allow".into())),
        help: "",
    },
    Feature {
        name: "post",
        key: "method",
        needs: |policy| policy.method() == UploadMethod::Post,
        has: |can, _| can.post_form,
        set: |can, has| can.post_form = has,
        lacks: "does not support upload forms",
        without: Some(|| Value::Text("put".into())),
        help: "",
    },
    Feature {
        name: "checksums",
        key: "checksums",
        needs: |policy| !policy.checksums().algorithms().is_empty(),
        has: |can, policy| unverified(*can, policy).is_empty(),
        set: |can, has| {
            can.checksums = if has { VerifiedChecksums::All } else { VerifiedChecksums::Only(&[]) };
            can.form_checksums = has;
            let of_parts = Provider::Aws.capabilities().part_checksums;
            can.part_checksums = if has { of_parts } else { VerifiedChecksums::Only(&[]) };
        },
        lacks: "does not verify checksums of this kind, so they would have no effect",
        without: None,
        help: "remove checksums, or verify objects after the upload",
    },
    Feature {
        name: "acl",
        key: "acl",
        needs: |policy| policy.acl().is_some(),
        has: |can, _| can.acl,
        set: |can, has| can.acl = has,
        lacks: "does not support ACLs of objects",
        without: None,
        help: "remove acl, and make the bucket public or private in the store",
    },
    Feature {
        name: "kms",
        key: "encryption",
        needs: |policy| policy.encryption().is_some_and(is_kms),
        has: |can, _| can.kms,
        set: |can, has| can.kms = has,
        lacks: "does not encrypt with keys of a KMS",
        without: None,
        help: "remove encryption and kms_key",
    },
    Feature {
        name: "storage_class",
        key: "storage_class",
        needs: |policy| policy.storage_class().is_some(),
        has: |can, policy| {
            policy.storage_class().is_none_or(|class| can.storage_classes.contain(class.as_str()))
        },
        set: |can, has| {
            can.storage_classes = if has { StorageClasses::Any } else { StorageClasses::Only(&[]) };
        },
        lacks: "does not have this storage class",
        without: None,
        help: "remove storage_class",
    },
    Feature {
        name: "tags",
        key: "tags",
        needs: |policy| policy.sets_tags() || *policy.confirmation().gate() == Gate::Tag,
        // The gate tags the version that was inspected.
        has: |can, policy| {
            can.tags && (*policy.confirmation().gate() != Gate::Tag || can.object_tags_by_version)
        },
        set: |can, has| {
            can.tags = has;
            can.object_tags_by_version = has;
        },
        lacks: "does not support tags of objects",
        without: None,
        help: "remove the tags, and gate",
    },
    Feature {
        name: OBJECT_LOCK,
        key: "object_lock",
        needs: |policy| policy.retention().is_some() || policy.legal_hold(),
        has: |can, _| can.object_lock,
        set: |can, has| can.object_lock = has,
        lacks: "does not support Object Lock, so objects would not be protected",
        without: None,
        help: "remove object_lock and legal_hold",
    },
    Feature {
        name: "expected_bucket_owner",
        key: "expected_bucket_owner",
        needs: |policy| policy.expected_bucket_owner().is_some(),
        has: |can, _| can.expected_bucket_owner,
        set: |can, has| can.expected_bucket_owner = has,
        lacks: "does not compare the owner of the bucket, so the setting would have no effect",
        without: None,
        help: "remove expected_bucket_owner",
    },
    Feature {
        name: "website_redirect",
        key: "website_redirect",
        needs: |policy| policy.website_redirect().is_some(),
        has: |can, _| can.website_redirect,
        set: |can, has| can.website_redirect = has,
        lacks: "does not store redirects of websites",
        without: None,
        help: "remove website_redirect",
    },
    Feature {
        name: "copy_source_if_match",
        key: "pending_key",
        needs: |policy| policy.pending_template().is_some(),
        has: |can, _| can.copy_source_if_match,
        set: |can, has| can.copy_source_if_match = has,
        lacks: "does not compare the source of a copy, so another object than the inspected one could be confirmed",
        without: None,
        help: "remove pending_key",
    },
    Feature {
        name: "copy_if_none_match",
        key: "pending_key",
        needs: |policy| policy.pending_template().is_some(),
        // The service looks at the final key before it copies, and at the copy before it answers.
        has: |_, _| true,
        set: |can, has| can.copy_if_none_match = has,
        lacks: "does not support If-None-Match when an object is copied",
        without: None,
        help: "remove pending_key",
    },
    // Without these, multipart uploads work, and prove less.
    Feature {
        name: "complete_if_none_match",
        key: "multipart",
        // Also for a route with forms: `UploadPolicy::completes_only_new`.
        needs: |policy| {
            let is_form = policy.method() == UploadMethod::Post;
            policy.multipart().is_some() && (policy.no_overwrite() || is_form)
        },
        has: |_, _| true,
        set: |can, has| can.complete_if_none_match = has,
        lacks: "does not support If-None-Match when a multipart upload is completed",
        without: None,
        help: "remove multipart",
    },
    Feature {
        name: "object_size",
        key: "multipart",
        needs: |policy| policy.multipart().is_some(),
        has: |_, _| true,
        set: |can, has| can.object_size = has,
        lacks: "does not compare the size of a multipart upload",
        without: None,
        help: "remove multipart",
    },
    Feature {
        name: "full_object_checksums",
        key: "multipart",
        needs: |policy| {
            let checksum = policy.multipart_checksum();
            checksum.is_some_and(|checksum| checksum.kind == ChecksumKind::FullObject)
        },
        has: |_, _| true,
        set: |can, has| {
            let of_aws = Provider::Aws.capabilities().full_object_checksums;
            can.full_object_checksums = if has { of_aws } else { VerifiedChecksums::Only(&[]) };
        },
        lacks: "does not compare checksums of whole objects",
        without: None,
        help: "remove multipart",
    },
];

/// The name in `[bucket.can]` of what an origin with `*` in `[cors]` needs, in place of a route.
pub(super) const CORS_WILDCARD: &str = "cors_wildcard";

/// Returns the names in `[bucket.can]`.
pub(crate) fn feature_names() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().map(|feature| feature.name).chain([CORS_WILDCARD])
}

/// Returns the algorithms of a policy whose checksums the store ignores.
pub(super) fn unverified(can: Capabilities, policy: &UploadPolicy) -> Vec<&'static str> {
    let in_form = policy.method() == UploadMethod::Post;
    let is_whole = policy.sends_whole_files();
    let is_ignored = |algorithm: &ChecksumAlgorithm| match policy.multipart().filter(|_| !is_whole) {
        Some(options) => options.checksum(*algorithm).is_none(),
        None => (in_form && !can.form_checksums) || !can.checksums.contain(algorithm.as_str()),
    };
    let ignored = policy.checksums().algorithms().iter().filter(|algorithm| is_ignored(algorithm));
    ignored.map(|algorithm| algorithm.as_str()).collect()
}

const fn is_kms(encryption: &Encryption) -> bool {
    !matches!(encryption, Encryption::S3)
}
