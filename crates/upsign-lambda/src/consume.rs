//! Confirms uploads by the events of their bucket.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use upsign::confirm::{ConfirmState, ObjectOutcome};
use upsign::{Clock, SystemClock, UploadService};
use upsign_core::{Presigner, Timestamp, error_chain};
use upsign_events::{EventKind, ObjectEvent, SqsBatch, SqsRecord, parse};

use crate::credentials::CredentialsEnd;
use crate::environment::FunctionSettings;
use crate::start::{RoleSigner, StartError};
use crate::{Error, run};

/// Confirms the uploads of a bucket that notifies a queue of SQS, also those whose clients have disappeared. Feature `events`.
///
/// Lambda calls it with the messages of the queue: notifications of S3, directly, through SNS or through EventBridge. Each stored
/// object is compared with its grant, inspected, moved to its key, counted and announced, as if its client had confirmed it. An object
/// proves that it was granted by its claim (`claim = true`) or its sealed key (`{id:sealed}`); others are left as they are. A pending
/// object that a lifecycle rule has removed is announced as expired.
///
/// The function needs the `upsign.toml`, the variables and the permissions of the API's function, and those to receive messages. Events
/// about objects of other buckets and keys are ignored.
///
/// A message that failed is reported in the answer (`batchItemFailures`), so that the queue delivers it again; so is one whose object
/// is still being confirmed by somebody else. That needs `ReportBatchItemFailures` in the event source mapping. The messages of a
/// batch are handled one after the other: a confirmation takes some calls to the store, so choose a batch of about 10, a timeout of the
/// function of 60 seconds or more, and a visibility timeout of the queue of six times that.
///
/// ```no_run
/// use upsign_lambda::{Error, EventFunction, environment};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// EventFunction::configured(environment::load_without_reads().await?)?.run().await
/// # }
/// ```
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
pub struct EventFunction<P> {
    service: UploadService<P>,
    clock: Arc<dyn Clock>,
    end: CredentialsEnd,
}

impl EventFunction<RoleSigner> {
    /// Creates the function with the service of the settings: its store, inspector, quota and announcer.
    ///
    /// # Errors
    /// Returns [`StartError`] as [`FunctionSettings::api`] does.
    pub fn configured(settings: FunctionSettings) -> Result<Self, StartError> {
        let end = settings.credentials_end();
        Ok(Self { end, ..Self::new(settings.service()?) })
    }
}

impl<P: Presigner> EventFunction<P> {
    /// Creates the function with a service of the application.
    #[must_use]
    pub fn new(service: UploadService<P>) -> Self {
        Self { service, clock: Arc::new(SystemClock), end: CredentialsEnd::NEVER }
    }

    /// Sets the clock (default: [`SystemClock`]).
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Receives events from the Lambda Runtime API and answers each with [`answer`](Self::answer).
    ///
    /// Returns `Ok` once the credentials of the process have ended ([`CredentialsEnd`]). `main` should then return, so that the
    /// platform starts a new process with new credentials.
    ///
    /// # Errors
    /// Returns an error if the Runtime API fails.
    pub async fn run(self) -> Result<(), Error> {
        let function = &self;
        let has_ended = || function.end.has_passed(function.clock.now());
        run::until(has_ended, async move |event: &str| function.answer(event).await).await
    }

    /// Handles one event of SQS, given as text, and returns the messages that failed (`batchItemFailures`).
    ///
    /// # Errors
    /// Returns an error if the event is not one of SQS. The invocation then fails, and the process keeps running.
    pub async fn answer(&self, event: &str) -> Result<Value, Error> {
        let batch = SqsBatch::read(event.as_bytes())?;
        let failures = batch.process(async |message| self.handle(message).await).await;
        Ok(serde_json::to_value(failures)?)
    }

    /// Handles the events of one message. Handling it again is harmless.
    async fn handle(&self, message: &SqsRecord) -> Result<(), Error> {
        let result = self.confirm(&message.body).await;
        if let Err(error) = &result {
            tracing::warn!("message failed id={} error={}", message.message_id, error_chain(&**error));
        }
        result
    }

    async fn confirm(&self, message: &str) -> Result<(), Error> {
        for event in parse(message.as_bytes())?.into_events() {
            match event {
                Err(error) if error.is_foreign() => {}
                event => self.apply(&event?, self.clock.now()).await?,
            }
        }
        Ok(())
    }

    async fn apply(&self, event: &ObjectEvent, at: Timestamp) -> Result<(), Error> {
        let object = event.object();
        match event.kind {
            ref kind if kind.is_upload() => match self.service.confirm_object(&object, at).await? {
                ObjectOutcome::Confirmed(it) if it.state == ConfirmState::Pending => {
                    Err("the object is still being confirmed".into())
                }
                _ => Ok(()),
            },
            EventKind::Expired { .. } => Ok(self.service.expire_object(&object, at).await?),
            _ => Ok(()),
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for EventFunction<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventFunction").field("service", &self.service).finish_non_exhaustive()
    }
}
