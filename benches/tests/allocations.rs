//! The number of allocations per URL: none into a buffer that has the capacity, one for an owned URL.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::sync::Arc;

use allocation_counter::measure;
use upsign_core::{
    Credentials, ExpiresIn, Expiry, ObjectKey, Operation, PartChecksum, PartNumber, PartToSign, PresignParts,
    PresignRequest, Sign, SignedHeaders, Target, Timestamp,
};
use upsign_sigv4::{SigV4, UrlTemplate};

fn request() -> PresignRequest {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let mut headers = SignedHeaders::new();
    headers.insert("content-type", "image/jpeg").unwrap();
    headers.insert("content-length", "48213").unwrap();
    let lifetime = ExpiresIn::from_secs(900).unwrap();
    PresignRequest::new(target, Operation::PutObject, key(), lifetime).with_headers(headers)
}

fn key() -> ObjectKey {
    "articles/0d3e7c52-9d4a-4b7c-8e21-5f6a7b8c9d0e/raw/5b1f2a44-1b2c-4d3e-9f40-a1b2c3d4e5f6.jpg"
        .parse()
        .unwrap()
}

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn long_term_and_temporary() -> [Credentials; 2] {
    let token = "IQoJb3JpZ2luX2VjEJr//////////wEaDmFwLXNvdXRoZWFzdC0x".repeat(20);
    [
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap(),
        Credentials::temporary("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", &token, Expiry::Unknown).unwrap(),
    ]
}

/// Counts the allocations of the second call. The first call fills the caches of the second and of the day.
fn allocations_when_cached(mut call: impl FnMut()) -> u64 {
    call();
    measure(call).count_total
}

#[test]
fn reused_buffer_takes_no_allocation() {
    for credentials in long_term_and_temporary() {
        let (signer, request, mut url) = (Arc::new(SigV4::new()), request(), String::with_capacity(4_096));
        let sign_into = allocations_when_cached(|| {
            url.clear();
            signer.sign_into(&mut url, &request, &credentials, at()).unwrap();
        });
        assert_eq!(sign_into, 0);
        let (template, key, mut url) =
            (UrlTemplate::new(signer, request).unwrap(), key(), String::with_capacity(4_096));
        let url_into = allocations_when_cached(|| {
            url.clear();
            template.url_into(&mut url, &key, &credentials, at());
        });
        assert_eq!(url_into, 0);
    }
}

#[test]
fn owned_url_takes_one_allocation() {
    for credentials in long_term_and_temporary() {
        let (signer, request) = (Arc::new(SigV4::new()), request());
        assert_eq!(allocations_when_cached(|| drop(signer.sign(&request, &credentials, at()))), 1);
        let (template, key) = (UrlTemplate::new(signer, request).unwrap(), key());
        assert_eq!(allocations_when_cached(|| drop(template.url(&key, &credentials, at()))), 1);
    }
}

#[test]
fn batch_allocations_do_not_depend_on_its_length() {
    let [credentials, _] = long_term_and_temporary();
    let template = UrlTemplate::new(Arc::new(SigV4::new()), request()).unwrap();
    let keys = vec![key(); 1_000];
    let few = allocations_when_cached(|| template.sign_many(&keys[..10], &credentials, at(), |_| {}));
    let many = allocations_when_cached(|| template.sign_many(&keys, &credentials, at(), |_| {}));
    assert_eq!(few, many);
}

/// A batch of part URLs takes one allocation for each owned URL, and a constant number in addition.
#[test]
fn part_urls_take_one_allocation_each() {
    for credentials in long_term_and_temporary() {
        let signer = SigV4::new();
        let (few, many) = (parts(10), parts(1_000));
        let borrowed = |parts: &PresignParts| {
            allocations_when_cached(|| signer.sign_part_urls(parts, &credentials, at(), |_, _| {}).unwrap())
        };
        assert_eq!(borrowed(&few), borrowed(&many));
        let owned = |parts: &PresignParts| {
            allocations_when_cached(|| drop(signer.sign_parts(parts, &credentials, at())))
        };
        assert_eq!(owned(&many) - owned(&few), 990);
        // The list of the URLs in addition, and no buffers for two URLs.
        assert_eq!(owned(&many), 1_000 + borrowed(&many) + 1 - 2);
    }
}

fn parts(count: u64) -> PresignParts {
    let part = |number| {
        let checksum = PartChecksum::new("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=").unwrap();
        let len = if number == count { 3_222_784 } else { 8 << 20 };
        PartToSign::new(PartNumber::new(number).unwrap(), len).with_checksum(checksum)
    };
    let (request, upload_id) =
        (request(), "VXBsb2FkIElEIGZvciBlbHZpbmcncyBtb3ZpZS5tMnRzIHVwbG9hZA".parse().unwrap());
    PresignParts::new(request.target().clone(), key(), upload_id, request.expires_in(), (1..=count).map(part))
}
