//! Where the object of an upload is stored.

use upsign_core::{Identity, ObjectKey, Presigner, Target, Timestamp};

use crate::service::UploadService;
use crate::session::error::SessionError;

/// Where the object of an upload is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadPlace {
    /// The key under which readers find the object.
    pub key: ObjectKey,
    /// The bucket and its store.
    pub target: Target,
}

impl<P: Presigner> UploadService<P> {
    /// Returns where an upload that `caller` began stores its object. `token` is the upload token.
    ///
    /// It calls no store: the object may be absent. An adapter whose clients repeat the key in later requests
    /// compares it with this one before it continues.
    ///
    /// # Errors
    /// Returns [`SessionError`] if the token is not valid for the caller, or if the caller may no longer use the route. The adapter
    /// must [`report`](Self::report) it.
    pub fn upload_place(
        &self,
        caller: &Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<UploadPlace, SessionError> {
        let opened = self.open(caller, token, at)?;
        let target = opened.route.issuer().policy().target().clone();
        Ok(UploadPlace { key: opened.session.upload().final_key().clone(), target })
    }
}
