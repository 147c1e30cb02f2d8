//! The headers that each option signs, and the samples and names that a policy announces.

use std::collections::BTreeSet;

use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, Encryption,
    FileNameOptions, FileNames, KeyOptions, KmsKey, Metadata, MetadataOptions, StorageClass, StorageOptions,
    TagOptions, Tags, UploadPolicy, UploadPolicyBuilder, UploadRequest,
};

use crate::invariants::check_headers;
use crate::sample::{builder, caller, headers, ids};

const SHA256: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn described() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(7)
}

/// Checks the signed headers except type and length.
#[track_caller]
fn signed(builder: UploadPolicyBuilder, request: &UploadRequest, expected: &[(&str, &str)]) {
    let policy = builder.no_overwrite(false).build().unwrap();
    let permit = policy.authorize(&caller(), request, &ids(&policy)).unwrap();
    let usual = ["content-type", "content-length"];
    let rest: Vec<_> = headers(&permit).into_iter().filter(|(name, _)| !usual.contains(name)).collect();
    assert_eq!(rest, expected);
    check_headers(permit.headers().unwrap());
    announced(&policy, &permit.headers().unwrap().iter().map(|(name, _)| name).collect());
}

/// Checks that a sample request has exactly these header names, and that each name is announced.
#[track_caller]
fn announced(policy: &UploadPolicy, signed: &Vec<&str>) {
    let names: BTreeSet<&str> = policy.signed_header_names().collect();
    let any = names.contains("x-amz-meta-*");
    for name in signed {
        assert!(names.contains(name) || any && name.starts_with("x-amz-meta-"), "{name} is not announced");
    }
    let samples = policy.sample_requests();
    let mut samples = samples
        .iter()
        .map(|sample| sample.put().unwrap().headers().iter().map(|(name, _)| name).collect::<Vec<_>>());
    assert!(any || samples.any(|sample| &sample == signed), "no sample has {signed:?}");
}

fn storage() -> StorageOptions {
    StorageOptions::new()
}

fn keep_name() -> FileNameOptions {
    FileNameOptions::new().keep(true)
}

fn base() -> UploadPolicyBuilder {
    builder("u/{id}", Bodyless::Refuse)
}

#[test]
fn fixed_headers() {
    signed(
        base().storage(storage().cache_control("no-store".parse().unwrap())),
        &described(),
        &[("cache-control", "no-store")],
    );
    signed(
        base().disposition(Disposition::Attachment),
        &described(),
        &[("content-disposition", "attachment")],
    );
    signed(
        base().storage(storage().encryption(Encryption::S3)),
        &described(),
        &[("x-amz-server-side-encryption", "AES256")],
    );
    let managed = Encryption::Kms(KmsKey::AwsManaged);
    signed(
        base().storage(storage().encryption(managed)),
        &described(),
        &[("x-amz-server-side-encryption", "aws:kms")],
    );
    let own = Encryption::KmsDsse(KmsKey::CustomerManaged("alias/uploads".parse().unwrap()));
    signed(
        base().storage(storage().encryption(own)),
        &described(),
        &[
            ("x-amz-server-side-encryption", "aws:kms:dsse"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "alias/uploads"),
        ],
    );
    signed(
        base().storage(storage().storage_class(StorageClass::StandardIa)),
        &described(),
        &[("x-amz-storage-class", "STANDARD_IA")],
    );
    signed(base().storage(storage().acl(CannedAcl::Private)), &described(), &[("x-amz-acl", "private")]);
    let mut metadata = Metadata::new();
    metadata.insert("App", "café").unwrap();
    signed(
        base().metadata(MetadataOptions::new().fixed(metadata)),
        &described(),
        &[("x-amz-meta-app", "=?UTF-8?B?Y2Fmw6k=?=")],
    );
    let mut tags = Tags::new();
    tags.insert("state", "pending").unwrap();
    signed(base().tags(TagOptions::new().fixed(tags)), &described(), &[("x-amz-tagging", "state=pending")]);
}

#[test]
fn headers_from_client_values() {
    let all = || Checksums::Optional(ChecksumAlgorithm::ALL.into());
    signed(base().checksums(all()), &described(), &[]);
    let sha256 = described().with_checksum("sha256", SHA256);
    signed(base().checksums(all()), &sha256, &[("x-amz-checksum-sha256", SHA256)]);
    let md5 = described().with_checksum("md5", "1B2M2Y8AsgTpgAmY7PhCfg==");
    signed(base().checksums(all()), &md5, &[("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")]);
    let note = described().with_metadata("Note", "a").with_metadata("b", "c");
    signed(
        base().metadata(MetadataOptions::new().client(ClientMetadata::Any)),
        &note,
        &[("x-amz-meta-b", "c"), ("x-amz-meta-note", "a")],
    );
    let named = ClientMetadata::Named(["note".into()].into());
    signed(
        base().metadata(MetadataOptions::new().client(named)),
        &described().with_metadata("NOTE", "a"),
        &[("x-amz-meta-note", "a")],
    );
    let mut tags = Tags::new();
    tags.insert("state", "pending").unwrap();
    let tagged = described().with_tag("by", "x&y");
    signed(
        base().tags(TagOptions::new().fixed(tags).client(true)),
        &tagged,
        &[("x-amz-tagging", "state=pending&by=x%26y")],
    );
    let requested = described().with_content_disposition("ATTACHMENT;filename=\"a.png\"");
    signed(
        base().disposition(Disposition::FromClient),
        &requested,
        &[("content-disposition", "attachment; filename=\"a.png\"")],
    );
    signed(base().disposition(Disposition::FromClient), &described(), &[]);
}

