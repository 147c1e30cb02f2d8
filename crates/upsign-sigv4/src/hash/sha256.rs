//! SHA-256 block by block (FIPS 180-4), on the compression function of `sha2`.
//!
//! The usual interfaces of `sha2` and `hmac` spend about a quarter of the time of a signature outside the compression
//! function: on copies, on finalization, and on hashing a prefix that the previous signature hashed already. The types here
//! give access to the state after any block, so a caller can keep it and continue from it.
//!
//! This module pads messages and keeps states; it does not implement a cryptographic primitive. A test compares 100,000
//! signatures with those of the usual interfaces (`tests/it/differential.rs`).

use sha2::block_api::compress256;

/// The length of a block in bytes.
pub(crate) const BLOCK: usize = 64;

/// The state after some number of complete blocks (FIPS 180-4 section 6.2: the hash value H).
pub(crate) type State = [u32; 8];

/// The initial state, from FIPS 180-4 section 5.3.3.
const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Length of the buffer of a [`Hasher`]. Most canonical requests fit and are compressed in a single call.
const BUFFER_LEN: usize = 10 * BLOCK;

/// Hashes a message that arrives in pieces.
///
/// Invariants: `compressed_len` is a multiple of [`BLOCK`]; `state` covers exactly the first `compressed_len` bytes of the
/// message; `buffer[..buffered_len]` holds the bytes after them.
#[derive(Clone)]
pub(crate) struct Hasher {
    state: State,
    compressed_len: u64,
    buffer: [u8; BUFFER_LEN],
    buffered_len: usize,
}

impl Hasher {
    pub(crate) const fn new() -> Self {
        Self::resume(INITIAL, 0)
    }

    /// Continues from the state after `compressed_len` bytes, which must be a multiple of [`BLOCK`].
    pub(crate) const fn resume(state: State, compressed_len: u64) -> Self {
        Self { state, compressed_len, buffer: [0; BUFFER_LEN], buffered_len: 0 }
    }

    /// Appends bytes to the message.
    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        if let Some(free) = self.buffer.get_mut(self.buffered_len..self.buffered_len + bytes.len()) {
            free.copy_from_slice(bytes);
            self.buffered_len += bytes.len();
        } else {
            self.update_past_buffer(bytes);
        }
    }

    /// Appends bytes that do not fit into the buffer: fills the buffer and compresses it, compresses the following complete
    /// blocks in place, and buffers what remains. [`BUFFER_LEN`] is a multiple of [`BLOCK`], so no block is split.
    fn update_past_buffer(&mut self, bytes: &[u8]) {
        let free = self.buffer.get_mut(self.buffered_len..).unwrap_or_default();
        let (head, rest) = bytes.split_at_checked(free.len()).unwrap_or((bytes, &[]));
        if let Some(free) = free.get_mut(..head.len()) {
            free.copy_from_slice(head);
        }
        compress256(&mut self.state, self.buffer.as_chunks::<BLOCK>().0);
        let (blocks, tail) = rest.as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        self.compressed_len += (BUFFER_LEN + blocks.len() * BLOCK) as u64;
        if let Some(start) = self.buffer.get_mut(..tail.len()) {
            start.copy_from_slice(tail);
        }
        self.buffered_len = tail.len();
    }

    /// Pads the message and returns its digest.
    #[inline]
    pub(crate) fn finish(mut self) -> [u8; 32] {
        let bit_len = (self.compressed_len + self.buffered_len as u64) * 8;
        // The padding takes at least 9 bytes. If they do not fit, all complete blocks are compressed first; less than one block
        // remains.
        if self.buffered_len + 9 > BUFFER_LEN {
            self.compress_complete_blocks();
        }
        let end = padded_len(self.buffered_len);
        if let Some(padding) = self.buffer.get_mut(self.buffered_len..end) {
            write_padding(padding, bit_len);
        }
        let message = self.buffer.get(..end).unwrap_or_default();
        compress256(&mut self.state, message.as_chunks::<BLOCK>().0);
        digest(&self.state)
    }

    /// Compresses the complete blocks in the buffer and moves the remaining bytes, less than a block, to its start.
    fn compress_complete_blocks(&mut self) {
        let complete = self.buffered_len - self.buffered_len % BLOCK;
        let blocks = self.buffer.get(..complete).unwrap_or_default();
        compress256(&mut self.state, blocks.as_chunks::<BLOCK>().0);
        self.compressed_len += complete as u64;
        self.buffer.copy_within(complete..self.buffered_len, 0);
        self.buffered_len -= complete;
    }

    /// Returns the state after the last complete block, the number of bytes that it covers, and the bytes after them.
    pub(crate) fn midstate(&mut self) -> (State, u64, &[u8]) {
        self.compress_complete_blocks();
        (self.state, self.compressed_len, self.buffer.get(..self.buffered_len).unwrap_or_default())
    }
}

/// Returns the length of a message of `len` bytes together with its padding: at least 9 bytes more, up to a complete block
/// (FIPS 180-4 section 5.1.1).
pub(crate) const fn padded_len(len: usize) -> usize {
    (len + 9).next_multiple_of(BLOCK)
}

/// Writes the padding of a message of `bit_len` bits: a one bit, zeros, and the length as 64 bits, big endian (FIPS 180-4
/// section 5.1.1). `padding` is the space from the end of the message to the end of its last block.
pub(crate) fn write_padding(padding: &mut [u8], bit_len: u64) {
    padding.fill(0);
    if let Some(first) = padding.first_mut() {
        *first = 0x80;
    }
    if let Some(length) = padding.last_chunk_mut::<8>() {
        *length = bit_len.to_be_bytes();
    }
}

/// Returns the state after `blocks`, starting from `state`.
#[inline]
pub(crate) fn compress_from(mut state: State, blocks: &[[u8; BLOCK]]) -> State {
    compress256(&mut state, blocks);
    state
}

/// Returns the digest of a final state: its words, big endian.
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

    /// 1,400 bytes are two buffers and a bit, so every boundary of a block and of the buffer is covered.
    #[test]
    fn digest_equals_sha2_for_every_length() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1_400).collect();
        for len in 0..=bytes.len() {
            let mut hasher = Hasher::new();
            hasher.update(&bytes[..len]);
            assert_eq!(hasher.finish(), <[u8; 32]>::from(Sha256::digest(&bytes[..len])), "{len} bytes");
        }
    }

    proptest! {
        #[test]
        fn digest_does_not_depend_on_the_pieces(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..900), 0..6)) {
            let mut hasher = Hasher::new();
            for piece in &pieces {
                hasher.update(piece);
            }
            let (state, compressed_len, rest) = hasher.midstate();
            let mut resumed = Hasher::resume(state, compressed_len);
            resumed.update(rest);
            prop_assert_eq!(hasher.finish(), <[u8; 32]>::from(Sha256::digest(pieces.concat())));
            prop_assert_eq!(resumed.finish(), <[u8; 32]>::from(Sha256::digest(pieces.concat())));
        }
    }
}
