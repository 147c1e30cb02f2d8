//! Build with `cargo lambda build --release --package example-consumer --output-format zip --include upsign.toml`.
//!
//! Confirms uploads whose clients do not: S3 notifies a queue of each new object, and Lambda calls this function with the queue's
//! messages. An object proves by its claim (`claim = true`) or its sealed key (`{id:sealed}`) that the API granted it. The results
//! are announced to the queue of `[webhook]`, which the example `deliverer` delivers.
//!
//! The stack of `upsign documents sam` contains this function if events can confirm uploads, with its role. Elsewhere, put the
//! `upsign.toml` of the API into the zip file. The function needs the variables and the permissions of the API's function, those to
//! receive messages, and an event source mapping with `ReportBatchItemFailures`.
//!
//! Uploads per day are counted with `--features dynamodb` or `redis`. An application with an inspector or an announcer of its own adds
//! it to the settings, with `with_inspector` and `with_announcer`.

use std::process::ExitCode;

use upsign_lambda::{Error, EventFunction, environment, error_chain};

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
    let settings = environment::load_without_reads().await?;
    EventFunction::configured(settings)?.run().await
}

#[cfg(test)]
mod tests;
