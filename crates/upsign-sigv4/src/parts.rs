//! Many parts of one multipart upload.

use std::ops::RangeInclusive;

use upsign_core::{Credentials, PresignRequest, Timestamp, Unsupported};

use crate::blocks::Hasher;
use crate::encode::{encode_key, encode_query};
use crate::lanes::{self, Lane};
use crate::query::{self, push_decimal};
use crate::second::Second;
use crate::signer::{SIGNATURE, SigV4, checked};

/// What the URLs of an upload's parts share. The signing parameters sort before `partNumber`, so everything up to it,
/// session token included, is hashed once for all.
struct Parts {
    /// The URL up to the part number.
    url: String,
    /// The canonical request up to the part number.
    begun: Hasher,
    /// From behind the part number to the signature, in the URL.
    url_end: String,
    /// From behind the part number to the end, in the canonical request.
    canonical_end: String,
}

impl SigV4 {
    /// The URLs of many parts of one upload, two in the making at a time: calls `each` with the part number and its
    /// URL, in order. `request` is one to upload any part; its own part number is not used.
    ///
    /// # Errors
    /// [`Unsupported`], having called nothing, when the request is not one to upload a part, has query parameters beside
    /// those of the operation, or is for a target that is signed with SigV4a.
    pub fn sign_parts(
        &self,
        request: &PresignRequest,
        numbers: RangeInclusive<u16>,
        credentials: &Credentials,
        at: Timestamp,
        mut each: impl FnMut(u16, &str),
    ) -> Result<(), Unsupported> {
        checked(request)?;
        let second = self.seconds().at(credentials, request.target(), at);
        let parts = Parts::new(request, &second);
        let other = || {
            Unsupported::new("upsign-sigv4", "parts in a batch for a request that is none to upload a part")
        };
        let mut parts = parts.ok_or_else(other)?;
        let (mut one, mut two) = (Lane::new(), Lane::new());
        let mut numbers = numbers;
        while let Some(first) = numbers.next() {
            parts.load(&mut one, first);
            let Some(next) = numbers.next() else {
                lanes::sign_one(&mut one, &second);
                each(first, &one.url);
                break;
            };
            parts.load(&mut two, next);
            lanes::sign_two(&mut one, &mut two, &second);
            each(first, &one.url);
            each(next, &two.url);
        }
        Ok(())
    }
}

impl Parts {
    fn new(request: &PresignRequest, second: &Second) -> Option<Self> {
        let upload_id = upload_id(request)?;
        let target = request.target();
        let mut url = format!("{}://{}", target.scheme().as_str(), target.host());
        let path = url.len();
        url.push_str(target.path_prefix());
        url.push('/');
        encode_key(&mut url, request.key().as_str());
        let mut begun = Hasher::new();
        begun.update(request.operation().method().as_str().as_bytes());
        begun.update(b"\n");
        begun.update(url.get(path..).unwrap_or_default().as_bytes());
        begun.update(b"\n");
        url.push('?');
        let query = url.len();
        query::push_signing(&mut url, request, second);
        url.push_str("&partNumber=");
        begun.update(url.get(query..).unwrap_or_default().as_bytes());
        let mut canonical_end = "&uploadId=".to_owned();
        encode_query(&mut canonical_end, &upload_id);
        let url_end = format!("{canonical_end}{SIGNATURE}");
        query::push_canonical_tail(&mut canonical_end, request);
        Some(Self { url, begun, url_end, canonical_end })
    }

    fn load(&mut self, lane: &mut Lane, number: u16) {
        lane.url.clear();
        lane.url.push_str(&self.url);
        let start = lane.url.len();
        push_decimal(&mut lane.url, number.into());
        let digits = lane.url.get(start..).unwrap_or_default();
        lane.message.go_on(&mut self.begun, &[digits.as_bytes(), self.canonical_end.as_bytes()]);
        lane.url.push_str(&self.url_end);
    }
}

/// The upload id of a request to upload a part with no further parameters.
fn upload_id(request: &PresignRequest) -> Option<String> {
    let (mut id, mut part) = (None, false);
    request.operation().for_each_query(|name, value| match name {
        "uploadId" => id = Some(value.to_owned()),
        "partNumber" => part = true,
        _ => {}
    });
    id.filter(|_| part && request.query().is_empty())
}
