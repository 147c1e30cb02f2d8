//! Credentials made anew at each start.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use upsign_core::Credentials;

/// The base 32 alphabet of RFC 4648 section 6, which AWS's access key ids are written in.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// New long-term credentials out of 46 random bytes, which `entropy` writes into the slices it is handed.
///
/// The access key id starts with `LOCL`, so that nobody (and no secret scanner) takes it for one of AWS's.
///
/// ```
/// let mut next = 0_u8;
/// let credentials = upsign_local::fresh_credentials(&mut |bytes| {
///     for byte in bytes {
///         next = next.wrapping_add(41);
///         *byte = next; // a real caller asks the operating system
///     }
/// });
/// assert!(credentials.access_key_id().starts_with("LOCL"));
/// assert_eq!(credentials.secret_access_key().len(), 40);
/// ```
#[expect(
    clippy::expect_used,
    reason = "the texts are of base 32 and base 64 characters, which credentials are"
)]
pub fn fresh_credentials(entropy: &mut dyn FnMut(&mut [u8])) -> Credentials {
    let (mut id, mut secret) = ([0_u8; 16], [0_u8; 30]);
    entropy(&mut id);
    entropy(&mut secret);
    let letter = |byte: &u8| BASE32.get(usize::from(byte % 32)).copied().map(char::from);
    let id: String = "LOCL".chars().chain(id.iter().filter_map(letter)).collect();
    Credentials::long_term(&id, &STANDARD.encode(secret)).expect("base 32 and base 64 are visible ASCII")
}
