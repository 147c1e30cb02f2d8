//! The URLs of the parts of one multipart upload.

use std::fmt::Write as _;

use upsign_core::{
    Credentials, PartChecksum, PartNumber, PartToSign, PresignParts, PresignRequest, Timestamp, Unsupported,
};

use crate::batch::lanes::{self, Lane};
use crate::canonical;
use crate::hash::sha256::Hasher;
use crate::signer::{SIGNATURE_PARAMETER, SigV4, ensure_sigv4};
use crate::state::second::SecondState;
use crate::text::decimal::push_decimal;
use crate::text::percent::{encode_key, encode_query};

/// The text that the URLs of all parts with the same names of signed headers have in common.
///
/// Only the part number, the length and the checksum differ. In the sorted query every `X-Amz-*` parameter comes before
/// `partNumber` (upper case sorts before lower case), so everything up to the number, session token included, is hashed once.
/// `uploadId` and the headers follow it. Among these, `content-length` comes before the header of a checksum, which is
/// `content-md5` or `x-amz-checksum-…`.
struct PartTemplate {
    /// The header of the checksum that the parts of this template have.
    checksum_header: Option<&'static str>,
    /// The URL up to and including `&partNumber=`.
    url_prefix: String,
    /// The URL after the part number, up to the signature.
    url_suffix: String,
    /// The canonical request up to and including `&partNumber=`, hashed.
    canonical_prefix: Hasher,
    /// The canonical request from the part number to the length, from there to the checksum, and after it. Without a checksum
    /// the second text goes to the end and the third is empty.
    canonical_texts: [String; 3],
}

/// The length of the highest part number, 10,000.
const MAX_DIGITS: usize = 5;
/// The length of a signature in hexadecimal digits.
const SIGNATURE_LEN: usize = 64;

impl SigV4 {
    /// Signs the URLs of many parts of one multipart upload and calls `each` with every part number and its URL, in order.
    ///
    /// The URLs are those that [`sign`](upsign_core::Sign::sign) gives for the single parts. Their common text is hashed once,
    /// two signatures are computed at a time, and the number of allocations does not depend on the number of parts.
    /// [`Sign::sign_parts`](upsign_core::Sign::sign_parts) returns the same URLs as owned text.
    ///
    /// ```
    /// use upsign_sigv4::types::{PartNumber, PartToSign, PresignParts};
    /// use upsign_sigv4::{Credentials, ExpiresIn, SigV4, Target};
    ///
    /// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// let expires_in = ExpiresIn::from_secs(900)?;
    /// let part = |number| Ok::<_, Box<dyn std::error::Error>>(PartToSign::new(PartNumber::new(number)?, 8 << 20));
    /// let all = [part(1)?, part(2)?, part(3)?];
    /// let parts = PresignParts::new(target, "videos/a.mp4".parse()?, "VXBsb2FkSWQ".parse()?, expires_in, all);
    /// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let mut urls = Vec::new();
    /// SigV4::new().sign_part_urls(&parts, &credentials, "2026-01-01T00:00:00Z".parse()?, |_, url| {
    ///     urls.push(url.to_owned());
    /// })?;
    /// assert_eq!(urls.len(), 3);
    /// assert!(urls[2].contains("&X-Amz-SignedHeaders=content-length%3Bhost&partNumber=3&uploadId=VXBsb2FkSWQ&"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`Unsupported`] without calling `each` if the target is a multi-region access point or requires the signatures of
    /// Google Cloud Storage, or if the headers of every part contain `content-length` or the header of a part's checksum.
    pub fn sign_part_urls(
        &self,
        parts: &PresignParts,
        credentials: &Credentials,
        at: Timestamp,
        mut each: impl FnMut(PartNumber, &str),
    ) -> Result<(), Unsupported> {
        self.sign_in_pairs(parts, credentials, at, |number, url| each(number, url))
    }

    /// Signs like [`sign_part_urls`](Self::sign_part_urls). `each` may take the URL out of the buffer, so that owned URLs are
    /// not copied.
    pub(crate) fn sign_in_pairs(
        &self,
        parts: &PresignParts,
        credentials: &Credentials,
        at: Timestamp,
        mut each: impl FnMut(PartNumber, &mut String),
    ) -> Result<(), Unsupported> {
        let state = self.states().get(credentials, parts.target(), at);
        let mut batch = Batch::new(parts, &state)?;
        let (mut one, mut two) = (Lane::new(), Lane::new());
        let mut rest = parts.parts().iter();
        while let Some(first) = rest.next() {
            batch.fill(&mut one, first);
            let Some(second) = rest.next() else {
                lanes::sign_one(&mut one, &state);
                each(first.number, &mut one.url);
                break;
            };
            batch.fill(&mut two, second);
            lanes::sign_two(&mut one, &mut two, &state);
            each(first.number, &mut one.url);
            each(second.number, &mut two.url);
        }
        Ok(())
    }
}

