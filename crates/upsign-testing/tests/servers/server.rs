//! The tested servers, their buckets and their credentials.

use std::fmt;
use std::net::Ipv4Addr;
use std::time::SystemTime;

use reqwest::Client;
use upsign_core::{Addressing, Credentials, Endpoint, Expiry, Target, Timestamp};
use upsign_local::LocalS3;

use crate::{admin, preflights};

const REGION: &str = "us-east-1";
/// The bucket of the suite, and that of the files.
pub(crate) const BUCKET: &str = "upsign-servers";
pub(crate) const FILES_BUCKET: &str = "upsign-servers-files";
/// The bucket with Object Lock.
pub(crate) const ROUTE_HEADERS_BUCKET: &str = "upsign-servers-headers";
pub(crate) const DIAGNOSED_BUCKET: &str = "upsign-servers-diagnosed";
/// The bucket with a CORS configuration.
pub(crate) const PREFLIGHT_BUCKET: &str = "upsign-servers-preflights";
/// The buckets that experiments examine: one with versions, and one without.
pub(crate) const PROBED_BUCKETS: [&str; 2] = ["upsign-servers-probed-versions", "upsign-servers-probed"];
const OTHER_BUCKET: &str = "upsign-servers-other";
const ACCESS_KEY: &str = "AKIATESTADMIN0000001";
const SECRET_KEY: &str = "adminSecretKeyForTestsOnly00000000000001";

/// The name of a tested server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerName {
    /// The embedded server of `upsign-local`.
    Local,
    SeaweedFs,
    Ministack,
    RustFs,
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "upsign-local",
            Self::SeaweedFs => "seaweedfs",
            Self::Ministack => "ministack",
            Self::RustFs => "rustfs",
        })
    }
}

/// A running server with empty buckets.
pub(crate) struct Server {
    pub(crate) name: ServerName,
    pub(crate) http: Client,
    /// Endpoint and credentials for requests without a session token.
    pub(crate) long_term: Account,
    /// Endpoint and credentials for requests with a session token.
    pub(crate) temporary: Account,
    _embedded: Vec<LocalS3>,
}

/// A bucket, and credentials that may use it.
#[derive(Clone)]
pub(crate) struct Account {
    /// The bucket, addressed in the path.
    pub(crate) target: Target,
    /// The bucket, addressed in the host.
    pub(crate) virtual_hosted: Target,
    pub(crate) credentials: Credentials,
}

impl Server {
    /// Starts two embedded servers, because each accepts one pair of keys.
    pub(crate) async fn local(bucket: &'static str) -> Self {
        let temporary =
            Credentials::temporary("ASIATESTSESSION00001", SECRET_KEY, "a/session+token==", Expiry::Unknown);
        let (long_term, one) = embedded(bucket, admin_keys()).await;
        let (temporary, two) = embedded(bucket, temporary.unwrap()).await;
        Self { name: ServerName::Local, http: client(), long_term, temporary, _embedded: vec![one, two] }
    }

    /// Connects to a running server that accepts the administrator's keys, and creates `buckets`. The requests are for the
    /// first of them.
    pub(crate) async fn connect(name: ServerName, endpoint: &str, buckets: &[&'static str]) -> Self {
        let http = client();
        let endpoint: Endpoint = endpoint.parse().unwrap();
        let long_term = Account::new(&endpoint, "s3.localhost", buckets.first().unwrap(), admin_keys());
        for bucket in buckets {
            match *bucket {
                ROUTE_HEADERS_BUCKET => admin::create_locking_bucket(&http, &long_term, bucket).await,
                _ => admin::create_bucket(&http, &long_term, bucket).await,
            }
            if *bucket == PREFLIGHT_BUCKET {
                admin::put_cors(&http, &long_term, bucket, &preflights::rules()).await;
            }
            if has_versions(bucket) {
                admin::enable_versioning(&http, &long_term, bucket).await;
            }
        }
        let action = match name {
            ServerName::SeaweedFs => {
                "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/UploadRole&RoleSessionName=tests"
            }
            _ => "Action=GetSessionToken",
        };
        let credentials = admin::temporary_credentials(&http, &long_term, action).await;
        let temporary = Account { credentials, ..long_term.clone() };
        Self { name, http, long_term, temporary, _embedded: Vec::new() }
    }

    pub(crate) fn account(&self, temporary: bool) -> &Account {
        if temporary { &self.temporary } else { &self.long_term }
    }
}

impl Account {
    /// `host` is the domain below which the server accepts buckets as subdomains.
    fn new(endpoint: &Endpoint, host: &str, bucket: &str, credentials: Credentials) -> Self {
        let host_endpoint = endpoint.to_string().replace(endpoint.host(), host).parse().unwrap();
        let target = |endpoint: &Endpoint, addressing| {
            Target::at(endpoint, addressing, bucket.parse().unwrap(), REGION.parse().unwrap()).unwrap()
        };
        let (target, virtual_hosted) =
            (target(endpoint, Addressing::Path), target(&host_endpoint, Addressing::VirtualHosted));
        Self { target, virtual_hosted, credentials }
    }
}

async fn embedded(bucket: &str, credentials: Credentials) -> (Account, LocalS3) {
    let builder = LocalS3::builder(credentials.clone(), REGION.parse().unwrap(), bucket.parse().unwrap());
    let builder = builder.additional_bucket(OTHER_BUCKET.parse().unwrap()).versioned(has_versions(bucket));
    let builder = if bucket == PREFLIGHT_BUCKET { builder.cors(preflights::rules()) } else { builder };
    let s3 = builder.start().await.unwrap();
    let endpoint = format!("http://{}", s3.address()).parse().unwrap();
    (Account::new(&endpoint, "localhost", bucket, credentials), s3)
}

fn has_versions(bucket: &str) -> bool {
    bucket == PROBED_BUCKETS[0]
}

fn admin_keys() -> Credentials {
    Credentials::long_term(ACCESS_KEY, SECRET_KEY).unwrap()
}

fn client() -> Client {
    // Not every C library resolves names under `.localhost`.
    let loopback = (Ipv4Addr::LOCALHOST, 0).into();
    let mut client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    for bucket in [BUCKET, FILES_BUCKET] {
        for host in ["s3.localhost", "localhost"] {
            client = client.resolve(&format!("{bucket}.{host}"), loopback);
        }
    }
    client.build().unwrap()
}

/// The buckets of the suite.
pub(crate) const BUCKETS: [&str; 2] = [BUCKET, OTHER_BUCKET];

/// Returns the name of a bucket that exists and for which no request is signed.
pub(crate) const fn other_bucket() -> &'static str {
    OTHER_BUCKET
}

#[expect(clippy::disallowed_methods, reason = "a server reads its own clock")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_unix(since.as_secs()).unwrap()
}
