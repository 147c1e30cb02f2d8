//! Requests that are denied.

use upsign_core::Identity;
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Disposition, Ids, SizeLimit,
    UploadPolicy, UploadRequest,
};

use crate::invariants::check_error;
use crate::sample::{article, builder, ids, somebody};

fn described() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(1_000)
}

fn plain() -> UploadPolicy {
    builder("u/{id}.{ext}", Bodyless::Refuse).build().unwrap()
}

/// A policy that lets a client state whatever can be stated.
fn liberal() -> UploadPolicy {
    builder("u/{sub}/{id}/{filename}", Bodyless::Refuse)
        .checksums(Checksums::Optional([ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc32].into()))
        .disposition(Disposition::FromClient)
        .client_metadata(ClientMetadata::Named(["note".into(), "camera".into()].into()))
        .client_tags(true)
        .build()
        .unwrap()
}

#[track_caller]
fn denied(policy: &UploadPolicy, what: &UploadRequest, code: &str) {
    let denied = policy.authorize(&somebody(), what, &ids(policy)).unwrap_err();
    check_error(&denied);
    assert_eq!(denied.code(), code, "{denied:?}");
}

#[test]
fn size() {
    let policy = plain();
    denied(&policy, &UploadRequest::described().with_content_type("image/png"), "content-length-required");
    denied(&policy, &described().with_content_length(0), "too-small");
    denied(&policy, &described().with_content_length(10_485_761), "too-large");
    denied(&policy, &described().with_content_length(u64::MAX), "too-large");
    let range = SizeLimit::between(0, 10).unwrap();
    let small = builder("u/{id}", Bodyless::Refuse).size(range).build().unwrap();
    assert!(small.authorize(&somebody(), &described().with_content_length(0), &ids(&small)).is_ok());
}

#[test]
fn content_type() {
    let policy = plain();
    denied(&policy, &UploadRequest::described().with_content_length(1), "content-type-required");
    for text in [
        "",
        "image",
        "image/*",
        "image/png, image/jpeg",
        "image/png\r\nx-amz-acl: public-read",
        "image/png\0",
    ] {
        denied(&policy, &described().with_content_type(text), "content-type-invalid");
    }
    for text in ["image/gif", "text/html", "image/svg+xml", "image/png;charset=utf-8"] {
        denied(&policy, &described().with_content_type(text), "content-type-not-allowed");
    }
    let wide = builder("u/{id}.{ext}", Bodyless::Refuse).content(ContentRules::of(["image/*"]).unwrap());
    let wide = wide.build().unwrap();
    denied(&wide, &described().with_content_type("image/x-new"), "extension-unknown");
    denied(&wide, &described().with_content_type("image/svg+xml"), "content-type-not-allowed");
    assert!(wide.authorize(&somebody(), &described().with_content_type("image/avif"), &ids(&wide)).is_ok());
}

