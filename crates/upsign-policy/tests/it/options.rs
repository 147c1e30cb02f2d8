//! What options sign, and what a policy says of itself in advance.

use std::collections::BTreeSet;

use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, Encryption, FileNames,
    KmsKey, Metadata, StorageClass, Tags, UploadPolicy, UploadPolicyBuilder, UploadRequest,
};

use crate::invariants::check_headers;
use crate::sample::{builder, headers, ids, somebody};

const SHA256: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn described() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(7)
}

/// The headers beside type and length.
#[track_caller]
fn signed(builder: UploadPolicyBuilder, what: &UploadRequest, expected: &[(&str, &str)]) {
    let policy = builder.no_overwrite(false).build().unwrap();
    let permit = policy.authorize(&somebody(), what, &ids(&policy)).unwrap();
    let usual = ["content-type", "content-length"];
    let rest: Vec<_> = headers(&permit).into_iter().filter(|(name, _)| !usual.contains(name)).collect();
    assert_eq!(rest, expected);
    check_headers(permit.headers().unwrap());
    announced(&policy, &permit.headers().unwrap().iter().map(|(name, _)| name).collect());
}

/// What is signed was announced: as a shape, and name by name.
#[track_caller]
fn announced(policy: &UploadPolicy, signed: &Vec<&str>) {
    let names: BTreeSet<&str> = policy.signed_header_names().collect();
    let any = names.contains("x-amz-meta-*");
    for name in signed {
        assert!(names.contains(name) || any && name.starts_with("x-amz-meta-"), "{name} is not announced");
    }
    let shapes = policy.shapes();
    let mut shapes = shapes
        .iter()
        .map(|shape| shape.put().unwrap().headers().iter().map(|(name, _)| name).collect::<Vec<_>>());
    assert!(any || shapes.any(|shape| &shape == signed), "no shape has {signed:?}");
}

fn of() -> UploadPolicyBuilder {
    builder("u/{id}", Bodyless::Refuse)
}

#[test]
fn fixed_headers() {
    signed(of().cache_control("no-store".parse().unwrap()), &described(), &[("cache-control", "no-store")]);
    signed(of().disposition(Disposition::Attachment), &described(), &[("content-disposition", "attachment")]);
    signed(of().encryption(Encryption::S3), &described(), &[("x-amz-server-side-encryption", "AES256")]);
    let managed = Encryption::Kms(KmsKey::Managed);
    signed(of().encryption(managed), &described(), &[("x-amz-server-side-encryption", "aws:kms")]);
    let own = Encryption::KmsDsse(KmsKey::Own("alias/uploads".parse().unwrap()));
    signed(
        of().encryption(own),
        &described(),
        &[
            ("x-amz-server-side-encryption", "aws:kms:dsse"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "alias/uploads"),
        ],
    );
    signed(
        of().storage_class(StorageClass::StandardIa),
        &described(),
        &[("x-amz-storage-class", "STANDARD_IA")],
    );
    signed(of().acl(CannedAcl::Private), &described(), &[("x-amz-acl", "private")]);
    let mut metadata = Metadata::new();
    metadata.insert("App", "café").unwrap();
    signed(of().metadata(metadata), &described(), &[("x-amz-meta-app", "=?UTF-8?B?Y2Fmw6k=?=")]);
    let mut tags = Tags::new();
    tags.insert("state", "pending").unwrap();
    signed(of().tags(tags), &described(), &[("x-amz-tagging", "state=pending")]);
}

