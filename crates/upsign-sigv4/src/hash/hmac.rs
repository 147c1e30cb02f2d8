//! HMAC-SHA-256 (RFC 2104) with the two states of a key computed once.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::hash::sha256::{BLOCK, Hasher, State, compress_from, digest};

/// The padding bytes of RFC 2104 section 2.
const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

/// A prepared HMAC key.
///
/// HMAC hashes `key ^ opad` and then the digest of `key ^ ipad` followed by the message. Both padded keys are exactly one
/// block long, so the states after them depend on the key alone and are kept here (RFC 2104 section 4 suggests this). A tag
/// then costs the blocks of the message plus one.
///
/// The states are as secret as the key: they are enough to compute tags. They are wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct HmacKey {
    /// The state after `key ^ ipad`.
    inner: State,
    /// The state after `key ^ opad`.
    outer: State,
}

/// The only block that follows `key ^ opad`, with its padding. The first 32 bytes are for the inner digest.
const OUTER_BLOCK: [u8; BLOCK] = {
    let mut block = [0; BLOCK];
    block[32] = 0x80;
    // The message is 64 bytes of key and 32 bytes of digest: 768 bits, 0x0300.
    block[62] = 3;
    block
};

/// Returns the block that follows `key ^ opad` for this inner digest, padded.
#[inline]
pub(crate) fn outer_block(inner_digest: &[u8; 32]) -> [u8; BLOCK] {
    let mut block = OUTER_BLOCK;
    if let Some(start) = block.first_chunk_mut() {
        *start = *inner_digest;
    }
    block
}

impl HmacKey {
    /// Prepares a key. A key that is longer than a block is replaced by its digest (RFC 2104 section 2).
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        if let Some(start) = block.get_mut(..key.len()) {
            start.copy_from_slice(key);
        } else {
            let mut hasher = Hasher::new();
            hasher.update(key);
            for (byte, digest_byte) in block.iter_mut().zip(hasher.finish()) {
                *byte = digest_byte;
            }
        }
        let state_after = |pad: u8| {
            let mut hasher = Hasher::new();
            hasher.update(Zeroizing::new(block.map(|byte| byte ^ pad)).as_slice());
            hasher.midstate().0
        };
        Self { inner: state_after(INNER_PAD), outer: state_after(OUTER_PAD) }
    }

    /// Starts a message. Append it to the returned hasher and pass that to [`finish`](HmacKey::finish).
    pub(crate) const fn start(&self) -> Hasher {
        Hasher::resume(self.inner, BLOCK as u64)
    }

    /// Returns the tag of a message that [`start`](HmacKey::start) started.
    #[inline]
    pub(crate) fn finish(&self, message: Hasher) -> [u8; 32] {
        self.tag(&message.finish())
    }

    /// Returns the tag of a message whose inner digest is known, at the cost of one block.
    #[inline]
    pub(crate) fn tag(&self, inner_digest: &[u8; 32]) -> [u8; 32] {
        digest(&compress_from(self.outer, &[outer_block(inner_digest)]))
    }

    /// Returns the state that an [`outer_block`] continues from, for callers that compress two of them alternately.
    pub(crate) const fn outer_state(&self) -> State {
        self.outer
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;

    proptest! {
        #[test]
        fn tag_equals_the_hmac_crate(key in prop::collection::vec(any::<u8>(), 0..200), message in prop::collection::vec(any::<u8>(), 0..300)) {
            let prepared = HmacKey::new(&key);
            let mut started = prepared.start();
            started.update(&message);
            let mut reference = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            reference.update(&message);
            prop_assert_eq!(prepared.finish(started), <[u8; 32]>::from(reference.finalize().into_bytes()));
        }
    }
}
