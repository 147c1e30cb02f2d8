//! The grants of several files in one request: policy, keys, upload tokens and signatures, without HTTP.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use upsign::policy::{ConfirmationOptions, FilesOptions};
use upsign::session::TokenKeys;
use upsign::types::{Credentials, Timestamp};
use upsign::{
    Bodyless, Identity, SigV4, Target, UploadGrant, UploadIssuer, UploadPolicy, UploadRequest, UploadService,
};
use upsign_testing::mocks::MockObjectCalls;

/// The largest number of files in one request.
pub const FILES: usize = 255;

/// A service whose route has tokens, and the descriptions of [`FILES`] files.
#[derive(Debug)]
pub struct Grants {
    service: UploadService,
    caller: Identity,
    at: Timestamp,
    files: Vec<UploadRequest>,
}

impl Grants {
    /// Creates a service whose uploads are confirmed, so that each grant has an upload token of its own.
    ///
    /// # Errors
    /// Returns an error if the policy or the signer does not accept these settings.
    pub fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
        let policy = UploadPolicy::builder(target, "galleries/{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
            .content_types(["image/jpeg"])
            .max_size(10 << 20)
            .files(FilesOptions::new().with_max_files(255))
            .confirmation(ConfirmationOptions::new().with_confirm(true))
            .build()?;
        let credentials =
            Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
        let keys = TokenKeys::new("production", [b"an example secret of 32 bytes or more"])?;
        let issuer = UploadIssuer::new(policy, SigV4::new().with_credentials(credentials))?.boxed();
        let caller = Identity::from_verified(
            "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123",
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        )?;
        let photo =
            |bytes| UploadRequest::described().with_content_type("image/jpeg").with_content_length(bytes);
        let files = (0..FILES).map(|index| photo(48_213 + index as u64)).collect();
        let service = issuer.with_store(MockObjectCalls::new(), keys).into();
        Ok(Self { service, caller, at: "2026-01-01T00:00:00Z".parse()?, files })
    }

    /// Issues the grants of the first `files` files in one call, and returns the length of their URLs and tokens, or 0 if a file
    /// was not granted.
    #[must_use]
    pub fn together(&self, files: usize) -> usize {
        let files = black_box(self.files.get(..files).unwrap_or_default());
        let grants = ready(self.service.issue_many(&self.caller, None, files, self.at));
        let Some(Ok(grants)) = grants else { return 0 };
        grants.iter().map(len).sum()
    }

    /// Issues the grant of one file, likewise.
    #[must_use]
    pub fn single(&self, file: usize) -> usize {
        let Some(file) = black_box(self.files.get(file % FILES)) else { return 0 };
        let grant = ready(self.service.issue(&self.caller, None, file, self.at));
        let Some(Ok(grant)) = grant else { return 0 };
        len(&grant)
    }
}

fn len(grant: &UploadGrant) -> usize {
    let url = grant.upload.put().map_or(0, |put| put.url.expose().len());
    url + grant.token.as_ref().map_or(0, |token| token.expose().len())
}

/// Returns the result of a future that does not wait.
fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
