//! Build the zip file and deploy it with the commands that `upsign documents sam` prints after the template, on standard error.
//! The last ones upload a file:
//!
//! ```sh
//! upsign documents sam --config examples/lambda/upsign.toml > template.yaml
//! ```
//!
//! The page `upsign::manual::howto::lambda` shows a package outside this workspace, and how the code is updated.
//!
//! The function `GetUploadUrlFunction` of the two-step upload design, for a REST API, an HTTP API, a function URL or a load
//! balancer. The zip file contains `upsign.toml`; the variables `ARTICLE_IMAGES_BUCKET`, `UPSIGN_KEY` and so on override it, and
//! suffice without it. `auth.source` in `upsign.toml` decides who identifies the caller: this function by the token (feature
//! `verify`, on by default), the Cognito or JWT authorizer of the API, a Lambda authorizer, or IAM. With `--features chain`,
//! `UPSIGN_ASSUME_ROLE` names a role whose credentials sign in place of the function's own. Routes with multipart uploads
//! or confirmations need `--features multipart`, signed URLs of CloudFront `cloudfront`, `[webhook]` `webhooks`, and quotas `dynamodb` or
//! `redis`.

use std::process::ExitCode;

use tracing_appender::non_blocking::NonBlockingBuilder;
use upsign_lambda::{Error, UploadFunction, environment, error_chain};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Lambda collects standard output. A thread of its own writes the lines and drops them if the output stalls, so that no
    // request waits for it. Without ANSI colors, which CloudWatch would show as control characters.
    let (writer, _flush_at_end) = NonBlockingBuilder::default().lossy(true).finish(std::io::stdout());
    let logs = tracing_subscriber::fmt().with_writer(writer).with_ansi(false);
    logs.with_max_level(tracing::Level::WARN).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // An error that `main` returns would be logged in its `Debug` form, without the messages of its causes.
            tracing::error!("function failed error={}", error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    #[cfg(any(feature = "chain", feature = "cloudfront", feature = "multipart"))]
    let settings = environment::load().await?;
    #[cfg(not(any(feature = "chain", feature = "cloudfront", feature = "multipart")))]
    let settings = environment::read()?;
    UploadFunction::configured(settings)?.run().await
}
