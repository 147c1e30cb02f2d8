//! HMAC-SHA-256 (RFC 2104) with its two states kept: a signature then costs the message and one block more.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::blocks::{BLOCK, Hasher, State, digest, go_on};

/// A key, as the states after its two padded forms. Worth as much as the key itself; wiped when it goes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct HmacKey {
    inner: State,
    outer: State,
}

/// The block after a key's own: a digest, padded.
#[inline]
pub(crate) fn last_block(inner: &[u8; 32]) -> [u8; BLOCK] {
    let mut last = LAST;
    if let Some(start) = last.first_chunk_mut() {
        *start = *inner;
    }
    last
}

const LAST: [u8; BLOCK] = {
    let mut block = [0; BLOCK];
    block[32] = 0x80;
    // 64 bytes of key and 32 of digest are 768 bits.
    block[62] = 3;
    block
};

impl HmacKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = zeroize::Zeroizing::new([0; BLOCK]);
        if let Some(start) = block.get_mut(..key.len()) {
            start.copy_from_slice(key);
        } else {
            let mut hasher = Hasher::new();
            hasher.update(key);
            for (byte, of_digest) in block.iter_mut().zip(hasher.finish()) {
                *byte = of_digest;
            }
        }
        let padded = |with: u8| {
            let mut hasher = Hasher::new();
            hasher.update(zeroize::Zeroizing::new(block.map(|byte| byte ^ with)).as_slice());
            hasher.midstate().0
        };
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    /// A message to authenticate.
    pub(crate) const fn begin(&self) -> Hasher {
        Hasher::after(self.inner, BLOCK as u64)
    }

    /// The tag of a message that [`begin`](HmacKey::begin) began.
    #[inline]
    pub(crate) fn finish(&self, message: Hasher) -> [u8; 32] {
        self.tag(&message.finish())
    }

    /// The tag of a message with this inner digest: one block.
    #[inline]
    pub(crate) fn tag(&self, inner: &[u8; 32]) -> [u8; 32] {
        digest(&go_on(self.outer, &[last_block(inner)]))
    }

    /// The state that a [`last_block`] goes on from: for signing two at a time.
    pub(crate) const fn outer(&self) -> State {
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
        fn as_the_hmac_crate(key in prop::collection::vec(any::<u8>(), 0..200), message in prop::collection::vec(any::<u8>(), 0..300)) {
            let ours = HmacKey::new(&key);
            let mut begun = ours.begin();
            begun.update(&message);
            let mut theirs = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            theirs.update(&message);
            prop_assert_eq!(ours.finish(begun), <[u8; 32]>::from(theirs.finalize().into_bytes()));
        }
    }
}
