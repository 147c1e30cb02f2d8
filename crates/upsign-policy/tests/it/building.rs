//! Invalid combinations of settings, and the warnings about valid ones.

use upsign_core::{ExpiresIn, ShortCredentials, Target, error_chain};
use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Disposition,
    FileNameOptions, InvalidContentRules, InvalidUploadPolicy, KeyOptions, KeyTemplate, LifetimeOptions,
    Metadata, MetadataOptions, SharedContent, SizeLimit, StorageClass, StorageOptions, UploadMethod,
    UploadPolicy, UploadPolicyBuilder,
};

use crate::sample::{builder, images, names, target};

#[track_caller]
fn refused(builder: UploadPolicyBuilder, text: &str) {
    assert_eq!(builder.build().unwrap_err().to_string(), text);
}

fn sha256() -> Checksums {
    Checksums::Required([ChecksumAlgorithm::Sha256].into())
}

#[test]
fn missing_content_or_size_is_refused() {
    let bare =
        || UploadPolicy::builder(target(), KeyTemplate::parse("u/{id}", &[]).unwrap(), Bodyless::Allow);
    assert_eq!(
        bare().size(SizeLimit::up_to(1).unwrap()).build().unwrap_err(),
        InvalidUploadPolicy::MissingContent
    );
    assert_eq!(bare().content(images()).build().unwrap_err(), InvalidUploadPolicy::MissingSize);
    assert!(bare().content(images()).size(SizeLimit::up_to(1).unwrap()).build().is_ok());
}

#[test]
fn plain_types_and_sizes_build_the_same_policy_as_their_checked_forms() {
    let bare =
        || UploadPolicy::builder(target(), KeyTemplate::parse("u/{id}", &[]).unwrap(), Bodyless::Allow);
    let plain = bare().content_types(["image/jpeg", "image/*"]).max_size(7).build().unwrap();
    let rules = ContentRules::new(["image/jpeg", "image/*"]).unwrap();
    let checked = bare().content(rules).size(SizeLimit::up_to(7).unwrap()).build().unwrap();
    assert_eq!(plain, checked);
}

#[test]
fn invalid_types_and_sizes_are_reported_when_the_policy_is_built() {
    let valid = || builder("u/{id}", Bodyless::Refuse);
    let none: [&str; 0] = [];
    assert_eq!(
        valid().content_types(none).build().unwrap_err(),
        InvalidUploadPolicy::Content(InvalidContentRules::Empty)
    );
    let error = valid().content_types(["image/png", "image"]).build().unwrap_err();
    assert_eq!(
        error_chain(&error).to_string(),
        "the list of content types is invalid: the content type `image` is invalid: a content type must be `type/subtype`, \
         for example image/jpeg"
    );
    let error = valid().max_size(0).build().unwrap_err();
    assert_eq!(
        error_chain(&error).to_string(),
        "the maximum size is invalid: the maximum size must be at least 1 byte, not 0"
    );
    let too_large = SizeLimit::MAX_PUT + 1;
    assert_eq!(
        valid().max_size(too_large).build().unwrap_err(),
        InvalidUploadPolicy::SizeAboveMaxPut(too_large)
    );
    // The last call counts.
    assert!(valid().content_types(none).content(images()).max_size(0).max_size(1).build().is_ok());
}

#[test]
fn policy_for_another_bucket_differs_in_nothing_else() {
    for method in [UploadMethod::Put, UploadMethod::Post] {
        let build = |target| {
            let template = "u/{article_id}/{id}".parse().unwrap();
            UploadPolicy::builder(target, template, Bodyless::Refuse)
                .content(images())
                .size(SizeLimit::up_to(1).unwrap())
                .method(method)
                .disposition(Disposition::Attachment)
                .storage(StorageOptions::new().acl(CannedAcl::PublicRead))
                .build()
                .unwrap()
        };
        let other = Target::aws("other-bucket".parse().unwrap(), "eu-central-1".parse().unwrap());
        assert_eq!(build(target()).with_target(other.clone()).unwrap(), build(other));
    }
}

