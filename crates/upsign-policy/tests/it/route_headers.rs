//! Headers and form fields that a route fixes: encoding, language, cache expiry, redirect, KMS context, Object Lock, the owner
//! of the bucket, other headers, and the answer to a form.

use std::collections::BTreeSet;

use upsign_core::Timestamp;
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, Encryption, EncryptionContext, FormOptions, HeaderOptions, Ids,
    InvalidUploadPolicy, KmsKey, LifetimeOptions, LockMode, LockOptions, OtherHeaders, PolicyWarning,
    Retention, StorageOptions, SuccessStatus, UploadMethod, UploadPolicy, UploadPolicyBuilder, UploadRequest,
    uuid_v4,
};

use crate::invariants::check_headers;
use crate::sample::{builder, caller, ids};

const SHA256: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn base() -> UploadPolicyBuilder {
    builder("u/{id}", Bodyless::Refuse)
}

fn form() -> UploadPolicyBuilder {
    base().method(UploadMethod::Post)
}

/// Returns options for every header of [`HeaderOptions`] that a form has a field for.
fn headers() -> HeaderOptions {
    HeaderOptions::new()
        .content_encoding("gzip".parse().unwrap())
        .expires("2037-01-01T00:00:00Z".parse().unwrap())
        .website_redirect("/moved.html".parse().unwrap())
}

fn kms() -> StorageOptions {
    let mut context = EncryptionContext::new();
    context.insert("tenant", "acme").unwrap();
    StorageOptions::new()
        .encryption(Encryption::Kms(KmsKey::AwsManaged))
        .kms_context(context)
        .bucket_key(true)
}

fn locked(days: u32) -> LockOptions {
    LockOptions::new().retention(Retention::new(LockMode::Governance, days).unwrap())
}

fn with_checksum() -> UploadPolicyBuilder {
    base().checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
}

fn png() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(7)
}

#[track_caller]
fn refused(builder: UploadPolicyBuilder, error: &InvalidUploadPolicy) {
    assert_eq!(builder.build().unwrap_err(), *error);
}

