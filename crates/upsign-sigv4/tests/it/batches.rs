//! Templates, batches and part URLs, each compared with signing the same requests one by one.

use std::sync::Arc;

use proptest::prelude::*;
use upsign_core::{
    Credentials, ExpiresIn, ObjectKey, Operation, PartChecksum, PartNumber, PartToSign, PresignError,
    PresignParts, PresignRequest, PresignedRequest, Resource, Sign, SignedHeaders, Target, Timestamp,
    Unsupported,
};
use upsign_sigv4::{SigV4, UrlTemplate};
use upsign_testing::requests;

fn with_key(request: &PresignRequest, key: &ObjectKey) -> PresignRequest {
    PresignRequest::new(
        request.target().clone(),
        request.operation().clone(),
        key.clone(),
        request.expires_in(),
    )
    .with_headers(request.headers().clone())
    .with_query(request.query().clone())
}

fn sign_alone(request: &PresignRequest, credentials: &Credentials, at: Timestamp) -> String {
    SigV4::new().sign(request, credentials, at).unwrap().url.into_exposed()
}

proptest! {
    #[test]
    fn template_and_batch_urls_equal_single_urls(
        request in requests::all(),
        keys in prop::collection::vec(requests::keys(), 0..7),
        times in prop::collection::vec((requests::credentials(), requests::times()), 1..4),
    ) {
        let template = UrlTemplate::new(Arc::new(SigV4::new()), request.clone()).unwrap();
        for (credentials, at) in &times {
            let expected: Vec<String> =
                keys.iter().map(|key| sign_alone(&with_key(&request, key), credentials, *at)).collect();
            let single: Vec<String> = keys.iter().map(|key| template.url(key, credentials, *at)).collect();
            prop_assert_eq!(&single, &expected);
            let mut batch = Vec::new();
            template.sign_many(&keys, credentials, *at, |url| batch.push(url.to_owned()));
            prop_assert_eq!(&batch, &expected);
        }
    }

    /// Also if the parts have checksums of several headers, lengths that all differ, and numbers in any order.
    #[test]
    fn part_urls_equal_single_urls(
        put in requests::puts(),
        id in "[A-Za-z0-9._~+/=-]{1,60}",
        list in prop::collection::vec(parts(), 0..9),
        credentials in requests::credentials(),
        at in requests::times(),
    ) {
        let headers = without_headers_of_a_part(put.headers());
        let parts = upload(&put, &id, list).with_headers(headers);
        let signer = SigV4::new();
        let mut signed = Vec::new();
        signer.sign_part_urls(&parts, &credentials, at, |number, url| signed.push((number, url.to_owned()))).unwrap();
        let expected: Vec<_> = parts.parts().iter().map(|part| {
            (part.number, sign_alone(&parts.request(part).unwrap(), &credentials, at))
        }).collect();
        prop_assert_eq!(&signed, &expected);
        // The owned form, and the default that signs each part for itself.
        let owned = signer.sign_parts(&parts, &credentials, at).unwrap();
        let urls = owned.urls.iter().map(|(number, url)| (*number, url.expose().to_owned()));
        prop_assert_eq!(urls.collect::<Vec<_>>(), expected);
        prop_assert_eq!(owned, OneByOne(SigV4::new()).sign_parts(&parts, &credentials, at).unwrap());
    }

    /// Headers that a part has itself are refused, as they are for a single part.
    #[test]
    fn repeated_headers_are_refused(put in requests::puts(), list in prop::collection::vec(parts(), 1..4)) {
        let parts = upload(&put, "id", list).with_headers(put.headers().clone());
        let credentials = Credentials::long_term("AKID", "secret").unwrap();
        let at = Timestamp::from_unix(1_700_000_000).unwrap();
        let (mut urls, is_valid) = (0, parts.parts().iter().all(|part| parts.request(part).is_ok()));
        let result = SigV4::new().sign_part_urls(&parts, &credentials, at, |_, _| urls += 1);
        prop_assert_eq!(result.is_ok(), is_valid, "{:?}", result);
        prop_assert_eq!(urls, if is_valid { parts.parts().len() } else { 0 });
        prop_assert_eq!(OneByOne(SigV4::new()).sign_parts(&parts, &credentials, at).is_ok(), is_valid);
    }
}

/// Signs parts with the default method of the trait.
#[derive(Debug)]
struct OneByOne(SigV4);

impl Sign for OneByOne {
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.0.sign(request, credentials, at)
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        self.0.check(request)
    }
}

fn parts() -> impl Strategy<Value = PartToSign> {
    let headers = prop::sample::select(vec![
        "content-md5",
        "x-amz-checksum-crc32",
        "x-amz-checksum-crc64nvme",
        "x-amz-checksum-sha256",
    ]);
    let checksum = (headers, "[A-Za-z0-9+/]{1,88}={0,2}");
    let lengths = prop_oneof![Just(8 << 20), Just(0), any::<u64>()];
    (1..=10_000_u64, lengths, prop::option::of(checksum)).prop_map(|(number, len, checksum)| {
        let part = PartToSign::new(PartNumber::new(number).unwrap(), len);
        match checksum {
            Some((header, value)) => part.with_checksum(PartChecksum::new(header, &value).unwrap()),
            None => part,
        }
    })
}

/// Returns the parts of an upload to the target and the key of a PUT.
fn upload(put: &PresignRequest, id: &str, list: Vec<PartToSign>) -> PresignParts {
    PresignParts::new(put.target().clone(), put.key().clone(), id.parse().unwrap(), put.expires_in(), list)
}

fn without_headers_of_a_part(headers: &SignedHeaders) -> SignedHeaders {
    let mut kept = SignedHeaders::new();
    for (name, value) in headers {
        if !name.starts_with("content-length") && name != "content-md5" && !name.starts_with("x-amz-checksum")
        {
            kept.insert(name, value).unwrap();
        }
    }
    kept
}

#[test]
fn parts_of_other_signature_families_are_refused() {
    let resource = "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap".parse::<Resource>().unwrap();
    let target = Target::builder(resource, "us-west-2".parse().unwrap()).build().unwrap();
    let part = PartToSign::new(PartNumber::MIN, 7);
    let parts =
        PresignParts::new(target, "k".parse().unwrap(), "id".parse().unwrap(), ExpiresIn::MAX, [part]);
    let credentials = Credentials::long_term("AKID", "secret").unwrap();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut calls = 0;
    assert!(SigV4::new().sign_part_urls(&parts, &credentials, at, |_, _| calls += 1).is_err());
    assert_eq!(calls, 0);
}

/// Four threads share one signer; each changes its credentials and times all the while.
#[test]
fn signer_shared_between_threads_gives_correct_urls() {
    let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
    let request = PresignRequest::new(target, Operation::PutObject, "k".parse().unwrap(), ExpiresIn::MAX);
    let shared = SigV4::new();
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (shared, request) = (&shared, &request);
            scope.spawn(move || {
                for i in 0..2_000_u64 {
                    let secret = format!("secret-{}", (thread + i / 7) % 5);
                    let credentials = Credentials::long_term("AKID", &secret).unwrap();
                    let at = Timestamp::from_unix(1_700_000_000 + i % 3 * 40_000).unwrap();
                    let url = shared.sign(request, &credentials, at).unwrap().url;
                    assert_eq!(url.expose(), sign_alone(request, &credentials, at));
                }
            });
        }
    });
}
