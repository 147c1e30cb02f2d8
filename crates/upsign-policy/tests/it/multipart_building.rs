//! Settings with which files cannot be uploaded in parts are refused when the policy is built.

use upsign_core::{ExpiresIn, InvalidMultipartPlan, MaxSizeBinding, Provider};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, InvalidSizeLimit, InvalidUploadPolicy, LifetimeOptions, LockMode,
    LockOptions, MultipartMode, MultipartOptions, Replace, ResumeWindow, Retention, SizeBound, SizeLimit,
    UploadMethod, UploadPolicy, UploadPolicyBuilder,
};

use crate::google::google;
use crate::multipart::{large, largest, options};
use crate::sample::{MIB, builder, images, target, template};

const GIB: u64 = 1 << 30;

fn error(builder: UploadPolicyBuilder) -> InvalidUploadPolicy {
    builder.build().unwrap_err()
}

fn auto() -> MultipartOptions {
    options(MultipartMode::Auto)
}

#[test]
fn more_than_one_put_needs_parts() {
    let large = SizeLimit::up_to(5 * GIB + 1).unwrap();
    let plain = builder("u/{id}", Bodyless::Refuse).size(large);
    assert_eq!(error(plain.clone()), InvalidUploadPolicy::SizeAboveMaxPut(5 * GIB + 1));
    assert!(plain.multipart(auto()).build().is_ok());
    let above = SizeLimit::MAX_OBJECT + 1;
    let size = InvalidUploadPolicy::Size(InvalidSizeLimit::AboveMaxObject(above));
    assert_eq!(error(builder("u/{id}", Bodyless::Refuse).multipart(auto()).max_size(above)), size);
}

#[test]
fn key_must_belong_to_one_upload() {
    let named = |text| {
        UploadPolicy::builder(target(), template(text), Bodyless::Refuse)
            .content(images())
            .max_size(MIB)
            .multipart(auto())
    };
    assert_eq!(error(named("a/{article_id}.{ext}")), InvalidUploadPolicy::MultipartWithoutId);
    assert_eq!(error(named("a/{sub}").replace(Replace::Allow)), InvalidUploadPolicy::MultipartWithoutId);
    assert!(named("a/{article_id}/{uuid}.{ext}").build().is_ok());
    let replaced = named("a/{id}").replace(Replace::IfMatch);
    assert_eq!(error(replaced), InvalidUploadPolicy::MultipartIfMatch);
    let addressed =
        named("a/{sub}/{sha256}/{id}").checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()));
    assert_eq!(error(addressed), InvalidUploadPolicy::MultipartWithSha256);
}

#[test]
fn forms_need_files_that_are_not_uploaded_in_parts() {
    let form = |options| large(options).method(UploadMethod::Post);
    assert!(form(auto()).build().is_ok());
    assert_eq!(error(form(options(MultipartMode::Always))), InvalidUploadPolicy::MultipartOfForm);
    assert_eq!(error(form(auto()).replace(Replace::Never)), InvalidUploadPolicy::PostCannotPreventOverwrite);
    let at_least = |min, above| form(auto().with_above(above)).size(SizeLimit::between(min, GIB).unwrap());
    assert!(at_least(MIB, MIB).build().is_ok());
    let none = InvalidUploadPolicy::MultipartAboveMinSize { above: MIB - 1, min: MIB };
    assert_eq!(error(at_least(MIB, MIB - 1)), none);
}

#[test]
fn signatures_of_google_have_no_parts() {
    let policy = UploadPolicy::builder(google(), template("u/{id}"), Bodyless::Refuse)
        .content(images())
        .max_size(MIB)
        .multipart(auto());
    assert_eq!(error(policy), InvalidUploadPolicy::MultipartAtGoogle);
}

#[test]
fn bodyless_requests_begin_no_upload_in_parts() {
    let policy = |mode| builder("u/{id}", Bodyless::Allow).multipart(options(mode));
    assert_eq!(error(policy(MultipartMode::Always)), InvalidUploadPolicy::MultipartBodyless);
    assert!(policy(MultipartMode::Auto).build().is_ok());
}

#[test]
fn threshold_is_at_most_what_one_put_stores() {
    let above = |bytes| large(auto().with_above(bytes));
    assert!(above(0).build().is_ok() && above(5 * GIB).build().is_ok());
    let refused = InvalidUploadPolicy::MultipartAboveMaxPut { above: 5 * GIB + 1, max: 5 * GIB };
    assert_eq!(error(above(5 * GIB + 1)), refused);
    assert!(large(options(MultipartMode::Always).with_above(u64::MAX)).build().is_ok());
}

#[test]
fn parts_at_a_time_are_1_to_32() {
    let policy = |parts| large(auto().with_parts_at_once(parts));
    for parts in [1, 32] {
        assert!(policy(parts).build().is_ok());
    }
    for parts in [0, 33, 255] {
        assert_eq!(error(policy(parts)), InvalidUploadPolicy::PartsAtOnce(parts));
    }
}

