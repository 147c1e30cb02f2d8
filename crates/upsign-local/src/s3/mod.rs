//! The S3 server.

mod answer;
mod arguments;
mod auth;
mod canonical;
mod conditions;
mod cors;
mod form;
mod gate;
mod operations;
mod parameters;
mod path;
mod refusal;
mod service;
mod tail;

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use upsign_core::{Addressing, Bucket, Credentials, Endpoint, Region, Target};
use upsign_documents::CorsDocument;

use crate::server::{Listening, SHUTDOWN_LIMIT, Server};
use crate::store::Store;
use crate::{Clock, Shutdown, StartError, StoredObject};
use cors::Cors;

/// What `x-amz-id-2` and `HostId` say.
const HOST_ID: &str = "upsign-local";

/// A running S3 server on 127.0.0.1. Dropping it cuts every connection at once; a temporary directory goes with it.
#[derive(Debug)]
pub struct LocalS3 {
    server: Server,
    store: Arc<Store>,
    cors: Arc<Cors>,
    credentials: Credentials,
    region: Region,
    shutdown_limit: Duration,
}

/// An S3 server about to start.
#[must_use]
pub struct LocalS3Builder {
    credentials: Credentials,
    region: Region,
    buckets: BTreeSet<Bucket>,
    port: u16,
    directory: Option<PathBuf>,
    cors: CorsDocument,
    max_object_bytes: u64,
    max_form_bytes: usize,
    clock: Option<Clock>,
    shutdown_limit: Duration,
}

impl LocalS3 {
    /// A server with one bucket in `region`, which takes what is signed with `credentials`: with their session token,
    /// when they are temporary.
    pub fn builder(credentials: Credentials, region: Region, bucket: Bucket) -> LocalS3Builder {
        LocalS3Builder {
            credentials,
            region,
            buckets: BTreeSet::from([bucket]),
            port: 0,
            directory: None,
            cors: CorsDocument::empty(),
            max_object_bytes: 5 * 1024 * 1024 * 1024,
            max_form_bytes: 64 * 1024 * 1024,
            clock: None,
            shutdown_limit: SHUTDOWN_LIMIT,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        endpoint(self.address())
    }

    /// A bucket here, path style: what presigners sign for.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only virtual-hosted addressing can be refused")]
    pub fn target(&self, bucket: Bucket) -> Target {
        Target::at(&self.endpoint(), Addressing::Path, bucket, self.region.clone())
            .expect("path style suits any host")
    }

    /// The credentials it accepts.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The region it is in.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Replaces the CORS rules of every bucket, from the next request on.
    pub fn set_cors(&self, cors: CorsDocument) {
        self.cors.set(cors);
    }

    /// What a bucket holds, by key. A look at the store and no S3 call, for pages and tests.
    pub async fn objects(&self, bucket: &Bucket) -> Vec<StoredObject> {
        self.store.list(bucket).await
    }

    /// Stops listening, lets open requests finish for as long as the limit given to the builder, then cuts them off.
    /// What a cut request was uploading is not stored.
    pub async fn shutdown(self) -> Shutdown {
        self.server.shutdown(self.shutdown_limit).await
    }
}

impl LocalS3Builder {
    /// The port; 0, the default, picks a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// A further bucket.
    pub fn another_bucket(mut self, bucket: Bucket) -> Self {
        self.buckets.insert(bucket);
        self
    }

    /// Keeps objects in this directory, which is made if it is absent. Without it they are in a temporary one, which is
    /// removed at the end.
    pub fn directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.directory = Some(path.into());
        self
    }

    /// The CORS rules of every bucket. Without them no page of another origin may read an answer.
    pub fn cors(mut self, cors: CorsDocument) -> Self {
        self.cors = cors;
        self
    }

    /// The longest object that one request may bring, in bytes: 5 GiB by default, as on S3.
    pub fn max_object_bytes(mut self, bytes: u64) -> Self {
        self.max_object_bytes = bytes;
        self
    }

    /// The longest file that a POST form may bring, in bytes: 64 MiB by default. Forms are held in memory.
    pub fn max_form_bytes(mut self, bytes: usize) -> Self {
        self.max_form_bytes = bytes;
        self
    }

    /// Lets refusals of expired URLs name the server's time, as S3's do. What has expired is decided by the system
    /// clock in any case.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How long [`LocalS3::shutdown`] waits for open requests: 2 seconds by default.
    pub fn shutdown_limit(mut self, limit: Duration) -> Self {
        self.shutdown_limit = limit;
        self
    }

    /// Binds the port, opens the directory and starts answering.
    ///
    /// # Errors
    /// [`StartError`]: the port is in use, or the directory cannot be used.
    pub async fn start(self) -> Result<LocalS3, StartError> {
        let listening = Listening::bind(self.port).await?;
        let store = self.open().await?;
        let cors = Arc::new(Cors::of(self.cors.clone()));
        let router = service::router(&self, listening.address(), &store, &cors);
        Ok(LocalS3 {
            server: listening.serve(router),
            store,
            cors,
            credentials: self.credentials,
            region: self.region,
            shutdown_limit: self.shutdown_limit,
        })
    }

    /// The same server as a [`Router`], to be served at `address` by someone else. Requests are held to that port.
    ///
    /// # Errors
    /// [`StartError`]: the directory cannot be used.
    pub async fn into_router(self, address: SocketAddr) -> Result<Router, StartError> {
        let store = self.open().await?;
        let cors = Arc::new(Cors::of(self.cors.clone()));
        Ok(service::router(&self, address, &store, &cors))
    }

    async fn open(&self) -> Result<Arc<Store>, StartError> {
        Ok(Arc::new(Store::open(self.directory.clone(), self.buckets.clone()).await?))
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

#[expect(clippy::expect_used, reason = "a socket address after http:// is an endpoint")]
fn endpoint(address: SocketAddr) -> Endpoint {
    format!("http://{address}").parse().expect("an IP address and a port")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_temporary_directory_goes_with_the_server() {
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
