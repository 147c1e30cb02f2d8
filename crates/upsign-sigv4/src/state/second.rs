//! Signing state that is constant for one second.

use std::ops::Range;
use std::sync::Arc;

use upsign_core::{Credentials, Target, Timestamp};

use crate::hash::sha256::{BLOCK, Hasher, State, compress_from, digest, padded_len, write_padding};
use crate::state::day::DayState;
use crate::text::date::AmzDate;
use crate::text::hex::Hex;

/// Everything that depends only on the state of the day and on the second.
pub(crate) struct SecondState {
    pub(crate) day: Arc<DayState>,
    at: Timestamp,
    /// `X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Date=…&X-Amz-Expires=`, ready for the lifetime.
    pub(crate) query_prefix: String,
    string_to_sign: StringToSign,
}

/// The string to sign of one second, hashed as far as possible.
///
/// The string is `AWS4-HMAC-SHA256\n<date and time>\n<scope>\n` followed by 64 hex digits, the hash of the canonical
/// request. Only those digits differ between the requests of one second. SHA-256 takes its blocks in order, so the blocks
/// before the one that holds the first digit are compressed once, under the signing key, and `midstate` is the state after
/// them. A signature then costs the `block_count` blocks in `tail`, and one more for the outer hash of the HMAC.
///
/// Invariant: `tail`, taken as one run of bytes, holds the end of the constant text, then the 64 bytes at `hash_range`, then
/// the SHA-256 padding for the complete message. Everything outside `hash_range` is final.
pub(crate) struct StringToSign {
    midstate: State,
    /// The constant text leaves at most 63 bytes; 64 digits and at most 72 bytes of padding follow: three blocks at most.
    tail: [[u8; BLOCK]; 3],
    /// The number of blocks of `tail` in use: 2 or 3, depending on the length of the scope.
    block_count: usize,
    hash_range: Range<usize>,
}

impl StringToSign {
    /// Takes a hasher that holds the key's inner block and the constant text.
    fn new(mut constant: Hasher) -> Self {
        let (midstate, compressed_len, rest) = constant.midstate();
        let mut bytes = [0; 3 * BLOCK];
        if let Some(start) = bytes.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        let hash_range = rest.len()..rest.len() + 64;
        let end = padded_len(hash_range.end);
        if let Some(padding) = bytes.get_mut(hash_range.end..end) {
            write_padding(padding, (compressed_len + hash_range.end as u64) * 8);
        }
        let mut tail = [[0; BLOCK]; 3];
        for (block, bytes) in tail.iter_mut().zip(bytes.as_chunks().0) {
            *block = *bytes;
        }
        Self { midstate, tail, block_count: end / BLOCK, hash_range }
    }

    /// Returns the tail with the hash of a canonical request in its place. The first [`block_count`](Self::block_count)
    /// blocks continue from [`midstate`](Self::midstate).
    #[inline]
    pub(crate) fn tail_with(&self, canonical_hash: &Hex) -> [[u8; BLOCK]; 3] {
        let mut tail = self.tail;
        if let Some(digits) = tail.as_flattened_mut().get_mut(self.hash_range.clone()) {
            digits.copy_from_slice(canonical_hash.as_bytes());
        }
        tail
    }

    pub(crate) const fn midstate(&self) -> State {
        self.midstate
    }

    pub(crate) const fn block_count(&self) -> usize {
        self.block_count
    }
}

impl SecondState {
    pub(crate) fn new(day: Arc<DayState>, at: Timestamp) -> Self {
        let date = AmzDate::new(at);
        let query_prefix = format!("{}{}&X-Amz-Expires=", day.query_prefix, date.as_str());
        let mut constant = day.signing_key.hmac().start();
        constant.update(format!("AWS4-HMAC-SHA256\n{}\n{}\n", date.as_str(), day.scope).as_bytes());
        Self { day, at, query_prefix, string_to_sign: StringToSign::new(constant) }
    }

    /// Returns `true` if this state signs for `credentials`, `target` and `at`.
    pub(crate) fn matches(&self, credentials: &Credentials, target: &Target, at: Timestamp) -> bool {
        self.at == at && self.day.matches(credentials, target, at)
    }

    /// Returns the signature of a canonical request with this hash.
    #[inline]
    pub(crate) fn signature(&self, canonical_hash: &[u8; 32]) -> Hex {
        let tail = self.string_to_sign.tail_with(&Hex::new(canonical_hash));
        let blocks = tail.get(..self.string_to_sign.block_count).unwrap_or_default();
        let inner_digest = digest(&compress_from(self.string_to_sign.midstate, blocks));
        Hex::new(&self.day.signing_key.hmac().tag(&inner_digest))
    }

    /// Returns the hashed string to sign, for callers that compute two signatures at a time.
    pub(crate) const fn string_to_sign(&self) -> &StringToSign {
        &self.string_to_sign
    }
}
