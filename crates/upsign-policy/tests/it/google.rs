//! Policies for Google Cloud Storage with its own signatures: the names of the headers and fields, and the settings that have
//! none.

use upsign_core::{MaxSizeBinding, SignatureFamily, Target};
use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Encryption, HeaderOptions,
    InvalidUploadPolicy, KmsKey, LockMode, LockOptions, MetadataOptions, OtherHeaders, Replace, Retention,
    SizeBound, StorageClass, StorageOptions, TagOptions, Tags, UploadMethod, UploadPolicy,
    UploadPolicyBuilder, UploadRequest,
};

use crate::sample::{builder, caller, ids};

const KMS_KEY: &str = "projects/p/locations/eu/keyRings/r/cryptoKeys/k";

pub(crate) fn google() -> Target {
    let bucket: upsign_core::Bucket = "article-images".parse().unwrap();
    Target::builder(bucket, "auto".parse().unwrap())
        .endpoint("https://storage.googleapis.com".parse().unwrap())
        .signature_family(SignatureFamily::Google)
        .build()
        .unwrap()
}

/// Builds the policy, which is for AWS, once more for Google's store.
fn at_google(builder: UploadPolicyBuilder) -> Result<UploadPolicy, InvalidUploadPolicy> {
    builder.build()?.with_target(google())
}

fn base() -> UploadPolicyBuilder {
    builder("u/{id}", Bodyless::Refuse)
}

fn kms(key: &str) -> StorageOptions {
    StorageOptions::new().encryption(Encryption::Kms(KmsKey::CustomerManaged(key.parse().unwrap())))
}

fn png() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(7)
}

#[test]
fn headers_have_the_names_of_google() {
    let storage = StorageOptions::new().storage_class(StorageClass::Standard).acl(CannedAcl::Private);
    let metadata = MetadataOptions::new().client(ClientMetadata::Any);
    let builder = base()
        .storage(storage)
        .metadata(metadata)
        .checksums(Checksums::Optional([ChecksumAlgorithm::Md5].into()));
    let policy = at_google(builder).unwrap();
    let request = png().with_metadata("camera", "x100").with_checksum("md5", "CY9rzUYh03PK3k6DJie09g==");
    let permit = policy.authorize(&caller(), &request, &ids(&policy)).unwrap();
    assert_eq!(
        permit.headers().unwrap().iter().collect::<Vec<_>>(),
        [
            ("content-length", "7"),
            ("content-md5", "CY9rzUYh03PK3k6DJie09g=="),
            ("content-type", "image/png"),
            ("x-goog-acl", "private"),
            ("x-goog-if-generation-match", "0"),
            ("x-goog-meta-camera", "x100"),
            ("x-goog-storage-class", "STANDARD"),
        ]
    );
    let names: Vec<&str> = policy.signed_header_names().collect();
    assert!(
        names.contains(&"x-goog-meta-*") && !names.iter().any(|name| name.starts_with("x-amz-")),
        "{names:?}"
    );
}

#[test]
fn kms_key_is_one_header() {
    let aws = base().build().unwrap();
    let names = |policy: &UploadPolicy| policy.signed_header_names().map(str::to_owned).collect::<Vec<_>>();
    assert!(names(&aws).contains(&"if-none-match".to_owned()));
    let google = UploadPolicy::builder(google(), "u/{id}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/png"])
        .max_size(10)
        .storage(kms(KMS_KEY));
    let policy = google.build().unwrap();
    assert_eq!(
        names(&policy),
        ["content-length", "content-type", "x-goog-encryption-kms-key-name", "x-goog-if-generation-match"]
    );
}

