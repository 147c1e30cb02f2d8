//! `instructions VARIANT COUNT` signs COUNT URLs through one entry point of the signer. The difference of two runs under
//! callgrind gives the instructions of one URL; `cargo xtask test --only instructions` compares it with `instructions.txt`.
#![expect(clippy::unwrap_used, reason = "a measurement stops at the first unexpected value")]

use std::hint::black_box;
use std::sync::Arc;

use upsign_benches::grants::{FILES, Grants};
use upsign_core::{
    Credentials, ExpiresIn, Expiry, ObjectKey, Operation, PartChecksum, PartNumber, PartToSign, PresignParts,
    PresignRequest, Sign, SignedHeaders, Target, Timestamp,
};
use upsign_sigv4::{SigV4, UrlTemplate};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let variant = arguments.next().unwrap_or_default();
    let count: usize = arguments.next().unwrap_or_default().parse().unwrap();
    let (signer, at) = (Arc::new(SigV4::new()), "2026-01-01T00:00:00Z".parse().unwrap());
    let key: ObjectKey =
        "articles/0d3e7c52-9d4a-4b7c-8e21-5f6a7b8c9d0e/raw/5b1f2a44-1b2c-4d3e-9f40-a1b2c3d4e5f6.jpg"
            .parse()
            .unwrap();
    let token = "IQoJb3JpZ2luX2VjEJr//////////wEaDmFwLXNvdXRoZWFzdC0x".repeat(20);
    let credentials = if variant.ends_with("-token") {
        Credentials::temporary("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", &token, Expiry::Unknown).unwrap()
    } else {
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap()
    };
    match variant.trim_end_matches("-token") {
        "template" => template(&signer, &key, &credentials, at, count),
        "sign" => sign(&signer, &key, &credentials, at, count),
        "parts" => parts(&signer, &key, &credentials, at, count),
        "grants" => grants(count),
        other => assert_eq!(other, "template, sign, parts or grants", "unknown variant"),
    }
}

fn request(operation: Operation, key: &ObjectKey) -> PresignRequest {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let mut headers = SignedHeaders::new();
    headers.insert("content-type", "image/jpeg").unwrap();
    let lifetime = ExpiresIn::from_secs(900).unwrap();
    PresignRequest::new(target, operation, key.clone(), lifetime).with_headers(headers)
}

fn template(signer: &Arc<SigV4>, key: &ObjectKey, credentials: &Credentials, at: Timestamp, count: usize) {
    let template = UrlTemplate::new(Arc::clone(signer), request(Operation::PutObject, key)).unwrap();
    for _ in 0..count {
        black_box(template.url(black_box(key), credentials, at));
    }
}

fn sign(signer: &SigV4, key: &ObjectKey, credentials: &Credentials, at: Timestamp, count: usize) {
    let request = request(Operation::PutObject, key);
    for _ in 0..count {
        black_box(signer.sign(black_box(&request), credentials, at).unwrap());
    }
}

/// The parts of an upload with the checksums that a client states, as the service signs them.
fn parts(signer: &SigV4, key: &ObjectKey, credentials: &Credentials, at: Timestamp, count: usize) {
    let upload_id = "VXBsb2FkIElEIGZvciBlbHZpbmcncyBtb3ZpZS5tMnRzIHVwbG9hZA".parse().unwrap();
    let put = request(Operation::PutObject, key);
    let part = |number| {
        let checksum = PartChecksum::new("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=").unwrap();
        PartToSign::new(PartNumber::new(number).unwrap(), 8 << 20).with_checksum(checksum)
    };
    let list = (1..=u64::try_from(count).unwrap()).map(part);
    let parts = PresignParts::new(put.target().clone(), key.clone(), upload_id, put.expires_in(), list);
    black_box(signer.sign_parts(&parts, credentials, at).unwrap());
}

/// Grants of up to 255 files in one request, each with an upload token.
fn grants(count: usize) {
    let (grants, mut rest) = (Grants::new().unwrap(), count);
    while rest > 0 {
        let files = rest.min(FILES);
        assert_ne!(black_box(grants.together(files)), 0);
        rest -= files;
    }
}
