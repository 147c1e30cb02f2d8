//! Properties of multipart uploads, over policies, stores and sizes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use upsign_core::{MultipartPlan, Provider};
use upsign_policy::{
    Bodyless, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, Encryption,
    FileNameOptions, HeaderOptions, LockMode, LockOptions, Metadata, MetadataOptions, MultipartMode,
    MultipartOptions, OtherHeaders, Replace, Retention, SignableRequest, SignedHeaders, SizeLimit,
    StorageClass, StorageOptions, TagOptions, Tags, UploadPolicy, UploadRequest,
};

use crate::multipart::largest;
use crate::sample::{MIB, builder, caller, ids};

fn file(len: u64) -> UploadRequest {
    UploadRequest::described().with_content_type("image/png").with_content_length(len)
}

fn decide(policy: &UploadPolicy, request: &UploadRequest) -> SignableRequest {
    policy.authorize(&caller(), request, &ids(policy)).unwrap().into_parts().1
}

/// Returns a policy for files up to the largest that the store and upsign accept.
fn policy(provider: Provider, mode: MultipartMode, above: u64) -> UploadPolicy {
    let store = provider.capabilities();
    let size = SizeLimit::between(store.min_object_bytes, largest(provider)).unwrap();
    builder("u/{id}", Bodyless::Refuse)
        .size(size)
        .replace(Replace::Allow)
        .multipart(MultipartOptions::new(mode, store).with_above(above))
        .build()
        .unwrap()
}

#[test]
fn every_size_of_a_geometric_series_has_a_plan_at_every_store() {
    for provider in Provider::ALL {
        let store = provider.capabilities();
        let auto = policy(provider, MultipartMode::Auto, 100 * MIB);
        let always = policy(provider, MultipartMode::Always, 0);
        let (min, max) = (auto.size().min(), auto.max_size());
        let series =
            std::iter::successors(Some(1_u64), |size| size.checked_mul(3)).take_while(|size| *size < max);
        let sizes = series.flat_map(|size| [size - 1, size, size + 1]).chain([max - 1, max]);
        for size in sizes.filter(|size| *size >= min) {
            let decided = decide(&auto, &file(size));
            assert_eq!(decided.multipart().is_some(), size > 100 * MIB, "{provider:?} {size}");
            if decided.put().is_some() {
                assert!(size <= store.max_put_bytes, "{provider:?} {size}");
            }
            let SignableRequest::Multipart(upload) = decide(&always, &file(size)) else {
                panic!("{provider:?} {size}")
            };
            let plan = upload.size.plan();
            assert_eq!(upload.size.exact(), Some(size));
            assert_eq!(Ok(plan), MultipartPlan::new(size, None, &store), "{provider:?} {size}");
            assert!(plan.part_count() <= store.max_parts && plan.part_size() <= store.max_part_bytes);
        }
    }
}

/// Headers of a `PUT` that the multipart upload is not created with.
fn is_of_put_only(name: &str) -> bool {
    let is_checksum = ChecksumAlgorithm::ALL.iter().any(|algorithm| algorithm.header() == name);
    is_checksum || ["content-length", "if-none-match", "if-match"].contains(&name)
}

