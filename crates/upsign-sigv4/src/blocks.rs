//! SHA-256 block by block (FIPS 180-4), on `sha2`'s compression function.
//!
//! The ordinary interface of `sha2` and `hmac` spends a quarter of a signature's time around the compressions: in
//! buffers, in finalising, in hashing again what the last signature hashed already. Here a state can be kept after any
//! block and gone on from. That a hundred thousand signatures equal those of the ordinary interface is a test
//! (`tests/it/differential.rs`).

use sha2::block_api::compress256;

pub(crate) const BLOCK: usize = 64;

/// The chaining value after some whole blocks.
pub(crate) type State = [u32; 8];

/// FIPS 180-4 section 5.3.3.
const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A hash in the making. Cloning it keeps everything hashed so far.
#[derive(Clone)]
pub(crate) struct Hasher {
    state: State,
    /// Bytes in whole blocks before `buffer`.
    hashed: u64,
    buffer: [u8; BLOCK],
    /// Bytes of `buffer` in use; less than a block.
    filled: usize,
}

impl Hasher {
    pub(crate) const fn new() -> Self {
        Self::after(INITIAL, 0)
    }

    /// Goes on from a state reached after `hashed` bytes, a multiple of the block size.
    pub(crate) const fn after(state: State, hashed: u64) -> Self {
        Self { state, hashed, buffer: [0; BLOCK], filled: 0 }
    }

    /// Adds bytes. Whole blocks are compressed where they stand, without a copy.
    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if self.filled > 0 {
            let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
            let Some((head, tail)) = rest.split_at_checked(room.len()) else {
                // All of it fits, and the block is still not full.
                if let Some(room) = room.get_mut(..rest.len()) {
                    room.copy_from_slice(rest);
                }
                self.filled += rest.len();
                return;
            };
            room.copy_from_slice(head);
            compress256(&mut self.state, &[self.buffer]);
            self.hashed += BLOCK as u64;
            rest = tail;
        }
        let (blocks, tail) = rest.as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        self.hashed += (blocks.len() * BLOCK) as u64;
        if let Some(room) = self.buffer.get_mut(..tail.len()) {
            room.copy_from_slice(tail);
        }
        self.filled = tail.len();
    }

    /// Pads (FIPS 180-4 section 5.1.1) and gives the digest.
    #[inline]
    pub(crate) fn finish(mut self) -> [u8; 32] {
        let bits = (self.hashed + self.filled as u64) * 8;
        let mut last = [[0; BLOCK]; 2];
        let (first, second) = last.split_at_mut(1);
        if let (Some(first), Some(second)) = (first.first_mut(), second.first_mut()) {
            let used = self.buffer.get(..self.filled).unwrap_or_default();
            let (start, room) = first.split_at_mut_checked(self.filled).unwrap_or_default();
            start.copy_from_slice(used);
            if let Some(mark) = room.first_mut() {
                *mark = 0x80;
            }
            let one = room.len() > 8;
            let end = if one { &mut *first } else { second };
            if let Some(length) = end.last_chunk_mut::<8>() {
                *length = bits.to_be_bytes();
            }
            let blocks = if one { 1 } else { 2 };
            compress256(&mut self.state, last.get(..blocks).unwrap_or_default());
        }
        digest(&self.state)
    }

    /// The state after whole blocks, the bytes in them, and what is left in the buffer.
    pub(crate) fn midstate(&self) -> (State, u64, &[u8]) {
        (self.state, self.hashed, self.buffer.get(..self.filled).unwrap_or_default())
    }
}

pub(crate) fn digest(state: &State) -> [u8; 32] {
    let mut out = [0; 32];
    for (bytes, word) in out.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn every_length_around_a_block() {
        let bytes: Vec<u8> = (0..=255).cycle().take(400).collect();
        for len in 0..bytes.len() {
            let mut hasher = Hasher::new();
            hasher.update(&bytes[..len]);
            assert_eq!(hasher.finish(), <[u8; 32]>::from(Sha256::digest(&bytes[..len])), "{len} bytes");
        }
    }

    proptest! {
        #[test]
        fn in_any_pieces(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8)) {
            let mut hasher = Hasher::new();
            for piece in &pieces {
                hasher.update(piece);
            }
            let (state, hashed, rest) = hasher.midstate();
            let mut resumed = Hasher::after(state, hashed);
            resumed.update(rest);
            prop_assert_eq!(hasher.finish(), <[u8; 32]>::from(Sha256::digest(pieces.concat())));
            prop_assert_eq!(resumed.finish(), <[u8; 32]>::from(Sha256::digest(pieces.concat())));
        }
    }
}
