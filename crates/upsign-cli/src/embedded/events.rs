//! Confirms objects by the events of the embedded S3 server, as a consumer of the bucket's queue does, and prints what is announced.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;
use upsign::confirm::{Confirmation, ObjectOutcome};
use upsign::{
    Announce, AnnounceError, Announcement, AnnouncementId, Clock, SystemClock, UploadService, async_trait,
};
use upsign_core::error_chain;
use upsign_events::{Creation, EventKind, ObjectEvent, parse};
use upsign_local::ObjectEvents;

use super::Presigner;
use crate::output;

/// Handles the events until the server has stopped.
pub(crate) fn confirm_by_events(
    mut events: ObjectEvents,
    service: UploadService<Presigner>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(text) = events.next().await {
            // What the embedded server sends can be read.
            let Ok(notification) = parse(text.as_bytes()) else { continue };
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

/// Prints each announcement once, in place of the webhook of a deployment.
#[derive(Debug, Default)]
pub(super) struct PrintedAnnouncements(Mutex<HashSet<AnnouncementId>>);

/// How many ids are remembered.
const MAX_IDS: usize = 10_000;

#[async_trait]
impl Announce for PrintedAnnouncements {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        let is_new = {
            let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