#[test]
fn maximum_size_is_a_signed_range() {
    let bounded = UploadPolicy::builder(google(), "u/{id}".parse().unwrap(), Bodyless::Allow)
        .content_types(["image/png"])
        .size(upsign_policy::SizeLimit::between(5, 1_000).unwrap())
        .size_bound(SizeBound::Max(MaxSizeBinding::Google));
    let policy = bounded.build().unwrap();
    for request in [UploadRequest::described().with_content_type("image/png"), UploadRequest::bodyless()] {
        let permit = policy.authorize(&caller(), &request, &ids(&policy)).unwrap();
        let put = permit.request().put().unwrap();
        assert_eq!(put.headers().get("x-goog-content-length-range"), Some("5,1000"));
        assert_eq!((put.headers().get("content-length"), put.query().is_empty()), (None, true));
    }
    assert!(policy.signed_header_names().any(|name| name == "x-goog-content-length-range"));
    let other = InvalidUploadPolicy::SizeBoundOfOtherStore;
    assert_eq!(base().size_bound(SizeBound::Max(MaxSizeBinding::Google)).build(), Err(other.clone()));
    assert_eq!(at_google(base().size_bound(SizeBound::Max(MaxSizeBinding::RustFs))), Err(other));
}

#[test]
fn forms_have_the_names_of_google() {
    let metadata = MetadataOptions::new().client(ClientMetadata::Any);
    let form = base().method(UploadMethod::Post).no_overwrite(false);
    let form = form.metadata(metadata).storage(StorageOptions::new().acl(CannedAcl::Private));
    let policy = at_google(form).unwrap();
    let permit = policy.authorize(&caller(), &png().with_metadata("camera", "x100"), &ids(&policy)).unwrap();
    let fields = permit.request().post().unwrap().fields().collect::<Vec<_>>();
    assert_eq!(fields, [("Content-Type", "image/png"), ("acl", "private"), ("x-goog-meta-camera", "x100")]);
    let form = || base().method(UploadMethod::Post).no_overwrite(false);
    let class = StorageOptions::new().storage_class(StorageClass::Standard);
    assert_eq!(at_google(form().storage(class)), Err(InvalidUploadPolicy::NotInForms("storage_class")));
    assert_eq!(at_google(form().storage(kms(KMS_KEY))), Err(InvalidUploadPolicy::NotInForms("encryption")));
    let md5 = Checksums::Optional([ChecksumAlgorithm::Md5].into());
    assert_eq!(at_google(form().checksums(md5)), Err(InvalidUploadPolicy::NotInForms("checksums")));
}

#[test]
fn settings_without_a_counterpart_are_refused() {
    let refused = |builder: UploadPolicyBuilder, key| {
        assert_eq!(at_google(builder), Err(InvalidUploadPolicy::NotAtGoogle(key)));
    };
    let mut tags = Tags::new();
    tags.insert("kind", "image").unwrap();
    refused(base().tags(TagOptions::new().fixed(tags)), "tags");
    refused(base().tags(TagOptions::new().client(true)), "client_tags");
    refused(base().replace(Replace::IfMatch), "replace");
    refused(base().checksums(Checksums::Optional([ChecksumAlgorithm::Sha256].into())), "checksums");
    for encryption in [
        Encryption::S3,
        Encryption::Kms(KmsKey::AwsManaged),
        Encryption::Kms(KmsKey::CustomerManaged("alias/uploads".parse().unwrap())),
    ] {
        refused(base().storage(StorageOptions::new().encryption(encryption)), "encryption");
    }
    refused(base().storage(StorageOptions::new().acl(CannedAcl::AwsExecRead)), "acl");
    let mut others = OtherHeaders::new();
    others.insert("x-amz-request-payer", "requester").unwrap();
    refused(base().headers(HeaderOptions::new().others(others)), "headers");
    let owner = HeaderOptions::new().expected_bucket_owner("123456789012".parse().unwrap());
    refused(base().headers(owner), "expected_bucket_owner");
    let redirect = HeaderOptions::new().website_redirect("/moved.html".parse().unwrap());
    refused(base().headers(redirect), "website_redirect");
    let lock = LockOptions::new().retention(Retention::new(LockMode::Governance, 30).unwrap());
    let locked = base().checksums(Checksums::Required([ChecksumAlgorithm::Md5].into())).lock(lock);
    refused(locked, "object_lock");
}
