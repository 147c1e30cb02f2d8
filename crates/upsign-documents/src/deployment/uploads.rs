//! The calls that continue an upload: their paths in the API, and the secrets of upload tokens.

use super::{Deployment, Reads};

/// A call of the API about an upload that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UploadCall {
    /// The method of its requests.
    pub(crate) method: &'static str,
    /// The last segment of the path with the slash in front of it; empty if the call has the path of all of them.
    segment: &'static str,
    /// Its place among all calls, from 1. Resources of a stack are named by it, so that a call keeps its name if others are added.
    pub(crate) number: usize,
    needs: Needs,
}

/// What an API has a call for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Parts,
    Confirmation,
    Reads,
    Deletion,
}

const CALLS: [UploadCall; 7] = [
    call(1, "POST", "/parts", Needs::Parts),
    call(2, "POST", "/status", Needs::Parts),
    call(3, "POST", "/complete", Needs::Parts),
    call(4, "POST", "/abort", Needs::Parts),
    call(5, "POST", "/confirm", Needs::Confirmation),
    call(6, "POST", "/read-url", Needs::Reads),
    call(7, "DELETE", "", Needs::Deletion),
];

const fn call(number: usize, method: &'static str, segment: &'static str, needs: Needs) -> UploadCall {
    UploadCall { method, segment, number, needs }
}

impl UploadCall {
    /// Returns the path in the API of a deployment.
    pub(crate) fn path(self, deployment: &Deployment) -> String {
        format!("{}{}", deployment.uploads_path, self.segment)
    }
}

impl Deployment {
    /// Sets the path of the API at and below which the calls about uploads are that have begun (default: `/uploads`). An API has
    /// those that a route needs: see [`upload_paths`](Self::upload_paths).
    #[must_use]
    pub fn with_uploads_path(self, path: &str) -> Self {
        Self { uploads_path: path.into(), ..self }
    }

    /// Adds the ARN of a secret of AWS Secrets Manager from which the function derives keys of upload tokens. Its role may then
    /// read the secret if a route has upload tokens: if it uploads in parts, or if clients confirm its uploads. Call it once per
    /// secret.
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

    /// Returns whether a route has upload tokens.
    pub(crate) fn has_tokens(&self) -> bool {
        self.has_multipart() || self.confirms()
    }

    /// Returns the calls about uploads that the API has.
    pub(crate) fn upload_calls(&self) -> impl Iterator<Item = UploadCall> {
        let (parts, confirms, deletes) = (self.has_multipart(), self.confirms(), self.deletes());
        let reads = self.signs_reads();
        CALLS.into_iter().filter(move |call| match call.needs {
            Needs::Parts => parts,
            Needs::Confirmation => confirms,
            Needs::Reads => reads,
            Needs::Deletion => deletes,
        })
    }

    /// Returns the paths of the calls about uploads that have begun, each once; empty if no route needs one:
    ///
    /// | path | method | the API has it if |
    /// | --- | --- | --- |
    /// | `/uploads/parts`, `/uploads/status`, `/uploads/complete`, `/uploads/abort` | `POST` | a route uploads in parts |
    /// | `/uploads/confirm` | `POST` | clients confirm the uploads of a route |
    /// | `/uploads/read-url` | `POST` | clients confirm the uploads of a route, and reads are [`Reads::Presigned`], or [`Reads::CloudFront`] with signatures |
    /// | `/uploads` | `DELETE` | callers may delete the uploads of a route |
    #[must_use]
    pub fn upload_paths(&self) -> Vec<String> {
        self.upload_calls().map(|call| call.path(self)).collect()
    }

    /// Returns the pattern of the [`upload_paths`](Self::upload_paths) with a last segment, as ARNs of an API and rules of a load
    /// balancer have it; `None` if there are none.
    pub(crate) fn upload_paths_pattern(&self) -> Option<String> {
        let has_segment = self.upload_calls().any(|call| !call.segment.is_empty());
        has_segment.then(|| format!("{}/*", self.uploads_path))
    }

    /// Returns the path at which callers delete uploads; `None` if they may not.
    pub(crate) fn deletion_path(&self) -> Option<&str> {
        self.deletes().then_some(&*self.uploads_path)
    }

    /// Returns whether the service signs URLs at which confirmed objects are read.
    pub(crate) fn signs_reads(&self) -> bool {
        self.confirms() && (self.reads == Reads::Presigned || self.signs_reads_of_cloudfront())
    }

    /// Returns whether these URLs are those of a distribution.
    pub(crate) fn signs_reads_of_cloudfront(&self) -> bool {
        self.confirms() && self.reads == Reads::CloudFront && !self.public_reads
    }
}
