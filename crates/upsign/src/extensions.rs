//! What an application adds to a service for the time after an upload.

use std::sync::Arc;

use upsign_core::Presigner;

use crate::announce::Announce;
use crate::read::{AuthorizeRead, SignRead, UploaderOnly};
use crate::service::UploadService;

/// Who receives announcements of uploads, who may read them, and who signs the URLs.
#[derive(Clone, Debug)]
pub(crate) struct Extensions {
    pub(crate) announce: Option<Arc<dyn Announce>>,
    pub(crate) authorize_read: Arc<dyn AuthorizeRead>,
    /// Whether the application has set `authorize_read`.
    pub(crate) has_read_authorizer: bool,
    pub(crate) sign_read: Option<Arc<dyn SignRead>>,
}

impl Default for Extensions {
    fn default() -> Self {
        Self {
            announce: None,
            authorize_read: Arc::new(UploaderOnly),
            has_read_authorizer: false,
            sign_read: None,
        }
    }
}

impl Extensions {
    pub(crate) const fn announces(&self) -> bool {
        self.announce.is_some()
    }
}

impl<P: Presigner> UploadService<P> {
    /// Sets who receives the announcements that uploads were confirmed, rejected or have expired.
    #[must_use]
    pub fn with_announcer(self, announce: impl Announce + 'static) -> Self {
        self.with_extensions(|extensions| extensions.announce = Some(Arc::new(announce)))
    }

    /// Sets who may read confirmed objects. Default: the caller that uploaded the object
    /// ([`UploaderOnly`](crate::read::UploaderOnly)).
    #[must_use]
    pub fn with_read_authorizer(self, authorize: impl AuthorizeRead + 'static) -> Self {
        self.with_extensions(|extensions| {
            extensions.authorize_read = Arc::new(authorize);
            extensions.has_read_authorizer = true;
        })
    }

    /// Sets who signs URLs to read, for example for a content delivery network. Default: the presigner of the route.
    #[must_use]
    pub fn with_read_signer(self, sign: impl SignRead + 'static) -> Self {
        self.with_extensions(|extensions| extensions.sign_read = Some(Arc::new(sign)))
    }
}