fn map(headers: &SignedHeaders) -> BTreeMap<String, String> {
    headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Settings of a policy, most of which add a header.
#[derive(Clone, Debug)]
struct Settings {
    checksums: Vec<ChecksumAlgorithm>,
    required: bool,
    replace: bool,
    disposition: Disposition,
    keep_name: bool,
    encryption: bool,
    class: Option<StorageClass>,
    acl: Option<CannedAcl>,
    language: bool,
    owner: bool,
    payer: bool,
    lock: bool,
    metadata: bool,
    tags: bool,
}

fn settings() -> impl Strategy<Value = Settings> {
    use ChecksumAlgorithm::{Crc32, Crc32c, Crc64nvme, Md5, Sha1, Sha256};
    let algorithms = [Crc32, Crc32c, Crc64nvme, Md5, Sha1, Sha256].to_vec();
    let of_object = (
        prop::sample::select(vec![
            Disposition::Unset,
            Disposition::Attachment,
            Disposition::AttachmentNamed,
            Disposition::FromClient,
        ]),
        any::<bool>(),
        any::<bool>(),
        prop::option::of(prop::sample::select(StorageClass::ALL.to_vec())),
        prop::option::of(prop::sample::select(CannedAcl::ALL.to_vec())),
    );
    let checksums = (prop::sample::subsequence(algorithms, 0..=6), any::<bool>(), any::<bool>());
    (checksums, of_object, any::<[bool; 6]>()).prop_map(|(checksums, object, rest)| {
        let ((checksums, required, replace), (disposition, keep_name, encryption, class, acl)) =
            (checksums, object);
        let [language, owner, payer, lock, metadata, tags] = rest;
        let required = required && !checksums.is_empty();
        let lock = lock && required;
        Settings {
            checksums,
            required,
            replace,
            disposition,
            keep_name,
            encryption,
            class,
            acl,
            language,
            owner,
            payer,
            lock,
            metadata,
            tags,
        }
    })
}

impl Settings {
    fn policy(&self) -> UploadPolicy {
        let checksums = match (self.checksums.as_slice(), self.required) {
            ([], _) => Checksums::None,
            (list, true) => Checksums::Required(list.into()),
            (list, false) => Checksums::Optional(list.into()),
        };
        let mut storage = StorageOptions::new();
        if self.encryption {
            storage = storage.encryption(Encryption::S3);
        }
        if let Some(class) = self.class {
            storage = storage.storage_class(class);
        }
        if let Some(acl) = self.acl {
            storage = storage.acl(acl);
        }
        let mut headers = HeaderOptions::new();
        if self.language {
            headers = headers.content_language("de".parse().unwrap());
        }
        if self.owner {
            headers = headers.expected_bucket_owner("123456789012".parse().unwrap());
        }
        if self.payer {
            let mut others = OtherHeaders::new();
            others.insert("x-amz-request-payer", "requester").unwrap();
            headers = headers.others(others);
        }
        let lock = match self.lock {
            true => LockOptions::new()
                .retention(Retention::new(LockMode::Compliance, 30).unwrap())
                .legal_hold(true),
            false => LockOptions::new(),
        };
        let mut fixed = Metadata::new();
        let mut fixed_tags = Tags::new();
        if self.metadata {
            fixed.insert("source", "upsign").unwrap();
        }
        if self.tags {
            fixed_tags.insert("team", "a").unwrap();
        }
        let options = MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities());
        builder("u/{id}", Bodyless::Refuse)
            .multipart(options)
            .checksums(checksums)
            .replace(if self.replace { Replace::Allow } else { Replace::Never })
            .disposition(self.disposition)
            .file_names(FileNameOptions::new().keep(self.keep_name))
            .storage(storage)
            .headers(headers)
            .lock(lock)
            .metadata(MetadataOptions::new().fixed(fixed).client(ClientMetadata::Any))
            .tags(TagOptions::new().fixed(fixed_tags).client(true))
            .build()
            .unwrap()
    }

    /// Returns a request that sets everything that a client may set.
    fn request(&self) -> UploadRequest {
        let mut request = file(7).with_file_name("a.png").with_metadata("sample", "x").with_tag("a", "b");
        if let Some(algorithm) = self.checksums.first() {
            let zero = upsign_policy::Checksum::zero(*algorithm);
            request = request.with_checksum(algorithm.as_str(), zero.as_base64());
        }
        if self.disposition == Disposition::FromClient {
            request = request.with_content_disposition("attachment");
        }
        request
    }
}

proptest! {
    #[test]
    fn threshold_separates_puts_from_uploads_in_parts(
        provider in prop::sample::select(Provider::ALL.to_vec()), above in 1..5_000_000_000_u64,
    ) {
        let auto = policy(provider, MultipartMode::Auto, above);
        for (len, in_parts) in [(above - 1, false), (above, false), (above + 1, true)] {
            if len >= auto.size().min() {
                prop_assert_eq!(decide(&auto, &file(len)).multipart().is_some(), in_parts, "{} {}", len, above);
            }
        }
    }

    /// What S3 stores with an object does not depend on how the object is uploaded.
    #[test]
    fn put_and_create_have_the_same_headers_of_the_object(settings in settings()) {
        let (policy, request) = (settings.policy(), settings.request());
        let put = decide(&policy, &request.clone().with_multipart(false));
        let put = map(put.put().unwrap().headers());
        let parts = decide(&policy, &request.with_multipart(true));
        let upload = parts.multipart().unwrap();
        let create = map(&upload.create_headers);

        let mut expected: BTreeMap<_, _> = put.iter().filter(|(name, _)| !is_of_put_only(name)).collect();
        let (algorithm, kind) = ("x-amz-checksum-algorithm".to_owned(), "x-amz-checksum-type".to_owned());
        let named: Vec<_> = [algorithm, kind].into_iter().filter_map(|name| create.get_key_value(&name)).collect();
        let is_stored = upload.checksum.is_some_and(|checksum| checksum.algorithm != ChecksumAlgorithm::Md5);
        prop_assert_eq!(named.len(), if is_stored { 2 } else { 0 });
        expected.extend(named);
        prop_assert_eq!(create.iter().collect::<BTreeMap<_, _>>(), expected);

        let calls = map(&upload.call_headers);
        prop_assert!(calls.iter().all(|(name, value)| create.get(name) == Some(value)));
        prop_assert_eq!(calls.len(), usize::from(settings.owner) + usize::from(settings.payer));
        let of_parts: Vec<_> = policy.part_header_names().collect();
        prop_assert!(calls.keys().all(|name| of_parts.contains(&name.as_str())));
        let samples = policy.sample_requests();
        let mut samples = samples.iter().filter_map(SignableRequest::multipart);
        let is_sample = samples.any(|sample| map(&sample.create_headers).into_keys().eq(create.clone().into_keys()));
        prop_assert!(is_sample);
    }
}
