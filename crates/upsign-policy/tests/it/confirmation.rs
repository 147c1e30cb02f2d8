//! Policies whose uploads are confirmed: which gates they can have, and what goes to which key.

use proptest::prelude::*;
use upsign_core::Timestamp;
use upsign_policy::{
    Bodyless, BucketOwner, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, ConfirmationOptions,
    Encryption, FilesOptions, Gate, HeaderOptions, Inspection, InvalidUploadPolicy, KeyOptions, KeyTemplate,
    KmsKey, LockMode, LockOptions, Metadata, MetadataOptions, MultipartMode, MultipartOptions, Placeholder,
    Replace, Retention, StorageClass, StorageOptions, TagOptions, Tags, UploadMethod, UploadPolicy,
    UploadPolicyBuilder, UploadRequest,
};

use crate::google::google;
use crate::sample::{ID, MIB, builder, caller, ids, target, template};

fn confirmed() -> ConfirmationOptions {
    ConfirmationOptions::new().with_confirm(true)
}

fn pending(template: &str) -> ConfirmationOptions {
    confirmed().with_gate(Gate::Pending(template.parse().unwrap()))
}

fn gated(key: &str, pending_key: &str) -> UploadPolicyBuilder {
    builder(key, Bodyless::Refuse).confirmation(pending(pending_key))
}

fn error(builder: UploadPolicyBuilder) -> InvalidUploadPolicy {
    builder.build().unwrap_err()
}

fn image() -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(7)
}

#[test]
fn nothing_is_confirmed_by_default() {
    let policy = builder("u/{id}", Bodyless::Refuse).build().unwrap();
    let options = policy.confirmation();
    assert_eq!(*options, ConfirmationOptions::default());
    assert!(!options.confirm() && !options.claim() && !options.delete());
    assert_eq!((options.inspection(), options.gate()), (Inspection::None, &Gate::None));
    assert_eq!((options.read_expires_in().as_secs(), options.confirm_within().as_secs()), (300, 86_400));
    assert_eq!((policy.pending_template(), policy.upload_template()), (None, policy.template()));
    assert!(policy.pending_templates().is_empty() && policy.pending_prefixes().is_empty());
    assert!(policy.promotion_headers(Timestamp::UNIX_EPOCH).unwrap().is_empty());
    let permit = policy.authorize(&caller(), &image(), &ids(&policy)).unwrap();
    assert_eq!(permit.key(), permit.upload_key());
}

#[test]
fn settings_of_confirmed_uploads_need_confirm() {
    let new = ConfirmationOptions::new;
    let gate: KeyTemplate = "pending/{id}".parse().unwrap();
    for (options, key) in [
        (new().with_gate(Gate::Pending(gate)), "pending_key"),
        (new().with_gate(Gate::Tag), "gate"),
        (new().with_inspection(Inspection::Magic), "inspect"),
        (new().with_claim(true), "claim"),
        (new().with_delete(true), "delete"),
    ] {
        let policy = builder("u/{id}", Bodyless::Refuse);
        assert_eq!(
            error(policy.clone().confirmation(options.clone())),
            InvalidUploadPolicy::OnlyConfirmed(key)
        );
        let built = policy.confirmation(options.with_confirm(true)).build();
        assert_eq!(built.is_err(), key == "inspect", "{key}");
    }
    let inspected = confirmed().with_inspection(Inspection::Hook);
    let without_gate = builder("u/{id}", Bodyless::Refuse).confirmation(inspected.clone());
    assert_eq!(error(without_gate), InvalidUploadPolicy::InspectionWithoutGate);
    assert!(builder("u/{id}", Bodyless::Refuse).confirmation(inspected.with_gate(Gate::Tag)).build().is_ok());
    let bodyless = builder("u/{id}", Bodyless::Allow).confirmation(confirmed().with_claim(true));
    assert_eq!(error(bodyless), InvalidUploadPolicy::BodylessClaim);
    assert!(builder("u/{id}", Bodyless::Allow).confirmation(confirmed()).build().is_ok());
}

#[test]
fn signatures_of_google_confirm_nothing() {
    let policy = UploadPolicy::builder(google(), "u/{id}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/png"])
        .max_size(MIB)
        .confirmation(confirmed());
    assert_eq!(error(policy), InvalidUploadPolicy::NotAtGoogle("confirm"));
}

