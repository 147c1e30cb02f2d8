//! The URLs of the parts of one multipart upload.

use std::ops::RangeInclusive;

use upsign_core::{Credentials, PresignRequest, Timestamp, Unsupported};

use crate::batch::lanes::{self, Lane};
use crate::canonical;
use crate::hash::sha256::Hasher;
use crate::signer::{SIGNATURE_PARAMETER, SigV4, ensure_sigv4};
use crate::state::second::SecondState;
use crate::text::decimal::push_decimal;
use crate::text::percent::{encode_key, encode_query};

/// The text that the URLs of all parts have in common.
///
/// Only the part number differs. In the sorted query every `X-Amz-*` parameter comes before `partNumber` (upper case sorts
/// before lower case), so everything up to the number, session token included, is hashed once. `uploadId`, the headers and
/// the payload hash follow it.
struct PartTemplate {
    /// The URL up to and including `&partNumber=`.
    url_prefix: String,
    /// The canonical request up to and including `&partNumber=`, hashed.
    canonical_prefix: Hasher,
    /// The URL after the part number, up to the signature.
    url_suffix: String,
    /// The canonical request after the part number.
    canonical_suffix: String,
}

impl SigV4 {
    /// Signs the URLs of many parts of one multipart upload and calls `each` with every part number and its URL, in order.
    ///
    /// `request` is an [`UploadPart`](upsign_core::Operation::UploadPart) request; its part number is not used. S3 accepts
    /// part numbers from 1 to 10,000; this method does not check the range. The URLs are those that
    /// [`sign`](upsign_core::Sign::sign) gives for the single parts. Their common text is hashed once, and two signatures
    /// are computed at a time.
    ///
    /// ```
    /// use upsign_sigv4::types::PartNumber;
    /// use upsign_sigv4::{Credentials, ExpiresIn, Operation, PresignRequest, SigV4, Target};
    ///
    /// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// let part = Operation::UploadPart { upload_id: "VXBsb2FkSWQ".parse()?, part_number: PartNumber::new(1)? };
    /// let request = PresignRequest::new(target, part, "videos/a.mp4".parse()?, ExpiresIn::from_secs(900)?);
    /// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let mut urls = Vec::new();
    /// SigV4::new().sign_parts(&request, 1..=3, &credentials, "2026-01-01T00:00:00Z".parse()?, |_, url| {
    ///     urls.push(url.to_owned());
    /// })?;
    /// assert_eq!(urls.len(), 3);
    /// assert!(urls[2].contains("&partNumber=3&uploadId=VXBsb2FkSWQ&"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`Unsupported`] without calling `each` if the request is for another operation, has query parameters in
    /// addition to those of the operation, or targets a multi-region access point.
    pub fn sign_parts(
        &self,
        request: &PresignRequest,
        part_numbers: RangeInclusive<u16>,
        credentials: &Credentials,
        at: Timestamp,
        mut each: impl FnMut(u16, &str),
    ) -> Result<(), Unsupported> {
        ensure_sigv4(request)?;
        let state = self.states().get(credentials, request.target(), at);
        let unsupported = || {
            Unsupported::new(
                "upsign-sigv4",
                "a batch of parts for a request that is not UploadPart or has other query parameters",
            )
        };
        let mut template = PartTemplate::new(request, &state).ok_or_else(unsupported)?;
        let (mut one, mut two) = (Lane::new(), Lane::new());
        let mut part_numbers = part_numbers;
        while let Some(first) = part_numbers.next() {
            template.fill(&mut one, first);
            let Some(second) = part_numbers.next() else {
                lanes::sign_one(&mut one, &state);
                each(first, &one.url);
                break;
            };
            template.fill(&mut two, second);
            lanes::sign_two(&mut one, &mut two, &state);
            each(first, &one.url);
            each(second, &two.url);
        }
        Ok(())
    }
}

impl PartTemplate {
    /// Returns `None` for a request that is not `UploadPart` or has other query parameters.
    fn new(request: &PresignRequest, state: &SecondState) -> Option<Self> {
        let upload_id = upload_id(request)?;
        let target = request.target();
        let mut url = format!("{}://{}", target.scheme().as_str(), target.host());
        let path_start = url.len();
        url.push_str(target.path_prefix());
        url.push('/');
        encode_key(&mut url, request.key().as_str());
        let mut canonical_prefix = Hasher::new();
        canonical_prefix.update(request.operation().method().as_str().as_bytes());
        canonical_prefix.update(b"\n");
        canonical_prefix.update(url.get(path_start..).unwrap_or_default().as_bytes());
        canonical_prefix.update(b"\n");
        url.push('?');
        let query_start = url.len();
        canonical::push_signing_parameters(&mut url, request, state);
        url.push_str("&partNumber=");
        canonical_prefix.update(url.get(query_start..).unwrap_or_default().as_bytes());
        let mut canonical_suffix = "&uploadId=".to_owned();
        encode_query(&mut canonical_suffix, &upload_id);
        let url_suffix = format!("{canonical_suffix}{SIGNATURE_PARAMETER}");
        canonical::push_canonical_tail(&mut canonical_suffix, request);
        Some(Self { url_prefix: url, canonical_prefix, url_suffix, canonical_suffix })
    }

    /// Writes the URL of a part without its signature, and its canonical request, into a lane.
    fn fill(&mut self, lane: &mut Lane, part_number: u16) {
        lane.url.clear();
        lane.url.push_str(&self.url_prefix);
        let number_start = lane.url.len();
        push_decimal(&mut lane.url, part_number.into());
        let digits = lane.url.get(number_start..).unwrap_or_default();
        let pieces = [digits.as_bytes(), self.canonical_suffix.as_bytes()];
        lane.message.set_rest(&mut self.canonical_prefix, &pieces);
        lane.url.push_str(&self.url_suffix);
    }
}

/// Returns the upload id of an `UploadPart` request that has no further query parameters.
fn upload_id(request: &PresignRequest) -> Option<String> {
    let (mut upload_id, mut has_part_number) = (None, false);
    request.operation().for_each_query_parameter(|name, value| match name {
        "uploadId" => upload_id = Some(value.to_owned()),
        "partNumber" => has_part_number = true,
        _ => {}
    });
    upload_id.filter(|_| has_part_number && request.query().is_empty())
}
