//! `cargo bench -p upsign-benches --bench signing`: one presigned PUT, as the article makes it, by each signer in turn.
//!
//! The work: virtual host, `content-type` signed where the signer can, 900 seconds, a new key every time, clients and
//! signers made once before.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark reports, and stops at what it did not expect"
)]

use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::signer::Signer;
use reqsign_core::{Context, SignRequest};
use rusty_s3::{Bucket, Credentials as RustyCredentials, S3Action, UrlStyle};
use tokio::runtime::Runtime;
use upsign_aws::{AwsSigV4, SdkPresigner};
use upsign_benches::{Contender, Taken, compare};
use upsign_core::{
    Credentials, ExpiresIn, Operation, PresignRequest, Presigner, Sign, SignedHeaders, Target, Timestamp,
};
use upsign_sigv4::SigV4;

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const BUCKET: &str = "article-images-bucket";
const REGION: &str = "ap-southeast-1";
const KEYS: usize = 4_096;
const ROUNDS: usize = 300;

fn main() {
    // `cargo test --benches` and `cargo bench -- --list` want to know only that it builds.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let keys: Vec<String> = (0..KEYS).map(key).collect();
    let taken = compare(contenders(&keys), ROUNDS);
    report(&taken);
}

fn key(i: usize) -> String {
    format!("articles/{i:08x}-9d4a-4b7c-8e21-5f6a7b8c9d0e/raw/{i:08x}-1b2c-4d3e-9f40-a1b2c3d4e5f6.jpg")
}

fn request(key: &str) -> PresignRequest {
    let target = Target::aws(BUCKET.parse().unwrap(), REGION.parse().unwrap());
    let mut headers = SignedHeaders::new();
    headers.insert("content-type", "image/jpeg").unwrap();
    let lifetime = ExpiresIn::from_secs(900).unwrap();
    PresignRequest::new(target, Operation::PutObject, key.parse().unwrap(), lifetime).with_headers(headers)
}

fn contenders(keys: &[String]) -> Vec<Contender<'_>> {
    let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let requests: Vec<PresignRequest> = keys.iter().map(|key| request(key)).collect();
    vec![
        ours(requests.clone(), at),
        aws_sigv4(requests.clone(), at),
        aws_sdk(requests, at),
        rusty(keys),
        reqsign(keys),
        object_store(keys),
    ]
}

fn credentials() -> Credentials {
    Credentials::long_term(ID, SECRET).unwrap()
}

fn ours(requests: Vec<PresignRequest>, at: Timestamp) -> Contender<'static> {
    let (signer, credentials) = (SigV4::new(), credentials());
    Contender::new("upsign-sigv4", move |i| {
        let presigned = signer.sign(&requests[i % KEYS], &credentials, at).unwrap();
        presigned.url.expose().len()
    })
}

fn aws_sigv4(requests: Vec<PresignRequest>, at: Timestamp) -> Contender<'static> {
    let credentials = credentials();
    Contender::new("aws-sigv4 (AwsSigV4)", move |i| {
        AwsSigV4::new().sign(&requests[i % KEYS], &credentials, at).unwrap().url.expose().len()
    })
}

fn aws_sdk(requests: Vec<PresignRequest>, at: Timestamp) -> Contender<'static> {
    let (presigner, runtime) = (SdkPresigner::new(credentials()), runtime());
    Contender::new("aws-sdk-s3 (SdkPresigner)", move |i| {
        runtime.block_on(presigner.presign(&requests[i % KEYS], at)).unwrap().url.expose().len()
    })
}

fn rusty(keys: &[String]) -> Contender<'_> {
    let endpoint = format!("https://s3.{REGION}.amazonaws.com").parse().unwrap();
    let bucket = Bucket::new(endpoint, UrlStyle::VirtualHost, BUCKET, REGION).unwrap();
    let credentials = RustyCredentials::new(ID, SECRET);
    Contender::new("rusty-s3", move |i| {
        let mut put = bucket.put_object(Some(&credentials), &keys[i % KEYS]);
        put.headers_mut().insert("content-type", "image/jpeg");
        put.sign(Duration::from_secs(900)).as_str().len()
    })
}

fn reqsign(keys: &[String]) -> Contender<'_> {
    let signer = reqsign_aws_v4::RequestSigner::new("s3", REGION);
    let (context, runtime) = (Context::new(), runtime());
    let credential = reqsign_aws_v4::Credential {
        access_key_id: ID.into(),
        secret_access_key: SECRET.into(),
        ..reqsign_aws_v4::Credential::default()
    };
    Contender::new("reqsign-aws-v4", move |i| {
        let uri = format!("https://{BUCKET}.s3.{REGION}.amazonaws.com/{}", keys[i % KEYS]);
        let request = http::Request::put(uri).header("content-type", "image/jpeg").body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let lifetime = Some(Duration::from_secs(900));
        runtime.block_on(signer.sign_request(&context, &mut parts, Some(&credential), lifetime)).unwrap();
        parts.uri.to_string().len()
    })
}

fn object_store(keys: &[String]) -> Contender<'_> {
    let store = AmazonS3Builder::new()
        .with_bucket_name(BUCKET)
        .with_region(REGION)
        .with_virtual_hosted_style_request(true)
        .with_access_key_id(ID)
        .with_secret_access_key(SECRET)
        .build()
        .unwrap();
    let runtime = runtime();
    Contender::new("object_store (host only)", move |i| {
        let path = object_store::path::Path::from(keys[i % KEYS].as_str());
        let url = store.signed_url(http::Method::PUT, &path, Duration::from_secs(900));
        runtime.block_on(url).unwrap().as_str().len()
    })
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn report(taken: &[Taken]) {
    let ours = taken[0].median;
    println!("one presigned PUT, CPU time of the thread, median of {ROUNDS} interleaved rounds");
    println!("{:<28} {:>10} {:>10} {:>8}", "", "median ns", "min ns", "ratio");
    for Taken { name, median, fastest, .. } in taken {
        println!("{name:<28} {median:>10.0} {fastest:>10.0} {:>7.1}x", median / ours);
    }
}
