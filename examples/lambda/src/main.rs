//! Two commands to a zip, one to deploy:
//!
//! ```sh
//! cargo install cargo-lambda --locked
//! cargo lambda build --profile dist --package example-lambda --output-format zip --include examples/lambda/upsign.toml
//! aws lambda update-function-code --function-name GetUploadUrlFunction --zip-file fileb://target/lambda/bootstrap/bootstrap.zip
//! ```
//!
//! The article's `GetUploadUrlFunction`, behind an API Gateway with a Cognito authorizer (REST) or a JWT authorizer (HTTP).
//! `upsign.toml` is in the zip; the variables `ARTICLE_IMAGES_BUCKET`, `UPSIGN_KEY`, … override it, or suffice. With
//! `--features chain`, `UPSIGN_ASSUME_ROLE` names a role whose credentials sign in place of the function's own.

use upsign_lambda::{Error, UploadFunction, environment};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    #[cfg(feature = "chain")]
    let start = environment::load().await?;
    #[cfg(not(feature = "chain"))]
    let start = environment::read()?;
    UploadFunction::behind_authorizer(start)?.run().await
}
