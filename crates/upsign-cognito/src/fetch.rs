//! The seam at which a key set is fetched.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Algorithm, Backend, InvalidKeySet, KeySet};

/// Work that may go on beside the caller.
pub type Refresh = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Fetches a key set.
#[async_trait]
pub trait FetchKeys: fmt::Debug + Send + Sync + 'static {
    /// What the address answers, whatever it is. Must come back within a few seconds, must not follow a redirect to
    /// another host or from https to http, and must not read more than [`KeySet::MAX_BYTES`].
    ///
    /// # Errors
    /// [`FetchError`] when there is no answer.
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError>;

    /// Runs `refresh` to its end beside the caller, who must not wait for it, or hands it back where nothing could run
    /// it: then the caller carries it.
    ///
    /// # Errors
    /// The work itself, unstarted.
    fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
        Err(refresh)
    }
}

/// What the address of a key set answered.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchedKeys {
    status: u16,
    cache_control: Option<Box<str>>,
    body: Vec<u8>,
}

/// Why there is no key set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Nothing has been fetched yet.
    #[error("no key set was fetched yet")]
    Never,
    /// An `http` address on another machine.
    #[error("a key set is fetched over http from this machine only")]
    Http,
    /// The HTTP client could not be built: usually a machine without CA certificates.
    #[error("the HTTP client could not be built")]
    Client(#[source] Box<dyn Error + Send + Sync>),
    /// Not reached, or broken off.
    #[error("the key set could not be fetched")]
    Transport(#[source] Box<dyn Error + Send + Sync>),
    /// Too slow.
    #[error("the key set did not come in time")]
    Timeout,
    /// Longer than [`KeySet::MAX_BYTES`].
    #[error("the answer is longer than 256 KiB")]
    TooLong,
    /// Not 200: an error, or a redirect, which is not followed.
    #[error("the address of the key set answered with status {0}")]
    Status(u16),
    /// Not a key set.
    #[error("the answer is no key set")]
    Document(#[source] InvalidKeySet),
    /// A key set without a key that could be used.
    #[error("the key set has no usable key")]
    NoUsableKey,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl FetchedKeys {
    /// An answer with this HTTP status and body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, cache_control: None, body: body.into() }
    }

    /// The same answer with the value of its `Cache-Control`.
    #[must_use]
    pub fn with_cache_control(mut self, value: impl Into<Box<str>>) -> Self {
        self.cache_control = Some(value.into());
        self
    }

    /// For how many seconds the answer counts as fresh: the `max-age` of `Cache-Control`, but at least 5 minutes and at
    /// most 24 hours; 1 hour when it says nothing that can be read.
    #[must_use]
    pub fn fresh_for(&self) -> u64 {
        let directives = self.cache_control.as_deref().unwrap_or_default().split(',');
        let max_age = directives.map(str::trim).find_map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, "0"));
            match name.trim().to_ascii_lowercase().as_str() {
                "max-age" => seconds(value.trim().trim_matches('"')),
                "no-store" | "no-cache" => Some(0),
                _ => None,
            }
        });
        max_age.unwrap_or(HOUR).clamp(5 * MINUTE, DAY)
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The keys of the answer that are usable for any of `algorithms`.
    ///
    /// # Errors
    /// [`FetchError::Status`], [`FetchError::Document`]: such an answer never replaces a set.
    pub fn key_set(&self, algorithms: &[Algorithm], backend: Backend) -> Result<KeySet, FetchError> {
        if self.status != 200 {
            return Err(FetchError::Status(self.status));
        }
        KeySet::parse_for(&self.body, algorithms, backend).map_err(FetchError::Document)
    }
}

impl fmt::Debug for FetchedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchedKeys")
            .field("status", &self.status)
            .field("cache_control", &self.cache_control)
            .field("bytes", &self.body.len())
            .finish()
    }
}

impl FetchError {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Never => "key-set-never-fetched",
            Self::Http => "key-set-http",
            Self::Client(_) => "key-set-client",
            Self::Transport(_) => "key-set-transport",
            Self::Timeout => "key-set-timeout",
            Self::TooLong => "key-set-too-long",
            Self::Status(_) => "key-set-status",
            Self::Document(why) => why.code(),
            Self::NoUsableKey => "key-set-no-usable-key",
        }
    }
}

#[async_trait]
impl<T: FetchKeys + ?Sized> FetchKeys for Arc<T> {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        (**self).fetch(uri).await
    }

    fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
        (**self).spawn(refresh)
    }
}

#[async_trait]
impl<T: FetchKeys + ?Sized> FetchKeys for Box<T> {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        (**self).fetch(uri).await
    }

    fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
        (**self).spawn(refresh)
    }
}

/// A key set that is at hand and never changes: for one that is deployed with the service, and for tests.
#[derive(Clone, Debug)]
pub struct StaticKeys(FetchedKeys);

impl StaticKeys {
    /// The keys of this JWKS document, whatever the address.
    pub fn new(document: impl Into<Vec<u8>>) -> Self {
        Self(FetchedKeys::new(200, document).with_cache_control("max-age=86400"))
    }
}

#[async_trait]
impl FetchKeys for StaticKeys {
    async fn fetch(&self, _uri: &str) -> Result<FetchedKeys, FetchError> {
        Ok(self.0.clone())
    }
}

/// RFC 9111, section 1.2.2: a number too large to be held counts as very large.
fn seconds(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cache_control: &str, fresh_for: u64) {
        let answer = FetchedKeys::new(200, "").with_cache_control(cache_control);
        assert_eq!(answer.fresh_for(), fresh_for, "{cache_control}");
    }

    #[test]
    fn freshness_is_clamped() {
        assert_eq!(FetchedKeys::new(200, "").fresh_for(), HOUR);
        check("", HOUR);
        check("public", HOUR);
        check("max-age=abc", HOUR);
        check("max-age=-1", HOUR);
        check("max-age", 5 * MINUTE);
        check("max-age=0", 5 * MINUTE);
        check("no-store", 5 * MINUTE);
        check("public, max-age=7200, must-revalidate", 2 * HOUR);
        check("Max-Age = \"600\"", 600);
        check("s-maxage=60, max-age=86400", DAY);
        check("max-age=86401", DAY);
        check("max-age=99999999999999999999999999", DAY);
    }
}
