//! Objects that callers find by the SHA-256 of their content, without anything that was kept of the upload.
//!
//! A protocol such as Git LFS names a file by its SHA-256. If the key of a route follows from the caller and from that checksum
//! ([`UploadPolicy::finds_by_content`](crate::UploadPolicy::finds_by_content)), the service tells whether the object exists, and signs
//! a URL that reads it. Who may do so is decided by the [`Access`](crate::Access) of the route: a template with `{sub}` gives each
//! caller objects of their own, and one without it shares them between all callers of the route
//! ([`SharedContent::Danger`](crate::policy::SharedContent::Danger)).
//!
//! ```
//! use upsign::policy::Checksum;
//! use upsign::{Identity, IssueError, Timestamp, UploadService};
//!
//! /// Returns a URL that reads the content, or `None` if it was not uploaded.
//! async fn url_of(
//!     service: &UploadService,
//!     caller: &Identity,
//!     sha256: [u8; 32],
//!     at: Timestamp,
//! ) -> Result<Option<String>, IssueError> {
//!     let Some(contents) = service.contents(caller, Some("assets"), at)? else { return Ok(None) };
//!     let Some(object) = contents.find(&Checksum::sha256(sha256)).await? else { return Ok(None) };
//!     Ok(Some(contents.read_url(&object).await?.url.expose().to_owned()))
//! }
//! ```
//!
//! [`AuthorizeRead`](crate::read::AuthorizeRead) decides by the receipt of a confirmed upload, and these URLs are signed without one. A service
//! with an implementation of its own ([`UploadService::has_read_authorizer`]) therefore signs no URL for a content.

mod read;

use std::fmt;

use upsign_core::{Identity, ObjectKey, Presigner, Timestamp};
use upsign_objects::{ChecksumType, HeadObject, ObjectHead};
use upsign_policy::{Checksum, ChecksumAlgorithm};

use crate::error::IssueError;
use crate::route::Route;
use crate::service::UploadService;
use crate::session::checksum::find;
use crate::store::Store;

/// The objects of one route that a caller finds by their content, within one request.
///
/// All calls to the store share the time of the request
/// ([`ObjectCalls::time_per_request`](crate::ObjectCalls::time_per_request)). They can be made at the same time.
pub struct Contents<'a, P> {
    service: &'a UploadService<P>,
    caller: &'a Identity,
    route: &'a Route<P>,
    store: Store<'a>,
    at: Timestamp,
}

/// An object that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentObject {
    /// Its key.
    pub key: ObjectKey,
    /// What the store knows of it.
    pub head: ObjectHead,
}

impl ContentObject {
    /// Returns `true` if the object has this size and, if the store returns its SHA-256, this checksum.
    #[must_use]
    pub fn is(&self, size: u64, sha256: &Checksum) -> bool {
        let is_of_bytes = self.head.checksum_type != Some(ChecksumType::Composite);
        let found = find(&self.head.checksums, ChecksumAlgorithm::Sha256).filter(|_| is_of_bytes);
        self.head.size == size && found.is_none_or(|found| found == *sha256)
    }
}

impl<P: Presigner> UploadService<P> {
    /// Returns the objects that `caller` finds on a route, or `None` unless its policy
    /// [finds objects by their content](crate::UploadPolicy::finds_by_content). `None` selects the unnamed route.
    ///
    /// The caller must be counted already ([`count`](Self::count)).
    ///
    /// # Errors
    /// Returns [`IssueError::RouteRequired`], [`IssueError::RouteUnknown`] or [`IssueError::RouteForbidden`] as
    /// [`issue`](Self::issue) does, and [`IssueError::MissingStore`] if the route has no calls to its store.
    pub fn contents<'a>(
        &'a self,
        caller: &'a Identity,
        route: Option<&str>,
        at: Timestamp,
    ) -> Result<Option<Contents<'a, P>>, IssueError> {
        let route = self.usable_route(caller, route)?;
        if !route.issuer().policy().finds_by_content() {
            return Ok(None);
        }
        let access = route.issuer().store().ok_or(IssueError::MissingStore)?;
        let store = Store::new(access.calls(), self.observers(), at);
        Ok(Some(Contents { service: self, caller, route, store, at }))
    }

    /// Returns `true` if [`with_read_authorizer`](Self::with_read_authorizer) was called.
    #[must_use]
    pub const fn has_read_authorizer(&self) -> bool {
        self.extensions().has_read_authorizer
    }
}

impl<P: Presigner> Contents<'_, P> {
    /// Returns the key of a content, whether or not the object exists.
    ///
    /// # Errors
    /// Returns [`IssueError::Denied`] if the caller lacks a value of the key, such as a claim.
    pub fn key(&self, sha256: &Checksum) -> Result<ObjectKey, IssueError> {
        let key = self.route.issuer().policy().content_key(self.caller, sha256)?;
        // `UploadService::contents` has checked that the policy finds objects by their content.
        key.ok_or(IssueError::MissingStore)
    }

    /// Looks for the object with this content.
    ///
    /// # Errors
    /// Returns [`IssueError::Denied`] as [`key`](Self::key) does, and [`IssueError::Look`] if the store does not answer.
    pub async fn find(&self, sha256: &Checksum) -> Result<Option<ContentObject>, IssueError> {
        let key = self.key(sha256)?;
        let call = HeadObject::new(key.clone()).with_headers(self.route.issuer().policy().call_headers());
        match self.store.head(call).await {
            Ok(head) => Ok(Some(ContentObject { key, head })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(IssueError::Look(error)),
        }
    }
}

impl<P> fmt::Debug for Contents<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents")
            .field("caller", &self.caller)
            .field("route", &self.route.name())
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
