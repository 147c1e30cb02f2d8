//! Files sent by form.

use upsign_core::{LengthRange, PostPolicy, PostSigning, Timestamp};
use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Denied, DeniedKind,
    Disposition, Encryption, InvalidContentRules, InvalidPolicy, Metadata, Tags, UploadMethod, UploadPolicy,
    UploadPolicyBuilder, UploadRequest,
};

use crate::sample::{builder, ids, somebody};

fn form(policy: &UploadPolicy, what: &UploadRequest) -> PostPolicy {
    let permit = policy.authorize(&somebody(), what, &ids(policy)).unwrap();
    assert!(permit.headers().is_none());
    let form = permit.decided().post().unwrap().clone();
    assert_eq!(form.key().as_str(), permit.key().as_str());
    form
}

fn by_post() -> UploadPolicyBuilder {
    builder("a/{id}.{ext}", Bodyless::Allow).method(UploadMethod::Post)
}

#[test]
fn who_does_not_know_the_size_gets_the_range() {
    let policy = by_post().build().unwrap();
    let nothing = form(&policy, &UploadRequest::bodyless());
    assert_eq!(nothing.length(), LengthRange::new(policy.size().min(), policy.max_size()).unwrap());
    assert_eq!(nothing.fields().collect::<Vec<_>>(), [("Content-Type", "image/jpeg")]);
    let what = UploadRequest::described().with_content_type("image/png");
    assert_eq!(form(&policy, &what).length(), nothing.length());
    assert_eq!(form(&policy, &what.with_content_length(7)).length(), LengthRange::new(7, 7).unwrap());
}

#[test]
fn every_option_is_a_field() {
    let mut tags = Tags::new();
    tags.insert("team", "a & b").unwrap();
    let policy = by_post()
        .disposition(Disposition::Attachment)
        .encryption(Encryption::S3)
        .acl(CannedAcl::Private)
        .cache_control("max-age=60".parse().unwrap())
        .storage_class("STANDARD_IA".parse().unwrap())
        .checksums(Checksums::Optional([ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Md5].into()))
        .keep_file_name(true)
        .tags(tags)
        .build()
        .unwrap();
    let what = UploadRequest::described()
        .with_content_type("image/png")
        .with_content_length(7)
        .with_file_name("é.png")
        .with_checksum("md5", "AAAAAAAAAAAAAAAAAAAAAA==");
    let form = form(&policy, &what);
    assert_eq!(
        form.fields().collect::<Vec<_>>(),
        [
            ("Content-Type", "image/png"),
            ("Cache-Control", "max-age=60"),
            ("Content-Disposition", "attachment"),
            ("acl", "private"),
            ("x-amz-server-side-encryption", "AES256"),
            ("x-amz-storage-class", "STANDARD_IA"),
            ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="),
            ("x-amz-meta-filename", "%C3%A9.png"),
            (
                "tagging",
                "<Tagging><TagSet><Tag><Key>team</Key><Value>a &amp; b</Value></Tag></TagSet></Tagging>"
            ),
        ]
    );
    assert_eq!(policy.signed_header_names().len(), 0);
    assert_eq!(policy.shapes().len(), 1);
}

#[test]
fn a_form_keeps_no_object() {
    assert!(!by_post().build().unwrap().no_overwrite());
    assert_eq!(by_post().no_overwrite(true).build(), Err(InvalidPolicy::PostOverwrites));
    assert!(builder("a/{id}.{ext}", Bodyless::Refuse).build().unwrap().no_overwrite());
}

#[test]
fn what_a_form_refuses_too() {
    let policy = by_post().build().unwrap();
    let deny = |what: UploadRequest| policy.authorize(&somebody(), &what, &ids(&policy)).unwrap_err();
    let max = policy.max_size();
    let png = UploadRequest::described().with_content_type("image/png");
    assert_eq!(deny(png.clone().with_content_length(max + 1)), Denied::TooLarge { len: max + 1, max });
    assert_eq!(deny(UploadRequest::described()), Denied::ContentTypeRequired);
    assert_eq!(deny(png.with_file_name("a.jpg")).code(), "extension-mismatch");
}

/// S3 writes the file's name in place of the variable, and a condition on such a field binds less than its value.
#[test]
fn no_value_of_a_form_changes_its_meaning() {
    let policy = by_post().client_metadata(ClientMetadata::Any).client_tags(true).build().unwrap();
    let png = || UploadRequest::described().with_content_type("image/png");
    for text in ["${filename}", "x${filename}", "${filename} b", "${filename}${filename}"] {
        let what = png().with_metadata("e", text);
        let denied = policy.authorize(&somebody(), &what, &ids(&policy)).unwrap_err();
        assert_eq!((denied.code(), denied.kind()), ("field-invalid", DeniedKind::BadRequest), "{text}");
    }
    let what = png().with_metadata("e", "$filename {x}").with_tag("a", "b");
    let document = form(&policy, &what).form(&signing(), Timestamp::UNIX_EPOCH).document().to_owned();
    assert!(!document.contains("starts-with"), "{document}");
    let mut metadata = Metadata::new();
    metadata.insert("a", "${filename}").unwrap();
    assert!(matches!(by_post().metadata(metadata).build(), Err(InvalidPolicy::Field(_))));
    let fixed = by_post().cache_control("x-${filename}".parse().unwrap()).build();
    assert!(matches!(fixed, Err(InvalidPolicy::Field(_))));
}

fn signing() -> PostSigning<'static> {
    PostSigning { algorithm: "a", credential: "c", date: "d", security_token: None }
}

/// A policy that no request could satisfy is none.
#[test]
fn what_no_request_can_fill() {
    let long = |len: usize| builder(&format!("{}/{{id}}.{{ext}}", "x".repeat(len)), Bodyless::Refuse).build();
    assert_eq!(long(985), Err(InvalidPolicy::KeyTooLong(985 + 1 + 36 + 1 + 3)));
    assert!(long(1024 - 41).is_ok());
    let mut tags = Tags::new();
    (0..10).for_each(|n| tags.insert(&format!("t{n}"), "v").unwrap());
    assert!(by_post().tags(tags.clone()).build().is_ok());
    assert_eq!(by_post().tags(tags).client_tags(true).build(), Err(InvalidPolicy::TagsFull(10)));
    let types: Vec<String> = (0..1_001).map(|n| format!("image/x-{n}")).collect();
    assert_eq!(ContentRules::of(&types), Err(InvalidContentRules::TooMany));
}