#[test]
fn templates_without_a_value_for_a_placeholder_are_refused() {
    let with_template = |template: &str, types: &[&str], bodyless| {
        builder(template, bodyless).content(ContentRules::new(types).unwrap())
    };
    let no_extension = "no file extension is known for `";
    let hint = "`: list its extensions, or remove `{ext}` from the template";
    refused(
        with_template("u/{id}.{ext}", &["image/png", "chemical/*"], Bodyless::Refuse)
            .disposition(Disposition::Attachment),
        &format!("{no_extension}chemical/*{hint}"),
    );
    refused(
        with_template("u/{id}.{ext}", &["image/x-new"], Bodyless::Refuse),
        &format!("{no_extension}image/x-new{hint}"),
    );
    assert!(with_template("u/{id}", &["image/x-new"], Bodyless::Refuse).build().is_ok());
    assert!(with_template("u/{id}.{ext}", &["image/*"], Bodyless::Refuse).build().is_ok());
    assert!(with_template("u/{id}.{ext}", &["*/*"], Bodyless::Refuse).build().is_ok());
    refused(
        with_template("u/{id}/{filename}", &["image/png"], Bodyless::Allow),
        "a request without a body has no value for `{filename}`: refuse bodyless requests, or remove `{filename}` from the template",
    );
    refused(
        with_template("u/{sub}/{sha256}", &["image/png"], Bodyless::Allow).checksums(sha256()),
        "a request without a body has no value for `{sha256}`: refuse bodyless requests, or remove `{sha256}` from the template",
    );
    refused(
        with_template("u/{id}", &["image/*"], Bodyless::Allow),
        "a request without a body needs an exact content type to sign: list one, or refuse bodyless requests",
    );
}

#[test]
fn content_addressed_keys_must_bind_the_checksum() {
    let with_template = |template: &str| builder(template, Bodyless::Refuse);
    let unbound = "a template with `{sha256}` must require the checksum sha256 and no other algorithm";
    refused(with_template("u/{sub}/{sha256}"), unbound);
    refused(
        with_template("u/{sub}/{sha256}").checksums(Checksums::Optional([ChecksumAlgorithm::Sha256].into())),
        unbound,
    );
    let two = Checksums::Required([ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc32].into());
    refused(with_template("u/{sub}/{sha256}").checksums(two), unbound);
    let shared = "`{sha256}` without `{sub}` before it lets callers share objects: put `{sub}` before it, or allow shared content";
    refused(with_template("u/{sha256}").checksums(sha256()), shared);
    refused(with_template("u/{sha256}/{sub}").checksums(sha256()), shared);
    assert!(with_template("u/{sub}/{sha256}").checksums(sha256()).build().is_ok());
    let danger = with_template("u/{sha256}")
        .checksums(sha256())
        .keys(KeyOptions::new().shared_content(SharedContent::Danger))
        .build()
        .unwrap();
    assert_eq!(
        warnings(&danger),
        [
            "callers share content-addressed objects: the first upload decides the type and headers for all callers"
        ]
    );
}

#[test]
fn contradictory_settings_are_refused() {
    let valid = || builder("u/{id}", Bodyless::Refuse);
    refused(valid().checksums(Checksums::Required([].into())), "the list of checksum algorithms is empty");
    refused(
        valid().file_names(FileNameOptions::new().max_bytes(0)),
        "the maximum length of file names must be 1 to 1024 bytes, not 0",
    );
    refused(
        valid().file_names(FileNameOptions::new().max_bytes(1_025)),
        "the maximum length of file names must be 1 to 1024 bytes, not 1025",
    );
    let none: [&str; 0] = [];
    refused(
        valid().keys(KeyOptions::new().groups(none)),
        "the list of groups is empty or contains an empty name",
    );
    refused(
        valid().keys(KeyOptions::new().groups(["a", ""])),
        "the list of groups is empty or contains an empty name",
    );
    let mut metadata = Metadata::new();
    metadata.insert("filename", "x").unwrap();
    let fixed = || MetadataOptions::new().fixed(metadata.clone());
    let keep = || FileNameOptions::new().keep(true);
    let duplicate = "the metadata name `filename` has more than one source";
    refused(valid().metadata(fixed()).file_names(keep()), duplicate);
    let client = |names: &[&str]| ClientMetadata::Named(names.iter().map(|name| Box::from(*name)).collect());
    refused(valid().metadata(fixed().client(client(&["filename"]))), duplicate);
    refused(
        valid().metadata(MetadataOptions::new().client(client(&["filename"]))).file_names(keep()),
        duplicate,
    );
    refused(
        valid().metadata(MetadataOptions::new().client(client(&["a", "a"]))),
        "the metadata name `a` has more than one source",
    );
    for name in ["", "A", "a b", "é"] {
        let text = "a name of client metadata must be 1 to 128 lower-case letters, digits and !#$%&'*+-.^_`|~, without the prefix x-amz-meta-";
        refused(valid().metadata(MetadataOptions::new().client(client(&[name]))), text);
    }
}

