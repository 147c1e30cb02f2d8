//! `cargo bench -p upsign-benches --bench signing`: the cost of one presigned URL with each signer, and with the SHA-256
//! compressions alone (the floor).
//!
//! The work is the upload of the two-step design: PUT, virtual-hosted bucket, 900 seconds, `content-type` signed where the
//! signer can, 4,096 keys in turn. Clients, buckets and signers are created once. The rows of other crates call those
//! crates as their documentation shows; the rows `upsign-aws` time this project's wrappers of two of them.
//!
//! `cargo xtask bench --only signing` runs this twice, the second time without the SHA extensions of the processor.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints its result and stops at the first unexpected value"
)]

#[path = "signing/floor.rs"]
mod floor;
#[path = "signing/peers.rs"]
mod peers;
#[path = "signing/upsign.rs"]
mod upsign;
#[path = "signing/wrappers.rs"]
mod wrappers;

use std::time::Instant;

use upsign_benches::grants::{FILES, Grants};
use upsign_benches::{Candidate, SHA2_IS_PORTABLE, Timing, compare, describe};
use upsign_core::{
    Credentials, ExpiresIn, Expiry, ObjectKey, Operation, PresignRequest, SignedHeaders, Target, Timestamp,
};

const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const BUCKET: &str = "article-images-bucket";
const REGION: &str = "ap-southeast-1";
const KEYS: usize = 4_096;
const ROUNDS: usize = 300;
/// The row that the column `x upsign` compares with.
const REFERENCE: &str = "upsign UrlTemplate::url";

fn main() {
    // `cargo test --benches` runs this program only to see that it builds.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    println!("processor: {}", describe());
    let sha2 =
        if SHA2_IS_PORTABLE { "portable code (built with --cfg sha2_backend=\"soft\")" } else { "detected" };
    println!("SHA extensions in sha2: {sha2}");
    let keys: Vec<ObjectKey> = (0..KEYS).map(key).collect();
    one_url(&keys);
    one_url_with_token(&keys);
    batches(&keys);
    grants();
    threads(&keys);
}

/// Returns a key of the length that the default key template gives: two UUIDs.
fn key(i: usize) -> ObjectKey {
    let key =
        format!("articles/{i:08x}-9d4a-4b7c-8e21-5f6a7b8c9d0e/raw/{i:08x}-1b2c-4d3e-9f40-a1b2c3d4e5f6.jpg");
    key.parse().unwrap()
}

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn request(operation: Operation, key: &ObjectKey) -> PresignRequest {
    let target = Target::aws(BUCKET.parse().unwrap(), REGION.parse().unwrap());
    let lifetime = ExpiresIn::from_secs(900).unwrap();
    let request = PresignRequest::new(target, operation, key.clone(), lifetime);
    let mut headers = SignedHeaders::new();
    if *request.operation() == Operation::PutObject {
        headers.insert("content-type", "image/jpeg").unwrap();
    }
    request.with_headers(headers)
}

fn credentials() -> Credentials {
    Credentials::long_term(ACCESS_KEY_ID, SECRET).unwrap()
}

/// Returns a session token of 1,000 characters, the usual length of those from STS.
fn token() -> String {
    (0..1_000_usize)
        .map(|i| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[i * 7 % 64]))
        .collect()
}

fn temporary_credentials() -> Credentials {
    let expiry = Expiry::At("2026-01-01T12:00:00Z".parse().unwrap());
    Credentials::temporary(ACCESS_KEY_ID, SECRET, &token(), expiry).unwrap()
}

fn one_url(keys: &[ObjectKey]) {
    let candidates = vec![
        floor::compressions("floor: 10 compressions of sha2", 10),
        floor::aws_lc("floor: aws-lc-rs digest and HMAC", 419, 138),
        upsign::template(REFERENCE, keys, credentials()),
        upsign::template_with_clock("upsign UrlTemplate::url, clock read", keys, credentials()),
        upsign::template_into("upsign UrlTemplate::url_into", keys, credentials()),
        upsign::sign_into("upsign SigV4::sign_into", keys, credentials()),
        upsign::sign("upsign Sign::sign", keys, credentials()),
        upsign::presign("upsign Presigner::presign (async, dyn)", keys, credentials()),
        peers::rusty_s3("rusty-s3", keys, None),
        peers::minio("minio (signs host only)", keys, None),
        peers::aws_sigv4_string("aws-sigv4, query joined by hand", keys, None),
        peers::aws_sigv4_request("aws-sigv4, onto an http::Request", keys, None),
        peers::reqsign("reqsign-aws-v4", keys, None),
        peers::object_store("object_store", keys, None),
        peers::rust_s3("rust-s3", keys, None),
        peers::aws_sdk("aws-sdk-s3", keys, None),
        wrappers::aws_sigv4("upsign-aws AwsSigV4", keys, credentials()),
        wrappers::sdk_presigner("upsign-aws SdkPresigner", keys, credentials()),
    ];
    report("one PUT URL", REFERENCE, &compare(candidates, ROUNDS));
}

