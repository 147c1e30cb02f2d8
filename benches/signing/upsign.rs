//! This project's signer, through each of its entry points.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::runtime::Builder;
use upsign_core::{
    Credentials, ObjectKey, Operation, PartChecksum, PartNumber, PartToSign, PresignParts, PresignRequest,
    Presigner, Sign, Timestamp, WithCredentials,
};
use upsign_sigv4::{SigV4, UrlTemplate};

use super::{Candidate, KEYS, at, key, request};

const BATCH: usize = 256;

pub(crate) fn requests(keys: &[ObjectKey]) -> Vec<PresignRequest> {
    keys.iter().map(|key| request(Operation::PutObject, key)).collect()
}

fn new_template() -> UrlTemplate {
    UrlTemplate::new(Arc::new(SigV4::new()), request(Operation::PutObject, &key(0))).unwrap()
}

pub(crate) fn template<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    credentials: Credentials,
) -> Candidate<'a> {
    let (template, at) = (new_template(), at());
    Candidate::new(name, move |i| template.url(&keys[i % KEYS], &credentials, at).len())
}

/// Reads the clock for each URL, as the other crates do. A service passes the time at which the request arrived.
#[expect(clippy::disallowed_methods, reason = "reading the clock is part of what is measured")]
pub(crate) fn template_with_clock<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    credentials: Credentials,
) -> Candidate<'a> {
    let template = new_template();
    Candidate::new(name, move |i| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        template.url(&keys[i % KEYS], &credentials, Timestamp::from_unix(now).unwrap()).len()
    })
}

pub(crate) fn template_into<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    credentials: Credentials,
) -> Candidate<'a> {
    let (template, at, mut url) = (new_template(), at(), String::new());
    Candidate::new(name, move |i| {
        url.clear();
        template.url_into(&mut url, &keys[i % KEYS], &credentials, at);
        url.len()
    })
}

pub(crate) fn sign_into(
    name: &'static str,
    keys: &[ObjectKey],
    credentials: Credentials,
) -> Candidate<'static> {
    let (signer, requests, at, mut url) = (SigV4::new(), requests(keys), at(), String::new());
    Candidate::new(name, move |i| {
        url.clear();
        signer.sign_into(&mut url, &requests[i % KEYS], &credentials, at).unwrap();
        url.len()
    })
}

pub(crate) fn sign(name: &'static str, keys: &[ObjectKey], credentials: Credentials) -> Candidate<'static> {
    let (signer, requests, at) = (SigV4::new(), requests(keys), at());
    Candidate::new(name, move |i| {
        signer.sign(&requests[i % KEYS], &credentials, at).unwrap().url.expose().len()
    })
}

/// Calls the trait that the upload service calls: a boxed future through a trait object, polled once.
pub(crate) fn presign(
    name: &'static str,
    keys: &[ObjectKey],
    credentials: Credentials,
) -> Candidate<'static> {
    let presigner: Box<dyn Presigner> = Box::new(WithCredentials::new(SigV4::new(), credentials));
    let (requests, at) = (requests(keys), at());
    let runtime = Builder::new_current_thread().build().unwrap();
    Candidate::new(name, move |i| {
        runtime.block_on(presigner.presign(&requests[i % KEYS], at)).unwrap().url.expose().len()
    })
}

pub(crate) fn sign_many<'a>(
    name: &'static str,
    keys: &'a [ObjectKey],
    credentials: Credentials,
) -> Candidate<'a> {
    let (template, at) = (new_template(), at());
    Candidate::batch(name, BATCH, move |i| {
        let mut bytes = 0;
        let first = i * BATCH % (KEYS - BATCH);
        template.sign_many(&keys[first..first + BATCH], &credentials, at, |url| bytes += url.len());
        bytes
    })
}

/// The upload id of the part URLs, of the length that S3 gives.
pub(crate) const UPLOAD_ID: &str = "VXBsb2FkIElEIGZvciBlbHZpbmcncyBtb3ZpZS5tMnRzIHVwbG9hZA";

/// Returns the first parts of an upload, with the checksums that a client states.
fn part_list(count: u64) -> PresignParts {
    let put = request(Operation::PutObject, &key(7));
    let part = |number| {
        let checksum = PartChecksum::new("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=").unwrap();
        PartToSign::new(PartNumber::new(number).unwrap(), 8 << 20).with_checksum(checksum)
    };
    let upload_id = UPLOAD_ID.parse().unwrap();
    PresignParts::new(put.target().clone(), key(7), upload_id, put.expires_in(), (1..=count).map(part))
}

pub(crate) fn parts(name: &'static str, credentials: Credentials) -> Candidate<'static> {
    let (signer, parts, at) = (SigV4::new(), part_list(256), at());
    Candidate::batch(name, BATCH, move |_| {
        let mut bytes = 0;
        signer.sign_part_urls(&parts, &credentials, at, |_, url| bytes += url.len()).unwrap();
        bytes
    })
}

/// Returns the milliseconds of wall-clock time for the owned URLs of this many parts: the best of 20 runs.
pub(crate) fn milliseconds_of_parts(count: u64, credentials: &Credentials) -> f64 {
    let (signer, parts, at) = (SigV4::new(), part_list(count), at());
    let best = (0..20).map(|_| {
        let start = Instant::now();
        std::hint::black_box(signer.sign_parts(&parts, credentials, at).unwrap());
        start.elapsed().as_secs_f64() * 1e3
    });
    best.fold(f64::INFINITY, f64::min)
}

pub(crate) fn on_threads(keys: &[ObjectKey], credentials: &Credentials, threads: usize, urls: usize) {
    let (signer, requests, at) = (SigV4::new(), requests(keys), at());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (signer, requests) = (&signer, &requests);
            scope.spawn(move || {
                let mut url = String::new();
                for i in 0..urls {
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
