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

/// Bytes gathered before they are compressed: most canonical requests fit, and are then compressed in one call.
const GATHERED: usize = 10 * BLOCK;

/// A hash in the making.
#[derive(Clone)]
pub(crate) struct Hasher {
    state: State,
    /// Bytes compressed so far, in whole blocks.
    hashed: u64,
    buffer: [u8; GATHERED],
    /// Bytes of `buffer` in use.
    filled: usize,
}

impl Hasher {
    pub(crate) const fn new() -> Self {
        Self::after(INITIAL, 0)
    }

    /// Goes on from a state reached after `hashed` bytes, a multiple of the block size.
    pub(crate) const fn after(state: State, hashed: u64) -> Self {
        Self { state, hashed, buffer: [0; GATHERED], filled: 0 }
    }

    /// Adds bytes.
    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        if let Some(room) = self.buffer.get_mut(self.filled..self.filled + bytes.len()) {
            room.copy_from_slice(bytes);
            self.filled += bytes.len();
        } else {
            self.overflow(bytes);
        }
    }

    /// Compresses what is gathered and the whole blocks of `bytes` where they stand.
    fn overflow(&mut self, bytes: &[u8]) {
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let (head, rest) = bytes.split_at_checked(room.len()).unwrap_or((bytes, &[]));
        if let Some(room) = room.get_mut(..head.len()) {
            room.copy_from_slice(head);
        }
        compress256(&mut self.state, self.buffer.as_chunks::<BLOCK>().0);
        let (blocks, tail) = rest.as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        self.hashed += (GATHERED + blocks.len() * BLOCK) as u64;
        if let Some(room) = self.buffer.get_mut(..tail.len()) {
            room.copy_from_slice(tail);
        }
        self.filled = tail.len();
    }

    /// Pads (FIPS 180-4 section 5.1.1) and gives the digest.
    #[inline]
    pub(crate) fn finish(mut self) -> [u8; 32] {
        let bits = (self.hashed + self.filled as u64) * 8;
        if self.filled + 9 > GATHERED {
            self.flush();
        }
        let end = padded_len(self.filled);
        if let Some(padding) = self.buffer.get_mut(self.filled..end) {
            pad(padding, bits);
        }
        let message = self.buffer.get(..end).unwrap_or_default();
        compress256(&mut self.state, message.as_chunks::<BLOCK>().0);
        digest(&self.state)
    }

    /// Compresses the whole blocks gathered; less than one stays.
    fn flush(&mut self) {
        let whole = self.filled - self.filled % BLOCK;
        let blocks = self.buffer.get(..whole).unwrap_or_default();
        compress256(&mut self.state, blocks.as_chunks::<BLOCK>().0);
        self.hashed += whole as u64;
        self.buffer.copy_within(whole..self.filled, 0);
        self.filled -= whole;
    }

    /// The state after whole blocks, the bytes in them, and what is left over.
    pub(crate) fn midstate(&mut self) -> (State, u64, &[u8]) {
        self.flush();
        (self.state, self.hashed, self.buffer.get(..self.filled).unwrap_or_default())
    }
}

/// The length of a message of `len` bytes with its padding.
pub(crate) const fn padded_len(len: usize) -> usize {
    (len + 9).next_multiple_of(BLOCK)
}

/// Fills what stands between a message and the end of its last block.
pub(crate) fn pad(padding: &mut [u8], bits: u64) {
    padding.fill(0);
    if let Some(mark) = padding.first_mut() {
        *mark = 0x80;
    }
    if let Some(length) = padding.last_chunk_mut::<8>() {
        *length = bits.to_be_bytes();
    }
}

/// The state after more blocks.
#[inline]
pub(crate) fn go_on(mut state: State, blocks: &[[u8; BLOCK]]) -> State {
    compress256(&mut state, blocks);
    state
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
        let bytes: Vec<u8> = (0..=255).cycle().take(1_400).collect();
        for len in 0..=bytes.len() {
            let mut hasher = Hasher::new();
            hasher.update(&bytes[..len]);
            assert_eq!(hasher.finish(), <[u8; 32]>::from(Sha256::digest(&bytes[..len])), "{len} bytes");
        }
    }

    proptest! {
        #[test]
        fn in_any_pieces(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..900), 0..6)) {
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
