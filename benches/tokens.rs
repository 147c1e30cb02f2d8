//! `cargo bench -p upsign-benches --bench tokens`: what checking one Cognito access token costs, beside the floor (the
//! signature alone, by the crate that checks ours) and beside what people use in other languages.
//!
//! Keys are parsed once before, for everybody. The others are there when `cargo xtask` has set up its tools: they time
//! themselves, in their own processes, and print nanoseconds.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reports, and stops at what it did not expect"
)]

#[path = "tokens/peers.rs"]
mod peers;
#[path = "tokens/sample.rs"]
mod sample;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use upsign_benches::{Contender, Taken, compare};
use upsign_cognito::{Backend, CacheLimits, StaticKeys, TokenVerifier, Verifier, VerifierConfig};

use crate::sample::Sample;

const ROUNDS: usize = 200;
const OURS: &str = "upsign: TokenVerifier, AWS-LC";

fn main() {
    // `cargo test --benches` wants to know only that it builds.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let sample = Sample::new();
    let before = peers::run(&sample);
    let mut taken = compare(
        vec![
            signature(&sample),
            verifier(OURS, &sample, Backend::AwsLc),
            verifier("upsign: TokenVerifier, jsonwebtoken", &sample, Backend::Jsonwebtoken),
            cached(&sample),
        ],
        ROUNDS,
    );
    let after = peers::run(&sample);
    // What ran before and after counts with its better time.
    taken.extend(
        before.into_iter().zip(after).map(
            |(before, after)| {
                if after.median < before.median { after } else { before }
            },
        ),
    );
    report(&sample, &taken);
}

/// What cannot be avoided: the token's signature.
fn signature(sample: &Sample) -> Contender<'_> {
    let key = sample.public_key(&RSA_PKCS1_2048_8192_SHA256);
    let (message, signature) = sample.token.rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    Contender::new("floor: the signature alone, AWS-LC", move |_| {
        usize::from(key.verify_sig(message.as_bytes(), &signature).is_ok())
    })
}

fn config(sample: &Sample, backend: Backend) -> VerifierConfig {
    sample.config().with_backend(backend)
}

fn verifier<'a>(name: &'static str, sample: &'a Sample, backend: Backend) -> Contender<'a> {
    let verifier = TokenVerifier::new(config(sample, backend));
    let keys = verifier.key_set(sample.jwks.as_bytes()).unwrap();
    Contender::new(name, move |_| verifier.verify(&keys, &sample.token, sample.at).unwrap().subject().len())
}

/// The opt-in cache of verified tokens, when it has seen the token before.
fn cached(sample: &Sample) -> Contender<'_> {
    let config = config(sample, Backend::AwsLc);
    let verifier: Verifier<StaticKeys> = Verifier::with_static_keys(config, sample.jwks.as_bytes());
    let verifier = verifier.with_token_cache(CacheLimits::default());
    Contender::new("upsign: Verifier, token cache hit", move |_| {
        ready(verifier.verify(&sample.token, sample.at)).unwrap().subject().len()
    })
}

/// The value of a future that has nothing to wait for.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

fn report(sample: &Sample, taken: &[Taken]) {
    let median =
        |name: &str| taken.iter().find(|taken| taken.name == name).map_or(f64::NAN, |taken| taken.median);
    let (floor, ours) = (taken.first().map_or(f64::NAN, |taken| taken.median), median(OURS));
    println!(
        "\none access token of {} bytes, RS256 with 2,048 bits: CPU time, median of rounds",
        sample.token.len()
    );
    println!("{:<38} {:>9} {:>9} {:>9} {:>9}", "", "median ns", "min ns", "x floor", "x upsign");
    for Taken { name, median, fastest, .. } in taken {
        println!("{name:<38} {median:>9.0} {fastest:>9.0} {:>8.2}x {:>8.2}x", median / floor, median / ours);
    }
}
