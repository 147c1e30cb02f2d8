//! `cargo bench -p upsign-benches --bench tokens`: the cost of checking one Cognito access token, of its RSA signature alone
//! (the floor), and of the same check with `jsonwebtoken` and with verifiers in other languages.
//!
//! All of them parse their keys once, before they are timed. The verifiers in other languages run if `cargo xtask bench` has
//! installed them.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints its result, stops at the first unexpected value, and reads the clock and the environment"
)]

#[path = "tokens/processes.rs"]
mod processes;
#[path = "tokens/sample.rs"]
mod sample;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::Value;
use upsign_benches::{Candidate, Timing, compare, describe};
use upsign_cognito::{Backend, CacheLimits, StaticKeys, TokenCheck, Verifier, VerifierConfig};

use crate::sample::{KEY_ID, Sample};

const ROUNDS: usize = 200;
/// The row that the column `x upsign` compares with.
const REFERENCE: &str = "upsign TokenCheck, AWS-LC";

fn main() {
    // `cargo test --benches` runs this program only to see that it builds.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    println!("processor: {}", describe());
    let sample = Sample::new();
    let before = processes::run(&sample);
    let mut timings = compare(
        vec![
            signature_alone(&sample),
            token_check(REFERENCE, &sample, Backend::AwsLc),
            token_check("upsign TokenCheck, jsonwebtoken backend", &sample, Backend::Jsonwebtoken),
            token_cache(&sample),
            plain_jsonwebtoken(&sample),
        ],
        ROUNDS,
    );
    // The other languages cannot be interleaved. They run once before and once after, and the faster run is reported.
    let after = processes::run(&sample);
    timings.extend(
        before.into_iter().zip(after).map(
            |(before, after)| {
                if after.median < before.median { after } else { before }
            },
        ),
    );
    report(&sample, &timings);
}

/// Verifies only the RSA signature, which is the minimum work of every verifier.
fn signature_alone(sample: &Sample) -> Candidate<'_> {
    let key = sample.public_key(&RSA_PKCS1_2048_8192_SHA256);
    let (message, signature) = sample.token.rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    Candidate::new("floor: RSA signature alone, AWS-LC", move |_| {
        usize::from(key.verify_sig(message.as_bytes(), &signature).is_ok())
    })
}

fn config(sample: &Sample, backend: Backend) -> VerifierConfig {
    sample.config().with_backend(backend)
}

fn token_check<'a>(name: &'static str, sample: &'a Sample, backend: Backend) -> Candidate<'a> {
    let check = TokenCheck::new(config(sample, backend));
    let keys = check.key_set(sample.jwks.as_bytes()).unwrap();
    Candidate::new(name, move |_| check.check(&keys, &sample.token, sample.at).unwrap().subject().len())
}

/// Looks up a token that the optional cache of verified tokens already contains.
fn token_cache(sample: &Sample) -> Candidate<'_> {
    let config = config(sample, Backend::AwsLc);
    let verifier: Verifier<StaticKeys> = Verifier::with_static_keys(config, sample.jwks.as_bytes()).unwrap();
    let verifier = verifier.with_token_cache(CacheLimits::default());
    Candidate::new("upsign Verifier, token cache hit", move |_| {
        ready(verifier.verify(&sample.token, sample.at)).unwrap().subject().len()
    })
}

/// Calls `jsonwebtoken` itself: the header for the key id, then `decode` with issuer and expiry checks, and the two Cognito
/// claims that the crate does not check.
fn plain_jsonwebtoken(sample: &Sample) -> Candidate<'_> {
    let key = sample.jsonwebtoken_key();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[sample.issuer()]);
    validation.validate_aud = false;
    Candidate::new("jsonwebtoken, decode", move |_| {
        let header = decode_header(&sample.token).unwrap();
        assert_eq!(header.kid.as_deref(), Some(KEY_ID));
        let claims = decode::<Value>(&sample.token, &key, &validation).unwrap().claims;
        let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap();
        assert_eq!((claim("token_use"), claim("client_id")), ("access", sample.client_id));
        claim("sub").len()
    })
}

/// Returns the value of a future that is ready when it is first polled.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// Prints the table. The first row is the floor.
fn report(sample: &Sample, timings: &[Timing]) {
    let median = |name: &str| {
        timings.iter().find(|timing| timing.name == name).map_or(f64::NAN, |timing| timing.median)
    };
    let (floor, reference) = (timings.first().map_or(f64::NAN, |timing| timing.median), median(REFERENCE));
    println!(
        "\none access token of {} bytes, RS256 with 2,048 bits: CPU time, {ROUNDS} interleaved rounds",
        sample.token.len()
    );
    println!(
        "{:<40} {:>9} {:>9} {:>7} {:>9} {:>9}",
        "", "median ns", "min ns", "spread", "x floor", "x upsign"
    );
    for Timing { name, median, fastest, spread, .. } in timings {
        let (x_floor, x_upsign) = (median / floor, median / reference);
        let spread = if spread.is_nan() { "-".to_owned() } else { format!("{:.1}%", spread * 100.0) };
        println!("{name:<40} {median:>9.0} {fastest:>9.0} {spread:>7} {x_floor:>8.2}x {x_upsign:>8.2}x");
    }
}
