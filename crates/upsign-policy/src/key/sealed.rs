//! Self-authenticating ids: the value of `{id:sealed}`.

use std::fmt::{self, Debug, Write};

use upsign_core::{Identity, Timestamp};
use uuid::Uuid;

/// The value of `{id:sealed}`: an id from which the service recognizes later that it issued the key, for which caller and when.
///
/// It consists of 40 bytes, written as 64 characters of base32hex in lower case (RFC 4648 section 7, without padding), whose
/// order is that of the bytes. Keys with the same text before the id therefore sort by time.
///
/// | bytes | |
/// | --- | --- |
/// | 5 | the time in seconds since 1970 |
/// | 9 | at least 64 random bits |
/// | 16 | the owner: an authentication code of issuer and subject, encrypted so that the keys of one caller have nothing in common |
/// | 10 | an authentication code of route, bucket and the whole final key |
///
/// [`SealKeys`] computes the last two. `upsign::sealed` implements it with the secrets of upload tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SealedId {
    /// The time of the grant, in whole seconds.
    pub issued_at: Timestamp,
    /// Random bytes, of which at most 2 bits are fixed.
    pub random: [u8; Self::RANDOM_LEN],
    /// The encrypted owner.
    pub owner: [u8; Self::OWNER_LEN],
    /// The authentication code.
    pub mac: [u8; Self::MAC_LEN],
}

/// What is unique for every sealed id: the time and the random bytes.
pub type SealNonce = [u8; SealedId::NONCE_LEN];

/// Computes the parts of a [`SealedId`] that need a secret.
pub trait SealKeys: Debug {
    /// Returns the encrypted owner of an upload.
    fn owner(&self, nonce: &SealNonce, caller: &Identity) -> [u8; SealedId::OWNER_LEN];

    /// Returns the authentication code of a key. `unsealed_key` is the final key whose sealed id has a code of zeros.
    fn mac(&self, bucket: &str, unsealed_key: &str) -> [u8; SealedId::MAC_LEN];

    /// Returns whether `mac` is the code of this key. It must take the same time wherever a wrong code differs.
    fn verifies(&self, bucket: &str, unsealed_key: &str, mac: &[u8; SealedId::MAC_LEN]) -> bool;
}

const TIME_LEN: usize = 5;
const BYTES: usize = 40;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

impl SealedId {
    /// The number of random bytes.
    pub const RANDOM_LEN: usize = 9;

    /// The length of the time and the random bytes.
    pub const NONCE_LEN: usize = TIME_LEN + Self::RANDOM_LEN;

    /// The length of the encrypted owner in bytes.
    pub const OWNER_LEN: usize = 16;

    /// The length of the authentication code in bytes. Guessing one of 80 bits succeeds once in 2^80 attempts, and each needs a
    /// request to the service, which alone can tell whether it is right.
    pub const MAC_LEN: usize = 10;

    /// The length of the text in bytes.
    pub const TEXT_LEN: usize = 64;

    /// Creates an id without an authentication code. `id` is random, except for its version and variant.
    pub(crate) fn unsealed(at: Timestamp, id: Uuid, seal: &dyn SealKeys, caller: &Identity) -> Self {
        // The last 9 bytes contain the variant (2 bits) and else random bits, in versions 4 and 7.
        let [_, _, _, _, _, _, _, random @ ..] = id.into_bytes();
        let mut sealed = Self { issued_at: at, random, owner: [0; Self::OWNER_LEN], mac: [0; Self::MAC_LEN] };
        sealed.owner = seal.owner(&sealed.nonce(), caller);
        sealed
    }

    /// Returns the time and the random bytes.
    #[must_use]
    pub fn nonce(&self) -> SealNonce {
        let mut nonce = [0; Self::NONCE_LEN];
        fill(&mut nonce, [self.time().as_slice(), &self.random]);
        nonce
    }