#[test]
fn pending_keys_have_the_placeholders_of_the_key_and_a_folder_of_their_own() {
    let overlaps = |pending: &str, key: &str| InvalidUploadPolicy::PendingOverlaps {
        pending: pending.into(),
        key: key.into(),
    };
    for (key, pending_key, expected) in [
        ("files/{sub}/{id}", "pending/{id}", InvalidUploadPolicy::PendingLacks(Placeholder::Subject)),
        ("files/{id}", "pending/{sub}/{id}", InvalidUploadPolicy::PendingAdds(Placeholder::Subject)),
        ("files/{id}", "pending-{id}", InvalidUploadPolicy::PendingWithoutFolder),
        ("files/{id}", "{id}/pending", InvalidUploadPolicy::PendingWithoutFolder),
        ("{id}", "pending/{id}", overlaps("pending/", "")),
        ("{sub}/{id}", "pending/{sub}/{id}", overlaps("pending/", "")),
        ("p{id}", "pending/{id}", overlaps("pending/", "p")),
        ("pending/{id}", "pending/{id}", overlaps("pending/", "pending/")),
        ("pending/done/{id}", "pending/{id}", overlaps("pending/", "pending/done/")),
        ("a/{id}", "a/pending/{id}", overlaps("a/pending/", "a/")),
        ("files/{id:sealed}", "pending/{id}", InvalidUploadPolicy::PendingLacks(Placeholder::SealedId)),
    ] {
        assert_eq!(error(gated(key, pending_key)), expected, "{key} {pending_key}");
    }
    for (key, pending_key) in [
        ("files/{id}", "pending/{id}"),
        ("pendings/{id}", "pending/{id}"),
        ("a/done/{sub}/{id}.{ext}", "a/pending/{sub}/{id}.{ext}"),
        ("files/{sub}/{id}", "pending/{id}/{sub}"),
        ("files/{id:sealed}", "pending/{id:sealed}"),
    ] {
        assert!(gated(key, pending_key).build().is_ok(), "{key} {pending_key}");
    }
}

#[test]
fn pending_keys_need_an_object_that_can_be_copied() {
    let files = || gated("files/{id}", "pending/{id}");
    assert_eq!(error(files().replace(Replace::IfMatch)), InvalidUploadPolicy::PendingIfMatch);
    let multipart = MultipartOptions::new(MultipartMode::Auto, upsign_core::Provider::Aws.capabilities());
    let large = |bytes| files().multipart(multipart).max_size(bytes);
    assert!(large(5 << 30).build().is_ok());
    assert_eq!(error(large((5 << 30) + 1)), InvalidUploadPolicy::PendingTooLarge((5 << 30) + 1));
    // The shortest extension of an image has 3 characters, and a template alone assumes 1.
    let long = format!("pending/{}/{{id}}.{{ext}}", "x".repeat(977));
    assert_eq!(error(gated("files/{id}.{ext}", &long)), InvalidUploadPolicy::KeyTooLong(1_026));
    let without_id = UploadPolicy::builder(target(), template("files/{article_id}"), Bodyless::Refuse)
        .content_types(["image/png"])
        .max_size(MIB)
        .confirmation(confirmed().with_gate(Gate::Pending(template("pending/{article_id}"))));
    assert_eq!(error(without_id), InvalidUploadPolicy::PendingWithoutId);
}

#[test]
fn folders_of_each_issuer_are_compared() {
    let issuers = || KeyOptions::new().issuers(["staff".parse().unwrap(), "guests".parse().unwrap()]);
    let policy = gated("{issuer}/files/{sub}/{id}", "{issuer}/pending/{sub}/{id}").keys(issuers());
    let policy = policy.build().unwrap();
    assert_eq!(policy.pending_prefixes(), ["staff/pending/", "guests/pending/"]);
    assert_eq!(policy.pending_templates()[1], "guests/pending/{sub}/{id}");
    assert_eq!(policy.pending_object_arns()[0], "arn:aws:s3:::article-images-bucket/staff/pending/*/*");
    let crossing = gated("{issuer}/{sub}/{id}", "guests/{issuer}/{sub}/{id}").keys(issuers());
    assert!(matches!(error(crossing), InvalidUploadPolicy::PendingOverlaps { .. }));
    let unknown = gated("{issuer}/files/{sub}/{id}", "{issuer}/pending/{sub}/{id}");
    assert_eq!(error(unknown), InvalidUploadPolicy::PendingWithoutFolder);
}

#[test]
fn tag_gate_keeps_the_tag_for_itself() {
    let policy = || builder("u/{id}", Bodyless::Refuse).confirmation(confirmed().with_gate(Gate::Tag));
    let fixed = |keys: &[&str]| {
        let mut tags = Tags::new();
        keys.iter().for_each(|key| tags.insert(key, "x").unwrap());
        TagOptions::new().fixed(tags)
    };
    let client = policy().tags(TagOptions::new().client(true));
    assert_eq!(error(client), InvalidUploadPolicy::TagGateWithClientTags);
    assert_eq!(error(policy().tags(fixed(&["upsign"]))), InvalidUploadPolicy::NoRoomForGateTag);
    let ten = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    assert_eq!(error(policy().tags(fixed(&ten))), InvalidUploadPolicy::NoRoomForGateTag);
    assert!(policy().tags(fixed(&ten[1..])).build().is_ok());
}

