//! Build with `cargo lambda build --release --package example-lambda --output-format zip`: the article's
//! `GetUploadUrlFunction`, behind an API Gateway with a Cognito authorizer (REST) or a JWT authorizer (HTTP).
//!
//! Put `upsign.toml` into the zip, or set the variables `ARTICLE_IMAGES_BUCKET`, `UPSIGN_KEY`, …

use upsign_lambda::{Error, UploadFunction, environment};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = environment::read()?;
    UploadFunction::behind_authorizer(start)?.run().await
}
