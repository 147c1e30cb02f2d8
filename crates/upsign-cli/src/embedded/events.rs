//! Confirms objects by the events of the embedded S3 server, as a consumer of the bucket's queue does, and prints what is announced.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;
use upsign::confirm::{Confirmation, ObjectOutcome};
use upsign::{
    Announce, AnnounceError, Announcement, AnnouncementId, Clock, SystemClock, UploadService, async_trait,
    fill_random,
};
use upsign_config::Config;
use upsign_core::error_chain;
use upsign_events::{Creation, EventKind, ObjectEvent, parse};
use upsign_local::ObjectEvents;
use upsign_webhooks::{InProcessOutbox, WebhookAnnouncer, WebhookSecret, WebhookSender, WebhookSigner};

use super::Presigner;
use crate::exit::CommandError;
use crate::output;

/// Handles the events until the server has stopped. `service` returns the one of the configuration that is in use, unless it confirms
/// nothing.
pub(crate) fn confirm_by_events(
    mut events: ObjectEvents,
    service: impl Fn() -> Option<UploadService<Presigner>> + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(text) = events.next().await {
            // What the embedded server sends can be read.
            let Ok(notification) = parse(text.as_bytes()) else { continue };
            let Some(service) = service() else { continue };
            for event in notification.into_events().flatten() {
                handle(&service, &event).await;
            }
        }
    })
}

async fn handle(service: &UploadService<Presigner>, event: &ObjectEvent) {
    let at = SystemClock.now();
    let (object, key) = (event.object(), &event.key);
    match &event.kind {
        // The copy of an object that is confirmed.
        EventKind::Created(Creation::Copy) => {}
        EventKind::Created(_) => match service.confirm_object(&object, at).await {
            Ok(ObjectOutcome::Confirmed(confirmation)) => note(&format!("{key} is {}", state(&confirmation))),
            Ok(ObjectOutcome::Observed(_)) => {
                note(&format!(
                    "{key} is there; with neither a claim nor a sealed id, its client has to confirm it"
                ));
            }
            Ok(_) => {}
            Err(error) => note(&format!("{key} is not confirmed: {}", error_chain(&error))),
        },
        EventKind::Expired { .. } => {
            if let Err(error) = service.expire_object(&object, at).await {
                note(&format!("the expiry of {key} is not announced: {}", error_chain(&error)));
            }
        }
        _ => {}
    }
}

fn state(confirmation: &Confirmation) -> String {
    match confirmation.reason {
        Some(reason) => format!("{}: {}", confirmation.state.as_str(), reason.as_str()),
        None => confirmation.state.as_str().to_owned(),
    }
}

fn note(text: &str) {
    output::notes().line(&format!("   event: {text}"));
}

/// Prints each announcement once, and sends it as a webhook if an application on this machine receives them.
#[derive(Debug, Default)]
pub(super) struct Announcements {
    printed: Mutex<HashSet<AnnouncementId>>,
    webhook: Option<WebhookAnnouncer<InProcessOutbox>>,
}

impl Announcements {
    /// Opens the webhook of the configuration with a secret of this run, unless its application is elsewhere: that one has another
    /// secret, and must not hear of uploads to this machine.
    pub(super) fn open(config: &Config) -> Result<Self, CommandError> {
        let Some(webhook) = config.webhook() else { return Ok(Self::default()) };
        // Without TLS a webhook is sent to this machine only.
        if !webhook.url.starts_with("http://") {
            let text = format!("not sent to {}, which is not this machine; printed instead", webhook.url);
            output::notes().detail("webhook", &text);
            return Ok(Self::default());
        }
        let mut bytes = [0; 32];
        fill_random(&mut bytes).map_err(|error| CommandError::caused("cannot generate a secret", &error))?;
        let secret = WebhookSecret::from_bytes(&bytes);
        let secret = secret.map_err(|error| CommandError::caused("the secret of the webhook", &error))?;
        let text = format!("{}, signed with the secret of this run: {}", webhook.url, &*secret.expose());
        let signer = WebhookSigner::new([secret]).map_err(|error| CommandError::caused("webhook", &error))?;
        let sender = WebhookSender::new(&webhook.url, signer);
        let sender = sender.map_err(|error| CommandError::caused("webhook.url", &error).into_usage())?;
        output::notes().detail("webhook", &text);
        let webhook = Some(WebhookAnnouncer::new(InProcessOutbox::new(sender)));
        Ok(Self { webhook, ..Self::default() })
    }
}

/// How many ids are remembered.
const MAX_IDS: usize = 10_000;

#[async_trait]
impl Announce for Announcements {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        if let Some(webhook) = &self.webhook {
            webhook.announce(announcement).await?;
        }
        let is_new = {
            let mut ids = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
            if ids.len() >= MAX_IDS {
                ids.clear();
            }
            ids.insert(announcement.id)
        };
        if is_new {
            let (kind, key) = (announcement.kind.as_str(), announcement.key);
            output::notes().line(&format!("   announced: upload.{kind} {key}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