#[test]
fn upload_goes_to_the_pending_key_and_its_readers_settings_to_the_copy() {
    let kms = Encryption::Kms(KmsKey::CustomerManaged("alias/uploads".parse().unwrap()));
    let storage = StorageOptions::new()
        .encryption(kms)
        .acl(CannedAcl::BucketOwnerFullControl)
        .storage_class(StorageClass::StandardIa)
        .cache_control("no-cache".parse().unwrap());
    let owner: BucketOwner = "123456789012".parse().unwrap();
    let policy = gated("files/{id}.{ext}", "pending/{id}.{ext}")
        .storage(storage)
        .headers(HeaderOptions::new().expected_bucket_owner(owner))
        .lock(
            LockOptions::new().retention(Retention::new(LockMode::Governance, 30).unwrap()).legal_hold(true),
        )
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()));
    let policy = policy.build().unwrap();
    let sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let request = image().with_checksum("sha256", sha256);
    let permit = policy.authorize(&caller(), &request, &ids(&policy)).unwrap();
    assert_eq!(permit.key().as_str(), format!("files/{ID}.png"));
    assert_eq!(permit.upload_key().as_str(), format!("pending/{ID}.png"));
    assert_eq!(permit.request().put().unwrap().key(), permit.upload_key());
    assert_eq!(
        permit.headers().unwrap().iter().collect::<Vec<_>>(),
        [
            ("cache-control", "no-cache"),
            ("content-length", "7"),
            ("content-type", "image/png"),
            ("if-none-match", "*"),
            ("x-amz-checksum-sha256", sha256),
            ("x-amz-expected-bucket-owner", "123456789012"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "alias/uploads"),
        ]
    );
    let at = "2026-02-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        policy.promotion_headers(at).unwrap().iter().collect::<Vec<_>>(),
        [
            ("x-amz-acl", "bucket-owner-full-control"),
            ("x-amz-expected-bucket-owner", "123456789012"),
            ("x-amz-object-lock-legal-hold", "ON"),
            ("x-amz-object-lock-mode", "GOVERNANCE"),
            ("x-amz-object-lock-retain-until-date", "2026-03-03T00:00:00Z"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "alias/uploads"),
            ("x-amz-source-expected-bucket-owner", "123456789012"),
            ("x-amz-storage-class", "STANDARD_IA"),
        ]
    );
    let settings: Vec<_> = policy.fixed_settings().map(|(key, _)| key).collect();
    for key in ["acl", "storage_class", "object_lock", "legal_hold", "encryption", "cache_control"] {
        assert_eq!(settings.iter().filter(|setting| **setting == key).count(), 1, "{key}: {settings:?}");
    }
}

#[test]
fn forms_and_parts_have_the_pending_key_too() {
    let form = gated("files/{id}", "pending/{id}").method(UploadMethod::Post).build().unwrap();
    let permit = form.authorize(&caller(), &image(), &ids(&form)).unwrap();
    let key = permit.request().post().unwrap().key();
    assert_eq!(key.as_str(), permit.upload_key().as_str());
    let multipart = MultipartOptions::new(MultipartMode::Always, upsign_core::Provider::Aws.capabilities());
    let parts = gated("files/{id}", "pending/{id}").multipart(multipart).build().unwrap();
    let permit = parts.authorize(&caller(), &image(), &ids(&parts)).unwrap();
    assert_eq!(&permit.request().multipart().unwrap().key, permit.upload_key());
    assert_eq!(permit.key().as_str(), format!("files/{ID}"));
}

#[test]
fn claim_is_in_every_request_of_the_policy() {
    let claiming = |builder: UploadPolicyBuilder| builder.confirmation(confirmed().with_claim(true)).build();
    let multipart = MultipartOptions::new(MultipartMode::Auto, upsign_core::Provider::Aws.capabilities());
    let plain = builder("u/{id}", Bodyless::Refuse);
    for policy in [
        claiming(plain.clone()).unwrap(),
        claiming(plain.clone().multipart(multipart)).unwrap(),
        claiming(plain.clone().method(UploadMethod::Post)).unwrap(),
    ] {
        let samples = policy.sample_requests();
        assert!(!samples.is_empty());
        for sample in samples {
            // A sample has a claim already, so another one is refused.
            assert!(sample.with_claim("x").is_err());
        }
        let has_name = policy.signed_header_names().any(|name| name == "x-amz-meta-upsign");
        assert_eq!(has_name, policy.has_put());
        let permit = policy.authorize(&caller(), &image(), &ids(&policy)).unwrap();
        let (_, request, _) = permit.into_parts();
        assert!(request.clone().with_claim("line\nbreak").is_err());
        assert!(request.with_claim("the claim").is_ok());
    }
    let without = plain.confirmation(confirmed()).build().unwrap();
    assert!(without.signed_header_names().all(|name| name != "x-amz-meta-upsign"));
}