#[test]
fn file_name() {
    let policy = liberal();
    denied(&policy, &described(), "file-name-required");
    for name in ["", "../a.png", "a\u{202e}.png", "a\0.png", "{sub}.png", &"a".repeat(1 << 20)] {
        denied(&policy, &described().with_file_name(name), "file-name-invalid");
    }
    for name in ["a", "a.jpg", "a.png.exe", "a.p ng", "a.ｐｎｇ", "a.K"] {
        denied(&policy, &described().with_file_name(name), "extension-mismatch");
    }
    // A Hangul vowel joins the consonant before it.
    let joining = builder("u/{id}\u{1100}{filename}", Bodyless::Refuse).build().unwrap();
    denied(&joining, &described().with_file_name("\u{1161}.png"), "file-name-invalid");
    // Not used for anything, and still telling of a mistake.
    denied(&plain(), &described().with_file_name("a.html"), "extension-mismatch");
    denied(&plain(), &described().with_file_name("a".repeat(1 << 20)), "file-name-invalid");
    for name in ["a.PNG", "no extension", "odd:name?.png"] {
        assert!(
            plain().authorize(&somebody(), &described().with_file_name(name), &ids(&plain())).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn checksum() {
    let named = || described().with_file_name("a.png");
    denied(&plain(), &described().with_checksum("sha256", "AAAA"), "checksum-not-allowed");
    denied(&liberal(), &named().with_checksum("md5", "1B2M2Y8AsgTpgAmY7PhCfg=="), "checksum-not-allowed");
    denied(&liberal(), &named().with_checksum("SHA256\r\n", "x"), "checksum-not-allowed");
    for value in ["", "AAAAAA", "AAAAAA==AAAA", "!!!!!!==", "AAAAAAA="] {
        denied(&liberal(), &named().with_checksum("crc32", value), "checksum-invalid");
    }
    let required = builder("u/{id}", Bodyless::Refuse)
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()));
    let required = required.build().unwrap();
    denied(&required, &described(), "checksum-required");
    denied(&required, &described().with_checksum("crc32", "AAAAAA=="), "checksum-required");
}

#[test]
fn disposition_metadata_tags() {
    let named = || described().with_file_name("a.png");
    denied(&plain(), &described().with_content_disposition("inline"), "content-disposition-not-allowed");
    denied(&plain(), &described().with_metadata("a", "b"), "metadata-not-allowed");
    denied(&plain(), &described().with_tag("a", "b"), "tags-not-allowed");
    denied(&liberal(), &named().with_content_disposition("form-data"), "content-disposition-invalid");
    denied(&liberal(), &named().with_content_disposition("inline; filename=a.exe"), "extension-mismatch");
    denied(&liberal(), &named().with_metadata("secret", "b"), "metadata-not-allowed");
    denied(&liberal(), &named().with_metadata("note", "a\r\nb"), "metadata-invalid");
    denied(&liberal(), &named().with_metadata("note", "a").with_metadata("NOTE", "b"), "metadata-invalid");
    denied(&liberal(), &named().with_metadata("note", "x".repeat(1 << 20)), "metadata-invalid");
    denied(&liberal(), &named().with_tag("aws:x", "b"), "tags-invalid");
    denied(&liberal(), &named().with_tag("k".repeat(1 << 20), "b"), "tags-invalid");
}

#[test]
fn an_active_type_is_never_inline_at_a_clients_wish() {
    let policy = builder("u/{id}", Bodyless::Refuse)
        .content(ContentRules::of(["text/html"]).unwrap())
        .disposition(Disposition::FromClient)
        .build()
        .unwrap();
    let html = described().with_content_type("text/html");
    denied(&policy, &html.clone().with_content_disposition("inline"), "content-disposition-invalid");
    assert!(
        policy.authorize(&somebody(), &html.with_content_disposition("attachment"), &ids(&policy)).is_ok()
    );
}

#[test]
fn who_asks() {
    let code = |template: &str, who: &Identity| {
        let policy = builder(template, Bodyless::Allow).groups(["editors", "authors"]).build().unwrap();
        let denied = policy.authorize(who, &UploadRequest::bodyless(), &ids(&policy)).err()?;
        check_error(&denied);
        Some(denied.code())
    };
    let who = |sub: &str| Identity::vouched("https://issuer.example", sub).unwrap();
    assert_eq!(code("u/{sub}/{id}", &who("a\0b")), Some("subject-invalid"));
    assert_eq!(code("u/{sub}/{id}", &who("a\u{9b}b")), Some("subject-invalid"));
    assert_eq!(code("u/{id}", &who("a\0b")), None);
    assert_eq!(code("u/{sub}/{id}", &who(&"é".repeat(1_000))), Some("key-too-long"));
    let nobody: [&str; 0] = [];
    assert_eq!(code("g/{group}/{id}", &who("a").with_groups(nobody)), Some("group-required"));
    assert_eq!(code("g/{group}/{id}", &who("a").with_groups(["readers", ""])), Some("group-required"));
    assert_eq!(code("g/{group}/{id}", &who("a").with_groups(["readers", "editors"])), None);
    assert_eq!(code("g/{group}/{id}", &who("a").with_groups(["editors", "editors"])), None);
    assert_eq!(
        code("g/{group}/{id}", &who("a").with_groups(["editors", "authors"])),
        Some("group-ambiguous")
    );
}

#[test]
fn an_id_that_was_not_drawn() {
    let policy = article();
    let bare = Ids::new(upsign_core::Timestamp::UNIX_EPOCH, uuid::Uuid::nil());
    let denied = policy.authorize(&somebody(), &UploadRequest::bodyless(), &bare).unwrap_err();
    assert_eq!(denied.code(), "id-missing");
}
