//! The tested stores.

use std::env;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use upsign::policy::ChecksumAlgorithm;
use upsign::types::{Addressing, Bucket, Capabilities, Provider, VerifiedChecksums};
use upsign::{Credentials, Target, Timestamp};
use upsign_local::{FaultPlan, LocalS3};

const REGION: &str = "us-east-1";
const ACCESS_KEY: &str = "AKIATESTADMIN0000001";
const SECRET_KEY: &str = "adminSecretKeyForTestsOnly00000000000001";

/// Stores that run outside of this process, and the variables with their endpoints.
const EXTERNAL: [(StoreName, &str); 2] =
    [(StoreName::SeaweedFs, "TEST_S3_SEAWEED"), (StoreName::Ministack, "TEST_S3_MINISTACK")];

/// The number of buckets that this process has created.
static BUCKETS: AtomicU32 = AtomicU32::new(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreName {
    /// The embedded server of `upsign-local`.
    Embedded,
    SeaweedFs,
    Ministack,
}

/// A running store with a bucket.
pub(crate) struct Store {
    pub(crate) name: StoreName,
    pub(crate) target: Target,
    /// What goes wrong in the embedded store.
    pub(crate) faults: FaultPlan,
    /// Stops with the test.
    _server: Option<LocalS3>,
}

/// Returns every available store.
pub(crate) async fn stores() -> Vec<Store> {
    let mut stores = vec![Store::embedded().await];
    for (name, variable) in EXTERNAL {
        match environment_variable(variable) {
            Some(endpoint) => stores.push(Store::connect(name, &endpoint).await),
            None => assert!(!external_stores_are_required(), "{variable} is not set"),
        }
    }
    stores
}

impl Store {
    /// Returns a store with a bucket that keeps versions.
    pub(crate) async fn with_versions(self) -> Self {
        if self.name == StoreName::Embedded {
            return Self::start_embedded(true).await;
        }
        crate::uploader::enable_versions(&self.target).await;
        self
    }

    pub(crate) async fn embedded() -> Self {
        Self::start_embedded(false).await
    }

    async fn start_embedded(is_versioned: bool) -> Self {
        let faults = FaultPlan::new();
        let bucket: Bucket = "uploads".parse().unwrap();
        let builder = LocalS3::builder(keys(), REGION.parse().unwrap(), bucket.clone());
        let server = builder.with_faults(faults.clone()).versioned(is_versioned).start().await.unwrap();
        let target = target(&format!("http://{}", server.address()), bucket);
        Self { name: StoreName::Embedded, target, faults, _server: Some(server) }
    }

    /// Creates a bucket with a name that no earlier run has used.
    async fn connect(name: StoreName, endpoint: &str) -> Self {
        let bucket = format!("uploads-{}-{}", std::process::id(), BUCKETS.fetch_add(1, Ordering::Relaxed));
        let target = target(endpoint, bucket.parse().unwrap());
        crate::uploader::create_bucket(&target).await;
        Self { name, target, faults: FaultPlan::new(), _server: None }
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        match self.name {
            StoreName::Embedded => Provider::Aws.capabilities(),
            StoreName::SeaweedFs => Provider::SeaweedFs.capabilities(),
            StoreName::Ministack => {
                let mut store = Provider::Aws.capabilities();
                // It refuses the right checksum of a whole object, too (`tests/stores/deviations.rs` of upsign-objects).
                store.full_object_checksums = VerifiedChecksums::Only(&[]);
                store.part_checksums = VerifiedChecksums::Only(&["crc32", "sha256", "md5"]);
                store
            }
        }
    }

    /// Returns the checksums that the store compares, and `None` for an upload without one.
    pub(crate) fn algorithms(&self) -> Vec<Option<ChecksumAlgorithm>> {
        use ChecksumAlgorithm::{Crc32, Crc64nvme, Md5, Sha256};
        let store = self.capabilities();
        let is_compared = |algorithm: &ChecksumAlgorithm| {
            let name = algorithm.as_str();
            store.full_object_checksums.contain(name) || store.part_checksums.contain(name)
        };
        let compared = [Crc64nvme, Crc32, Sha256, Md5].into_iter().filter(is_compared).map(Some);
        compared.chain([None]).collect()
    }
}

impl fmt::Display for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Embedded => "upsign-local",
            Self::SeaweedFs => "seaweedfs",
            Self::Ministack => "ministack",
        })
    }
}

fn target(endpoint: &str, bucket: Bucket) -> Target {
    Target::at(&endpoint.parse().unwrap(), Addressing::Path, bucket, REGION.parse().unwrap()).unwrap()
}

pub(crate) fn keys() -> Credentials {
    Credentials::long_term(ACCESS_KEY, SECRET_KEY).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a client reads its own clock")]
pub(crate) fn now() -> Timestamp {
    SystemTime::now().try_into().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the command that starts the servers passes their addresses")]
fn environment_variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Returns `true` if a missing server is a failure.
fn external_stores_are_required() -> bool {
    environment_variable("TEST_SERVERS").is_some_and(|value| value == "required")
}
