//! The configuration of an S3 server.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use upsign::{Clock, SystemClock};
use upsign_core::{Bucket, Credentials, Region};
use upsign_documents::CorsDocument;

use super::LocalS3;
use super::cors::CorsRules;
use super::service::{self, ServiceOptions};
use crate::error::LocalServerError;
use crate::http_server::{BoundListener, DEFAULT_SHUTDOWN_TIMEOUT};
use crate::store::multipart::MAX_PART;
use crate::store::notification::{Notifications, ObjectEvents};
use crate::store::{Store, StoreOptions};

/// The configuration of a [`LocalS3`] that has not started.
#[must_use]
pub struct LocalS3Builder {
    pub(super) credentials: Credentials,
    pub(super) region: Region,
    buckets: BTreeSet<Bucket>,
    port: u16,
    directory: Option<PathBuf>,
    cors: CorsDocument,
    pub(super) max_object_bytes: u64,
    pub(super) max_multipart_bytes: u64,
    pub(super) max_form_bytes: usize,
    pub(super) clock: Arc<dyn Clock>,
    shutdown_timeout: Duration,
    is_versioned: bool,
    notifications: Notifications,
    #[cfg(feature = "faults")]
    faults: super::faults::FaultPlan,
}

impl LocalS3Builder {
    pub(super) fn new(credentials: Credentials, region: Region, bucket: Bucket) -> Self {
        Self {
            credentials,
            region,
            buckets: BTreeSet::from([bucket]),
            port: 0,
            directory: None,
            cors: CorsDocument::empty(),
            max_object_bytes: MAX_PART,
            max_multipart_bytes: 10_000 * MAX_PART,
            max_form_bytes: 64 * 1024 * 1024,
            clock: Arc::new(SystemClock),
            shutdown_timeout: DEFAULT_SHUTDOWN_TIMEOUT,
            is_versioned: false,
            notifications: Notifications::new(),
            #[cfg(feature = "faults")]
            faults: super::faults::FaultPlan::new(),
        }
    }

    /// Sets the port. The default, 0, selects a free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds a bucket. Requests for buckets that were not added get `NoSuchBucket`.
    pub fn additional_bucket(mut self, bucket: Bucket) -> Self {
        self.buckets.insert(bucket);
        self
    }

    /// Stores objects in this directory, so that they survive a restart. It is created if it does not exist.
    ///
    /// The default is a temporary directory, which is removed when the server stops. Only one server at a time can use
    /// a directory.
    pub fn directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.directory = Some(path.into());
        self
    }

    /// Enables versioning for all buckets. By default it is disabled, as on S3.
    ///
    /// With versioning, a write keeps the object that it replaces as an earlier version, answers have `x-amz-version-id`, and a
    /// deletion adds a delete marker. Earlier versions are read, copied, tagged and deleted by their ids; a list of versions is
    /// not implemented.
    pub fn versioned(mut self, is_versioned: bool) -> Self {
        self.is_versioned = is_versioned;
        self
    }

    /// Returns the notifications of the server that this builder starts, so that none is missed.
    /// [`LocalS3::events`] returns those from a later time.
    #[must_use]
    pub fn events(&self) -> ObjectEvents {
        self.notifications.subscribe()
    }

    /// Sets the CORS rules of all buckets.
    ///
    /// There are none by default, as on S3: preflights get 403, and browsers hide responses from pages of other
    /// origins.
    pub fn cors(mut self, cors: CorsDocument) -> Self {
        self.cors = cors;
        self
    }

    /// Limits the size of a body of one request, an object or a part, in bytes.
    ///
    /// The default is 5 GiB, the limit of S3 (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>). A part is never
    /// larger.
    pub fn max_object_bytes(mut self, bytes: u64) -> Self {
        self.max_object_bytes = bytes;
        self
    }

    /// Limits the size of an object from a multipart upload, in bytes. The server compares it when the upload is completed.
    ///
    /// The default is 48.8 TiB, the limit of S3: 10,000 parts of 5 GiB
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
    pub fn max_multipart_bytes(mut self, bytes: u64) -> Self {
        self.max_multipart_bytes = bytes;
        self
    }

    /// Limits the size of the file in a POST form, in bytes.
    ///
    /// The default is 64 MiB, less than the 5 GiB of S3, because the server holds the whole form in memory. It does so only
    /// for forms with a valid signature, and for at most two of this size at a time: further ones wait, then get `SlowDown`.
    pub fn max_form_bytes(mut self, bytes: usize) -> Self {
        self.max_form_bytes = bytes;
        self
    }

    /// Sets the clock for the `ServerTime` element, which S3 adds to errors about expired URLs and wrong clocks. The default is
    /// the system clock.
    ///
    /// The clock does not decide what has expired: `s3s`, which verifies the signatures, always uses the system clock.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Limits how long [`LocalS3::shutdown`] waits for open requests. The default is 2 seconds.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.shutdown_timeout = limit;
        self
    }

    /// Injects the faults of this plan, also those that are added to it later. With [`into_router`](Self::into_router) a fault
    /// that closes the connection has an empty answer instead.
    #[cfg(feature = "faults")]
    pub fn with_faults(mut self, faults: super::faults::FaultPlan) -> Self {
        self.faults = faults;
        self
    }

    /// Binds the port, opens the directory and starts to accept requests.
    ///
    /// # Errors
    /// The port is in use; or the directory cannot be read or written, is in use by another server, or contains files
    /// that this crate did not write.
    pub async fn start(self) -> Result<LocalS3, LocalServerError> {
        let listener = BoundListener::bind(self.port).await?;
        let store = self.open_store().await?;
        let cors = Arc::new(CorsRules::new(self.cors.clone()));
        let router = service::router(&self.service_options(), listener.address(), &store, &cors);
        Ok(LocalS3 {
            server: listener.serve(router),
            store,
            cors,
            notifications: self.notifications,
            credentials: self.credentials,
            region: self.region,
            shutdown_timeout: self.shutdown_timeout,
        })
    }

    /// Returns the server as a [`Router`], for a program that runs its own `axum` server at `address`.
    ///
    /// The port and the shutdown timeout of this builder are not used. Requests whose `Host` has another port than
    /// `address` get 421.
    ///
    /// # Errors
    /// The directory cannot be read or written, is in use by another server, or contains files that this crate did not
    /// write.
    pub async fn into_router(self, address: SocketAddr) -> Result<Router, LocalServerError> {
        let store = self.open_store().await?;
        let cors = Arc::new(CorsRules::new(self.cors.clone()));
        Ok(service::router(&self.service_options(), address, &store, &cors))
    }

    fn service_options(&self) -> ServiceOptions {
        ServiceOptions {
            credentials: self.credentials.clone(),
            region: self.region.clone(),
            clock: Arc::clone(&self.clock),
            max_object_bytes: self.max_object_bytes,
            max_multipart_bytes: self.max_multipart_bytes,
            max_form_bytes: self.max_form_bytes,
            #[cfg(feature = "faults")]
            faults: self.faults.clone(),
        }
    }

    async fn open_store(&self) -> Result<Arc<Store>, LocalServerError> {
        let options = StoreOptions {
            region: self.region.clone(),
            is_versioned: self.is_versioned,
            notifications: self.notifications.clone(),
        };
        Ok(Arc::new(Store::open(self.directory.clone(), self.buckets.clone(), options).await?))
    }
}

impl fmt::Debug for LocalS3Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalS3Builder")
            .field("credentials", &self.credentials)
            .field("region", &self.region)
            .field("buckets", &self.buckets)
            .field("port", &self.port)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
