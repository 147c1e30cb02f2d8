//! The binary form of a session: the part of a token between the key id and the signature.
//!
//! The [module](crate::session) documents it byte by byte.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use upsign_core::{MultipartPlan, Timestamp};
use upsign_policy::{Checksum, PlannedSize, ResumeWindow};

use crate::quota::QuotaAccount;
use crate::session::flags::{Flags, MoreFlags};
use crate::session::upload::{SessionGate, SessionMethod, SessionUpload, UploadSession};

/// Returns the payload, or `None` if it cannot express the session: a text is longer than its length field can state, the
/// algorithm has no code, the value of the checksum is of another algorithm, or an upload without parts has free ones.
pub(super) fn encode(session: &UploadSession) -> Option<Vec<u8>> {
    let UploadSession { upload, issuer, subject, issued_at, expires_at } = session;
    let mut out = Vec::with_capacity(512);
    let plan = upload.size.plan();
    if matches!(upload.size, PlannedSize::FreeParts(_)) {
        upload.upload_id()?;
    }
    for number in [issued_at.as_unix(), expires_at.as_unix(), plan.size(), plan.part_size()] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    out.push(Flags::of(upload).encode()?);
    out.push(MoreFlags::of(upload).encode());
    if upload.min_size > 0 {
        out.extend_from_slice(&upload.min_size.to_be_bytes());
    }
    if let Some(value) = &upload.checksum_value {
        upload.checksum.filter(|checksum| checksum.algorithm == value.algorithm())?;
        out.push(u8::try_from(value.as_bytes().len()).ok()?);
        out.extend_from_slice(value.as_bytes());
    }
    if let Some(account) = &upload.account {
        out.extend_from_slice(account.as_bytes());
    }
    let final_key = match &upload.gate {
        SessionGate::Pending(key) => Some(key.as_str()),
        SessionGate::None | SessionGate::Tag => None,
    };
    let texts = [
        issuer.as_str(),
        subject.as_str(),
        upload.route.as_ref().map_or("", |route| route.as_str()),
        upload.bucket.as_str(),
        &upload.endpoint,
        upload.key.as_str(),
        upload.upload_id().map_or("", |id| id.as_str()),
        upload.content_type.as_str(),
    ];
    for text in texts.into_iter().chain(final_key) {
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
    let plan = MultipartPlan::restore(reader.number()?, reader.number()?)?;
    let flags = Flags::decode(reader.byte()?)?;
    let more = MoreFlags::decode(reader.byte()?)?;
    let min_size = if more.has_min_size { reader.number()? } else { 0 };
    let checksum_value = if more.has_checksum_value {
        let len = reader.byte()?;
        let base64 = STANDARD.encode(reader.bytes(len.into())?);
        Some(Checksum::parse(flags.checksum?.algorithm, &base64).ok()?)
    } else {
        None
    };
    let account = if more.has_account { Some(QuotaAccount::from_bytes(reader.array()?)) } else { None };
    let (issuer, subject) = (reader.parsed()?, reader.parsed()?);
    let route = match reader.text()? {
        "" => None,
        name => Some(name.parse().ok()?),
    };
    let upload = SessionUpload {
        route,
        bucket: reader.parsed()?,
        endpoint: Some(reader.text()?).filter(|endpoint| !endpoint.is_empty())?.into(),
        key: reader.parsed()?,
        method: match (flags.is_put, more.is_form, reader.text()?) {
            (false, false, id) => SessionMethod::Multipart(id.parse().ok()?),
            (true, false, "") if plan.part_count() == 1 => SessionMethod::Put,
            (true, true, "") if plan.part_count() == 1 => SessionMethod::Form,
            _ => return None,
        },
        content_type: reader.parsed()?,
        size: match (flags.size_is_maximum, more.has_free_parts) {
            (true, true) if !flags.is_put => PlannedSize::FreeParts(plan),
            (true, false) => PlannedSize::AtMost(plan),
            (false, false) => PlannedSize::Exact(plan),
            _ => return None,
        },
        min_size,
        checksum: flags.checksum,
        checksum_value,
        gate: match (more.is_pending, more.is_tagged) {
            (true, _) => SessionGate::Pending(reader.parsed()?),
            (false, true) => SessionGate::Tag,
            (false, false) => SessionGate::None,
        },
        account,
    };
    let in_order = issued_at <= expires_at;
    if !in_order || expires_at.seconds_since(issued_at) > ResumeWindow::MAX.as_secs() {
        return None;
    }
    let session = UploadSession { upload, issuer, subject, issued_at, expires_at };
    // Also refuses further bytes, and texts that a parser brings into another form, such as content types in upper case.
    (encode(&session)? == payload).then_some(session)
}

/// The rest of a payload. Each method takes a value from its start, or returns `None` if the payload ends before.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let len = self.array().map(u16::from_be_bytes)?;
        str::from_utf8(self.bytes(len.into())?).ok()
    }

    pub(crate) fn parsed<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }
}
