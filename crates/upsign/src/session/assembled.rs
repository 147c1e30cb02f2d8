//! The entity tag of an object that was assembled from parts.

use md5::{Digest as _, Md5};
use upsign_objects::{ETag, ObjectHead};

use crate::session::stated::Stated;

/// Returns `false` if the entity tag shows that the object does not consist of the stated parts.
///
/// S3 concatenates the MD5 digests of the parts, which are their entity tags, and takes the MD5 digest of that
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>, "Using Content-MD5 and the
/// ETag to verify uploaded objects"). It does not do so for objects that are encrypted with a key of KMS or of the client
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>), and other stores form other entity tags. Then nothing is
/// shown.
pub(super) fn may_consist_of(stated: &Stated, head: &ObjectHead) -> bool {
    let is_of_digests = head.encryption.as_deref().is_none_or(|name| name == "AES256");
    let digests: Option<Vec<[u8; 16]>> = stated.parts.iter().map(|part| digest(part.etag.as_str())).collect();
    match (digests, digest_of_parts(&head.etag)) {
        (Some(digests), Some(found)) if is_of_digests => {
            Md5::digest(digests.as_flattened()).as_slice() == found.as_slice()
        }
        _ => true,
    }
}

/// Returns n of an entity tag with the form of S3's for n parts: 32 hexadecimal digits, a hyphen, and n
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>).
pub(super) fn part_count_in(etag: &ETag) -> Option<u16> {
    let (hex, count) = etag.as_str().split_once('-')?;
    digest(hex)?;
    count.parse().ok()
}

/// Returns the digest of an entity tag with this form.
fn digest_of_parts(etag: &ETag) -> Option<[u8; 16]> {
    part_count_in(etag)?;
    digest(etag.as_str().split_once('-')?.0)
}

/// Reads 32 hexadecimal digits.
fn digest(hex: &str) -> Option<[u8; 16]> {
    if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(hex, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::stated::StatedPart;

    fn stated(etags: &[&str]) -> Stated {
        let part = |(number, etag): (u64, &&str)| StatedPart {
            number: upsign_core::PartNumber::new(number).unwrap(),
            etag: etag.parse().unwrap(),
            checksum: None,
        };
        Stated { parts: (1..).zip(etags).map(part).collect(), checksum: None }
    }

    fn head(etag: &str) -> ObjectHead {
        ObjectHead::new(10, etag.parse().unwrap())
    }

    /// The MD5 of `a` and of `b`, and of both digests: `printf %s … | xxd -r -p | md5sum`.
    const A: &str = "0cc175b9c0f1b6a831c399e269772661";
    const B: &str = "92eb5ffee6ae2fec3ad71c777531578f";
    const OF_BOTH: &str = "96e024ba2074fe77e8e965ba43a704be-2";

    #[test]
    fn entity_tag_shows_the_parts() {
        assert!(may_consist_of(&stated(&[A, B]), &head(OF_BOTH)));
        assert!(may_consist_of(&stated(&[&A.to_uppercase(), B]), &head(OF_BOTH)));
        for other in [&[B, A][..], &[A, A], &[A], &[A, B, B]] {
            assert!(!may_consist_of(&stated(other), &head(OF_BOTH)), "{other:?}");
        }
    }

    #[test]
    fn entity_tag_of_another_form_shows_nothing() {
        assert!(may_consist_of(&stated(&[B, A]), &head("opaque-2")));
        assert!(may_consist_of(&stated(&[B, A]), &head(A)), "of an object that was stored with one PUT");
        assert!(may_consist_of(&stated(&["opaque", A]), &head(OF_BOTH)));
        let mut encrypted = head(OF_BOTH);
        encrypted.encryption = Some("aws:kms".into());
        assert!(may_consist_of(&stated(&[B, A]), &encrypted));
        encrypted.encryption = Some("AES256".into());
        assert!(!may_consist_of(&stated(&[B, A]), &encrypted));
    }
}
