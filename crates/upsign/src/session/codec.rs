//! The binary form of a session: the part of a token between the key id and the signature.
//!
//! The [module](crate::session) documents it byte by byte.

use std::str::FromStr;

use upsign_core::{MultipartPlan, Timestamp};
use upsign_policy::ChecksumAlgorithm;

use crate::session::upload::{MultipartUpload, UploadSession};
use crate::session::window::ResumeWindow;

/// The algorithms by their codes in a token, starting with 1. Existing codes never change; new ones are added at the end.
const ALGORITHMS: [ChecksumAlgorithm; 6] = [
    ChecksumAlgorithm::Sha256,
    ChecksumAlgorithm::Sha1,
    ChecksumAlgorithm::Crc32,
    ChecksumAlgorithm::Crc32c,
    ChecksumAlgorithm::Crc64nvme,
    ChecksumAlgorithm::Md5,
];

/// Returns the payload, or `None` if it cannot express the session: a text is longer than its length field can state, or the
/// algorithm has no code.
pub(super) fn encode(session: &UploadSession) -> Option<Vec<u8>> {
    let UploadSession { upload, issuer, subject, issued_at, expires_at } = session;
    let mut out = Vec::with_capacity(512);
    for number in [issued_at.as_unix(), expires_at.as_unix(), upload.plan.size(), upload.plan.part_size()] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    out.push(checksum_code(upload.checksum)?);
    let texts = [
        issuer.as_str(),
        subject.as_str(),
        upload.route.as_ref().map_or("", |route| route.as_str()),
        upload.bucket.as_str(),
        upload.key.as_str(),
        upload.upload_id.as_str(),
        upload.content_type.as_str(),
    ];
    for text in texts {
        out.extend_from_slice(&u16::try_from(text.len()).ok()?.to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    Some(out)
}

/// Returns the session of a payload, or `None` if the payload is not exactly what [`encode`] returns for a session.
pub(super) fn decode(payload: &[u8]) -> Option<UploadSession> {
    let mut reader = Reader(payload);
    let issued_at = Timestamp::from_unix(reader.number()?)?;
    let expires_at = Timestamp::from_unix(reader.number()?)?;
    let (size, part_size) = (reader.number()?, reader.number()?);
    let checksum = checksum_of(reader.byte()?)?;
    let (issuer, subject) = (reader.parsed()?, reader.parsed()?);
    let route = match reader.text()? {
        "" => None,
        name => Some(name.parse().ok()?),
    };
    let upload = MultipartUpload {
        route,
        bucket: reader.parsed()?,
        key: reader.parsed()?,
        upload_id: reader.parsed()?,
        content_type: reader.parsed()?,
        plan: MultipartPlan::restore(size, part_size)?,
        checksum,
    };
    let in_order = issued_at <= expires_at;
    if !in_order || expires_at.seconds_since(issued_at) > ResumeWindow::MAX.as_secs() {
        return None;
    }
    let session = UploadSession { upload, issuer, subject, issued_at, expires_at };
    // Also refuses further bytes, and texts that a parser brings into another form, such as content types in upper case.
    (encode(&session)? == payload).then_some(session)
}

fn checksum_code(algorithm: Option<ChecksumAlgorithm>) -> Option<u8> {
    let Some(algorithm) = algorithm else { return Some(0) };
    let position = ALGORITHMS.iter().position(|known| *known == algorithm)?;
    u8::try_from(position + 1).ok()
}

fn checksum_of(code: u8) -> Option<Option<ChecksumAlgorithm>> {
    match code.checked_sub(1) {
        None => Some(None),
        Some(position) => ALGORITHMS.get(usize::from(position)).copied().map(Some),
    }
}

/// The rest of a payload. Each method takes a value from its start, or returns `None` if the payload ends before.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        let len = self.array().map(u16::from_be_bytes)?;
        let (text, rest) = self.0.split_at_checked(len.into())?;
        self.0 = rest;
        str::from_utf8(text).ok()
    }

    fn parsed<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checksum_algorithm_has_a_code() {
        for algorithm in ChecksumAlgorithm::ALL.map(Some).into_iter().chain([None]) {
            let code = checksum_code(algorithm).unwrap();
            assert_eq!(checksum_of(code), Some(algorithm));
        }
        assert_eq!(checksum_of(7), None);
        assert_eq!(checksum_of(u8::MAX), None);
    }
}
