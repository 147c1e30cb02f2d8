//! Which files are uploaded in parts, and what such an upload binds.

use upsign_core::{Operation, Provider};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, ChecksumKind, Checksums, Denied, HeaderOptions, MultipartChecksum,
    MultipartConflict, MultipartMode, MultipartOptions, MultipartRequest, OtherHeaders, PlannedSize,
    ResumeWindow, SignableRequest, SizeBound, SizeLimit, TagOptions, UploadMethod, UploadPolicy,
    UploadPolicyBuilder, UploadRequest,
};

use crate::sample::{ID, MIB, builder, caller, ids};

const GIB: u64 = 1 << 30;

pub(crate) fn options(mode: MultipartMode) -> MultipartOptions {
    MultipartOptions::new(mode, Provider::Aws.capabilities())
}

/// Returns a builder for images of up to 20 GiB.
pub(crate) fn large(options: MultipartOptions) -> UploadPolicyBuilder {
    builder("u/{sub}/{id}", Bodyless::Refuse).size(SizeLimit::up_to(20 * GIB).unwrap()).multipart(options)
}

/// Returns the size of the largest object that the store accepts in parts of whole MiB.
pub(crate) fn largest(provider: Provider) -> u64 {
    let store = provider.capabilities();
    let in_parts = store.max_part_bytes / MIB * MIB * u64::from(store.max_parts);
    store.max_object_bytes.min(in_parts)
}

fn file(len: u64) -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(len)
}

fn decide(policy: &UploadPolicy, request: &UploadRequest) -> Result<SignableRequest, Denied> {
    policy.authorize(&caller(), request, &ids(policy)).map(|permit| permit.into_parts().1)
}

fn upload(policy: &UploadPolicy, request: &UploadRequest) -> MultipartRequest {
    let decided = decide(policy, request).unwrap();
    decided.multipart().unwrap_or_else(|| panic!("{decided:?}")).clone()
}