fn one_url_with_token(keys: &[ObjectKey]) {
    let token = token();
    let token = Some(token.as_str());
    let candidates = vec![
        floor::compressions("floor: 27 compressions of sha2", 27),
        floor::aws_lc("floor: aws-lc-rs digest and HMAC", 1_509, 138),
        upsign::template(REFERENCE, keys, temporary_credentials()),
        upsign::sign_into("upsign SigV4::sign_into", keys, temporary_credentials()),
        peers::rusty_s3("rusty-s3", keys, token),
        peers::minio("minio (signs host only)", keys, token),
        peers::aws_sigv4_string("aws-sigv4, query joined by hand", keys, token),
        peers::aws_sigv4_request("aws-sigv4, onto an http::Request", keys, token),
        peers::reqsign("reqsign-aws-v4", keys, token),
        peers::object_store("object_store", keys, token),
        peers::rust_s3("rust-s3", keys, token),
        peers::aws_sdk("aws-sdk-s3", keys, token),
        wrappers::aws_sigv4("upsign-aws AwsSigV4", keys, temporary_credentials()),
        wrappers::sdk_presigner("upsign-aws SdkPresigner", keys, temporary_credentials()),
    ];
    report("one PUT URL with a session token of 1,000 characters", REFERENCE, &compare(candidates, ROUNDS));
}

fn batches(keys: &[ObjectKey]) {
    let parts = "upsign SigV4::sign_part_urls, 256 parts";
    let candidates = vec![
        floor::two_lanes("floor: 8 compressions, two at a time", 8),
        upsign::parts(parts, credentials()),
        upsign::parts("upsign SigV4::sign_part_urls, with a token", temporary_credentials()),
        peers::aws_sigv4_parts("aws-sigv4, query joined by hand", None),
        peers::aws_sigv4_parts("aws-sigv4, the same with a token", Some(&token())),
    ];
    report("one part URL of a multipart upload, in a batch", parts, &compare(candidates, ROUNDS));
    let many = "upsign UrlTemplate::sign_many, 256 keys";
    let candidates = vec![
        floor::two_lanes("floor: 10 compressions, two at a time", 10),
        upsign::sign_many(many, keys, credentials()),
    ];
    report("one PUT URL, in a batch", many, &compare(candidates, ROUNDS));
    for count in [1_000, 10_000] {
        let [long_term, temporary] = [credentials(), temporary_credentials()]
            .map(|credentials| upsign::milliseconds_of_parts(count, &credentials));
        println!("\n{count} part URLs: {long_term:.2} ms, with a token {temporary:.2} ms");
    }
}

/// Compares the grants of several files in one request with one request for each file: policy, key, upload token and URL.
fn grants() {
    let grants = Grants::new().unwrap();
    let together = "upsign issue_many, 255 files";
    let candidates = vec![
        Candidate::batch(together, FILES, |_| grants.together(FILES)),
        Candidate::new("upsign issue, one file", |i| grants.single(i)),
    ];
    let timings = compare(candidates, ROUNDS);
    report("one grant with its upload token", together, &timings);
    println!("\n255 grants in one request: {:.2} ms of CPU", timings[0].median * FILES as f64 / 1e6);
}

/// Prints the wall-clock throughput of two threads that share one signer, and of one thread.
fn threads(keys: &[ObjectKey]) {
    let rate = |threads: usize| {
        let best = (0..7).map(|_| {
            let start = Instant::now();
            upsign::on_threads(keys, &credentials(), threads, 400_000);
            (threads * 400_000) as f64 / start.elapsed().as_secs_f64()
        });
        best.fold(0.0, f64::max)
    };
    let (one, two) = (rate(1), rate(2));
    println!(
        "one shared SigV4, wall-clock time: {:.2} M URLs/s on one thread, {:.2} M on two ({:.2}x)",
        one / 1e6,
        two / 1e6,
        two / one
    );
}

/// Prints one table. The first row is the floor.
fn report(title: &str, reference: &str, timings: &[Timing]) {
    let reference = timings.iter().find(|timing| timing.name == reference);
    let (floor, reference) = (timings[0].median, reference.map_or(f64::NAN, |timing| timing.median));
    println!("\n{title}: CPU time of the thread, {ROUNDS} interleaved rounds");
    println!(
        "{:<40} {:>9} {:>9} {:>7} {:>9} {:>9}",
        "", "median ns", "min ns", "spread", "x floor", "x upsign"
    );
    for Timing { name, median, fastest, spread, .. } in timings {
        let (x_floor, x_upsign, percent) = (median / floor, median / reference, spread * 100.0);
        println!("{name:<40} {median:>9.0} {fastest:>9.0} {percent:>6.1}% {x_floor:>8.2}x {x_upsign:>8.2}x");
    }
}