    /// Parses the text of an id. Nothing is verified.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text)?;
        let (time, rest) = bytes.split_first_chunk::<TIME_LEN>()?;
        let (random, rest) = rest.split_first_chunk()?;
        let (owner, rest) = rest.split_first_chunk()?;
        let (mac, _) = rest.split_first_chunk()?;
        let seconds = time.iter().fold(0, |seconds: u64, byte| seconds << 8 | u64::from(*byte));
        let issued_at = Timestamp::from_unix(seconds)?;
        Some(Self { issued_at, random: *random, owner: *owner, mac: *mac })
    }

    /// Returns the id with a code of zeros.
    pub(crate) const fn without_mac(self) -> Self {
        Self { mac: [0; Self::MAC_LEN], ..self }
    }

    fn time(&self) -> [u8; TIME_LEN] {
        // The last second of a `Timestamp` is in the year 9999, which 40 bits hold.
        let [_, _, _, time @ ..] = self.issued_at.as_unix().to_be_bytes();
        time
    }
}

/// Writes `parts` one after the other into `bytes`.
fn fill<'a>(bytes: &mut [u8], parts: impl IntoIterator<Item = &'a [u8]>) {
    let values = parts.into_iter().flatten();
    bytes.iter_mut().zip(values).for_each(|(byte, value)| *byte = *value);
}

/// Returns the 40 bytes of 64 characters. Every text of that length has other bytes, so no id has two texts.
fn decode(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != SealedId::TEXT_LEN {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (group, out) in text.as_bytes().chunks_exact(8).zip(bytes.chunks_exact_mut(5)) {
        let mut bits: u64 = 0;
        for character in group {
            let value = match character {
                b'0'..=b'9' => character - b'0',
                b'a'..=b'v' => character - b'a' + 10,
                _ => return None,
            };
            bits = bits << 5 | u64::from(value);
        }
        let [_, _, _, five @ ..] = bits.to_be_bytes();
        out.copy_from_slice(&five);
    }
    Some(bytes)
}

impl fmt::Display for SealedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; BYTES];
        fill(&mut bytes, [self.time().as_slice(), &self.random, &self.owner, &self.mac]);
        for group in bytes.chunks_exact(5) {
            let bits = group.iter().fold(0, |bits: u64, byte| bits << 8 | u64::from(*byte));
            for place in (0..8).rev() {
                let value = usize::try_from(bits >> (5 * place) & 31).unwrap_or_default();
                f.write_char(ALPHABET.get(value).map_or('0', |byte| char::from(*byte)))?;
            }
        }
        Ok(())
    }
}

impl Debug for SealedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedId({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_id() -> impl Strategy<Value = SealedId> {
        let times = 0..=Timestamp::MAX.as_unix();
        (times, any::<[u8; 9]>(), any::<[u8; 16]>(), any::<[u8; 10]>()).prop_map(
            |(seconds, random, owner, mac)| SealedId {
                issued_at: Timestamp::from_unix(seconds).unwrap(),
                random,
                owner,
                mac,
            },
        )
    }

    proptest! {
        #[test]
        fn texts_are_parsed_back_and_sort_by_time(one in any_id(), other in any_id()) {
            let (text, of_other) = (one.to_string(), other.to_string());
            prop_assert_eq!(text.len(), SealedId::TEXT_LEN);
            prop_assert_eq!(SealedId::parse(&text), Some(one));
            if one.issued_at != other.issued_at {
                prop_assert_eq!(text < of_other, one.issued_at < other.issued_at);
            }
        }

        #[test]
        fn a_text_that_is_parsed_is_written_the_same(text in "[0-9a-v]{64}") {
            if let Some(id) = SealedId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let id = "0".repeat(64);
        assert!(SealedId::parse(&id).is_some());
        for bad in ["", &"0".repeat(63), &format!("{id}0"), &"V".repeat(64), &"w".repeat(64), &"é".repeat(32)]
        {
            assert_eq!(SealedId::parse(bad), None, "{bad}");
        }
        // The year 36,812.
        assert_eq!(SealedId::parse(&"v".repeat(64)), None);
    }
}
