//! What is watched of uploads after their bytes have arrived.

use super::super::declared::Declared;
use super::super::reference::Kind;
use super::alarm::alarm;
use super::{Metric, dead_letters, of_function, of_log};
use crate::deployment::Deployment;

/// Above this number within a period, uploads are more than those of a single odd client.
const MANY: i64 = 20;

/// Returns the graphs' metrics, which the functions write; none if no route completes or confirms uploads.
pub(super) fn metrics(deployment: &Deployment) -> Vec<Metric> {
    let parts = deployment.has_multipart().then_some(["Completed", "Aborted"]);
    let confirmed = deployment.confirms().then_some(["UploadConfirmed", "UploadRejected", "UploadMismatch"]);
    let deleted = deployment.deletes().then_some("UploadDeleted");
    let announced = deployment.webhook_queue.is_some() && deployment.confirms();
    let announced =
        announced.then_some(["AnnounceFailures", "WebhooksDelivered", "WebhooksRetried", "WebhooksLost"]);
    let names = parts.into_iter().flatten().chain(confirmed.into_iter().flatten()).chain(deleted);
    let names = names.chain(announced.into_iter().flatten());
    names.map(of_log).collect()
}

/// Returns the alarms; none if no route confirms uploads and nothing is counted. Those on errors of functions also fire if a function
/// does not start, which its dead-letter queue tells only after the last attempt.
pub(super) fn alarms(deployment: &Deployment) -> Vec<Declared> {
    let mut all = Vec::new();
    if deployment.confirms() {
        all.push(alarm(
            Kind::MismatchedUploadsAlarm,
            "Many uploads differ from what was granted: a client sends other bytes than it has declared",
            of_log("UploadMismatch"),
            MANY,
        ));
        all.push(alarm(
            Kind::RejectedContentAlarm,
            "The inspection rejects many uploads: their content is not what its type says, or is dangerous",
            of_log("UploadRejected"),
            MANY,
        ));
    }
    if deployment.quota_table.is_some() {
        all.push(alarm(
            Kind::LimitsSkippedAlarm,
            "Uploads are granted without being counted, because the store of the quota fails",
            of_log("LimitsSkipped"),
            0,
        ));
    }
    if deployment.has_consumer() {
        all.push(alarm(
            Kind::ConsumerErrorsAlarm,
            "Invocations of the function that confirms uploads by their notifications fail",
            of_function("Errors", Kind::Consumer),
            0,
        ));
    }
    if deployment.workers.webhook_queue_name.is_some() {
        all.push(alarm(
            Kind::DelivererErrorsAlarm,
            "Invocations of the function that delivers webhooks fail",
            of_function("Errors", Kind::Deliverer),
            0,
        ));
        all.push(alarm(
            Kind::WebhookDeadLettersAlarm,
            "A webhook could not be delivered: the application does not accept it",
            dead_letters(Kind::WebhookDeadLetters),
            0,
        ));
    }
    all
}
