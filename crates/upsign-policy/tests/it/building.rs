//! Policies that are none, and what start-up warns of.

use upsign_core::{ExpiresIn, Target};
use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Disposition,
    InvalidPolicy, KeyTemplate, Metadata, SharedContent, SizeLimit, UploadPolicy, UploadPolicyBuilder,
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
fn parts_that_are_missing() {
    let bare =
        || UploadPolicy::builder(target(), KeyTemplate::parse("u/{id}", &[]).unwrap(), Bodyless::Allow);
    assert_eq!(bare().size(SizeLimit::up_to(1).unwrap()).build().unwrap_err(), InvalidPolicy::NoContent);
    assert_eq!(bare().content(images()).build().unwrap_err(), InvalidPolicy::NoSize);
    assert!(bare().content(images()).size(SizeLimit::up_to(1).unwrap()).build().is_ok());
}

#[test]
fn templates_that_nothing_completes() {
    let of = |template: &str, types: &[&str], bodyless| {
        builder(template, bodyless).content(ContentRules::of(types).unwrap())
    };
    let no_extension = "the template's `{ext}` has no value for `";
    let hint = "`: give its extensions, or leave `{ext}` out";
    refused(
        of("u/{id}.{ext}", &["image/png", "chemical/*"], Bodyless::Refuse),
        &format!("{no_extension}chemical/*{hint}"),
    );
    refused(
        of("u/{id}.{ext}", &["image/x-new"], Bodyless::Refuse),
        &format!("{no_extension}image/x-new{hint}"),
    );
    assert!(of("u/{id}", &["image/x-new"], Bodyless::Refuse).build().is_ok());
    assert!(of("u/{id}.{ext}", &["image/*"], Bodyless::Refuse).build().is_ok());
    assert!(of("u/{id}.{ext}", &["*/*"], Bodyless::Refuse).build().is_ok());
    refused(
        of("u/{id}/{filename}", &["image/png"], Bodyless::Allow),
        "a request without a body cannot fill `{filename}`: refuse bodyless requests, or change the template",
    );
    refused(
        of("u/{sub}/{sha256}", &["image/png"], Bodyless::Allow).checksums(sha256()),
        "a request without a body cannot fill `{sha256}`: refuse bodyless requests, or change the template",
    );
    refused(
        of("u/{id}", &["image/*"], Bodyless::Allow),
        "a request without a body needs one content type to sign: name one exactly, or refuse bodyless requests",
    );
}

#[test]
fn content_addressed_keys() {
    let of = |template: &str| builder(template, Bodyless::Refuse);
    let unbound = "a template with `{sha256}` needs the checksum sha256 required, and no other algorithm";
    refused(of("u/{sub}/{sha256}"), unbound);
    refused(
        of("u/{sub}/{sha256}").checksums(Checksums::Optional([ChecksumAlgorithm::Sha256].into())),
        unbound,
    );
    let two = Checksums::Required([ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc32].into());
    refused(of("u/{sub}/{sha256}").checksums(two), unbound);
    let shared = "`{sha256}` without `{sub}` before it lets callers share objects: put `{sub}` before it";
    refused(of("u/{sha256}").checksums(sha256()), shared);
    refused(of("u/{sha256}/{sub}").checksums(sha256()), shared);
    assert!(of("u/{sub}/{sha256}").checksums(sha256()).build().is_ok());
    let danger = of("u/{sha256}").checksums(sha256()).shared_content(SharedContent::Danger).build().unwrap();
    assert_eq!(
        warnings(&danger),
        ["callers share content-addressed objects: the first to upload decides type and headers for all"]
    );
}

#[test]
fn options_that_contradict() {
    let of = || builder("u/{id}", Bodyless::Refuse);
    refused(of().checksums(Checksums::Required([].into())), "the list of checksum algorithms is empty");
    refused(of().max_file_name(0), "file names have a limit of 1 to 1024 bytes, not 0");
    refused(of().max_file_name(1_025), "file names have a limit of 1 to 1024 bytes, not 1025");
    let none: [&str; 0] = [];
    refused(of().groups(none), "the list of groups is empty or holds an empty name");
    refused(of().groups(["a", ""]), "the list of groups is empty or holds an empty name");
    let mut metadata = Metadata::new();
    metadata.insert("filename", "x").unwrap();
    let twice = "the metadata name `filename` has two sources";
    refused(of().metadata(metadata.clone()).keep_file_name(true), twice);
    let client = |names: &[&str]| ClientMetadata::Named(names.iter().map(|name| Box::from(*name)).collect());
    refused(of().metadata(metadata).client_metadata(client(&["filename"])), twice);
    refused(of().client_metadata(client(&["filename"])).keep_file_name(true), twice);
    refused(of().client_metadata(client(&["a", "a"])), "the metadata name `a` has two sources");
    for name in ["", "A", "a b", "é"] {
        let text = "a name of client metadata is 1 to 128 lower-case letters, digits and !#$%&'*+-.^_`|~, without x-amz-meta-";
        refused(of().client_metadata(client(&[name])), text);
    }
}

fn warnings(policy: &UploadPolicy) -> Vec<String> {
    policy.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn warnings_for_the_operator() {
    let target = Target::aws("bucket".parse().unwrap(), "us-east-1".parse().unwrap());
    let template = KeyTemplate::parse("u/{id}", &names(&["article_id"])).unwrap();
    let policy = UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::of(["image/svg+xml", "image/*"]).unwrap())
        .size(SizeLimit::up_to(1).unwrap())
        .expires_in(ExpiresIn::from_secs(901).unwrap())
        .no_overwrite(false)
        .checksums(sha256())
        .acl(CannedAcl::PublicRead)
        .build()
        .unwrap();
    assert_eq!(
        warnings(&policy),
        [
            "a request without a body is granted, and for it nothing binds size, checksum, ACL",
            "browsers run `image/svg+xml`: fix content-disposition as attachment, or serve it from a domain of its own",
            "the ACL `public-read` lets in people outside the account",
            "`image/*` allows types nobody has listed",
            "an upload can be overwritten for as long as its grant lives",
            "a grant lives 901 seconds: whoever holds it can use it until then",
            "the declared id `article_id` does not stand in the key",
        ]
    );
}

#[test]
fn an_attachment_is_not_run() {
    let svg = |bodyless, disposition| {
        let rules = ContentRules::of(["image/png", "image/svg+xml"]).unwrap();
        let policy = builder("u/{id}", bodyless).content(rules).disposition(disposition).build().unwrap();
        warnings(&policy).iter().any(|text| text.contains("svg"))
    };
    assert!(svg(Bodyless::Refuse, Disposition::Unset));
    assert!(svg(Bodyless::Refuse, Disposition::InlineNamed));
    assert!(svg(Bodyless::Refuse, Disposition::FromClient));
    assert!(!svg(Bodyless::Refuse, Disposition::Attachment));
    assert!(!svg(Bodyless::Refuse, Disposition::AttachmentNamed));
    assert!(!svg(Bodyless::Allow, Disposition::Attachment));
    assert!(warnings(&builder("u/{id}", Bodyless::Refuse).build().unwrap()).is_empty());
}
