//! Build with `cargo lambda build --release --package example-deliverer --output-format zip --include upsign.toml`.
//!
//! Delivers webhooks: the API and the example `consumer` pass them to the queue of `[webhook]` (`outbox = "sqs"`), and Lambda calls this
//! function with the queue's messages. Each becomes one signed request to `webhook.url`. The queue delivers those that fail again.
//!
//! The stack of `upsign documents sam` contains this function if `[webhook]` has a queue, with its role, its queue and its dead-letter
//! queue. Elsewhere, put the `upsign.toml` of the API into the zip file. The function needs the variables that `webhook.secrets` names, a
//! timeout of 20 seconds, a role that may receive messages (and read secrets in AWS Secrets Manager), and an event source mapping with
//! `ReportBatchItemFailures`.

use std::process::ExitCode;

use upsign_lambda::{Error, WebhookFunction, environment, error_chain};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Without ANSI colors, which CloudWatch would show as control characters.
    tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::WARN).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("function failed error={}", error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let settings = environment::read()?;
    WebhookFunction::configured(settings).await?.run().await
}

#[cfg(test)]
mod tests;
