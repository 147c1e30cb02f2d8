//! Public keys of load balancers.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use upsign_jwt::{Backend, VerifyingKey};

/// A public key of a load balancer. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AlbKey(VerifyingKey);

/// The DER encoding of a `SubjectPublicKeyInfo` up to the point (RFC 5480). For an uncompressed point on P-256, these bytes
/// are always the same, so no ASN.1 parser is needed.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// `0x04` and two coordinates of 32 bytes.
const P256_POINT_BYTES: usize = 65;

impl AlbKey {
    /// Parses a P-256 public key in PEM (RFC 7468). Returns `None` for anything else.
    pub(crate) fn from_pem(pem: &[u8], backend: Backend) -> Option<Self> {
        let text = str::from_utf8(pem).ok()?.trim();
        let inner =
            text.strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
        let base64: String = inner.split_ascii_whitespace().collect();
        let der = BASE64_STANDARD.decode(base64).ok()?;
        let point = der.strip_prefix(&P256_PREFIX).filter(|point| point.len() == P256_POINT_BYTES)?;
        VerifyingKey::es256(point, backend).map(Self)
    }

    pub(super) fn is_signature_of(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.is_signature_of(message, signature)
    }
}

/// The key id becomes a segment of a URL, so nothing but a UUID is accepted.
pub(super) fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| {
            if hyphens.contains(&index) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uuids_are_key_ids() {
        assert!(is_uuid("3f2504e0-aaaa-4bbb-8ccc-0305e82c3301"));
        for kid in
            ["", "../../x", "3f2504e0-aaaa-4bbb-8ccc-0305e82c330/", "3f2504e0aaaa4bbb8ccc0305e82c33010000"]
        {
            assert!(!is_uuid(kid), "{kid}");
        }
    }
}
