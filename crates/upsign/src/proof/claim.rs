//! Claims: what an object states about its upload in its metadata.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use upsign_core::{Identity, MultipartPlan, Timestamp};
use upsign_policy::{
    Checksum, ChecksumKind, ConfirmationOptions, MultipartChecksum, PlannedSize, ReadKey, UploadPolicy,
};

use crate::confirm::Owner;
use crate::proof::push_text;
use crate::quota::QuotaAccount;
use crate::route::RouteName;
use crate::session::codec::Reader;
use crate::session::flags::{algorithm_code, algorithm_of_code};
use crate::session::keys::{KEY_ID_LEN, TAG_LEN};
use crate::session::{SessionGate, SessionMethod, SessionUpload, TokenKeys};

const VERSION: u8 = 1;
const SIZE_IS_MAXIMUM: u8 = 1;
const HAS_MIN_SIZE: u8 = 1 << 1;
const HAS_ACCOUNT: u8 = 1 << 2;
const IS_FORM: u8 = 1 << 3;
const ALGORITHM_SHIFT: u32 = 4;

/// The text of a claim, which the client sends as metadata of the object.
///
/// Readers of the object may see it. `Debug` does not show it, to keep logs short.
#[derive(Clone, PartialEq, Eq)]
pub struct ObjectClaim(Box<str>);

impl ObjectClaim {
    /// The maximum length in characters.
    pub const MAX_LEN: usize = ConfirmationOptions::CLAIM_BYTES - ConfirmationOptions::CLAIM_NAME.len();

    /// Returns the text, of `A-Z`, `a-z`, `0-9`, `-` and `_`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ObjectClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectClaim({} characters)", self.0.len())
    }
}

/// What a claim proves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimedUpload {
    /// What was granted. A claim does not distinguish a multipart upload from a `PUT`: the method is then
    /// [`SessionMethod::Put`], and the plan of the size has one part.
    pub upload: SessionUpload,
    /// The time of the grant, in whole seconds.
    pub issued_at: Timestamp,
    /// The caller that the upload was granted to.
    pub owner: Owner,
}

impl TokenKeys {
    /// Returns the claim of an upload that is granted to `caller` at the instant `at`, or `None` if the algorithm of its checksum
    /// has no code.
    #[must_use]
    pub fn claim_upload(
        &self,
        upload: &SessionUpload,
        caller: &Identity,
        at: Timestamp,
    ) -> Option<ObjectClaim> {
        let key = &self.claim().signing;
        let mut bytes = Vec::with_capacity(ObjectClaim::MAX_LEN);
        bytes.push(VERSION);
        bytes.extend_from_slice(&key.id);
        encode(&mut bytes, upload, self.owner_of(caller), at)?;
        let tag = key.tag(&message(&bytes, upload));
        bytes.extend_from_slice(&tag);
        let text = URL_SAFE_NO_PAD.encode(bytes);
        (text.len() <= ObjectClaim::MAX_LEN).then(|| ObjectClaim(text.into()))
    }

