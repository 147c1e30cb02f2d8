//! Causes of refused uploads.

mod access;
mod api;
mod content;
mod cors;
mod credentials;
mod multipart;
mod network;
mod signature;
mod store;
mod table;
mod time;

pub(crate) mod known {
    //! Every cause by its name, for the rules.

    pub(crate) use super::access::*;
    pub(crate) use super::api::*;
    pub(crate) use super::content::*;
    pub(crate) use super::cors::*;
    pub(crate) use super::credentials::*;
    pub(crate) use super::multipart::*;
    pub(crate) use super::network::*;
    pub(crate) use super::signature::*;
    pub(crate) use super::store::*;
    pub(crate) use super::time::*;
}

use std::fmt;

pub use table::{CAUSES, Causes};

/// A cause of refused uploads: one row of the table of causes.
///
/// ```
/// use upsign_diagnose::{CAUSES, Owner};
/// let expired = CAUSES.iter().find(|cause| cause.code == "url-expired").unwrap();
/// assert_eq!(expired.owner, Owner::Client);
/// ```
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cause {
    /// The stable code, in kebab-case.
    pub code: &'static str,
    /// In whose hands the fix is. A diagnosis can name another owner if the evidence shows one.
    pub owner: Owner,
    /// What the user sees.
    pub symptom: &'static str,
    /// What is wrong, as one sentence.
    pub sentence: &'static str,
    /// What corrects it.
    pub fix: &'static str,
    /// How to prove that this is the cause.
    pub proof: &'static str,
    /// The page that documents the behavior.
    pub source: &'static str,
}

impl Cause {
    /// Returns the name of the test of this cause, in `tests/it` of this crate.
    #[must_use]
    pub fn test(&self) -> String {
        format!("causes::{}", self.code.replace('-', "_"))
    }
}

/// In whose hands a fix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Owner {
    /// The program that sends the request: its code or its data.
    Client,
    /// The CORS configuration of the bucket, or of the API if the API answered.
    Cors,
    /// The IAM policies of the identity that signed.
    Iam,
    /// The policy of the bucket.
    BucketPolicy,
    /// The clock of the machine that signed.
    Clock,
    /// A proxy, CDN or gateway between client and store.
    Proxy,
    /// The configuration of the service that signed: bucket, region, credentials, policy.
    Configuration,
    /// The store.
    Store,
}

impl Owner {
    /// Returns the name, as in `bucket-policy`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Cors => "cors",
            Self::Iam => "iam",
            Self::BucketPolicy => "bucket-policy",
            Self::Clock => "clock",
            Self::Proxy => "proxy",
            Self::Configuration => "configuration",
            Self::Store => "store",
        }
    }

    /// Returns who that is, for a sentence: `the program that uploads`.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Client => "the program that uploads",
            Self::Cors => "the CORS rules",
            Self::Iam => "the IAM policies of the signer",
            Self::BucketPolicy => "the bucket policy",
            Self::Clock => "the clock of the machine that signs",
            Self::Proxy => "the proxy or gateway in between",
            Self::Configuration => "the configuration of the service that signs",
            Self::Store => "the store",
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