fn conflict(policy: &UploadPolicy, request: &UploadRequest) -> MultipartConflict {
    match decide(policy, request).unwrap_err() {
        Denied::MultipartNotAllowed(conflict) => conflict,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_above_the_threshold_are_uploaded_in_parts() {
    let policy = large(options(MultipartMode::Auto)).build().unwrap();
    for len in [1, 100 * MIB - 1, 100 * MIB] {
        let put = decide(&policy, &file(len)).unwrap();
        assert_eq!(put.put().unwrap().headers().get("content-length"), Some(len.to_string().as_str()));
    }
    let upload = upload(&policy, &file(100 * MIB + 1));
    assert_eq!(upload.key.as_str(), format!("u/3f2504e0-4f89-41d3-9a0c-0305e82c3301/{ID}"));
    assert_eq!(upload.size.exact(), Some(100 * MIB + 1));
    let plan = upload.size.plan();
    assert_eq!((plan.part_size(), plan.part_count()), (8 * MIB, 13));
    assert_eq!((upload.parts_at_once, upload.resume_window), (4, ResumeWindow::DEFAULT));
}

#[test]
fn every_file_is_uploaded_in_parts_if_the_policy_says_always() {
    let policy = large(options(MultipartMode::Always)).build().unwrap();
    assert_eq!(upload(&policy, &file(1)).size.plan().part_count(), 1);
    assert_eq!(policy.signed_header_names().len(), 0);
    let samples = policy.sample_requests();
    assert!(!samples.is_empty() && samples.iter().all(|sample| sample.multipart().is_some()));
    assert_eq!(conflict(&policy, &file(1).with_multipart(false)), MultipartConflict::Required);
}

#[test]
fn client_chooses_within_what_the_store_and_the_policy_allow() {
    let auto = large(options(MultipartMode::Auto)).build().unwrap();
    assert_eq!(upload(&auto, &file(7).with_multipart(true)).size.exact(), Some(7));
    assert!(decide(&auto, &file(5 * GIB).with_multipart(false)).unwrap().put().is_some());
    let above = MultipartConflict::AboveMaxPut { len: 5 * GIB + 1, max: 5 * GIB };
    assert_eq!(conflict(&auto, &file(5 * GIB + 1).with_multipart(false)), above);

    for no in [
        builder("u/{id}", Bodyless::Refuse).build().unwrap(),
        builder("u/{id}", Bodyless::Refuse).multipart(options(MultipartMode::No)).build().unwrap(),
    ] {
        assert!(no.multipart().is_none() && no.part_header_names().len() == 0);
        assert_eq!(conflict(&no, &file(7).with_multipart(true)), MultipartConflict::NotOffered);
        assert!(decide(&no, &file(7).with_multipart(false)).unwrap().put().is_some());
    }
}

#[test]
fn empty_file_is_not_uploaded_in_parts_to_a_store_without_empty_parts() {
    let b2 = MultipartOptions::new(MultipartMode::Auto, Provider::B2.capabilities());
    let policy = builder("u/{id}", Bodyless::Refuse)
        .size(SizeLimit::between(0, GIB).unwrap())
        .multipart(b2)
        .build()
        .unwrap();
    assert!(decide(&policy, &file(0)).unwrap().put().is_some());
    let refused = decide(&policy, &file(0).with_multipart(true)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the file cannot be uploaded in parts: an object of 0 bytes is too small: the store accepts at least 1 in a \
         multipart upload"
    );
}

#[test]
fn file_of_unknown_size_is_uploaded_in_parts_of_the_maximum() {
    let policy = large(options(MultipartMode::Auto)).size_bound(SizeBound::MaxInParts).build().unwrap();
    let stream = UploadRequest::described().with_content_type("image/png");
    let PlannedSize::AtMost(plan) = upload(&policy, &stream).size else { panic!("a size is not known") };
    assert_eq!(plan.size(), 20 * GIB);
    assert_eq!(upload(&policy, &stream).size.exact(), None);
    let no_length = decide(&policy, &stream.with_multipart(false)).unwrap_err();
    assert_eq!(no_length, Denied::ContentLengthRequired);
    // A size that is stated is bound exactly, in one request or in parts.
    let put = decide(&policy, &file(7)).unwrap();
    assert_eq!(put.put().unwrap().headers().get("content-length"), Some("7"));
    assert_eq!(upload(&policy, &file(GIB)).size.exact(), Some(GIB));
}

#[test]
fn request_without_a_body_stays_one_put() {
    let policy = builder("u/{id}", Bodyless::Allow).multipart(options(MultipartMode::Auto)).build().unwrap();
    let put = decide(&policy, &UploadRequest::bodyless()).unwrap();
    assert_eq!(put.put().unwrap().headers().len(), 1);
}

fn forms(bodyless: Bodyless) -> UploadPolicyBuilder {
    builder("u/{sub}/{id}", bodyless)
        .size(SizeLimit::up_to(20 * GIB).unwrap())
        .multipart(options(MultipartMode::Auto))
        .method(UploadMethod::Post)
}

/// Returns the range of sizes that a form binds.
fn range(policy: &UploadPolicy, request: &UploadRequest) -> (u64, u64) {
    let decided = decide(policy, request).unwrap();
    let length = decided.post().unwrap_or_else(|| panic!("{decided:?}")).length();
    (length.min(), length.max())
}

#[test]
fn form_is_for_files_up_to_the_threshold_and_parts_for_larger_ones() {
    let policy = forms(Bodyless::Refuse).build().unwrap();
    for len in [1, 100 * MIB - 1, 100 * MIB] {
        assert_eq!(range(&policy, &file(len)), (len, len));
    }
    let large = upload(&policy, &file(100 * MIB + 1));
    assert_eq!(large.size.exact(), Some(100 * MIB + 1));
    let put = self::large(options(MultipartMode::Auto)).build().unwrap();
    assert_eq!(large.create_headers, upload(&put, &file(100 * MIB + 1)).create_headers);
    // The client can choose.
    assert_eq!(range(&policy, &file(GIB).with_multipart(false)), (GIB, GIB));
    assert_eq!(upload(&policy, &file(7).with_multipart(true)).size.exact(), Some(7));
    let above = MultipartConflict::AboveMaxPut { len: 5 * GIB + 1, max: 5 * GIB };
    assert_eq!(conflict(&policy, &file(5 * GIB + 1).with_multipart(false)), above);
}

#[test]
fn form_of_unknown_size_accepts_no_file_that_would_be_uploaded_in_parts() {
    let policy = forms(Bodyless::Allow).build().unwrap();
    let stream = UploadRequest::described().with_content_type("image/png");
    for request in [stream.clone(), stream.clone().with_multipart(false), UploadRequest::bodyless()] {
        assert_eq!(range(&policy, &request), (policy.size().min(), 100 * MIB), "{request:?}");
    }
    let no_length = decide(&policy, &stream.clone().with_multipart(true)).unwrap_err();
    assert_eq!(no_length, Denied::ContentLengthRequired);
    // The maximum of the policy is lower.
    let small = forms(Bodyless::Refuse).max_size(MIB).build().unwrap();
    assert_eq!(range(&small, &stream), (small.size().min(), MIB));

    let in_parts = forms(Bodyless::Refuse).size_bound(SizeBound::MaxInParts).build().unwrap();
    assert_eq!(upload(&in_parts, &stream).size.plan().size(), 20 * GIB);
    assert_eq!(range(&in_parts, &stream.with_multipart(false)).1, 100 * MIB);
    assert_eq!(range(&in_parts, &file(7)), (7, 7));
}

#[test]
fn route_with_forms_and_parts_has_samples_of_both_and_completes_new_objects_only() {
    let policy = forms(Bodyless::Refuse).build().unwrap();
    let samples = policy.sample_requests();
    assert_eq!(samples.iter().filter(|sample| sample.post().is_some()).count(), 1);
    assert!(samples.iter().any(|sample| sample.multipart().is_some()));
    assert!(samples.iter().all(|sample| sample.put().is_none()));
    assert_eq!(policy.signed_header_names().len(), 0);
    assert!(policy.part_header_names().any(|name| name == "content-length"));
    assert!(policy.sends_whole_files() && !policy.has_put());

    let completes = |method, replace, provider: Provider| {
        let options = MultipartOptions::new(MultipartMode::Auto, provider.capabilities());
        let policy = large(options).method(method).replace(replace).build().unwrap();
        policy.completes_only_new()
    };
    use upsign_policy::Replace::{Allow, Never};
    assert!(completes(UploadMethod::Post, Allow, Provider::Aws));
    assert!(completes(UploadMethod::Put, Never, Provider::Aws));
    assert!(!completes(UploadMethod::Put, Allow, Provider::Aws));
    assert!(!completes(UploadMethod::Post, Allow, Provider::R2), "R2 ignores the header");
    assert!(!builder("u/{id}", Bodyless::Refuse).build().unwrap().completes_only_new());
}

#[test]
fn upload_is_created_with_everything_that_s3_stores_with_the_object() {
    let mut others = OtherHeaders::new();
    others.insert("x-amz-request-payer", "requester").unwrap();
    others.insert("x-custom", "1").unwrap();
    let headers = HeaderOptions::new().expected_bucket_owner("123456789012".parse().unwrap()).others(others);
    let policy = large(options(MultipartMode::Auto))
        .headers(headers)
        .tags(TagOptions::new().client(true))
        .build()
        .unwrap();
    let upload = upload(&policy, &file(GIB).with_tag("team", "a"));
    let created: Vec<_> = upload.create_headers.iter().collect();
    let expected = [
        ("content-type", "image/png"),
        ("x-amz-checksum-algorithm", "CRC64NVME"),
        ("x-amz-checksum-type", "FULL_OBJECT"),
        ("x-amz-expected-bucket-owner", "123456789012"),
        ("x-amz-request-payer", "requester"),
        ("x-amz-tagging", "team=a"),
        ("x-custom", "1"),
    ];
    assert_eq!(created, expected);
    let calls: Vec<_> = upload.call_headers.iter().collect();
    assert_eq!(calls, expected[3..5]);
    let names: Vec<_> = policy.part_header_names().collect();
    let of_parts = [
        "content-length",
        "x-amz-checksum-crc32",
        "x-amz-checksum-crc32c",
        "x-amz-checksum-crc64nvme",
        "x-amz-expected-bucket-owner",
        "x-amz-request-payer",
    ];
    assert_eq!(names, of_parts);
}

#[test]
fn samples_have_every_call_of_an_upload_in_parts() {
    let required = Checksums::Required([ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc64nvme].into());
    let policy = large(options(MultipartMode::Auto)).checksums(required).build().unwrap();
    let samples = policy.sample_requests();
    let uploads: Vec<_> = samples.iter().filter_map(SignableRequest::multipart).collect();
    assert_eq!(
        uploads.iter().map(|upload| upload.checksum.unwrap().kind).collect::<Vec<_>>(),
        [ChecksumKind::Composite, ChecksumKind::FullObject,]
    );
    let calls = uploads[0].sample_calls();
    let names: Vec<_> = calls.iter().map(|call| call.operation().name()).collect();
    assert_eq!(
        names,
        [
            "CreateMultipartUpload",
            "UploadPart",
            "UploadPart",
            "ListParts",
            "CompleteMultipartUpload",
            "AbortMultipartUpload",
            "HeadObject",
        ]
    );
    assert!(calls[1].headers().get("x-amz-checksum-sha256").is_none());
    assert!(calls[2].headers().get("x-amz-checksum-sha256").is_some());
    assert_eq!(calls[0].headers().get("x-amz-checksum-type"), Some("COMPOSITE"));
    assert_eq!(*calls[3].operation(), Operation::ListParts { upload_id: "sample".parse().unwrap() });
}

/// Returns the algorithm and the kind of an upload, for a policy with these checksums at this store.
fn checksum(provider: Provider, checksums: &Checksums, request: &UploadRequest) -> Option<MultipartChecksum> {
    let options = MultipartOptions::new(MultipartMode::Always, provider.capabilities());
    let policy = builder("u/{id}", Bodyless::Refuse).multipart(options).checksums(checksums.clone());
    upload(&policy.build().unwrap(), request).checksum
}

#[test]
fn checksum_of_the_whole_object_is_preferred() {
    use ChecksumAlgorithm::{Crc32, Crc32c, Crc64nvme, Md5, Sha256, Sha512};
    use ChecksumKind::{Composite, FullObject, Parts};
    let optional = |list: &[ChecksumAlgorithm]| Checksums::Optional(list.into());
    let required = |list: &[ChecksumAlgorithm]| Checksums::Required(list.into());
    let some = |algorithm, kind| Some(MultipartChecksum { algorithm, kind });
    for (provider, checksums, expected) in [
        (Provider::Aws, Checksums::None, some(Crc64nvme, FullObject)),
        (Provider::R2, Checksums::None, some(Crc64nvme, FullObject)),
        (Provider::Garage, Checksums::None, None),
        (Provider::B2, Checksums::None, None),
        (Provider::Aws, optional(&[Sha256, Crc32c]), some(Crc32c, FullObject)),
        (Provider::Aws, optional(&[Sha256]), None),
        (Provider::Aws, optional(&[Sha256, Md5]), some(Md5, Parts)),
        (Provider::Aws, required(&[Sha256]), some(Sha256, Composite)),
        (Provider::Aws, required(&[Sha256, Md5]), some(Sha256, Composite)),
        (Provider::Aws, required(&[Sha512, Md5]), some(Md5, Parts)),
        (Provider::R2, required(&[Crc32]), some(Crc32, Composite)),
        (Provider::LocalStack, required(&[Sha256, Md5]), some(Md5, Parts)),
    ] {
        assert_eq!(checksum(provider, &checksums, &file(7)), expected, "{provider:?} {checksums:?}");
    }
}

#[test]
fn client_names_the_algorithm() {
    use ChecksumAlgorithm::{Crc32, Crc64nvme, Sha256, Sha512};
    let accepted = Checksums::Optional([Sha512, Crc64nvme, Sha256].into());
    let named = |name: &str| checksum(Provider::Aws, &accepted, &file(7).with_checksum_algorithm(name));
    assert_eq!(named("sha256").unwrap().kind, ChecksumKind::Composite);
    assert_eq!(named("crc64nvme").unwrap().kind, ChecksumKind::FullObject);

    let policy = large(options(MultipartMode::Auto)).checksums(accepted.clone()).build().unwrap();
    for name in ["sha512", "crc32", "SHA256", ""] {
        let request = file(GIB).with_checksum_algorithm(name);
        let denied = decide(&policy, &request).unwrap_err();
        assert_eq!(denied, Denied::ChecksumNotAllowed([Crc64nvme, Sha256].into()), "{name}");
        // One request has no use for it, but the mistake would show with the first large file.
        let small = decide(&policy, &request.with_content_length(7)).unwrap_err();
        assert_eq!(small.code(), "checksum-not-allowed", "{name}");
    }

    let plain = builder("u/{id}", Bodyless::Refuse).build().unwrap();
    assert!(
        decide(&plain, &file(7).with_checksum_algorithm("sha512")).is_ok(),
        "nothing is uploaded in parts"
    );

    // A client that does not know whether the file is uploaded in parts sends the checksum of the file.
    let zero = |algorithm| upsign_policy::Checksum::zero(algorithm).as_base64().to_owned();
    let with = |algorithm: ChecksumAlgorithm| file(GIB).with_checksum(algorithm.as_str(), zero(algorithm));
    assert_eq!(upload(&policy, &with(Sha256)).checksum.unwrap().algorithm, Sha256);
    assert_eq!(upload(&policy, &with(Sha512)).checksum.unwrap().algorithm, Crc64nvme);
    assert_eq!(decide(&policy, &with(Crc32)).unwrap_err().code(), "checksum-not-allowed");
    let malformed = file(GIB).with_checksum("sha256", "AAAA");
    assert_eq!(decide(&policy, &malformed).unwrap_err().code(), "checksum-invalid");
    let named = malformed.with_checksum_algorithm("sha256");
    assert_eq!(decide(&policy, &named).unwrap_err().code(), "checksum-invalid");
    let both = with(Sha256).with_checksum_algorithm("crc64nvme");
    assert_eq!(upload(&policy, &both).checksum.unwrap().algorithm, Crc64nvme);
}

#[test]
fn required_checksum_of_a_large_file_is_not_needed_before_its_parts() {
    let required = Checksums::Required([ChecksumAlgorithm::Sha256].into());
    let policy = large(options(MultipartMode::Auto)).checksums(required).build().unwrap();
    assert_eq!(decide(&policy, &file(7)).unwrap_err().code(), "checksum-required");
    let upload = upload(&policy, &file(GIB));
    assert_eq!(upload.checksum.unwrap().kind, ChecksumKind::Composite);
    assert!(upload.create_headers.iter().all(|(name, _)| name != "x-amz-checksum-sha256"));
}

#[test]
fn part_carries_only_a_checksum_that_the_store_verifies() {
    let header = |provider: Provider, algorithm| {
        let options = MultipartOptions::new(MultipartMode::Auto, provider.capabilities());
        let checksum = MultipartChecksum { algorithm, kind: ChecksumKind::FullObject };
        options.part_checksum_header(checksum)
    };
    let crc64 = Some("x-amz-checksum-crc64nvme");
    assert_eq!(header(Provider::Aws, ChecksumAlgorithm::Crc64nvme), crc64);
    assert_eq!(header(Provider::R2, ChecksumAlgorithm::Crc64nvme), None);
    assert_eq!(header(Provider::R2, ChecksumAlgorithm::Md5), Some("content-md5"));
}

#[test]
fn settings_of_parts_that_have_no_use_are_warned_about() {
    let warnings = |policy: UploadPolicyBuilder| -> Vec<_> {
        policy.build().unwrap().warnings().iter().map(ToString::to_string).collect()
    };
    let unused = "files have at most 100 MiB, so none exceeds the 100 MiB above which a multipart upload is used: only clients that ask for it get one";
    let small = |mode| builder("u/{sub}/{id}", Bodyless::Refuse).max_size(100 * MIB).multipart(options(mode));
    assert_eq!(warnings(small(MultipartMode::Auto)), [unused]);
    assert!(warnings(small(MultipartMode::Auto).size_bound(SizeBound::MaxInParts)).is_empty());
    assert!(warnings(small(MultipartMode::Always)).is_empty());

    let short = options(MultipartMode::Always).with_resume_window(ResumeWindow::from_secs(60).unwrap());
    assert_eq!(
        warnings(large(short)),
        ["a multipart upload can be resumed for 1 min, less than the 15 min for which one URL is valid"]
    );

    let r2 = MultipartOptions::new(MultipartMode::Always, Provider::R2.capabilities());
    assert_eq!(
        warnings(large(r2)),
        [
            "the store does not refuse to complete a multipart upload under the key of an existing object: only `{id}`, which is \
          new for every upload, protects it"
        ]
    );
    assert!(
        warnings(large(r2).replace(upsign_policy::Replace::Allow)).iter().all(|text| !text.contains("{id}"))
    );
}
