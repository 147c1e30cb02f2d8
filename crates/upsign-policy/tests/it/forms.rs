//! Policies with the method `post`: the fields and constraints of forms.

use upsign_core::{LengthRange, PostPolicy, PostSigningFields, Timestamp};
use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Denied, DeniedKind,
    Disposition, Encryption, FileNameOptions, InvalidContentRules, InvalidUploadPolicy, Metadata,
    MetadataOptions, StorageOptions, TagOptions, Tags, UploadMethod, UploadPolicy, UploadPolicyBuilder,
    UploadRequest,
};

use crate::sample::{builder, caller, ids};

fn form(policy: &UploadPolicy, request: &UploadRequest) -> PostPolicy {
    let permit = policy.authorize(&caller(), request, &ids(policy)).unwrap();
    assert!(permit.headers().is_none());
    let form = permit.request().post().unwrap().clone();
    assert_eq!(form.key().as_str(), permit.key().as_str());
    form
}

fn by_post() -> UploadPolicyBuilder {
    builder("a/{id}.{ext}", Bodyless::Allow).method(UploadMethod::Post)
}

#[test]
fn form_without_stated_size_binds_the_range() {
    let policy = by_post().build().unwrap();
    let bodyless = form(&policy, &UploadRequest::bodyless());
    assert_eq!(bodyless.length(), LengthRange::new(policy.size().min(), policy.max_size()).unwrap());
    assert_eq!(bodyless.fields().collect::<Vec<_>>(), [("Content-Type", "image/jpeg")]);
    let request = UploadRequest::described().with_content_type("image/png");
    assert_eq!(form(&policy, &request).length(), bodyless.length());
    assert_eq!(form(&policy, &request.with_content_length(7)).length(), LengthRange::new(7, 7).unwrap());
}

#[test]
fn every_option_becomes_a_field() {
    let mut tags = Tags::new();
    tags.insert("team", "a & b").unwrap();
    let policy = by_post()
        .disposition(Disposition::Attachment)
        .storage(
            StorageOptions::new()
                .encryption(Encryption::S3)
                .acl(CannedAcl::Private)
                .cache_control("max-age=60".parse().unwrap())
                .storage_class("STANDARD_IA".parse().unwrap()),
        )
        .checksums(Checksums::Optional([ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Md5].into()))
        .file_names(FileNameOptions::new().keep(true))
        .tags(TagOptions::new().fixed(tags))
        .build()
        .unwrap();
    let request = UploadRequest::described()
        .with_content_type("image/png")
        .with_content_length(7)
        .with_file_name("é.png")
        .with_checksum("md5", "AAAAAAAAAAAAAAAAAAAAAA==");
    let form = form(&policy, &request);
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
    assert_eq!(policy.sample_requests().len(), 1);
}

#[test]
fn form_cannot_prevent_overwriting() {
    assert!(!by_post().build().unwrap().no_overwrite());
    assert_eq!(by_post().no_overwrite(true).build(), Err(InvalidUploadPolicy::PostCannotPreventOverwrite));
    assert!(builder("a/{id}.{ext}", Bodyless::Refuse).build().unwrap().no_overwrite());
}

#[test]
fn forms_apply_the_same_limits() {
    let policy = by_post().build().unwrap();
    let deny = |request: UploadRequest| policy.authorize(&caller(), &request, &ids(&policy)).unwrap_err();
    let max = policy.max_size();
    let png = UploadRequest::described().with_content_type("image/png");
    assert_eq!(deny(png.clone().with_content_length(max + 1)), Denied::TooLarge { len: max + 1, max });
    assert!(matches!(deny(UploadRequest::described()), Denied::ContentTypeRequired { example: Some(_) }));
    assert_eq!(deny(png.with_file_name("a.jpg")).code(), "extension-mismatch");
}

/// S3 replaces `${filename}` with the name of the uploaded file, and the condition on such a field binds less than its value.
#[test]
fn file_name_variable_is_denied_in_every_field() {
    let policy = by_post()
        .metadata(MetadataOptions::new().client(ClientMetadata::Any))
        .tags(TagOptions::new().client(true))
        .build()
        .unwrap();
    let png = || UploadRequest::described().with_content_type("image/png");
    for text in ["${filename}", "x${filename}", "${filename} b", "${filename}${filename}"] {
        let request = png().with_metadata("e", text);
        let denied = policy.authorize(&caller(), &request, &ids(&policy)).unwrap_err();
        assert_eq!((denied.code(), denied.kind()), ("field-invalid", DeniedKind::BadRequest), "{text}");
    }
    let request = png().with_metadata("e", "$filename {x}").with_tag("a", "b");
    let document =
        form(&policy, &request).to_unsigned(&signing(), Timestamp::UNIX_EPOCH).document().to_owned();
    assert!(!document.contains("starts-with"), "{document}");
    let mut metadata = Metadata::new();
    metadata.insert("a", "${filename}").unwrap();
    assert!(matches!(
        by_post().metadata(MetadataOptions::new().fixed(metadata)).build(),
        Err(InvalidUploadPolicy::Field(_))
    ));
    let fixed =
        by_post().storage(StorageOptions::new().cache_control("x-${filename}".parse().unwrap())).build();
    assert!(matches!(fixed, Err(InvalidUploadPolicy::Field(_))));
}

fn signing() -> PostSigningFields<'static> {
    PostSigningFields { algorithm: "a", credential: "c", date: "d", security_token: None }
}

/// A policy that no request could satisfy is refused.
#[test]
fn unsatisfiable_policies_are_refused() {
    let long = |len: usize| builder(&format!("{}/{{id}}.{{ext}}", "x".repeat(len)), Bodyless::Refuse).build();
    assert_eq!(long(985), Err(InvalidUploadPolicy::KeyTooLong(985 + 1 + 36 + 1 + 3)));
    assert!(long(1024 - 41).is_ok());
    let mut tags = Tags::new();
    (0..10).for_each(|n| tags.insert(&format!("t{n}"), "v").unwrap());
    assert!(by_post().tags(TagOptions::new().fixed(tags.clone())).build().is_ok());
    assert_eq!(
        by_post().tags(TagOptions::new().fixed(tags).client(true)).build(),
        Err(InvalidUploadPolicy::NoRoomForTags(10))
    );
    let types: Vec<String> = (0..1_001).map(|n| format!("image/x-{n}")).collect();
    assert_eq!(ContentRules::new(&types), Err(InvalidContentRules::TooMany));
}
