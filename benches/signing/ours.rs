//! Our own signer, through each of its ways in.

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Builder;
use upsign_core::{
    Credentials, ObjectKey, Operation, PartNumber, PresignRequest, Presigner, Sign, WithCredentials,
};
use upsign_sigv4::{SigV4, UrlTemplate};

use super::{Contender, KEYS, at, key, request};

const BATCH: usize = 256;

fn requests(keys: &[ObjectKey]) -> Vec<PresignRequest> {
    keys.iter().map(|key| request(Operation::PutObject, key)).collect()
}

fn prepared() -> UrlTemplate {
    UrlTemplate::new(Arc::new(SigV4::new()), request(Operation::PutObject, &key(0))).unwrap()
}

pub(crate) fn template<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    credentials: Credentials,
) -> Contender<'a> {
    let (template, at) = (prepared(), at());
    Contender::new(name, move |i| template.url(&keys[i % KEYS], &credentials, at).len())
}

pub(crate) fn template_into<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    credentials: Credentials,
) -> Contender<'a> {
    let (template, at, mut url) = (prepared(), at(), String::new());
    Contender::new(name, move |i| {
        url.clear();
        template.url_into(&mut url, &keys[i % KEYS], &credentials, at);
        url.len()
    })
}

pub(crate) fn sign_into(
    name: &'static str,
    keys: &[ObjectKey],
    credentials: Credentials,
) -> Contender<'static> {
    let (signer, requests, at, mut url) = (SigV4::new(), requests(keys), at(), String::new());
    Contender::new(name, move |i| {
        url.clear();
        signer.sign_into(&mut url, &requests[i % KEYS], &credentials, at).unwrap();
        url.len()
    })
}

pub(crate) fn sign(name: &'static str, keys: &[ObjectKey], credentials: Credentials) -> Contender<'static> {
    let (signer, requests, at) = (SigV4::new(), requests(keys), at());
    Contender::new(name, move |i| {
        signer.sign(&requests[i % KEYS], &credentials, at).unwrap().url.expose().len()
    })
}

/// What the issuer pays: a boxed future, polled once.
pub(crate) fn seam(name: &'static str, keys: &[ObjectKey], credentials: Credentials) -> Contender<'static> {
    let presigner: Box<dyn Presigner> = Box::new(WithCredentials::new(SigV4::new(), credentials));
    let (requests, at) = (requests(keys), at());
    let runtime = Builder::new_current_thread().build().unwrap();
    Contender::new(name, move |i| {
        runtime.block_on(presigner.presign(&requests[i % KEYS], at)).unwrap().url.expose().len()
    })
}

pub(crate) fn many<'a>(name: &'static str, keys: &'a [ObjectKey], credentials: Credentials) -> Contender<'a> {
    let (template, at) = (prepared(), at());
    Contender::batch(name, BATCH, move |i| {
        let mut bytes = 0;
        let first = i * BATCH % (KEYS - BATCH);
        template.sign_many(&keys[first..first + BATCH], &credentials, at, |url| bytes += url.len());
        bytes
    })
}

pub(crate) fn part(number: u16) -> PresignRequest {
    let upload_id = "VXBsb2FkIElEIGZvciBlbHZpbmcncyBtb3ZpZS5tMnRzIHVwbG9hZA".parse().unwrap();
    let part_number = PartNumber::new(u64::from(number)).unwrap();
    request(Operation::UploadPart { upload_id, part_number }, &key(7))
}

pub(crate) fn parts(name: &'static str, credentials: Credentials) -> Contender<'static> {
    let (signer, part, at) = (SigV4::new(), part(1), at());
    Contender::batch(name, BATCH, move |_| {
        let mut bytes = 0;
        signer.sign_parts(&part, 1..=256, &credentials, at, |_, url| bytes += url.len()).unwrap();
        bytes
    })
}

/// Milliseconds of one core for the largest upload there is.
pub(crate) fn ten_thousand_parts(credentials: &Credentials) -> f64 {
    let (signer, part, at) = (SigV4::new(), part(1), at());
    let best = (0..20).map(|_| {
        let start = Instant::now();
        let mut bytes = 0;
        signer.sign_parts(&part, 1..=10_000, credentials, at, |_, url| bytes += url.len()).unwrap();
        std::hint::black_box(bytes);
        start.elapsed().as_secs_f64() * 1e3
    });
    best.fold(f64::INFINITY, f64::min)
}

pub(crate) fn on_threads(keys: &[ObjectKey], credentials: &Credentials, threads: usize, each: usize) {
    let (signer, requests, at) = (SigV4::new(), requests(keys), at());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (signer, requests) = (&signer, &requests);
            scope.spawn(move || {
                let mut url = String::new();
                for i in 0..each {
                    url.clear();
                    signer
                        .sign_into(&mut url, &requests[(i + thread * 1_000) % KEYS], credentials, at)
                        .unwrap();
                }
                std::hint::black_box(&url);
            });
        }
    });
}
