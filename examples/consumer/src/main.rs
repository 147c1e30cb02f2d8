//! Build with `cargo lambda build --profile dist --package example-consumer --output-format zip`.
//!
//! Confirms uploads whose clients do not: S3 notifies a queue of each new object, and Lambda calls this function with the queue's
//! messages. The zip file contains the `upsign.toml` of the API, and the role needs the permissions of the API's role and those to
//! receive messages. An object proves by its claim (`claim = true`) or its sealed key (`{id:sealed}`) that the API granted it. The
//! event source mapping needs `ReportBatchItemFailures`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use upsign::confirm::{ConfirmState, ObjectOutcome};
use upsign::{Clock, Presigner, SystemClock, UploadService};
use upsign_events::{EventKind, SqsBatch, SqsRecord, parse};
use upsign_lambda::{environment, error_chain};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = environment::load().await?;
    let (end, service) = (settings.credentials_end(), &settings.service()?);
    let handle = service_fn(async |event: LambdaEvent<SqsBatch>| {
        // Lambda replaces a process that ends, with new credentials, and calls it with the same messages.
        if end.has_passed(SystemClock.now()) {
            std::process::exit(1);
        }
        Ok::<_, Error>(event.payload.process(async |message| handle(service, message).await).await)
    });
    lambda_runtime::run(handle).await
}

/// Handles the events of one message. If it fails, the queue delivers the message again, which is harmless.
#[expect(clippy::print_stderr, reason = "standard error is the function's log")]
async fn handle<P: Presigner>(service: &UploadService<P>, message: &SqsRecord) -> Result<(), Error> {
    let result = confirm(service, &message.body).await;
    if let Err(error) = &result {
        eprintln!("message failed id={} error={}", message.message_id, error_chain(&**error));
    }
    result
}

async fn confirm<P: Presigner>(service: &UploadService<P>, message: &str) -> Result<(), Error> {
    for event in parse(message.as_bytes())?.into_events() {
        let event = match event {
            Err(error) if error.is_foreign() => continue,
            event => event?,
        };
        let (object, at) = (event.object(), SystemClock.now());
        match event.kind {
            EventKind::Created(_) => match service.confirm_object(&object, at).await? {
                ObjectOutcome::Confirmed(it) if it.state == ConfirmState::Pending => {
                    return Err("pending".into());
                }
                // The announcer of an application stores the receipt; see `examples/confirm`.
                _ => {}
            },
            EventKind::Expired { .. } => service.expire_object(&object, at).await?,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
