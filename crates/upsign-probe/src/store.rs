//! The store to examine.

use upsign_core::{Credentials, Endpoint, Expiry, Provider, SignatureFamily, Target};

use crate::error::UnsupportedStore;
use crate::plan::ProbePrefix;

/// A bucket, and the credentials that may write to it.
#[derive(Clone, Debug)]
pub struct ProbedStore {
    pub(crate) target: Target,
    pub(crate) credentials: Credentials,
}

impl ProbedStore {
    /// Creates the store. Nothing is sent.
    ///
    /// The expiry of the credentials is ignored: every URL is used at once, and some are signed with a time that is off by an hour.
    ///
    /// # Errors
    /// Returns [`UnsupportedStore`] for signatures of Google Cloud Storage, access points, and directory buckets.
    pub fn new(target: Target, credentials: &Credentials) -> Result<Self, UnsupportedStore> {
        if target.signature_family() != SignatureFamily::Aws {
            return Err(UnsupportedStore::GoogleSignatures);
        }
        if target.access_point().is_some() {
            return Err(UnsupportedStore::AccessPoint);
        }
        if target.bucket().is_directory() {
            return Err(UnsupportedStore::DirectoryBucket);
        }
        Ok(Self { target, credentials: credentials.with_expiry(Expiry::Never) })
    }

    /// Returns the command of the AWS CLI that removes everything below a prefix, with all versions if `has_versions`.
    ///
    /// Sources: <https://docs.aws.amazon.com/cli/latest/reference/s3/rm.html>,
    /// <https://docs.aws.amazon.com/cli/latest/reference/s3api/delete-objects.html>.
    #[must_use]
    pub fn removal_command(&self, prefix: &ProbePrefix, has_versions: bool) -> String {
        let (bucket, endpoint) = (self.target.bucket(), self.target.endpoint_url());
        let host = endpoint.parse::<Endpoint>().ok().and_then(|endpoint| Provider::of_host(&endpoint));
        let is_aws = host.is_some_and(|host| host.provider == Provider::Aws);
        let aws = if is_aws { "aws".to_owned() } else { format!("aws --endpoint-url {endpoint}") };
        if !has_versions {
            return format!("{aws} s3 rm --recursive s3://{bucket}/{prefix}");
        }
        let list = format!(
            "{aws} s3api list-object-versions --bucket {bucket} --prefix {prefix} \
             --query '{{Objects: [Versions, DeleteMarkers][].{{Key: Key, VersionId: VersionId}}}}'"
        );
        format!("{aws} s3api delete-objects --bucket {bucket} --delete \"$({list})\"")
    }

    /// Returns the address of the bucket.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }
}
