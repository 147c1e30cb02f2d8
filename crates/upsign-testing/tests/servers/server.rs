//! A server, its buckets, and the keys it knows.

use std::fmt;
use std::net::Ipv4Addr;
use std::time::SystemTime;

use reqwest::Client;
use upsign_core::{Addressing, Bucket, Credentials, Endpoint, Expiry, Target, Timestamp};
use upsign_local::LocalS3;

use crate::admin;

const REGION: &str = "us-east-1";
const BUCKET: &str = "upsign-servers";
const OTHER_BUCKET: &str = "upsign-servers-other";
const ACCESS_KEY: &str = "AKIATESTADMIN0000001";
const SECRET_KEY: &str = "adminSecretKeyForTestsOnly00000000000001";

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// `upsign-local`'s own.
    Local,
    SeaweedFs,
    Ministack,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "upsign-local",
            Self::SeaweedFs => "seaweedfs",
            Self::Ministack => "ministack",
        })
    }
}

/// A server that answers.
pub(crate) struct Server {
    pub(crate) name: Name,
    pub(crate) http: Client,
    /// Endpoint and credentials for requests without a session token.
    pub(crate) long_term: Account,
    /// Endpoint and credentials for requests with a session token.
    pub(crate) temporary: Account,
    _embedded: Vec<LocalS3>,
}

/// A bucket and keys that may use it.
#[derive(Clone)]
pub(crate) struct Account {
    /// The bucket in the path.
    pub(crate) target: Target,
    /// The bucket in the host.
    pub(crate) hosted: Target,
    pub(crate) credentials: Credentials,
}

impl Server {
    /// Two embedded servers, since each knows one pair of keys.
    pub(crate) async fn local() -> Self {
        let temporary =
            Credentials::temporary("ASIATESTSESSION00001", SECRET_KEY, "a/session+token==", Expiry::Unknown);
        let (long_term, one) = embedded(admin_keys()).await;
        let (temporary, two) = embedded(temporary.unwrap()).await;
        Self { name: Name::Local, http: client(), long_term, temporary, _embedded: vec![one, two] }
    }

    /// A server that runs already and knows the administrator's keys.
    pub(crate) async fn at(name: Name, endpoint: &str) -> Self {
        let http = client();
        let endpoint: Endpoint = endpoint.parse().unwrap();
        let long_term = Account::at(&endpoint, "s3.localhost", admin_keys());
        for bucket in [BUCKET, OTHER_BUCKET] {
            admin::create_bucket(&http, &long_term, bucket).await;
        }
        let action = match name {
            Name::SeaweedFs => {
                "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/UploadRole&RoleSessionName=tests"
            }
            _ => "Action=GetSessionToken",
        };
        let credentials = admin::session(&http, &long_term, action).await;
        let temporary = Account { credentials, ..long_term.clone() };
        Self { name, http, long_term, temporary, _embedded: Vec::new() }
    }

    pub(crate) fn account(&self, temporary: bool) -> &Account {
        if temporary { &self.temporary } else { &self.long_term }
    }
}

impl Account {
    /// `host` is what the server takes for itself when a bucket stands before it.
    fn at(endpoint: &Endpoint, host: &str, credentials: Credentials) -> Self {
        let under = endpoint.to_string().replace(endpoint.host(), host).parse().unwrap();
        let of = |endpoint: &Endpoint, addressing| {
            Target::at(endpoint, addressing, bucket(), REGION.parse().unwrap()).unwrap()
        };
        let (target, hosted) = (of(endpoint, Addressing::Path), of(&under, Addressing::VirtualHosted));
        Self { target, hosted, credentials }
    }
}

async fn embedded(credentials: Credentials) -> (Account, LocalS3) {
    let builder = LocalS3::builder(credentials.clone(), REGION.parse().unwrap(), bucket());
    let s3 = builder.additional_bucket(OTHER_BUCKET.parse().unwrap()).start().await.unwrap();
    let endpoint = format!("http://{}", s3.address()).parse().unwrap();
    (Account::at(&endpoint, "localhost", credentials), s3)
}

fn admin_keys() -> Credentials {
    Credentials::long_term(ACCESS_KEY, SECRET_KEY).unwrap()
}

fn bucket() -> Bucket {
    BUCKET.parse().unwrap()
}

fn client() -> Client {
    // Not every C library finds names under `.localhost`.
    let here = (Ipv4Addr::LOCALHOST, 0).into();
    let mut client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    for host in ["s3.localhost", "localhost"] {
        client = client.resolve(&format!("{BUCKET}.{host}"), here);
    }
    client.build().unwrap()
}

/// A bucket that is there, and that no request is signed for.
pub(crate) const fn other_bucket() -> &'static str {
    OTHER_BUCKET
}

#[expect(clippy::disallowed_methods, reason = "a server reads its own clock")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_unix(since.as_secs()).unwrap()
}
