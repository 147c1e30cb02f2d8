//! Two signatures at a time.
//!
//! One SHA-256 is a chain: each block waits for the one before. Two chains, a block of each in turn, keep the
//! processor busy while either waits; more than two gain nothing.

use sha2::block_api::compress256;

use crate::blocks::{BLOCK, Hasher, State, digest};
use crate::hex::Hex;
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
    hashed: u64,
    bytes: Vec<u8>,
}

impl Message {
    pub(crate) const fn new() -> Self {
        Self { from: [0; 8], hashed: 0, bytes: Vec::new() }
    }

    /// The whole message in these parts.
    pub(crate) fn load(&mut self, parts: &[&[u8]]) {
        self.go_on(&Hasher::new(), parts);
    }

    /// The rest of a message that is hashed so far.
    pub(crate) fn go_on(&mut self, begun: &Hasher, parts: &[&[u8]]) {
        let (state, hashed, rest) = begun.midstate();
        (self.from, self.hashed) = (state, hashed);
        self.bytes.clear();
        self.bytes.extend_from_slice(rest);
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.pad();
    }

    /// FIPS 180-4 section 5.1.1.
    fn pad(&mut self) {
        let bits = (self.hashed + self.bytes.len() as u64) * 8;
        self.bytes.push(0x80);
        let end = (self.bytes.len() + 8).next_multiple_of(BLOCK);
        self.bytes.resize(end - 8, 0);
        self.bytes.extend_from_slice(&bits.to_be_bytes());
    }

    fn blocks(&self) -> &[[u8; BLOCK]] {
        self.bytes.as_chunks().0
    }
}

/// The digests of two messages.
fn hash_two(one: &Message, two: &Message) -> ([u8; 32], [u8; 32]) {
    let (mut a, mut b) = (one.from, two.from);
    let (first, second) = (one.blocks(), two.blocks());
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
    let mut state = lane.message.from;
    compress256(&mut state, lane.message.blocks());
    let signature = second.signature(&digest(&state));
    lane.url.push_str(signature.as_str());
}

/// Signs both lanes' messages and appends the signatures to their URLs.
pub(crate) fn sign_two(one: &mut Lane, two: &mut Lane, second: &Second) {
    let (a, b) = hash_two(&one.message, &two.message);
    one.message.go_on(second.begun(), &[Hex::new(&a).as_bytes()]);
    two.message.go_on(second.begun(), &[Hex::new(&b).as_bytes()]);
    let (a, b) = hash_two(&one.message, &two.message);
    let outer = Hasher::after(second.day.key.hmac().outer(), BLOCK as u64);
    one.message.go_on(&outer, &[&a]);
    two.message.go_on(&outer, &[&b]);
    let (a, b) = hash_two(&one.message, &two.message);
    one.url.push_str(Hex::new(&a).as_str());
    two.url.push_str(Hex::new(&b).as_str());
}