#[test]
fn file_names_in_headers() {
    let named = |name: &str| described().with_file_name(name);
    signed(
        base().file_names(keep_name()),
        &named("Café 1.png"),
        &[("x-amz-meta-filename", "Caf%C3%A9%201.png")],
    );
    signed(base().file_names(keep_name()), &described(), &[]);
    signed(
        base().disposition(Disposition::AttachmentNamed),
        &named("Café.png"),
        &[("content-disposition", "attachment; filename=\"Caf_.png\"; filename*=UTF-8''Caf%C3%A9.png")],
    );
    signed(base().disposition(Disposition::InlineNamed), &described(), &[("content-disposition", "inline")]);
    let mend = base().file_names(keep_name().handling(FileNames::Mend));
    signed(mend, &named("../a\u{202e}b.png"), &[("x-amz-meta-filename", "_a_b.png")]);
}

#[test]
fn content_addressed_key_contains_the_checksum() {
    let policy = builder("u/{sub}/{sha256}.{ext}", Bodyless::Refuse)
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
        .build()
        .unwrap();
    let permit =
        policy.authorize(&caller(), &described().with_checksum("sha256", SHA256), &ids(&policy)).unwrap();
    assert_eq!(
        permit.key().as_str(),
        "u/3f2504e0-4f89-41d3-9a0c-0305e82c3301/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.png"
    );
    assert_eq!(permit.headers().unwrap().get("x-amz-checksum-sha256"), Some(SHA256));
}

#[test]
fn dates_and_groups_in_keys() {
    let policy = builder("{date}/{group}/{id}", Bodyless::Allow).build().unwrap();
    let caller = caller().with_groups(["team one"]);
    let permit = policy.authorize(&caller, &UploadRequest::bodyless(), &ids(&policy)).unwrap();
    assert_eq!(permit.key().as_str(), format!("2026-01-31/team~20one/{}", crate::sample::ID));
}

#[test]
fn keys_of_listed_issuers_have_one_resource_per_issuer() {
    let policy = |template: &str, issuers: &[&str]| {
        let keys = KeyOptions::new().issuers(issuers.iter().map(|name| name.parse().unwrap()));
        builder(template, Bodyless::Refuse).keys(keys).build()
    };
    let two = policy("{issuer}/{sub}/{id}", &["staff", "customers", "staff"]).unwrap();
    assert_eq!(two.key_templates(), ["staff/{sub}/{id}", "customers/{sub}/{id}"]);
    assert_eq!(two.key_prefixes(), ["staff/", "customers/"]);
    let bucket = "arn:aws:s3:::article-images-bucket";
    assert_eq!(two.object_arns(), [format!("{bucket}/staff/*/*"), format!("{bucket}/customers/*/*")]);
    assert_eq!(two.warnings(), []);

    // Without a list, any name may occur.
    let any = builder("{issuer}/{sub}/{id}", Bodyless::Refuse).build().unwrap();
    assert_eq!((any.issuers(), any.object_arns()), (None, vec![format!("{bucket}/*/*/*")]));
    let warning = &any.warnings()[0];
    assert!(warning.to_string().starts_with("the key begins with the placeholder `{issuer}`"), "{warning}");

    let without = policy("u/{sub}/{id}", &["staff", "customers"]).unwrap();
    assert_eq!(without.object_arns(), [format!("{bucket}/u/*/*")]);

    let error = policy("{issuer}/{id}", &[]).unwrap_err();
    assert_eq!(error.to_string(), "the list of issuers is empty: name at least one, or do not set the list");
    // With a name of 32 bytes instead of 1, the shortest key has 1,025 bytes.
    let long = format!("{}/{{issuer}}/{{id}}", "a".repeat(1_024 - 36 - 2 - 31));
    assert!(policy(&long, &["a"]).is_ok());
    assert!(policy(&long, &["a", &"b".repeat(32)]).is_err());
}

#[test]
fn sample_requests_are_distinct_and_cover_every_header_name() {
    let policy = base()
        .checksums(Checksums::Optional(ChecksumAlgorithm::ALL.into()))
        .file_names(keep_name())
        .tags(TagOptions::new().client(true))
        .metadata(MetadataOptions::new().client(ClientMetadata::Named(["note".into()].into())))
        .disposition(Disposition::FromClient)
        .build()
        .unwrap();
    let samples = policy.sample_requests();
    let sets: BTreeSet<Vec<&str>> = samples
        .iter()
        .map(|sample| sample.put().unwrap().headers().iter().map(|(name, _)| name).collect())
        .collect();
    assert_eq!(sets.len(), samples.len());
    let union: BTreeSet<&str> = sets.iter().flatten().copied().collect();
    assert!(union.into_iter().eq(policy.signed_header_names()));
    for sample in samples {
        check_headers(sample.put().unwrap().headers());
        assert_eq!(sample.put().unwrap().expires_in(), policy.expires_in());
    }
}
