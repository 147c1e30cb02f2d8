//! What an application adds to a function for the time after an upload.

use std::fmt;
use std::sync::Arc;

use upsign::confirm::Inspect;
use upsign::quota::QuotaStore;
use upsign::read::{AuthorizeRead, SignRead};
use upsign::{Announce, UploadService};
use upsign_config::{Config, OutboxConfig, QuotaStoreConfig, ServiceParts, environment_credentials};
use upsign_core::{CredentialsSource, Presigner};

use crate::environment::{FunctionSettings, SignerCredentials, variable};
use crate::start::StartError;

/// What the program has set.
#[derive(Default)]
pub(crate) struct Extensions {
    inspect: Option<Arc<dyn Inspect>>,
    announce: Option<Arc<dyn Announce>>,
    authorize_read: Option<Arc<dyn AuthorizeRead>>,
    pub(crate) sign_read: Option<Arc<dyn SignRead>>,
    #[cfg(feature = "cloudfront")]
    pub(crate) loaded_signer: Option<crate::reads::LoadedSigner>,
    quota: Option<Arc<dyn QuotaStore>>,
}

impl FunctionSettings {
    /// Inspects the objects of routes with `inspect = "hook"` before they are confirmed. Such routes need it.
    #[must_use]
    pub fn with_inspector(mut self, inspect: impl Inspect + 'static) -> Self {
        self.extensions.inspect = Some(Arc::new(inspect));
        self
    }

    /// Tells other systems that uploads were confirmed, rejected or have expired.
    ///
    /// It replaces the queue of `[webhook]`, which the function otherwise announces to (feature `webhooks`): of this section, nothing is
    /// used then. The announcer uses its own URL, secrets and queue.
    #[must_use]
    pub fn with_announcer(mut self, announce: impl Announce + 'static) -> Self {
        self.extensions.announce = Some(Arc::new(announce));
        self
    }

    /// Lets the application decide who may read confirmed objects (default: the caller that uploaded the object).
    #[must_use]
    pub fn with_read_authorizer(mut self, authorize: impl AuthorizeRead + 'static) -> Self {
        self.extensions.authorize_read = Some(Arc::new(authorize));
        self
    }

    /// Signs the URLs of `POST /uploads/read-url` in another way than with the signer of uploads, for example for another content delivery
    /// network. With `deployment.reads = "cloudfront"`, it replaces the signer of `[cloudfront]`, of which nothing is used then.
    #[must_use]
    pub fn with_read_signer(mut self, sign: impl SignRead + 'static) -> Self {
        self.extensions.sign_read = Some(Arc::new(sign));
        self
    }

    /// Counts uploads per day in this store, in place of the one that `[quota]` names.
    #[must_use]
    pub fn with_quota_store(mut self, store: impl QuotaStore + 'static) -> Self {
        self.extensions.quota = Some(Arc::new(store));
        self
    }

    /// Returns the credentials of the function itself, for tables of DynamoDB, queues and secrets: those of its role, also if another role signs.
    pub(crate) fn own_credentials(&self) -> Option<Arc<dyn CredentialsSource>> {
        match (environment_credentials(variable), &self.signer) {
            (Ok(role), _) => Some(Arc::new(role)),
            (Err(_), SignerCredentials::Fixed { credentials, .. }) => Some(Arc::new(credentials.clone())),
            (Err(_), SignerCredentials::Source(_)) => None,
        }
    }
}

impl Extensions {
    /// Announces to the queue of `[webhook]`, unless the program has set an announcer.
    pub(crate) fn announce_by(
        &mut self,
        config: &Config,
        credentials: Option<Arc<dyn CredentialsSource>>,
    ) -> Result<(), StartError> {
        let Some(webhook) = config.webhook().filter(|_| self.announce.is_none()) else { return Ok(()) };
        if webhook.outbox == OutboxConfig::Process {
            return Err(StartError::WebhookInProcess);
        }
        self.announce = open_queue(config, credentials)?;
        Ok(())
    }

    /// Adds what the service needs when it is built, and refuses a configuration that the function would ignore.
    pub(crate) fn add_to<'a, P: Presigner + 'static>(
        &self,
        parts: ServiceParts<'a, P>,
        config: &Config,
        credentials: Option<Arc<dyn CredentialsSource>>,
    ) -> Result<ServiceParts<'a, P>, StartError> {
        let inspect = self.inspect.clone();
        let parts = parts.with_inspectors(move |_| inspect.clone());
        let store = match (&self.quota, config.quota()) {
            (Some(store), _) => Some(Arc::clone(store)),
            // Lambda runs several processes, of which each would permit the whole quota.
            (None, Some(quota)) if quota.store == QuotaStoreConfig::Memory => {
                return Err(StartError::MemoryQuota);
            }
            (None, _) => config.open_quota_store(variable, credentials)?,
        };
        Ok(match store {
            Some(store) => parts.with_quota_store(store),
            None => parts,
        })
    }

    /// Adds what the service calls later.
    pub(crate) fn extend<P: Presigner>(self, mut service: UploadService<P>) -> UploadService<P> {
        if let Some(announce) = self.announce {
            service = service.with_announcer(announce);
        }
        if let Some(authorize) = self.authorize_read {
            service = service.with_read_authorizer(authorize);
        }
        match self.sign_read {
            Some(sign) => service.with_read_signer(sign),
            None => service,
        }
    }
}

#[cfg(feature = "webhooks")]
fn open_queue(
    config: &Config,
    credentials: Option<Arc<dyn CredentialsSource>>,
) -> Result<Option<Arc<dyn Announce>>, StartError> {
    Ok(config.open_webhook_queue(credentials)?)
}

#[cfg(not(feature = "webhooks"))]
fn open_queue(
    _: &Config,
    _: Option<Arc<dyn CredentialsSource>>,
) -> Result<Option<Arc<dyn Announce>>, StartError> {
    Err(StartError::WebhooksDisabled)
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions")
            .field("inspect", &self.inspect)
            .field("announce", &self.announce)
            .field("authorize_read", &self.authorize_read)
            .field("sign_read", &self.sign_read)
            .finish_non_exhaustive()
    }
}
