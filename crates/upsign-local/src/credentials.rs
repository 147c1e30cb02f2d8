//! Random credentials for one run of the S3 server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use upsign_core::Credentials;

/// The base32 alphabet of RFC 4648 section 6. AWS uses it for access key ids.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Generates long-term credentials from 46 random bytes.
///
/// `fill_random` must fill each slice it receives with random bytes; the secret key is only as unpredictable as they
/// are. The access key id has 20 characters and starts with `LOCL` instead of `AKIA`, so that neither readers nor
/// secret scanners take it for an AWS key. The secret access key has 40 characters, as on AWS.
///
/// ```
/// let mut next = 0_u8;
/// let credentials = upsign_local::generate_credentials(&mut |bytes| {
///     for byte in bytes {
///         next = next.wrapping_add(41);
///         *byte = next; // a program uses the random generator of the operating system
///     }
/// });
/// assert!(credentials.access_key_id().starts_with("LOCL"));
/// assert_eq!(credentials.secret_access_key().len(), 40);
/// ```
#[expect(clippy::expect_used, reason = "base32 and base64 characters are valid in credentials")]
pub fn generate_credentials(fill_random: &mut dyn FnMut(&mut [u8])) -> Credentials {
    let (mut id, mut secret) = ([0_u8; 16], [0_u8; 30]);
    fill_random(&mut id);
    fill_random(&mut secret);
    let letter = |byte: &u8| BASE32.get(usize::from(byte % 32)).copied().map(char::from);
    let id: String = "LOCL".chars().chain(id.iter().filter_map(letter)).collect();
    Credentials::long_term(&id, &STANDARD.encode(secret)).expect("base32 and base64 are visible ASCII")
}
