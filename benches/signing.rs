//! `cargo bench -p upsign-benches --bench signing`: what a presigned URL costs, by each signer in turn, beside the floor:
//! the SHA-256 compressions it needs and nothing else.
//!
//! The work: the article's upload. Virtual host, `content-type` signed where the signer can, 900 seconds, a new key every
//! time, clients and signers made once before.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark reports, and stops at what it did not expect"
)]

#[path = "signing/floor.rs"]
mod floor;
#[path = "signing/ours.rs"]
mod ours;
#[path = "signing/peers.rs"]
mod peers;

use std::time::Instant;

use upsign_benches::{Contender, Taken, compare};
use upsign_core::{
    Credentials, ExpiresIn, Expiry, ObjectKey, Operation, PresignRequest, SignedHeaders, Target, Timestamp,
};

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const BUCKET: &str = "article-images-bucket";
const REGION: &str = "ap-southeast-1";
const KEYS: usize = 4_096;
const ROUNDS: usize = 300;

fn main() {
    // `cargo test --benches` wants to know only that it builds.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let keys: Vec<ObjectKey> = (0..KEYS).map(key).collect();
    one_url(&keys);
    one_url_with_token(&keys);
    batches(&keys);
    threads(&keys);
}

/// A key as the article's policy makes it: two UUIDs.
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
    Credentials::long_term(ID, SECRET).unwrap()
}

/// A session token of 1,000 characters, as STS gives them.
fn token() -> String {
    (0..1_000_usize)
        .map(|i| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[i * 7 % 64]))
        .collect()
}

fn temporary() -> Credentials {
    Credentials::temporary("ASIAIOSFODNN7EXAMPLE", SECRET, &token(), Expiry::Unknown).unwrap()
}

fn one_url(keys: &[ObjectKey]) {
    let contenders = vec![
        floor::compressions("floor: 10 compressions", 10),
        ours::template("upsign: UrlTemplate, String out", keys, credentials()),
        ours::template_into("upsign: UrlTemplate, own buffer", keys, credentials()),
        ours::sign_into("upsign: SigV4::sign_into", keys, credentials()),
        ours::sign("upsign: SigV4, PresignedRequest", keys, credentials()),
        ours::seam("upsign: through dyn Presigner", keys, credentials()),
        peers::rusty_s3(keys, None),
        peers::minio(keys),
        peers::aws_sigv4("aws-sigv4 (AwsSigV4)", keys, credentials()),
        peers::reqsign(keys, None),
        peers::object_store(keys),
        peers::rust_s3(keys),
        peers::aws_sdk(keys, credentials()),
    ];
    report("one PUT URL", "upsign: UrlTemplate, String out", &compare(contenders, ROUNDS));
}

fn one_url_with_token(keys: &[ObjectKey]) {
    let token = token();
    let contenders = vec![
        floor::compressions("floor: 27 compressions", 27),
        ours::template("upsign: UrlTemplate, String out", keys, temporary()),
        ours::sign_into("upsign: SigV4::sign_into", keys, temporary()),
        peers::rusty_s3(keys, Some(&token)),
        peers::aws_sigv4("aws-sigv4 (AwsSigV4)", keys, temporary()),
        peers::reqsign(keys, Some(&token)),
    ];
    report(
        "one PUT URL, session token of 1,000",
        "upsign: UrlTemplate, String out",
        &compare(contenders, ROUNDS),
    );
}

fn batches(keys: &[ObjectKey]) {
    let contenders = vec![
        floor::two_lanes("floor: 10 compressions, 2 lanes", 10),
        ours::many("upsign: sign_many, 256 PUTs", keys, credentials()),
        floor::two_lanes("floor: 8 compressions, 2 lanes", 8),
        ours::parts("upsign: sign_parts, 256 parts", credentials()),
        ours::parts("upsign: the same with a token", temporary()),
        peers::aws_sigv4_parts("aws-sigv4, part by part", credentials()),
    ];
    report("batches", "upsign: sign_parts, 256 parts", &compare(contenders, ROUNDS));
    println!("10,000 part URLs: {:.2} ms", ours::ten_thousand_parts(&credentials()));
}

/// Wall time: how many URLs two threads make with one signer, beside one.
fn threads(keys: &[ObjectKey]) {
    let rate = |threads: usize| {
        let best = (0..7).map(|_| {
            let start = Instant::now();
            ours::on_threads(keys, &credentials(), threads, 400_000);
            (threads * 400_000) as f64 / start.elapsed().as_secs_f64()
        });
        best.fold(0.0, f64::max)
    };
    let (one, two) = (rate(1), rate(2));
    println!(
        "\none shared &SigV4: {:.2} M URLs/s on one thread, {:.2} M on two: {:.2}x",
        one / 1e6,
        two / 1e6,
        two / one
    );
}

fn report(title: &str, ours: &str, taken: &[Taken]) {
    let median =
        |wanted: &str| taken.iter().find(|taken| taken.name == wanted).map_or(f64::NAN, |taken| taken.median);
    let (floor, ours) = (taken[0].median, median(ours));
    println!("\n{title}: CPU time of the thread, median of {ROUNDS} interleaved rounds");
    println!("{:<36} {:>9} {:>9} {:>9} {:>9}", "", "median ns", "min ns", "x floor", "x upsign");
    for Taken { name, median, fastest, .. } in taken {
        println!("{name:<36} {median:>9.0} {fastest:>9.0} {:>8.2}x {:>8.1}x", median / floor, median / ours);
    }
}
