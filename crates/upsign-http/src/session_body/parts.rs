//! The body of a request for the URLs of parts.

use std::fmt;

use http::HeaderMap;
use upsign::session::{PartsRequest, SessionError};
use upsign_core::PartNumber;
use upsign_json::Json;

use crate::invalid_body::InvalidBody;
use crate::session_body::{MAX_ITEMS, UPLOAD_TOKEN, array, members, part_number, unknown};
use crate::upload_body::{length, text};

/// The content of the body of `/uploads/parts`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartsBody {
    /// The upload token, unchecked. It is a secret of the caller, so `Debug` does not show it.
    pub upload_token: Box<str>,
    /// The numbers of the parts, at most 1,000, in the order of the request. A number may occur twice.
    pub part_numbers: Vec<PartNumber>,
    /// The lengths of the parts in bytes, in the order of `part_numbers`, for an upload whose size is not known. Their number
    /// is unchecked.
    pub content_lengths: Option<Vec<u64>>,
    /// The checksums of the parts in base64, in the order of `part_numbers`, or `None` for a part without one. The texts and
    /// their number are unchecked.
    pub checksums: Option<Vec<Option<Box<str>>>>,
}

impl PartsBody {
    /// Reads `{"uploadToken": "…", "partNumbers": [1, 2], "contentLengths": [8, 7], "checksums": ["…", null]}` of at most
    /// `max_bytes` bytes. The last two members are optional.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use upsign_http::PartsBody;
    ///
    /// let body = br#"{"uploadToken": "AQID", "partNumbers": [3, 1]}"#;
    /// let body = PartsBody::read_up_to(32 << 10, &HeaderMap::new(), body)?;
    /// assert_eq!(body.part_numbers.iter().map(|number| number.get()).collect::<Vec<_>>(), [3, 1]);
    /// # Ok::<(), upsign_http::InvalidBody>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidBody`] as [`UploadBody::read`](crate::UploadBody::read) does, if `uploadToken` or `partNumbers` is
    /// missing, if a part number is not from 1 to 10,000, or if an array has more than 1,000 items.
    pub fn read_up_to(max_bytes: usize, headers: &HeaderMap, body: &[u8]) -> Result<Self, InvalidBody> {
        let (mut token, mut numbers, mut lengths, mut checksums) = (None, None, None, None);
        for (name, value) in members(max_bytes, MAX_ITEMS, headers, body)? {
            match name.as_ref() {
                UPLOAD_TOKEN => token = Some(text(UPLOAD_TOKEN, value)?),
                "partNumbers" => numbers = Some(part_numbers(value)?),
                "contentLengths" => lengths = Some(content_lengths(value)?),
                "checksums" => checksums = Some(part_checksums(value)?),
                _ => return Err(unknown(&["checksums", "contentLengths", "partNumbers", UPLOAD_TOKEN])),
            }
        }
        let token = token.ok_or(InvalidBody::Missing(UPLOAD_TOKEN))?;
        let numbers = numbers.ok_or(InvalidBody::Missing("partNumbers"))?;
        Ok(Self { upload_token: token, part_numbers: numbers, content_lengths: lengths, checksums })
    }

    /// Returns the request for [`UploadService::presign_parts`](upsign::UploadService::presign_parts).
    ///
    /// # Errors
    /// Returns an error if there is no part number, if one occurs twice, or if another array has another length.
    pub fn request(&self) -> Result<PartsRequest, SessionError> {
        let mut request = PartsRequest::new(self.part_numbers.clone())?;
        if let Some(lengths) = &self.content_lengths {
            request = request.with_lengths(lengths.clone())?;
        }
        if let Some(checksums) = &self.checksums {
            request = request.with_checksums(checksums.clone())?;
        }
        Ok(request)
    }
}

impl fmt::Debug for PartsBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartsBody")
            .field("part_numbers", &self.part_numbers)
            .field("content_lengths", &self.content_lengths)
            .field("checksums", &self.checksums)
            .finish_non_exhaustive()
    }
}

fn part_numbers(value: Json<'_>) -> Result<Vec<PartNumber>, InvalidBody> {
    let numbers = array("partNumbers", value)?;
    let number = |(index, value)| part_number(value, || format!("partNumbers[{index}]"));
    numbers.iter().enumerate().map(number).collect()
}

fn content_lengths(value: Json<'_>) -> Result<Vec<u64>, InvalidBody> {
    let lengths = array("contentLengths", value)?;
    let len = |(index, value)| length(value).ok_or(InvalidBody::PartLength(index));
    lengths.iter().enumerate().map(len).collect()
}

fn part_checksums(value: Json<'_>) -> Result<Vec<Option<Box<str>>>, InvalidBody> {
    let checksum = |value| match value {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text.into())),
        _ => Err(InvalidBody::Type("checksums", "an array of base64 texts and null")),
    };
    array("checksums", value)?.into_iter().map(checksum).collect()
}