#[test]
fn what_a_client_states() {
    let all = || Checksums::Optional(ChecksumAlgorithm::ALL.into());
    signed(of().checksums(all()), &described(), &[]);
    let sha256 = described().with_checksum("sha256", SHA256);
    signed(of().checksums(all()), &sha256, &[("x-amz-checksum-sha256", SHA256)]);
    let md5 = described().with_checksum("md5", "1B2M2Y8AsgTpgAmY7PhCfg==");
    signed(of().checksums(all()), &md5, &[("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")]);
    let note = described().with_metadata("Note", "a").with_metadata("b", "c");
    signed(
        of().client_metadata(ClientMetadata::Any),
        &note,
        &[("x-amz-meta-b", "c"), ("x-amz-meta-note", "a")],
    );
    let named = ClientMetadata::Named(["note".into()].into());
    signed(of().client_metadata(named), &described().with_metadata("NOTE", "a"), &[("x-amz-meta-note", "a")]);
    let mut tags = Tags::new();
    tags.insert("state", "pending").unwrap();
    let tagged = described().with_tag("by", "x&y");
    signed(of().tags(tags).client_tags(true), &tagged, &[("x-amz-tagging", "state=pending&by=x%26y")]);
    let wish = described().with_content_disposition("ATTACHMENT;filename=\"a.png\"");
    signed(
        of().disposition(Disposition::FromClient),
        &wish,
        &[("content-disposition", "attachment; filename=\"a.png\"")],
    );
    signed(of().disposition(Disposition::FromClient), &described(), &[]);
}

#[test]
fn file_names_in_headers() {
    let named = |name: &str| described().with_file_name(name);
    signed(of().keep_file_name(true), &named("Café 1.png"), &[("x-amz-meta-filename", "Caf%C3%A9%201.png")]);
    signed(of().keep_file_name(true), &described(), &[]);
    signed(
        of().disposition(Disposition::AttachmentNamed),
        &named("Café.png"),
        &[("content-disposition", "attachment; filename=\"Caf_.png\"; filename*=UTF-8''Caf%C3%A9.png")],
    );
    signed(of().disposition(Disposition::InlineNamed), &described(), &[("content-disposition", "inline")]);
    let mend = of().keep_file_name(true).file_names(FileNames::Mend);
    signed(mend, &named("../a\u{202e}b.png"), &[("x-amz-meta-filename", "_a_b.png")]);
}

#[test]
fn a_content_addressed_key() {
    let policy = builder("u/{sub}/{sha256}.{ext}", Bodyless::Refuse)
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
        .build()
        .unwrap();
    let permit =
        policy.authorize(&somebody(), &described().with_checksum("sha256", SHA256), &ids(&policy)).unwrap();
    assert_eq!(
        permit.key().as_str(),
        "u/3f2504e0-4f89-41d3-9a0c-0305e82c3301/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.png"
    );
    assert_eq!(permit.headers().unwrap().get("x-amz-checksum-sha256"), Some(SHA256));
}

#[test]
fn dates_and_groups_in_keys() {
    let policy = builder("{date}/{group}/{id}", Bodyless::Allow).build().unwrap();
    let who = somebody().with_groups(["team one"]);
    let permit = policy.authorize(&who, &UploadRequest::bodyless(), &ids(&policy)).unwrap();
    assert_eq!(permit.key().as_str(), format!("2026-01-31/team~20one/{}", crate::sample::ID));
}

#[test]
fn every_shape_is_different_and_every_name_is_in_one() {
    let policy = of()
        .checksums(Checksums::Optional(ChecksumAlgorithm::ALL.into()))
        .keep_file_name(true)
        .client_tags(true)
        .client_metadata(ClientMetadata::Named(["note".into()].into()))
        .disposition(Disposition::FromClient)
        .build()
        .unwrap();
    let shapes = policy.shapes();
    let sets: BTreeSet<Vec<&str>> = shapes
        .iter()
        .map(|shape| shape.put().unwrap().headers().iter().map(|(name, _)| name).collect())
        .collect();
    assert_eq!(sets.len(), shapes.len());
    let union: BTreeSet<&str> = sets.iter().flatten().copied().collect();
    assert!(union.into_iter().eq(policy.signed_header_names()));
    for shape in shapes {
        check_headers(shape.put().unwrap().headers());
        assert_eq!(shape.put().unwrap().expires_in(), policy.expires_in());
    }
}