#[test]
fn metadata_leaves_name_and_room_for_the_claim() {
    let with = |metadata| {
        builder("u/{id}", Bodyless::Refuse).confirmation(confirmed().with_claim(true)).metadata(metadata)
    };
    let fixed = |name: &str, len: usize| {
        let mut metadata = Metadata::new();
        metadata.insert(name, &"x".repeat(len)).unwrap();
        MetadataOptions::new().fixed(metadata)
    };
    let duplicate = InvalidUploadPolicy::DuplicateMetadataName("upsign".into());
    assert_eq!(error(with(fixed("upsign", 1))), duplicate);
    let named = ClientMetadata::Named(["upsign".into()].into());
    assert_eq!(error(with(MetadataOptions::new().client(named))), duplicate);
    let room = Metadata::MAX_BYTES - ConfirmationOptions::CLAIM_BYTES;
    assert!(with(fixed("a", room - 1)).build().is_ok());
    assert!(matches!(error(with(fixed("a", room))), InvalidUploadPolicy::Metadata(_)));

    let policy = with(MetadataOptions::new().client(ClientMetadata::Any)).build().unwrap();
    let code = |name: &str, len: usize| {
        let request = image().with_metadata(name, "x".repeat(len));
        policy.authorize(&caller(), &request, &ids(&policy)).err().map(|denied| denied.to_string())
    };
    assert_eq!(code("Upsign", 1).unwrap(), "clients cannot set metadata with this name");
    assert_eq!(code("a", room - 1), None);
    assert_eq!(code("a", room).unwrap(), "the metadata is invalid");
}

#[test]
fn number_and_total_size_of_files_are_checked() {
    let with = |files| builder("u/{id}", Bodyless::Refuse).files(files).build();
    let new = FilesOptions::new;
    assert!(!with(new()).unwrap().files().is_offered());
    assert!(with(new().with_max_files(255).with_max_total_size(10 * MIB)).unwrap().files().is_offered());
    assert_eq!(with(new().with_max_files(0)).unwrap_err(), InvalidUploadPolicy::MaxFiles(0));
    assert_eq!(with(new().with_max_files(256)).unwrap_err(), InvalidUploadPolicy::MaxFiles(256));
    let total = new().with_max_total_size(MIB);
    assert_eq!(with(total).unwrap_err(), InvalidUploadPolicy::TotalSizeOfOneFile);
    let below = InvalidUploadPolicy::TotalSizeBelowMaxSize { total: MIB, max: 10 * MIB };
    assert_eq!(with(total.with_max_files(2)).unwrap_err(), below);
}

proptest! {
    /// The proof that the folders of a policy that is accepted never overlap, over templates with every mix of literals.
    #[test]
    fn no_pending_key_is_a_final_key_and_each_gives_the_other(
        folder in "(p|pe|pending|a|a/b)",
        pending_folder in "(p|pe|pending|a|a/b)",
        order in any::<bool>(),
        subject in "[a-z/~ é]{1,8}",
        seed in any::<[u8; 16]>(),
    ) {
        let rest = if order { "{sub}/{id}.{ext}" } else { "{id}-{sub}" };
        let (key, pending_key) = (format!("{folder}/{rest}"), format!("{pending_folder}/{rest}"));
        let Ok(policy) = gated(&key, &pending_key).build() else {
            prop_assert!(folder.starts_with(&pending_folder) || pending_folder.starts_with(&folder));
            return Ok(());
        };
        let caller = upsign_core::Identity::from_verified("https://issuer.example", &subject).unwrap();
        let ids = upsign_policy::Ids::new(Timestamp::UNIX_EPOCH, upsign_policy::uuid_v4(seed));
        let permit = policy.authorize(&caller, &image(), &ids).unwrap();
        let (key, upload_key) = (permit.key(), permit.upload_key());
        let prefixes = policy.pending_prefixes();
        prop_assert!(prefixes.iter().all(|prefix| !key.as_str().starts_with(prefix.as_str())));
        prop_assert!(prefixes.iter().any(|prefix| upload_key.as_str().starts_with(prefix.as_str())));
        for (text, is_pending) in [(key, false), (upload_key, true)] {
            let read = policy.read_key(text.as_str()).unwrap();
            prop_assert_eq!((&read.key, &read.upload_key, read.is_pending), (key, upload_key, is_pending));
        }
    }
}
