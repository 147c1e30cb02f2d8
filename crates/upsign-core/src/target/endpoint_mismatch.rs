//! Whether an endpoint can be the one of a bucket.

use crate::target::addressing::Addressing;
use crate::target::bucket::Bucket;
use crate::target::endpoint::Endpoint;
use crate::target::provider::Provider;
use crate::target::store_host::BucketPlace;

/// Why an endpoint cannot be the one of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointMismatch {
    /// The endpoint names another bucket.
    #[error("names the bucket {found:?}, but the bucket is {bucket}")]
    OtherBucket {
        /// The bucket that the endpoint names.
        found: Box<str>,
        /// The bucket that was expected.
        bucket: Box<str>,
        /// The endpoint without a bucket.
        without: Endpoint,
    },
    /// The endpoint already contains the bucket. Its name would be added once more, so objects would get another key than
    /// the one that was signed.
    #[error(
        "already contains the bucket, to which its name is added: objects would be stored as \"{bucket}/KEY\""
    )]
    Doubled {
        /// The bucket.
        bucket: Box<str>,
        /// Where the endpoint contains it.
        place: BucketPlace,
        /// The endpoint without the bucket.
        without: Endpoint,
        /// Whether the host belongs to a [known store](Provider::of_host). Any other host may be called like the bucket by
        /// chance, and is accepted with an addressing that is stated.
        is_of_store: bool,
    },
    /// The endpoint is to be the bucket's own host, but is that of the store: the first segment of every key would be read as
    /// a bucket.
    #[error("is the host of the store, not that of the bucket (addressing = \"bucket-is-host\")")]
    StoreHost,
}

impl EndpointMismatch {
    /// Returns the endpoint without the bucket, which is probably the right one.
    #[must_use]
    pub const fn without(&self) -> Option<&Endpoint> {
        match self {
            Self::OtherBucket { without, .. } | Self::Doubled { without, .. } => Some(without),
            Self::StoreHost => None,
        }
    }
}

impl Endpoint {
    /// Checks that the endpoint can be the one of `bucket`. `addressing` is the stated one, or `None` for the default.
    ///
    /// ```
    /// use upsign_core::{Addressing, Endpoint};
    /// // As the dashboard of Cloudflare shows it.
    /// let endpoint: Endpoint = "https://acct.r2.cloudflarestorage.com/uploads".parse()?;
    /// let mismatch = endpoint.check_bucket(&"uploads".parse()?, None).unwrap_err();
    /// assert_eq!(mismatch.without().unwrap().to_string(), "https://acct.r2.cloudflarestorage.com");
    ///
    /// let own: Endpoint = "https://uploads.example.com".parse()?;
    /// own.check_bucket(&"uploads".parse()?, Some(Addressing::BucketHost))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`EndpointMismatch`] if the endpoint names another bucket, if the name of the bucket would be in the address
    /// twice, or if the host of a store is to be the bucket's own.
    pub fn check_bucket(
        &self,
        bucket: &Bucket,
        addressing: Option<Addressing>,
    ) -> Result<(), EndpointMismatch> {
        let store = Provider::of_host(self);
        let is_own_host = addressing == Some(Addressing::BucketHost);
        if let Some(store) = &store {
            match &store.bucket {
                Some(found) if *found.name != *bucket.as_str() => {
                    return Err(EndpointMismatch::OtherBucket {
                        found: found.name.clone(),
                        bucket: bucket.as_str().into(),
                        without: store.endpoint.clone(),
                    });
                }
                None if is_own_host => return Err(EndpointMismatch::StoreHost),
                _ => {}
            }
        }
        let is_of_store = store.is_some();
        match self.contains_bucket(bucket) {
            Some((place, without)) if !is_own_host && (is_of_store || addressing.is_none()) => {
                let bucket = bucket.as_str().into();
                Err(EndpointMismatch::Doubled { bucket, place, without, is_of_store })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the mismatch, or nothing.
    fn check(endpoint: &str, addressing: Option<Addressing>) -> String {
        let endpoint: Endpoint = endpoint.parse().unwrap();
        let found = endpoint.check_bucket(&"uploads".parse().unwrap(), addressing);
        found.err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn endpoints_that_name_a_bucket_are_judged_with_the_addressing() {
        let [path, own] = [Some(Addressing::Path), Some(Addressing::BucketHost)];
        for (endpoint, addressing, expected) in [
            ("https://fra1.digitaloceanspaces.com", None, ""),
            ("https://fra1.digitaloceanspaces.com", path, ""),
            ("https://fra1.digitaloceanspaces.com", own, "is the host of the store"),
            ("https://uploads.fra1.digitaloceanspaces.com", None, "already contains the bucket"),
            ("https://uploads.fra1.digitaloceanspaces.com", path, "already contains the bucket"),
            ("https://uploads.fra1.digitaloceanspaces.com", own, ""),
            ("https://photos.fra1.digitaloceanspaces.com", None, "names the bucket \"photos\""),
            ("https://photos.fra1.digitaloceanspaces.com", own, "names the bucket \"photos\""),
            ("https://gw.example.com/uploads", None, "already contains the bucket"),
            ("https://gw.example.com/uploads", path, ""),
            ("https://uploads.example.com", None, "already contains the bucket"),
            ("https://uploads.example.com", own, ""),
            ("https://photos.example.com", None, ""),
        ] {
            let found = check(endpoint, addressing);
            assert!(
                found.starts_with(expected) && found.is_empty() == expected.is_empty(),
                "{endpoint}: {found}"
            );
        }
    }
}
