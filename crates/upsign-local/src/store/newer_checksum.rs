//! The checksums that S3 verifies since 2026 and that `s3s` does not know: SHA-512, MD5 in a header of its own, and XXHash.
//!
//! They are compared with the body, but not stored with the object.

use std::hash::Hasher;

use aws_lc_rs::digest;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::crypto::{Checksum as _, Md5};
use s3s::{S3Result, s3_error};
use twox_hash::{XxHash3_64, XxHash3_128, XxHash64};

/// The headers of these checksums.
pub(crate) const NEWER_CHECKSUMS: [&str; 5] = [
    "x-amz-checksum-sha512",
    "x-amz-checksum-md5",
    "x-amz-checksum-xxhash64",
    "x-amz-checksum-xxhash3",
    "x-amz-checksum-xxhash128",
];

/// A checksum in the headers of a request, and the computation of the same one for the body.
pub(super) struct NewerChecksum {
    /// The name of the algorithm in messages of S3.
    name: &'static str,
    declared: String,
    computed: Computed,
}

/// A checksum in the making. The hashes of XXHash have the seed 0.
enum Computed {
    Sha512(digest::Context),
    Md5(Md5),
    XxHash64(XxHash64),
    XxHash3(Box<XxHash3_64>),
    XxHash128(Box<XxHash3_128>),
}

/// Begins the computation of a checksum.
type Start = fn() -> Computed;

impl NewerChecksum {
    /// Returns the checksums that the headers of a request declare.
    pub(super) fn all_in(headers: &HeaderMap) -> Vec<Self> {
        let algorithms: [(&'static str, Start); 5] = [
            ("SHA512", || Computed::Sha512(digest::Context::new(&digest::SHA512))),
            ("MD5", || Computed::Md5(Md5::new())),
            ("XXHASH64", || Computed::XxHash64(XxHash64::with_seed(0))),
            ("XXHASH3", || Computed::XxHash3(Box::new(XxHash3_64::new()))),
            ("XXHASH128", || Computed::XxHash128(Box::new(XxHash3_128::new()))),
        ];
        let declared = |(header, (name, computed)): (&str, (&'static str, Start))| {
            let declared = headers.get(header)?.to_str().ok()?.to_owned();
            Some(Self { name, declared, computed: computed() })
        };
        NEWER_CHECKSUMS.into_iter().zip(algorithms).filter_map(declared).collect()
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.computed {
            Computed::Sha512(context) => context.update(bytes),
            Computed::Md5(md5) => md5.update(bytes),
            Computed::XxHash64(hash) => hash.write(bytes),
            Computed::XxHash3(hash) => hash.write(bytes),
            Computed::XxHash128(hash) => hash.write(bytes),
        }
    }

    /// Compares the body, whose last bytes were passed to [`update`](Self::update), with the declared checksum.
    ///
    /// The numbers of XXHash are in big-endian order, their canonical form:
    /// <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>.
    pub(super) fn check(self) -> S3Result<()> {
        let Self { name, declared, computed } = self;
        let found = match computed {
            Computed::Sha512(context) => STANDARD.encode(context.finish()),
            Computed::Md5(md5) => STANDARD.encode(md5.finalize()),
            Computed::XxHash64(hash) => STANDARD.encode(hash.finish().to_be_bytes()),
            Computed::XxHash3(hash) => STANDARD.encode(hash.finish().to_be_bytes()),
            Computed::XxHash128(hash) => STANDARD.encode(hash.finish_128().to_be_bytes()),
        };
        if declared == found {
            return Ok(());
        }
        Err(s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum."))
    }
}
