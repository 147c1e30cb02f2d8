//! Templates, batches and part URLs, each compared with signing the same requests one by one.

use std::sync::Arc;

use proptest::prelude::*;
use upsign_core::{
    Credentials, ExpiresIn, ObjectKey, Operation, PartNumber, PresignRequest, Sign, Target, Timestamp,
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

    #[test]
    fn part_urls_equal_single_urls(
        put in requests::puts(),
        id in "[A-Za-z0-9._~+/=-]{1,60}",
        first in 1..=10_000_u16,
        count in 0..5_u16,
        credentials in requests::credentials(),
        at in requests::times(),
    ) {
        let part = |part_number| {
            let part_number = PartNumber::new(u64::from(part_number)).unwrap();
            let operation = Operation::UploadPart { upload_id: id.parse().unwrap(), part_number };
            PresignRequest::new(put.target().clone(), operation, put.key().clone(), put.expires_in())
                .with_headers(put.headers().clone())
        };
        let last = first.saturating_add(count).min(10_000);
        let mut signed = Vec::new();
        let signer = SigV4::new();
        signer.sign_parts(&part(1), first..=last, &credentials, at, |number, url| {
            signed.push((number, url.to_owned()));
        }).unwrap();
        let expected: Vec<_> =
            (first..=last).map(|number| (number, sign_alone(&part(number), &credentials, at))).collect();
        prop_assert_eq!(signed, expected);
    }
}

#[test]
fn sign_parts_refuses_other_operations() {
    let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
    let put = PresignRequest::new(target, Operation::PutObject, "k".parse().unwrap(), ExpiresIn::MAX);
    let credentials = Credentials::long_term("AKID", "secret").unwrap();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut calls = 0;
    assert!(SigV4::new().sign_parts(&put, 1..=3, &credentials, at, |_, _| calls += 1).is_err());
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
