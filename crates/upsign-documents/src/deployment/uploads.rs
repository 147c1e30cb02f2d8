//! Multipart uploads: the paths of the API at which clients continue them, and the secrets of their tokens.

use super::Deployment;

/// The last segments of the paths at which clients continue uploads: for the URLs of parts, for the status, and to complete or
/// abort an upload.
const CALLS: [&str; 4] = ["parts", "status", "complete", "abort"];

impl Deployment {
    /// Sets the path of the API below which clients continue multipart uploads (default: `/uploads`): `/uploads/parts`,
    /// `/uploads/status`, `/uploads/complete` and `/uploads/abort`. An API has these paths if a route uploads in parts.
    #[must_use]
    pub fn with_uploads_path(self, path: &str) -> Self {
        Self { uploads_path: path.into(), ..self }
    }

    /// Adds the ARN of a secret of AWS Secrets Manager from which the function derives keys of upload tokens. Its role may then
    /// read the secret if a route uploads in parts. Call it once per secret.
    ///
    /// A secret that is encrypted with a key of the customer also needs `kms:Decrypt` on that key, which the key's own policy
    /// can permit.
    #[must_use]
    pub fn with_token_secret(mut self, arn: &str) -> Self {
        self.token_secrets.push(arn.into());
        self
    }

    /// Returns whether a route uploads files in parts, so that the API has the calls that continue uploads.
    #[must_use]
    pub fn has_multipart(&self) -> bool {
        self.policies().any(|policy| policy.multipart().is_some())
    }

    /// Returns the paths at which clients continue uploads; empty if no route uploads in parts.
    #[must_use]
    pub fn upload_paths(&self) -> Vec<String> {
        let calls: &[&str] = if self.has_multipart() { &CALLS } else { &[] };
        calls.iter().map(|call| format!("{}/{call}", self.uploads_path)).collect()
    }

    /// Returns the pattern of [`upload_paths`](Self::upload_paths) in ARNs of an API and in rules of a load balancer; `None` if no
    /// route uploads in parts.
    pub(crate) fn upload_paths_pattern(&self) -> Option<String> {
        self.has_multipart().then(|| format!("{}/*", self.uploads_path))
    }
}
