//! Two signatures at a time.
//!
//! One SHA-256 is a chain: each block waits for the one before. Two chains, a block of each in turn, keep the
//! processor busy while either waits; more than two gain nothing.

use sha2::block_api::compress256;

use crate::blocks::{BLOCK, Hasher, State, digest, go_on, pad, padded_len};
use crate::hex::Hex;
use crate::hmac::last_block;
use crate::second::Second;

/// A URL in the making and the message its signature is over.
pub(crate) struct Lane {
    pub(crate) url: String,
    pub(crate) message: Message,
}

impl Lane {
    pub(crate) const fn new() -> Self {
        Self { url: String::new(), message: Message::new() }
    }
}

/// A padded message in blocks, and the state it is to go on from.
pub(crate) struct Message {
    from: State,
    bytes: Vec<u8>,
}

impl Message {
    pub(crate) const fn new() -> Self {
        Self { from: [0; 8], bytes: Vec::new() }
    }

    /// The whole message in these parts.
    pub(crate) fn load(&mut self, parts: &[&[u8]]) {
        self.go_on(&mut Hasher::new(), parts);
    }

    /// The rest of a message that is hashed so far.
    pub(crate) fn go_on(&mut self, begun: &mut Hasher, parts: &[&[u8]]) {
        let (state, hashed, rest) = begun.midstate();
        self.from = state;
        self.bytes.clear();
        self.bytes.extend_from_slice(rest);
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        let len = self.bytes.len();
        self.bytes.resize(padded_len(len), 0);
        if let Some(padding) = self.bytes.get_mut(len..) {
            pad(padding, (hashed + len as u64) * 8);
        }
    }

    fn blocks(&self) -> &[[u8; BLOCK]] {
        self.bytes.as_chunks().0
    }
}

type Blocks<'a> = (State, &'a [[u8; BLOCK]]);

/// The digests of two messages.
fn hash_two((mut a, first): Blocks<'_>, (mut b, second): Blocks<'_>) -> ([u8; 32], [u8; 32]) {
    let shared = first.len().min(second.len());
    for (block_a, block_b) in first.iter().zip(second) {
        compress256(&mut a, std::slice::from_ref(block_a));
        compress256(&mut b, std::slice::from_ref(block_b));
    }
    compress256(&mut a, first.get(shared..).unwrap_or_default());
    compress256(&mut b, second.get(shared..).unwrap_or_default());
    (digest(&a), digest(&b))
}

/// Signs the lane's message and appends the signature to its URL.
pub(crate) fn sign_one(lane: &mut Lane, second: &Second) {
    let state = go_on(lane.message.from, lane.message.blocks());
    let signature = second.signature(&digest(&state));
    lane.url.push_str(signature.as_str());
}

/// Signs both lanes' messages and appends the signatures to their URLs.
pub(crate) fn sign_two(one: &mut Lane, two: &mut Lane, second: &Second) {
    let (a, b) = hash_two((one.message.from, one.message.blocks()), (two.message.from, two.message.blocks()));
    let (end, (state, count)) = (second.end(), second.end().start());
    let (first, other) = (end.blocks(&Hex::new(&a)), end.blocks(&Hex::new(&b)));
    let (first, other) = (first.get(..count), other.get(..count));
    let (a, b) = hash_two((state, first.unwrap_or_default()), (state, other.unwrap_or_default()));
    let key = second.day.key.hmac();
    let (first, other) = (last_block(&a), last_block(&b));
    let (a, b) = hash_two((key.outer(), &[first]), (key.outer(), &[other]));
    one.url.push_str(Hex::new(&a).as_str());
    two.url.push_str(Hex::new(&b).as_str());
}
