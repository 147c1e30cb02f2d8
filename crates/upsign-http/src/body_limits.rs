//! The maximum sizes of request bodies.

use http::Method;
use upsign::session::UploadToken;
use upsign_core::Presigner;

use crate::api::Api;
use crate::dialect::Body;
use crate::endpoint::Endpoint;
use crate::session_body::MAX_ITEMS;

/// The maximum number of parts of an upload
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
pub(crate) const MAX_PARTS: usize = 10_000;

/// Room for the names of the members and for whitespace.
const MEMBERS: usize = 2 << 10;

/// The bytes of `{"partNumber":10000,"etag":"…","checksum":"…"},` with an entity tag of 32 and a checksum of 44 characters, and
/// room for whitespace and for longer entity tags.
const BYTES_PER_PART: usize = 200;

/// The bytes that the description of a file may have, in addition to [`max_body`](Api::max_body) for the first one.
const BYTES_PER_FILE: usize = 1 << 10;

/// The bytes of a part number, a length and a checksum of 44 characters, each with its comma.
const BYTES_PER_ITEM: usize = 80;

impl<P: Presigner> Api<P> {
    /// Returns the maximum size in bytes of the body of a request with a method for one of the [`paths`](Self::paths), for
    /// adapters: they stop reading at this size.
    ///
    /// It is [`max_body`](Self::max_body) for unknown paths and methods, and for the endpoint that issues uploads, with 1 KiB more
    /// for each further file of one request. The body of a call that
    /// continues an upload has an upload token of up to 12 KiB, and up to 1,000 checksums for `/uploads/parts`. That of
    /// `/uploads/complete` lists every part, 200 bytes for each: 2 MB for 10,000 parts. That is not less if the routes permit only
    /// smaller uploads: one that began before `max_size` was lowered or `part_size` was raised can still be completed.
    #[must_use]
    pub fn max_body_of(&self, method: &Method, path: &str) -> usize {
        match self.dialects.at(path, self.paths.base()) {
            Some(found) if self.paths.at(path).is_none() => self.dialect_max_bytes(found.served.body),
            _ => self.endpoint(method, path).map_or(self.max_body(), |endpoint| self.max_bytes(endpoint)),
        }
    }

    /// Returns the maximum size in bytes of the body of a request to a dialect.
    pub(crate) fn dialect_max_bytes(&self, body: Body) -> usize {
        match body {
            Body::Small if self.max_body() == 0 => 0,
            Body::Small => self.max_body() + UploadToken::MAX_LEN,
            Body::List => self.max_bytes(Endpoint::Complete),
        }
    }

    pub(crate) fn max_bytes(&self, endpoint: Endpoint) -> usize {
        let token = UploadToken::MAX_LEN + MEMBERS;
        match endpoint {
            // An API that accepts no bodies accepts none with several files either.
            Endpoint::Issue if self.max_body() == 0 => 0,
            Endpoint::Issue => {
                self.max_body() + usize::from(self.max_files.saturating_sub(1)) * BYTES_PER_FILE
            }
            Endpoint::Parts => token + MAX_ITEMS * BYTES_PER_ITEM,
            // A receipt is not longer than an upload token.
            Endpoint::Status | Endpoint::Abort | Endpoint::Confirm | Endpoint::ReadUrl | Endpoint::Delete => {
                token
            }
            Endpoint::Complete | Endpoint::Dialect(_) => token + MAX_PARTS * BYTES_PER_PART,
        }
    }
}
