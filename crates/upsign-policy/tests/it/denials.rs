//! Requests that the policy denies, with their codes.

use upsign_core::Identity;
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Denied, Disposition, Ids,
    KeyOptions, MetadataOptions, SizeLimit, TagOptions, UploadPolicy, UploadRequest,
};

use crate::invariants::check_error;
use crate::sample::{article, builder, caller, ids};

fn described() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(1_000)
}

fn plain() -> UploadPolicy {
    builder("u/{id}.{ext}", Bodyless::Refuse).build().unwrap()
}

/// A policy that lets a client set every value that a request can contain.
fn liberal() -> UploadPolicy {
    builder("u/{sub}/{id}/{filename}", Bodyless::Refuse)
        .checksums(Checksums::Optional([ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc32].into()))
        .disposition(Disposition::FromClient)
        .metadata(
            MetadataOptions::new().client(ClientMetadata::Named(["note".into(), "camera".into()].into())),
        )
        .tags(TagOptions::new().client(true))
        .build()
        .unwrap()
}

#[track_caller]
fn denied(policy: &UploadPolicy, request: &UploadRequest, code: &str) {
    let denied = policy.authorize(&caller(), request, &ids(policy)).unwrap_err();
    check_error(&denied);
    assert_eq!(denied.code(), code, "{denied:?}");
}

#[test]
fn sizes_outside_the_limit_are_denied() {
    let policy = plain();
    denied(&policy, &UploadRequest::described().with_content_type("image/png"), "content-length-required");
    denied(&policy, &described().with_content_length(0), "too-small");
    denied(&policy, &described().with_content_length(10_485_761), "too-large");
    denied(&policy, &described().with_content_length(u64::MAX), "too-large");
    let range = SizeLimit::between(0, 10).unwrap();
    let small = builder("u/{id}", Bodyless::Refuse).size(range).build().unwrap();
    assert!(small.authorize(&caller(), &described().with_content_length(0), &ids(&small)).is_ok());
}

/// The example is a type that the policy allows.
#[test]
fn missing_content_type_is_denied_with_an_example() {
    for (types, end) in [
        (&["application/pdf"][..], "contentType, for example application/pdf"),
        (&["image/*"], "contentType, for example image/jpeg"),
        (&["video/*", "text/csv"], "contentType, for example text/csv"),
        (&["video/*"], "contentType"),
    ] {
        let policy =
            builder("u/{id}", Bodyless::Refuse).content(ContentRules::new(types.iter().copied()).unwrap());
        let policy = policy.build().unwrap();
        let request = UploadRequest::described().with_content_length(1);
        let denied = policy.authorize(&caller(), &request, &ids(&policy)).unwrap_err();
        assert_eq!(denied.to_string(), format!("send the type of the file as {end}"));
    }
}

#[test]
fn content_types_that_are_not_allowed_are_denied() {
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
    for text in ["image/gif", "text/html", "image/svg+xml", "image/png;charset=utf-7"] {
        denied(&policy, &described().with_content_type(text), "content-type-not-allowed");
    }
    let wide = builder("u/{id}.{ext}", Bodyless::Refuse).content(ContentRules::new(["image/*"]).unwrap());
    let wide = wide.build().unwrap();
    denied(&wide, &described().with_content_type("image/x-new"), "content-type-not-allowed");
    denied(&wide, &described().with_content_type("image/svg+xml"), "content-type-not-allowed");
    assert!(wide.authorize(&caller(), &described().with_content_type("image/avif"), &ids(&wide)).is_ok());
    let saved = builder("u/{id}.{ext}", Bodyless::Refuse)
        .content(ContentRules::new(["image/*"]).unwrap())
        .disposition(Disposition::Attachment)
        .build()
        .unwrap();
    denied(&saved, &described().with_content_type("image/x-new"), "extension-unknown");
}