#[test]
fn fixed_headers_are_signed_and_announced() {
    let mut others = OtherHeaders::new();
    others.insert("x-amz-request-payer", "requester").unwrap();
    let headers = headers()
        .content_language("de, en-GB".parse().unwrap())
        .expected_bucket_owner("123456789012".parse().unwrap())
        .others(others);
    let policy = base().headers(headers).storage(kms()).build().unwrap();
    let permit = policy.authorize(&caller(), &png(), &ids(&policy)).unwrap();
    let signed = permit.headers().unwrap();
    check_headers(signed);
    assert_eq!(
        signed.iter().collect::<Vec<_>>(),
        [
            ("content-encoding", "gzip"),
            ("content-language", "de, en-GB"),
            ("content-length", "7"),
            ("content-type", "image/png"),
            ("expires", "Thu, 01 Jan 2037 00:00:00 GMT"),
            ("if-none-match", "*"),
            ("x-amz-expected-bucket-owner", "123456789012"),
            ("x-amz-request-payer", "requester"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
            ("x-amz-server-side-encryption-context", "eyJ0ZW5hbnQiOiJhY21lIn0="),
            ("x-amz-website-redirect-location", "/moved.html"),
        ]
    );
    assert!(policy.signed_header_names().eq(signed.iter().map(|(name, _)| name)));
    let settings: BTreeSet<&str> = policy.fixed_settings().map(|(key, _)| key).collect();
    let keys = [
        "bucket_key",
        "content_encoding",
        "content_language",
        "encryption",
        "expected_bucket_owner",
        "expires",
        "kms_context",
        "website_redirect",
        "x-amz-request-payer",
    ];
    assert_eq!(settings, keys.into());
}

#[test]
fn retention_begins_with_the_grant() {
    let policy = with_checksum().lock(locked(30).legal_hold(true)).build().unwrap();
    for (at, until) in [
        ("2026-01-31T23:59:59Z", "2026-03-02T23:59:59Z"),
        ("2028-02-01T00:00:00Z", "2028-03-02T00:00:00Z"),
        ("9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z"),
    ] {
        let ids = Ids::new(at.parse::<Timestamp>().unwrap(), uuid_v4([1; 16]));
        let request = png().with_checksum("sha256", SHA256);
        let permit = policy.authorize(&caller(), &request, &ids).unwrap();
        let headers = permit.headers().unwrap();
        assert_eq!(headers.get("x-amz-object-lock-mode"), Some("GOVERNANCE"));
        assert_eq!(headers.get("x-amz-object-lock-retain-until-date"), Some(until));
        assert_eq!(headers.get("x-amz-object-lock-legal-hold"), Some("ON"));
        assert!(policy.signed_header_names().eq(headers.iter().map(|(name, _)| name)));
    }
    let unchecked = policy.authorize(&caller(), &png(), &ids(&policy)).unwrap_err();
    assert_eq!(unchecked.code(), "checksum-required");
}

#[test]
fn lock_needs_a_checksum_and_outlasts_the_grant() {
    refused(base().lock(locked(1)), &InvalidUploadPolicy::LockWithoutChecksum);
    let optional = Checksums::Optional([ChecksumAlgorithm::Sha256].into());
    let hold = LockOptions::new().legal_hold(true);
    refused(base().checksums(optional).lock(hold), &InvalidUploadPolicy::LockWithoutChecksum);
    // Content-MD5 suffices.
    assert!(
        base().checksums(Checksums::Required([ChecksumAlgorithm::Md5].into())).lock(hold).build().is_ok()
    );
    let for_days = |days: u64| LifetimeOptions::new().expires_in((days * 86_400).try_into().unwrap());
    let ends_before = InvalidUploadPolicy::LockEndsBeforeGrant { days: 7 };
    refused(with_checksum().lock(locked(7)).lifetime(for_days(7)), &ends_before);
    assert!(with_checksum().lock(locked(7)).lifetime(for_days(6)).build().is_ok());
}

#[test]
fn kms_options_need_a_kms_key() {
    for encryption in [None, Some(Encryption::S3)] {
        let with = |storage: StorageOptions| match encryption.clone() {
            Some(encryption) => base().storage(storage.encryption(encryption)),
            None => base().storage(storage),
        };
        let mut context = EncryptionContext::new();
        context.insert("a", "b").unwrap();
        refused(with(StorageOptions::new().kms_context(context)), &InvalidUploadPolicy::NoKmsForContext);
        refused(with(StorageOptions::new().bucket_key(false)), &InvalidUploadPolicy::NoKmsForBucketKey);
    }
    let two_layers = kms().encryption(Encryption::KmsDsse(KmsKey::AwsManaged));
    refused(base().storage(two_layers), &InvalidUploadPolicy::NoKmsForBucketKey);
}

#[test]
fn form_has_a_field_for_each_setting() {
    let answer = FormOptions::new().success_status(SuccessStatus::Created);
    let policy = form().headers(headers()).storage(kms()).form(answer).build().unwrap();
    let permit = policy.authorize(&caller(), &png(), &ids(&policy)).unwrap();
    let fields: BTreeSet<(&str, &str)> = permit.request().post().unwrap().fields().collect();
    let expected = [
        ("Content-Encoding", "gzip"),
        ("Content-Type", "image/png"),
        ("Expires", "Thu, 01 Jan 2037 00:00:00 GMT"),
        ("success_action_status", "201"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
        ("x-amz-server-side-encryption-context", "eyJ0ZW5hbnQiOiJhY21lIn0="),
        ("x-amz-website-redirect-location", "/moved.html"),
    ];
    assert_eq!(fields, expected.into());

    let redirect = FormOptions::new().success_redirect("https://app.example.com/done".parse().unwrap());
    let policy = form().form(redirect).build().unwrap();
    let permit = policy.authorize(&caller(), &png(), &ids(&policy)).unwrap();
    let mut fields = permit.request().post().unwrap().fields();
    assert!(fields.any(|field| field == ("success_action_redirect", "https://app.example.com/done")));
}

#[test]
fn settings_without_a_field_are_refused_for_forms() {
    let language = HeaderOptions::new().content_language("de".parse().unwrap());
    let owner = HeaderOptions::new().expected_bucket_owner("123456789012".parse().unwrap());
    let mut others = OtherHeaders::new();
    others.insert("x-a", "b").unwrap();
    let checked = || form().checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()));
    for (builder, key) in [
        (form().headers(language), "content_language"),
        (form().headers(owner), "expected_bucket_owner"),
        (form().headers(HeaderOptions::new().others(others)), "headers"),
        (checked().lock(locked(1)), "object_lock"),
        (checked().lock(LockOptions::new().legal_hold(true)), "legal_hold"),
    ] {
        refused(builder, &InvalidUploadPolicy::NotInForms(key));
    }
    let status = FormOptions::new().success_status(SuccessStatus::Ok);
    refused(base().form(status.clone()), &InvalidUploadPolicy::OnlyInForms("success_action_status"));
    let url: FormOptions = FormOptions::new().success_redirect("https://a.example".parse().unwrap());
    refused(base().form(url), &InvalidUploadPolicy::OnlyInForms("success_action_redirect"));
    let both = status.success_redirect("https://a.example".parse().unwrap());
    refused(form().form(both), &InvalidUploadPolicy::SuccessTwice);
}

#[test]
fn bodyless_put_is_warned_to_bind_none_of_them() {
    let policy: UploadPolicy = builder("u/{id}", Bodyless::Allow)
        .headers(headers())
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
        .lock(locked(1).legal_hold(true))
        .build()
        .unwrap();
    let permit = policy.authorize(&caller(), &UploadRequest::bodyless(), &ids(&policy)).unwrap();
    assert_eq!(permit.headers().unwrap().iter().collect::<Vec<_>>(), [("content-type", "image/jpeg")]);
    let unbound = vec![
        "size",
        "overwriting",
        "checksum",
        "content encoding",
        "expiry of caches",
        "website redirect",
        "object lock",
        "legal hold",
    ];
    assert!(
        policy.warnings().contains(&PolicyWarning::BodylessAllowed { unbound }),
        "{:?}",
        policy.warnings()
    );
}