#[test]
fn part_size_must_fit_the_store_and_the_largest_file() {
    let policy = |size| large(auto().with_part_size(size));
    assert!(policy(5 * MIB).build().is_ok());
    for (size, nearest) in [(MIB, 5 * MIB), (10_000_000, 10 * MIB), (6 * GIB, 5 * GIB)] {
        let InvalidUploadPolicy::PartSize(plan) = error(policy(size)) else { panic!("{size}") };
        assert_eq!(plan.nearest_part_size(), Some(nearest), "{size}");
    }
    let many = large(auto().with_part_size(5 * MIB)).max_size(60 * GIB);
    let InvalidUploadPolicy::PartSize(InvalidMultipartPlan::TooManyParts { parts, .. }) = error(many) else {
        panic!("60 GiB have more than 10,000 parts of 5 MiB")
    };
    assert_eq!(parts, 12_288);
}

#[test]
fn largest_file_is_at_most_what_the_store_accepts() {
    let at = |provider: Provider, max| {
        let options = MultipartOptions::new(MultipartMode::Auto, provider.capabilities());
        builder("u/{id}", Bodyless::Refuse).max_size(max).multipart(options).build()
    };
    for provider in Provider::ALL {
        let max = largest(provider);
        assert!(at(provider, max).is_ok(), "{provider:?}");
        let above = InvalidMultipartPlan::ObjectTooLarge { size: max + 1, max };
        let refused = match max {
            SizeLimit::MAX_OBJECT => InvalidUploadPolicy::Size(InvalidSizeLimit::AboveMaxObject(max + 1)),
            _ => InvalidUploadPolicy::PartSize(above),
        };
        assert_eq!(at(provider, max + 1), Err(refused), "{provider:?}");
    }
}

#[test]
fn empty_files_in_parts_need_a_store_with_empty_parts() {
    let at = |provider: Provider, mode| {
        builder("u/{id}", Bodyless::Refuse)
            .size(SizeLimit::between(0, MIB).unwrap())
            .multipart(MultipartOptions::new(mode, provider.capabilities()))
            .build()
    };
    let refused = InvalidUploadPolicy::PartSize(InvalidMultipartPlan::ObjectTooSmall { size: 0, min: 1 });
    assert_eq!(at(Provider::B2, MultipartMode::Always), Err(refused));
    assert!(
        at(Provider::B2, MultipartMode::Auto).is_ok() && at(Provider::Aws, MultipartMode::Always).is_ok()
    );
}

#[test]
fn required_checksum_must_be_one_that_the_store_verifies_in_parts() {
    let at = |provider: Provider, algorithm: ChecksumAlgorithm| {
        builder("u/{id}", Bodyless::Refuse)
            .multipart(MultipartOptions::new(MultipartMode::Auto, provider.capabilities()))
            .checksums(Checksums::Required([algorithm].into()))
            .build()
    };
    for algorithm in [ChecksumAlgorithm::Sha512, ChecksumAlgorithm::AmzMd5, ChecksumAlgorithm::XxHash3] {
        assert_eq!(at(Provider::Aws, algorithm), Err(InvalidUploadPolicy::MultipartChecksums));
    }
    assert_eq!(at(Provider::B2, ChecksumAlgorithm::Crc32), Err(InvalidUploadPolicy::MultipartChecksums));
    assert!(at(Provider::Aws, ChecksumAlgorithm::Sha256).is_ok());
}

#[test]
fn unknown_sizes_need_parts_and_no_other_bound() {
    let bound = |policy: UploadPolicyBuilder| policy.size_bound(SizeBound::MaxInParts);
    let plain = builder("u/{id}", Bodyless::Refuse);
    assert_eq!(error(bound(plain)), InvalidUploadPolicy::SizeBoundWithoutParts);
    let minimum = large(auto()).size(SizeLimit::between(7, GIB).unwrap());
    assert_eq!(error(bound(minimum)), InvalidUploadPolicy::MinSizeUnbound(7));
    let rustfs = large(auto()).size_bound(SizeBound::Max(MaxSizeBinding::RustFs));
    assert_eq!(error(rustfs), InvalidUploadPolicy::SizeBoundOfMultipart);
}

#[test]
fn retention_outlasts_the_time_to_resume() {
    let policy = |window: ResumeWindow| {
        let lock = LockOptions::new().retention(Retention::new(LockMode::Governance, 1).unwrap());
        large(auto().with_resume_window(window))
            .checksums(Checksums::Required([ChecksumAlgorithm::Crc64nvme].into()))
            .lifetime(LifetimeOptions::new().expires_in(ExpiresIn::from_secs(900).unwrap()))
            .lock(lock)
    };
    let refused = InvalidUploadPolicy::LockEndsBeforeGrant { days: 1 };
    assert_eq!(error(policy(ResumeWindow::DEFAULT)), refused);
    assert!(policy(ResumeWindow::from_secs(86_399).unwrap()).build().is_ok());
}