fn warnings(policy: &UploadPolicy) -> Vec<String> {
    policy.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn warnings_about_weak_settings() {
    let target = Target::aws("bucket".parse().unwrap(), "us-east-1".parse().unwrap());
    let template = KeyTemplate::parse("u/{id}", &names(&["article_id"])).unwrap();
    let policy = UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/svg+xml", "image/*"]).unwrap())
        .size(SizeLimit::up_to(1).unwrap())
        .lifetime(LifetimeOptions::new().expires_in(ExpiresIn::from_secs(901).unwrap()))
        .no_overwrite(false)
        .checksums(sha256())
        .storage(StorageOptions::new().acl(CannedAcl::PublicRead))
        .build()
        .unwrap();
    assert_eq!(
        warnings(&policy),
        [
            "a request without a body receives a grant without a limit on the size, without a checksum and without the configured ACL",
            "browsers execute `image/svg+xml`: set disposition to attachment, or serve the objects from a separate domain",
            "the ACL `public-read` gives access to people outside the account",
            "`image/*` allows every matching type that browsers are known not to execute, and any other if it is signed as an attachment",
            "an upload can be overwritten while its grant is valid",
            "a grant is valid for 901 s: anyone who obtains it can use it until then",
            "the declared id `article_id` does not appear in the key",
        ]
    );
}

/// The minimum bounds how far credentials may shorten a grant. A policy that grants less on purpose is obeyed, but it can also
/// be a mistake in the unit.
#[test]
fn lifetime_below_the_minimum_causes_a_warning_and_is_granted() {
    let seconds = |seconds| ExpiresIn::from_secs(seconds).unwrap();
    let of = |lifetime: LifetimeOptions| {
        let policy = builder("u/{id}", Bodyless::Refuse).lifetime(lifetime).build().unwrap();
        (policy.min_expires_in().as_secs(), warnings(&policy))
    };
    let thirty = LifetimeOptions::new().expires_in(seconds(30));
    let text = "a grant is valid for only 30 seconds: most clients start their upload later than that";
    assert_eq!(of(thirty), (30, vec![text.to_owned()]));
    assert_eq!(of(thirty.min_expires_in(seconds(10))), (10, Vec::new()));
    assert_eq!(of(LifetimeOptions::new().expires_in(seconds(60))), (60, Vec::new()));
    // Without shortening, a grant is valid for its whole lifetime or refused.
    assert_eq!(of(LifetimeOptions::new()).0, 60);
    assert_eq!(of(LifetimeOptions::new().short_credentials(ShortCredentials::Refuse)).0, 900);
}

#[test]
fn key_that_begins_with_a_placeholder_causes_a_warning_with_the_resource() {
    let of = |template: &str| warnings(&builder(template, Bodyless::Refuse).build().unwrap());
    for (template, placeholder, pattern) in [
        ("{sub}/{id}.{ext}", "{sub}", "*/*.*"),
        ("{id}", "{id}", "*"),
        ("{date}{sub}-{id}/x", "{date}", "*-*/x"),
    ] {
        let resource = format!("arn:aws:s3:::article-images-bucket/{pattern}");
        assert_eq!(
            of(template),
            [format!(
                "the key begins with the placeholder `{placeholder}`, so the signing role must be permitted to write \
                 `{resource}`"
            )]
        );
    }
    assert!(of("u/{id}").is_empty() && of("img-{id}").is_empty());
}

#[test]
fn placeholders_in_another_notation_are_warned_about() {
    let of = |template: &str| {
        let template = KeyTemplate::parse(template, &names(&["article_id"])).unwrap();
        let target = Target::aws("bucket".parse().unwrap(), "us-east-1".parse().unwrap());
        let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
            .content(ContentRules::new(["image/png"]).unwrap())
            .size(SizeLimit::up_to(1).unwrap())
            .build()
            .unwrap();
        warnings(&policy)
    };
    for (segment, meant) in [
        ("$sub", "{sub}"),
        (":sub", "{sub}"),
        ("<Sub>", "{sub}"),
        (":uuid", "{id}"),
        ("$claim:custom:tenant", "{claim:custom:tenant}"),
    ] {
        assert_eq!(
            of(&format!("u/{segment}/{{article_id}}")),
            [format!("`{segment}` is literal text, the same in every key: write `{meant}`")]
        );
    }
    // The id that is written so is not reported as unused as well.
    assert_eq!(of("u/$article_id/{id}").len(), 1);
    for other in ["$x", "sub", "$", "<>", "<sub", "$sub-a", ":claim:", "$sub.d"] {
        assert!(of(&format!("u/{other}/{{article_id}}")).is_empty(), "{other}");
    }
}

