//! The binary form of a receipt, and its signature.
//!
//! The [module](crate::confirm) documents it byte by byte.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use upsign_core::{Target, Timestamp};
use upsign_objects::VersionId;
use upsign_policy::Checksum;

use crate::confirm::owner::Owner;
use crate::confirm::receipt::{InvalidReceipt, Receipt, ReceiptRejection, ReceiptTooLong, SignedReceipt};
use crate::route::RouteName;
use crate::session::TokenKeys;
use crate::session::codec::Reader;
use crate::session::flags::{algorithm_code, algorithm_of_code};
use crate::session::keys::{KEY_ID_LEN, TAG_LEN};

const VERSION: u8 = 1;
/// Key and version id have up to 1,024 bytes each; the other values need less than 1 KiB unless the store's address is long.
const MAX_BYTES: usize = 4_096;
const ALGORITHM_MASK: u8 = 0b1111;
const HAS_VERSION: u8 = 1 << 4;

impl SignedReceipt {
    /// The maximum length of a receipt in characters.
    pub const MAX_LEN: usize = (MAX_BYTES * 4).div_ceil(3);
}

impl TokenKeys {
    /// Signs a receipt with the first key. One receipt gives one text.
    ///
    /// # Errors
    /// Returns an error if the values are too long together, which takes a store whose address has hundreds of characters.
    pub fn sign_receipt(&self, receipt: &Receipt) -> Result<SignedReceipt, ReceiptTooLong> {
        let key = &self.receipt().signing;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&key.id);
        bytes.extend_from_slice(&encode(receipt).ok_or(ReceiptTooLong { len: usize::MAX, max: MAX_BYTES })?);
        let len = bytes.len() + TAG_LEN;
        if len > MAX_BYTES {
            return Err(ReceiptTooLong { len, max: MAX_BYTES });
        }
        bytes.extend_from_slice(&key.tag(&bytes));
        Ok(SignedReceipt(URL_SAFE_NO_PAD.encode(bytes).into()))
    }

    /// Returns the receipt of a text that [`sign_receipt`](Self::sign_receipt) returned, with any of the secrets.
    ///
    /// `target_of` returns where the route stores objects now, or `None` if there is no such route; its argument is `None` for
    /// the unnamed route. A receipt does not identify who sends it: authenticate and authorize the caller.
    ///
    /// # Errors
    /// Returns the same error for every reason: the receipt is malformed, is not signed with one of the keys, or is for a route or
    /// a bucket that does not match. Answer 403.
    pub fn verify_receipt(
        &self,
        text: &str,
        target_of: impl FnOnce(Option<&RouteName>) -> Option<Target>,
    ) -> Result<Receipt, InvalidReceipt> {
        let receipt = self.open_receipt(text)?;
        match target_of(receipt.route()) {
            None => Err(ReceiptRejection::Route.into()),
            Some(target) if !receipt.is_at(&target) => Err(ReceiptRejection::Bucket.into()),
            Some(_) => Ok(receipt),
        }
    }

    /// Returns the receipt of a text whose signature matches.
    pub(crate) fn open_receipt(&self, text: &str) -> Result<Receipt, ReceiptRejection> {
        if text.len() > SignedReceipt::MAX_LEN {
            return Err(ReceiptRejection::TooLong { len: text.len(), max: SignedReceipt::MAX_LEN });
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ReceiptRejection::Encoding)?;
        let (message, tag) = bytes.split_last_chunk().ok_or(ReceiptRejection::TooShort)?;
        let (version, rest) = message.split_first().ok_or(ReceiptRejection::TooShort)?;
        if *version != VERSION {
            return Err(ReceiptRejection::Version(*version));
        }
        let (key_id, payload) = rest.split_first_chunk::<KEY_ID_LEN>().ok_or(ReceiptRejection::TooShort)?;
        let key = self.receipt().with_id(*key_id).ok_or(ReceiptRejection::UnknownKey)?;
        if !key.verifies(message, tag) {
            return Err(ReceiptRejection::Signature);
        }
        decode(payload).ok_or(ReceiptRejection::Payload)
    }
}

/// Returns the bytes between key id and signature, or `None` if a text is longer than its length field can state.
pub(crate) fn encode(receipt: &Receipt) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(&receipt.confirmed_at.as_unix().to_be_bytes());
    out.extend_from_slice(&receipt.size.to_be_bytes());
    let algorithm = match &receipt.checksum {
        Some(checksum) => algorithm_code(checksum.algorithm())?,
        None => 0,
    };
    out.push(algorithm | if receipt.version_id.is_some() { HAS_VERSION } else { 0 });
    out.extend_from_slice(receipt.owner.as_bytes());
    let optional = [
        receipt.checksum.as_ref().map(Checksum::as_base64),
        receipt.version_id.as_ref().map(VersionId::as_str),
    ];
    let texts = [
        receipt.route.as_ref().map_or("", RouteName::as_str),
        receipt.bucket.as_str(),
        &receipt.endpoint,
        receipt.key.as_str(),
        receipt.etag.as_str(),
        receipt.content_type.as_str(),
    ];
    for text in optional.into_iter().flatten().chain(texts) {
        out.extend_from_slice(&u16::try_from(text.len()).ok()?.to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    Some(out)
}

/// Returns the receipt of a payload, or `None` if the payload is not exactly what [`encode`] returns for a receipt.
pub(crate) fn decode(payload: &[u8]) -> Option<Receipt> {
    let mut reader = Reader(payload);
    let confirmed_at = Timestamp::from_unix(reader.number()?)?;
    let size = reader.number()?;
    let flags = reader.byte()?;
    let owner = Owner::new(reader.array()?);
    let checksum = match flags & ALGORITHM_MASK {
        0 => None,
        code => Some(Checksum::parse(algorithm_of_code(code)?, reader.text()?).ok()?),
    };
    let version_id = if flags & HAS_VERSION == 0 { None } else { Some(reader.parsed()?) };
    let route = match reader.text()? {
        "" => None,
        name => Some(name.parse().ok()?),
    };
    let receipt = Receipt {
        route,
        bucket: reader.parsed()?,
        endpoint: Some(reader.text()?).filter(|endpoint| !endpoint.is_empty())?.into(),
        key: reader.parsed()?,
        version_id,
        etag: reader.parsed()?,
        size,
        checksum,
        content_type: reader.parsed()?,
        owner,
        confirmed_at,
    };
    // Also refuses further bytes, unused bits of the flags, and texts that a parser brings into another form.
    (encode(&receipt)? == payload).then_some(receipt)
}
