//! An S3 server that verifies signatures.
//!
//! [`handler`] is the entry point of a request. It checks what `s3s` does not check (host, CORS, [`signature`]
//! parameters), passes the request to the `s3s` [`service`], whose [`operations`] use the object store, and translates
//! errors into those of S3 ([`error_translation`]).

pub(crate) mod builder;
mod copy;
mod cors;
mod drainable_body;
mod error_response;
mod error_translation;
#[cfg(feature = "faults")]
pub(crate) mod faults;
mod form;
mod form_reader;
mod handler;
mod input_checks;
mod listing;
mod multipart;
mod operations;
mod read_conditions;
mod service;
mod signature;
mod tagging;
mod upload_listing;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use upsign_core::{Addressing, Bucket, Credentials, Endpoint, Region, Target};
use upsign_documents::CorsDocument;

use crate::http_server::{HttpServer, ShutdownOutcome};
use crate::store::notification::{Notifications, ObjectEvents, RequestId};
use crate::store::object::StoredObject;
use crate::store::precondition::Precondition;
use crate::store::{Remover, Store};
use builder::LocalS3Builder;
use cors::CorsRules;

/// The value of the `x-amz-id-2` header and the `HostId` element.
pub(crate) const HOST_ID: &str = "upsign-local";

/// A running S3 server on 127.0.0.1.
///
/// ```
/// use upsign_local::{Bucket, Credentials, LocalS3, ShutdownOutcome};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = Credentials::long_term("LOCLEXAMPLE", "a-secret-of-this-run")?;
/// let bucket: Bucket = "article-images".parse()?;
/// # let directory = std::env::temp_dir().join(format!("upsign-local-doc-{}", std::process::id()));
/// let s3 = LocalS3::builder(credentials, "us-east-1".parse()?, bucket.clone())
///     .directory(&directory) // without it, the objects are gone when the server stops
///     .start()
///     .await?;
///
/// // A presigner signs requests for this target.
/// assert_eq!(s3.target(bucket.clone()).endpoint_url(), s3.endpoint().to_string());
///
/// // Without a signature there is no access, as at a private bucket.
/// let response = reqwest::get(format!("{}/article-images/a.jpg", s3.endpoint())).await?;
/// assert_eq!(response.status(), 403);
/// assert!(response.text().await?.contains("<Code>AccessDenied</Code>"));
/// assert!(s3.objects(&bucket).await.is_empty());
///
/// assert_eq!(s3.shutdown().await, ShutdownOutcome::Graceful);
/// # std::fs::remove_dir_all(directory)?;
/// # Ok(())
/// # }
/// ```
///
/// The crate's documentation shows an upload.
///
/// Dropping it closes all connections. A temporary object directory is removed with the last of them.
#[derive(Debug)]
pub struct LocalS3 {
    server: HttpServer,
    store: Arc<Store>,
    cors: Arc<CorsRules>,
    notifications: Notifications,
    credentials: Credentials,
    region: Region,
    shutdown_timeout: Duration,
}

impl LocalS3 {
    /// Returns the configuration of a server in `region` with one bucket.
    ///
    /// The server accepts requests that are signed with `credentials`. If these are temporary, requests must carry
    /// their session token.
    pub fn builder(credentials: Credentials, region: Region, bucket: Bucket) -> LocalS3Builder {
        LocalS3Builder::new(credentials, region, bucket)
    }

    /// Returns the address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        endpoint(self.address())
    }

    /// Returns the target of requests for `bucket`, with path-style addressing.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only virtual-hosted addressing depends on the host")]
    pub fn target(&self, bucket: Bucket) -> Target {
        Target::at(&self.endpoint(), Addressing::Path, bucket, self.region.clone())
            .expect("path-style addressing works with any host")
    }

    /// Returns the credentials that the server accepts.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Returns the region of the server.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Replaces the CORS rules of all buckets. They apply from the next request.
    pub fn set_cors(&self, cors: CorsDocument) {
        self.cors.set(cors);
    }

    /// Adds a bucket, for requests from now on. Nothing changes if it is there.
    pub fn add_bucket(&self, bucket: Bucket) {
        self.store.add_bucket(bucket);
    }

    /// Returns the objects of a bucket, sorted by key.
    ///
    /// This reads the store directly, without a request, for tests and for programs that display the bucket.
    pub async fn objects(&self, bucket: &Bucket) -> Vec<StoredObject> {
        self.store.list(bucket).await
    }

    /// Returns the notifications about objects that change from now on.
    #[must_use]
    pub fn events(&self) -> ObjectEvents {
        self.notifications.subscribe()
    }

    /// Deletes an object as a lifecycle rule of the bucket does, and sends `LifecycleExpiration` in the notification. With
    /// versioning it adds a delete marker. The server has no lifecycle rules of its own.
    ///
    /// Returns whether there was an object.
    ///
    /// # Errors
    /// The record of the object cannot be removed.
    pub async fn expire(&self, bucket: &Bucket, key: &str) -> std::io::Result<bool> {
        let place = (bucket.as_str(), key);
        if self.store.find(place.0, place.1, None).await.is_err() {
            return Ok(false);
        }
        let remover = (Remover::Lifecycle, &RequestId::default());
        let removed = self.store.remove(place, None, &Precondition::None, remover).await;
        removed.map(|_| true).map_err(std::io::Error::other)
    }

    /// Stops listening, waits for open requests up to the configured timeout, then closes their connections.
    ///
    /// An upload whose connection is closed is not stored.
    pub async fn shutdown(self) -> ShutdownOutcome {
        self.server.shutdown(self.shutdown_timeout).await
    }
}

#[expect(clippy::expect_used, reason = "`http://` and a socket address form an endpoint")]
fn endpoint(address: SocketAddr) -> Endpoint {
    format!("http://{address}").parse().expect("a socket address is a host and a port")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn shutdown_removes_the_temporary_directory() {
        let credentials = Credentials::long_term("LOCLEXAMPLE", "secret").unwrap();
        let builder = || {
            let bucket = "article-images".parse().unwrap();
            LocalS3::builder(credentials.clone(), "us-east-1".parse().unwrap(), bucket)
        };
        let s3 = builder().start().await.unwrap();
        let directory = s3.store.directory().to_owned();
        // An idle connection holds a clone of the router, and with it the store.
        let idle = tokio::net::TcpStream::connect(s3.address()).await.unwrap();
        assert!(directory.join("records").is_dir());
        s3.shutdown().await;
        assert!(!directory.exists());
        drop(idle);
    }
}