#[test]
fn attachments_of_active_types_cause_no_warning() {
    let svg = |bodyless, disposition| {
        let rules = ContentRules::new(["image/png", "image/svg+xml"]).unwrap();
        let policy = builder("u/{id}", bodyless).content(rules).disposition(disposition).build().unwrap();
        warnings(&policy).iter().any(|text| text.contains("svg"))
    };
    assert!(svg(Bodyless::Refuse, Disposition::Unset));
    assert!(svg(Bodyless::Refuse, Disposition::InlineNamed));
    assert!(!svg(Bodyless::Refuse, Disposition::FromClient));
    assert!(!svg(Bodyless::Refuse, Disposition::Attachment));
    assert!(!svg(Bodyless::Refuse, Disposition::AttachmentNamed));
    assert!(!svg(Bodyless::Allow, Disposition::Attachment));
    assert!(warnings(&builder("u/{id}", Bodyless::Refuse).build().unwrap()).is_empty());
}

#[test]
fn types_that_browsers_do_not_send_are_warned_about() {
    let of = |types: &[&str]| {
        let content = ContentRules::new(types).unwrap();
        warnings(&builder("u/{id}", Bodyless::Refuse).content(content).build().unwrap())
    };
    assert_eq!(
        of(&["image/jpg"]),
        ["browsers send `image/jpeg`, not `image/jpg`, so their uploads are denied: allow `image/jpeg`"]
    );
    for types in
        [&["image/jpg", "image/jpeg"][..], &["application/x-foo"], &["audio/eac3"], &["video/mp4;codecs=vp8"]]
    {
        assert!(of(types).is_empty(), "{types:?}");
    }
    let content = ContentRules::new(["image/jpg"]).unwrap();
    let error = builder("u/{id}.{ext}", Bodyless::Refuse).content(content).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "no file extension is known for `image/jpg` (did you mean image/jpeg?): list its extensions, or remove `{ext}` from \
         the template"
    );
}

#[test]
fn storage_classes_that_cannot_be_read_are_warned_about() {
    let of = |class| {
        let storage = StorageOptions::new().storage_class(class);
        warnings(&builder("u/{id}", Bodyless::Refuse).storage(storage).build().unwrap())
    };
    assert_eq!(
        of(StorageClass::Glacier),
        [
            "objects of the storage class GLACIER cannot be read until they are restored, which takes minutes to hours"
        ]
    );
    assert_eq!(of(StorageClass::DeepArchive).len(), 1);
    assert!(of(StorageClass::GlacierIr).is_empty());
}

#[test]
fn restoring_from_an_archive_takes_as_long_as_its_class() {
    for (class, time) in [
        (
            StorageClass::Glacier,
            "GLACIER cannot be read until they are restored, which takes minutes to hours",
        ),
        (
            StorageClass::DeepArchive,
            "DEEP_ARCHIVE cannot be read until they are restored, which takes up to 12 hours, and up to 48 in bulk",
        ),
    ] {
        let storage = StorageOptions::new().storage_class(class);
        let policy = builder("u/{id}", Bodyless::Refuse).storage(storage).build().unwrap();
        assert_eq!(warnings(&policy), [format!("objects of the storage class {time}")]);
    }
}

#[test]
fn long_lifetimes_are_written_with_their_unit() {
    for (seconds, text) in
        [(901, "901 s"), (1_800, "30 min"), (3_600, "1 h"), (86_400, "1 day"), (604_800, "7 days")]
    {
        let lifetime = LifetimeOptions::new().expires_in(ExpiresIn::from_secs(seconds).unwrap());
        let policy = builder("u/{id}", Bodyless::Refuse).lifetime(lifetime).build().unwrap();
        let expected = format!("a grant is valid for {text}: anyone who obtains it can use it until then");
        assert_eq!(warnings(&policy), [expected]);
    }
}
