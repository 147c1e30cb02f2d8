//! Issuing without waiting.

use upsign_core::{Credentials, Identity, Sign, Timestamp, WithCredentials};
use upsign_policy::{SignableRequest, UploadRequest};

use crate::chosen::ChosenIds;
use crate::error::IssueError;
use crate::grant::{Upload, UploadGrant};
use crate::issuer::{Beginning, UploadIssuer, grant};

impl<S: Sign> UploadIssuer<WithCredentials<S, Credentials>> {
    /// Issues the same grant as [`issue`](Self::issue) without waiting for anything: for code that is not asynchronous.
    ///
    /// It exists for issuers that sign with a pure signer and a fixed set of credentials.
    ///
    /// ```
    /// use upsign::{Bodyless, Credentials, Identity, SigV4, Target, UploadIssuer, UploadPolicy, UploadRequest};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
    /// #     .content_types(["image/jpeg"])
    /// #     .max_size(10 << 20)
    /// #     .build()?;
    /// # let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let issuer = UploadIssuer::new(policy, SigV4::new().with_credentials(credentials))?;
    /// let caller = Identity::from_verified("https://issuer.example", "alice")?;
    /// let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
    /// let grant = issuer.issue_now(&caller, &upload, "2026-01-01T00:00:00Z".parse()?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns [`IssueError::AuthorizerMustWait`] if the issuer has an [`Authorize`](crate::Authorize) implementation,
    /// [`IssueError::MultipartMustWait`] if the policy permits a multipart upload, and the errors of [`issue`](Self::issue).
    pub fn issue_now(
        &self,
        caller: &Identity,
        upload: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        if self.requires_store() {
            return Err(IssueError::MissingStore);
        }
        if self.authorize.is_some() {
            return Err(IssueError::AuthorizerMustWait);
        }
        let ids = self.generate_ids(&ChosenIds::default(), at)?;
        let permit = self.decide(caller, None, upload, &ids)?;
        if permit.client_supplied_ids() {
            return Err(IssueError::MissingAuthorizer);
        }
        let (key, request, ids) = permit.into_parts();
        let beginning = Beginning { caller, route: None, at, account: None };
        let request = self.with_claim(request, &key, beginning)?;
        let token = self.upload_token(&request, &key, beginning)?;
        let upload = match request {
            SignableRequest::Put(request) => Upload::Put(self.presigner.presign_now(&request, at)?),
            SignableRequest::Post(form) => Upload::Post(self.presigner.presign_post_now(&form, at)?),
            SignableRequest::Multipart(_) => return Err(IssueError::MultipartMustWait),
        };
        Ok(UploadGrant { token, ..grant(&self.policy, key, upload, ids, at)? })
    }
}