/// The templates of a batch: one for the parts without a checksum, and one for each header of checksums.
struct Batch {
    templates: Vec<PartTemplate>,
    /// The last length, in decimal digits. All parts of an upload except the last have the same.
    len: (u64, String),
}

impl Batch {
    fn new(parts: &PresignParts, state: &SecondState) -> Result<Self, Unsupported> {
        let mut templates: Vec<PartTemplate> = Vec::new();
        for part in parts.parts() {
            if !templates.iter().any(|template| template.fits(part)) {
                templates.push(PartTemplate::new(parts, part, state)?);
            }
        }
        Ok(Self { templates, len: (0, "0".to_owned()) })
    }

    /// Writes the URL of a part without its signature, and its canonical request, into a lane.
    fn fill(&mut self, lane: &mut Lane, part: &PartToSign) {
        if self.len.0 != part.len {
            self.len.1.clear();
            // Writing to a String does not fail.
            let _ = write!(self.len.1, "{}", part.len);
            self.len.0 = part.len;
        }
        // `new` created a template for every part.
        if let Some(template) = self.templates.iter_mut().find(|template| template.fits(part)) {
            template.fill(lane, part, &self.len.1);
        }
    }
}

impl PartTemplate {
    /// Prepares the text of all parts that have a checksum of the same header as `sample`.
    fn new(parts: &PresignParts, sample: &PartToSign, state: &SecondState) -> Result<Self, Unsupported> {
        let request = parts.request(sample).map_err(|error| {
            Unsupported::new("upsign-sigv4", format!("the headers of every part: {error}"))
        })?;
        ensure_sigv4(&request)?;
        let (url_prefix, canonical_prefix) = start_of_url(&request, state);
        let mut start = "&uploadId=".to_owned();
        encode_query(&mut start, parts.upload_id().as_str());
        let url_suffix = format!("{start}{SIGNATURE_PARAMETER}");
        let checksum_header = sample.checksum.as_ref().map(PartChecksum::header);
        let differs = |name: &str| name == "content-length" || Some(name) == checksum_header;
        let mut texts = canonical::canonical_tail(start, &request, differs).into_iter();
        let canonical_texts = [(); 3].map(|()| texts.next().unwrap_or_default());
        Ok(Self { checksum_header, url_prefix, url_suffix, canonical_prefix, canonical_texts })
    }

    fn fits(&self, part: &PartToSign) -> bool {
        self.checksum_header == part.checksum.as_ref().map(PartChecksum::header)
    }

    fn fill(&mut self, lane: &mut Lane, part: &PartToSign, len: &str) {
        lane.url.clear();
        lane.url.reserve_exact(self.url_prefix.len() + MAX_DIGITS + self.url_suffix.len() + SIGNATURE_LEN);
        lane.url.push_str(&self.url_prefix);
        let number_start = lane.url.len();
        push_decimal(&mut lane.url, part.number.get().into());
        let number = lane.url.get(number_start..).unwrap_or_default();
        let checksum = part.checksum.as_ref().map_or("", |checksum| checksum.as_base64());
        let [to_len, to_checksum, end] = &self.canonical_texts;
        let pieces = [number, to_len.as_str(), len, to_checksum.as_str(), checksum, end.as_str()];
        lane.message.set_rest(&mut self.canonical_prefix, &pieces.map(str::as_bytes));
        lane.url.push_str(&self.url_suffix);
    }
}

/// Returns the URL of a part up to and including `&partNumber=`, and the hashed canonical request up to the same place.
fn start_of_url(request: &PresignRequest, state: &SecondState) -> (String, Hasher) {
    let target = request.target();
    let mut url = format!("{}://{}", target.scheme().as_str(), target.host());
    let path_start = url.len();
    url.push_str(target.path_prefix());
    url.push('/');
    encode_key(&mut url, request.key().as_str());
    let mut canonical = Hasher::new();
    canonical.update(request.operation().method().as_str().as_bytes());
    canonical.update(b"\n");
    canonical.update(url.get(path_start..).unwrap_or_default().as_bytes());
    canonical.update(b"\n");
    url.push('?');
    let query_start = url.len();
    canonical::push_signing_parameters(&mut url, request, state);
    url.push_str("&partNumber=");
    canonical.update(url.get(query_start..).unwrap_or_default().as_bytes());
    (url, canonical)
}