    /// Returns what the claim `text` of an object proves, or `None` if it is not the claim of this object: it is malformed, was
    /// not made with one of the secrets, or is for another route, bucket or key. `key` is the result of
    /// [`UploadPolicy::read_key`] for the object's key.
    ///
    /// An object at a final key has the claim of the pending object that it was copied from, which is accepted too.
    #[must_use]
    pub fn open_claim(
        &self,
        text: &str,
        route: Option<&RouteName>,
        policy: &UploadPolicy,
        key: &ReadKey,
    ) -> Option<ClaimedUpload> {
        if text.len() > ObjectClaim::MAX_LEN {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (payload, tag) = bytes.split_last_chunk::<TAG_LEN>()?;
        let (version, rest) = payload.split_first()?;
        let (key_id, rest) = rest.split_first_chunk::<KEY_ID_LEN>()?;
        let signing_key = self.claim().with_id(*key_id).filter(|_| *version == VERSION)?;
        let claimed = decode(rest, route, policy, key)?;
        signing_key.verifies(&message(payload, &claimed.upload), tag).then_some(claimed)
    }
}

/// Returns the bytes that the signature covers: the claim, and what the verifier knows without it.
fn message(payload: &[u8], upload: &SessionUpload) -> Vec<u8> {
    let mut message = Vec::with_capacity(payload.len() + 512);
    message.extend_from_slice(payload);
    let texts = [
        upload.route.as_ref().map_or("", RouteName::as_str),
        upload.bucket.as_str(),
        &upload.endpoint,
        upload.key.as_str(),
        upload.final_key().as_str(),
    ];
    texts.into_iter().for_each(|text| push_text(&mut message, text));
    // The payload has no length, so it is closed: no other payload continues it with the same texts.
    message.extend_from_slice(&u64::try_from(payload.len()).unwrap_or(u64::MAX).to_be_bytes());
    message
}

fn encode(out: &mut Vec<u8>, upload: &SessionUpload, owner: Owner, at: Timestamp) -> Option<()> {
    let plan = upload.size.plan();
    out.extend_from_slice(&at.as_unix().to_be_bytes());
    out.extend_from_slice(&plan.size().to_be_bytes());
    let algorithm = match &upload.checksum_value {
        Some(checksum) => algorithm_code(checksum.algorithm())?,
        None => 0,
    };
    let bits = [
        (upload.size.exact().is_none(), SIZE_IS_MAXIMUM),
        (upload.min_size > 0, HAS_MIN_SIZE),
        (upload.account.is_some(), HAS_ACCOUNT),
        (upload.method == SessionMethod::Form, IS_FORM),
    ];
    let flags = bits.into_iter().filter(|(is_set, _)| *is_set).fold(0, |flags, (_, bit)| flags | bit);
    out.push(flags | algorithm << ALGORITHM_SHIFT);
    out.extend_from_slice(owner.as_bytes());
    if upload.min_size > 0 {
        out.extend_from_slice(&upload.min_size.to_be_bytes());
    }
    if let Some(account) = &upload.account {
        out.extend_from_slice(account.as_bytes());
    }
    let checksum = upload.checksum_value.as_ref().map_or(&[][..], Checksum::as_bytes);
    for bytes in [checksum, upload.content_type.as_str().as_bytes()] {
        out.push(u8::try_from(bytes.len()).ok()?);
        out.extend_from_slice(bytes);
    }
    Some(())
}

fn decode(
    payload: &[u8],
    route: Option<&RouteName>,
    policy: &UploadPolicy,
    key: &ReadKey,
) -> Option<ClaimedUpload> {
    let mut reader = Reader(payload);
    let issued_at = Timestamp::from_unix(reader.number()?)?;
    let size = reader.number()?;
    let plan = MultipartPlan::restore(size, size.max(1))?;
    let flags = reader.byte()?;
    let has = |bit| flags & bit != 0;
    let owner = Owner::new(reader.array()?);
    let min_size = if has(HAS_MIN_SIZE) { reader.number()? } else { 0 };
    let account = if has(HAS_ACCOUNT) { Some(QuotaAccount::from_bytes(reader.array()?)) } else { None };
    let len = reader.byte()?;
    let checksum_bytes = reader.bytes(len.into())?;
    let checksum_value = match flags >> ALGORITHM_SHIFT {
        0 => None,
        code => Some(Checksum::parse(algorithm_of_code(code)?, &STANDARD.encode(checksum_bytes)).ok()?),
    };
    let len = reader.byte()?;
    let content_type = str::from_utf8(reader.bytes(len.into())?).ok()?.parse().ok()?;
    let upload = SessionUpload {
        route: route.cloned(),
        bucket: policy.target().resource(),
        endpoint: policy.target().endpoint_url().into(),
        key: key.upload_key.clone(),
        method: if has(IS_FORM) { SessionMethod::Form } else { SessionMethod::Put },
        content_type,
        size: if has(SIZE_IS_MAXIMUM) { PlannedSize::AtMost(plan) } else { PlannedSize::Exact(plan) },
        min_size,
        checksum: checksum_value.as_ref().map(|checksum| MultipartChecksum {
            algorithm: checksum.algorithm(),
            kind: ChecksumKind::FullObject,
        }),
        checksum_value,
        gate: SessionGate::of(policy, &key.key),
        account,
    };
    // Also refuses further bytes and other spellings of the same values.
    let mut canonical = Vec::with_capacity(payload.len());
    encode(&mut canonical, &upload, owner, issued_at)?;
    (canonical == payload).then_some(ClaimedUpload { upload, issued_at, owner })
}