#[test]
fn messages_about_content_types_name_what_is_allowed() {
    let message = |types: &[&str], text: &str| {
        let content = ContentRules::new(types).unwrap();
        let policy = builder("u/{id}", Bodyless::Refuse).content(content).build().unwrap();
        let denied =
            policy.authorize(&caller(), &described().with_content_type(text), &ids(&policy)).unwrap_err();
        check_error(&denied);
        denied.to_string()
    };
    let images = ["image/jpeg", "image/png", "image/webp"];
    let allowed = "allowed here: image/jpeg, image/png, image/webp";
    assert_eq!(
        message(&images, "image/jepg"),
        format!("the content type image/jepg is not allowed; {allowed} (did you mean image/jpeg?)")
    );
    assert_eq!(
        message(&images, "text/html"),
        format!("the content type text/html is not allowed; {allowed}")
    );
    for text in ["jpeg", "JPG", ".jpg"] {
        let expected = "the content type is malformed (did you mean image/jpeg?)";
        assert_eq!(message(&images, text), expected, "{text}");
    }
    assert_eq!(message(&images, "zip"), "the content type is malformed");
    assert_eq!(
        message(&images, ""),
        "the content type is empty, and the name of the file does not determine it: send fileName with its extension, or \
         contentType, for example image/jpeg"
    );
    assert_eq!(
        message(&["image/*"], "image/svg+xml"),
        "the content type image/svg+xml is not allowed; allowed here: image/*, without types that browsers can execute"
    );
    assert_eq!(
        message(&["image/*"], "image/x-new"),
        "the content type image/x-new is not allowed; allowed here: image/*, without types that browsers may not know"
    );
    let long: Vec<String> = (0..1_000).map(|n| format!("chemical/{n}{}", "x".repeat(n.min(120)))).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let text = format!("image/{}", "a".repeat(127));
    assert!(message(&long, &text).ends_with(" and 993 more"), "{}", message(&long, &text));
    long.iter().rev().take(2).for_each(|last| {
        assert!(message(&[last], &text).ends_with("allowed here: types with long names (1)"));
    });
}

#[test]
fn messages_name_what_is_accepted() {
    let message = |policy: &UploadPolicy, request: &UploadRequest| {
        policy.authorize(&caller(), request, &ids(policy)).unwrap_err().to_string()
    };
    assert_eq!(
        message(&plain(), &described().with_content_length(10_485_761)),
        "the file has 10485761 bytes, but at most 10 MiB (10485760 bytes) are allowed"
    );
    assert_eq!(
        message(&plain(), &described().with_file_name("a.jpg")),
        "the extension of the file name does not belong to the content type image/png: use .png"
    );
    assert_eq!(
        message(&plain(), &described().with_content_type("image/jpeg").with_file_name("a.png")),
        "the extension of the file name does not belong to the content type image/jpeg: use .jpg, .jpeg, .jpe or .jfif"
    );
    assert_eq!(
        message(&plain(), &described().with_checksum("md5", "1B2M2Y8AsgTpgAmY7PhCfg==")),
        "checksums are not accepted here"
    );
    assert_eq!(
        message(
            &liberal(),
            &described().with_file_name("a.png").with_checksum("md5", "1B2M2Y8AsgTpgAmY7PhCfg==")
        ),
        "checksums of this algorithm are not accepted here: send sha256 or crc32"
    );
}

