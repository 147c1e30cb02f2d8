//! The floor: only the SHA-256 compressions that every signature requires.

use std::hint::black_box;

use aws_lc_rs::{digest, hmac};
use sha2::block_api::compress256;

use super::Candidate;

const START: [u32; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// Runs `count` compressions, each of which depends on the previous one, with the function that upsign uses to sign.
pub(crate) fn compressions(name: &'static str, count: usize) -> Candidate<'static> {
    let block = black_box([[7_u8; 64]]);
    Candidate::new(name, move |_| {
        let mut state = black_box(START);
        for _ in 0..count {
            compress256(&mut state, &block);
        }
        black_box(state)[0] as usize
    })
}

/// Runs two independent chains of `count` compressions, one block of each alternately: the floor of a batch.
pub(crate) fn two_lanes(name: &'static str, count: usize) -> Candidate<'static> {
    let block = black_box([[7_u8; 64]]);
    Candidate::batch(name, 2, move |_| {
        let (mut first, mut second) = (black_box(START), black_box(START));
        for _ in 0..count {
            compress256(&mut first, &block);
            compress256(&mut second, &block);
        }
        (black_box(first)[0] ^ black_box(second)[0]) as usize
    })
}

/// Hashes a canonical request and signs a string to sign of the given lengths with AWS-LC and a prepared key. This shows
/// the speed of another implementation of SHA-256 on this processor.
pub(crate) fn aws_lc(
    name: &'static str,
    canonical_len: usize,
    string_to_sign_len: usize,
) -> Candidate<'static> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
    let (canonical, string_to_sign) = (vec![7_u8; canonical_len], vec![7_u8; string_to_sign_len]);
    Candidate::new(name, move |_| {
        let hash = digest::digest(&digest::SHA256, black_box(&canonical));
        let tag = hmac::sign(&key, black_box(&string_to_sign));
        usize::from(hash.as_ref()[0] ^ tag.as_ref()[0])
    })
}
