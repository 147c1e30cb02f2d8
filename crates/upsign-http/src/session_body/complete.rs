//! The body of a request that completes an upload.

use std::fmt;

use http::HeaderMap;
use upsign::session::{ClientPart, CompleteRequest, SessionError};
use upsign_core::PartNumber;
use upsign_json::Json;
use upsign_objects::ETag;

use crate::body_limits::MAX_PARTS;
use crate::invalid_body::InvalidBody;
use crate::session_body::{UPLOAD_TOKEN, array, members, part_number, unknown};
use crate::upload_body::{Pair, checksum, text};

/// The content of the body of `/uploads/complete`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompleteBody {
    /// The upload token, unchecked. It is a secret of the caller, so `Debug` does not show it.
    pub upload_token: Box<str>,
    /// The parts, at most 10,000, in the order of the request.
    pub parts: Vec<BodyPart>,
    /// The algorithm and the checksum of the whole object in base64, both unchecked.
    pub checksum: Option<Pair>,
}

/// A part that the client has uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BodyPart {
    /// The number of the part.
    pub number: PartNumber,
    /// The entity tag that the store returned for the part.
    pub etag: ETag,
    /// The checksum of the part in base64, unchecked.
    pub checksum: Option<Box<str>>,
}

impl CompleteBody {
    /// Reads `{"uploadToken": "…", "parts": [{"partNumber": 1, "etag": "…", "checksum": "…"}], "checksum": {"crc32": "…"}}` of
    /// at most `max_bytes` bytes. Both checksums are optional.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use upsign_http::CompleteBody;
    ///
    /// let body = br#"{"uploadToken": "AQID", "parts": [{"partNumber": 1, "etag": "\"9b2cf535\""}]}"#;
    /// let body = CompleteBody::read_up_to(32 << 10, &HeaderMap::new(), body)?;
    /// assert_eq!(body.parts[0].etag.as_str(), "9b2cf535");
    /// # Ok::<(), upsign_http::InvalidBody>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidBody`] as [`UploadBody::read`](crate::UploadBody::read) does, if `uploadToken` or `parts` is missing, if
    /// there are more than 10,000 parts, or if one of them is not a part number from 1 to 10,000 with an entity tag.
    pub fn read_up_to(max_bytes: usize, headers: &HeaderMap, body: &[u8]) -> Result<Self, InvalidBody> {
        let (mut token, mut parts, mut object) = (None, None, None);
        for (name, value) in members(max_bytes, MAX_PARTS, headers, body)? {
            match name.as_ref() {
                UPLOAD_TOKEN => token = Some(text(UPLOAD_TOKEN, value)?),
                "parts" => {
                    let items = array("parts", value)?.into_iter().enumerate();
                    parts = Some(items.map(part).collect::<Result<_, _>>()?);
                }
                "checksum" => object = Some(checksum(value)?),
                _ => return Err(unknown(&["checksum", "parts", UPLOAD_TOKEN])),
            }
        }
        Ok(Self {
            upload_token: token.ok_or(InvalidBody::Missing(UPLOAD_TOKEN))?,
            parts: parts.ok_or(InvalidBody::Missing("parts"))?,
            checksum: object,
        })
    }

    /// Returns the request for [`UploadService::complete_upload`](upsign::UploadService::complete_upload).
    ///
    /// # Errors
    /// Returns an error if the parts are not in ascending order, or if one occurs twice.
    pub fn into_request(self) -> Result<CompleteRequest, SessionError> {
        let parts = self.parts.into_iter().map(|part| {
            let listed = ClientPart::new(part.number, part.etag);
            match part.checksum {
                Some(checksum) => listed.with_checksum(checksum),
                None => listed,
            }
        });
        let mut request = CompleteRequest::new(parts.collect())?;
        if let Some((algorithm, base64)) = self.checksum {
            request = request.with_checksum(algorithm, base64);
        }
        Ok(request)
    }
}

impl fmt::Debug for CompleteBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompleteBody")
            .field("parts", &self.parts)
            .field("checksum", &self.checksum)
            .finish_non_exhaustive()
    }
}

fn part((index, value): (usize, Json<'_>)) -> Result<BodyPart, InvalidBody> {
    let Json::Object(members) = value else {
        return Err(InvalidBody::Type("parts", "an array of objects"));
    };
    let (mut number, mut etag, mut checksum) = (None, None, None);
    for (name, value) in members {
        match name.as_ref() {
            "partNumber" => number = Some(part_number(&value, || format!("parts[{index}].partNumber"))?),
            "etag" => etag = Some(entity_tag(&value)?),
            "checksum" => checksum = Some(text("parts[].checksum", value)?),
            _ => return Err(unknown(&["checksum", "etag", "partNumber"])),
        }
    }
    Ok(BodyPart {
        number: number.ok_or(InvalidBody::Missing("parts[].partNumber"))?,
        etag: etag.ok_or(InvalidBody::Missing("parts[].etag"))?,
        checksum,
    })
}

fn entity_tag(value: &Json<'_>) -> Result<ETag, InvalidBody> {
    let invalid = InvalidBody::Type("parts[].etag", "the ETag that the store returned for the part");
    value.as_str().and_then(|text| text.parse().ok()).ok_or(invalid)
}