#[test]
fn unsafe_or_mismatched_file_names_are_denied() {
    let policy = liberal();
    denied(&policy, &described(), "file-name-required");
    for name in ["", "../a.png", "a\u{202e}.png", "a\0.png", "{sub}.png", &"a".repeat(1 << 20)] {
        denied(&policy, &described().with_file_name(name), "file-name-invalid");
    }
    for name in ["a", "a.jpg", "a.png.exe", "a.p ng", "a.ｐｎｇ", "a.K"] {
        denied(&policy, &described().with_file_name(name), "extension-mismatch");
    }
    // A Hangul vowel combines with the consonant before it.
    let joining = builder("u/{id}\u{1100}{filename}", Bodyless::Refuse).build().unwrap();
    denied(&joining, &described().with_file_name("\u{1161}.png"), "file-name-invalid");
    // The name is not used, but its extension contradicts the content type.
    denied(&plain(), &described().with_file_name("a.html"), "extension-mismatch");
    denied(&plain(), &described().with_file_name("a".repeat(1 << 20)), "file-name-invalid");
    for name in ["a.PNG", "no extension", "odd:name?.png"] {
        assert!(
            plain().authorize(&caller(), &described().with_file_name(name), &ids(&plain())).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn checksums_that_are_not_accepted_are_denied() {
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
fn disposition_metadata_and_tags_that_are_not_allowed_are_denied() {
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
fn client_cannot_request_inline_for_an_active_type() {
    let policy = builder("u/{id}", Bodyless::Refuse)
        .content(ContentRules::new(["text/html"]).unwrap())
        .disposition(Disposition::FromClient)
        .build()
        .unwrap();
    let html = described().with_content_type("text/html");
    denied(&policy, &html.clone().with_content_disposition("inline"), "content-disposition-invalid");
    assert!(policy.authorize(&caller(), &html.with_content_disposition("attachment"), &ids(&policy)).is_ok());
}

#[test]
fn callers_without_a_usable_subject_or_group_are_denied() {
    let code = |template: &str, identity: &Identity| {
        let policy = builder(template, Bodyless::Allow)
            .keys(KeyOptions::new().groups(["editors", "authors"]))
            .build()
            .unwrap();
        let denied = policy.authorize(identity, &UploadRequest::bodyless(), &ids(&policy)).err()?;
        check_error(&denied);
        Some(denied.code())
    };
    let identity = |sub: &str| Identity::from_verified("https://issuer.example", sub).unwrap();
    assert_eq!(code("u/{sub}/{id}", &identity("a\0b")), Some("subject-invalid"));
    assert_eq!(code("u/{sub}/{id}", &identity("a\u{9b}b")), Some("subject-invalid"));
    assert_eq!(code("u/{id}", &identity("a\0b")), None);
    assert_eq!(code("u/{sub}/{id}", &identity(&"é".repeat(1_000))), Some("key-too-long"));
    let no_groups: [&str; 0] = [];
    assert_eq!(code("g/{group}/{id}", &identity("a").with_groups(no_groups)), Some("group-required"));
    assert_eq!(code("g/{group}/{id}", &identity("a").with_groups(["readers", ""])), Some("group-required"));
    assert_eq!(code("g/{group}/{id}", &identity("a").with_groups(["readers", "editors"])), None);
    assert_eq!(code("g/{group}/{id}", &identity("a").with_groups(["editors", "editors"])), None);
    assert_eq!(
        code("g/{group}/{id}", &identity("a").with_groups(["editors", "authors"])),
        Some("group-ambiguous")
    );
}

#[test]
fn caller_of_an_issuer_without_a_name_is_a_fault_if_the_key_contains_it() {
    let code = |template: &str, caller: &Identity| {
        let policy = builder(template, Bodyless::Allow).build().unwrap();
        let denied = policy.authorize(caller, &UploadRequest::bodyless(), &ids(&policy)).err()?;
        check_error(&denied);
        assert_eq!(denied.kind(), upsign_policy::DeniedKind::Fault);
        Some((denied.code(), denied.to_string()))
    };
    let message =
        "the key contains `{issuer}`, but the issuer of the caller has no name, or one that is not listed";
    assert_eq!(code("{issuer}/{sub}/{id}", &caller()), Some(("issuer-name-missing", message.to_owned())));
    assert_eq!(code("{sub}/{id}", &caller()), None);
    let named = caller().with_issuer_name("staff".parse().unwrap());
    assert_eq!(code("{issuer}/{sub}/{id}", &named), None);

    let listed = ["customers", "partners"].map(|name| name.parse().unwrap());
    let policy = |template: &str| {
        let keys = KeyOptions::new().issuers(listed.clone());
        builder(template, Bodyless::Allow).keys(keys).build().unwrap()
    };
    let listed_only = policy("{issuer}/{sub}/{id}");
    let decide = |policy: &UploadPolicy, name: &str| {
        let caller = caller().with_issuer_name(name.parse().unwrap());
        policy
            .authorize(&caller, &UploadRequest::bodyless(), &ids(policy))
            .map(|permit| permit.key().to_string())
    };
    assert_eq!(decide(&listed_only, "staff"), Err(Denied::IssuerNameMissing));
    assert!(decide(&listed_only, "customers").unwrap().starts_with("customers/"));
    assert!(decide(&policy("{sub}/{id}"), "staff").is_ok());
}

#[test]
fn missing_declared_id_is_a_fault() {
    let policy = article();
    let bare = Ids::new(upsign_core::Timestamp::UNIX_EPOCH, uuid::Uuid::nil());
    let denied = policy.authorize(&caller(), &UploadRequest::bodyless(), &bare).unwrap_err();
    assert_eq!(denied.code(), "id-missing");
}
