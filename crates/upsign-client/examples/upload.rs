//! Uploads a file through the API at `API`, with the access token in `TOKEN`: `upload photo.jpg`. The manual shows it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a program reads its own environment and prints"
)]

use upsign_client::{ApiEndpoint, Event, FileSource, FixedToken, UploadClient, UploadOptions, UploadRequest};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let (api, token) = (std::env::var("API")?, std::env::var("TOKEN")?);
    let client =
        UploadClient::new(ApiEndpoint::new(&api)?, FixedToken::new(token), UploadOptions::default())?;
    let file = FileSource::open(&path).await?;
    let progress = |event: &Event<'_>| eprintln!("{event:?}");
    let uploaded = client.upload(file, &UploadRequest::new("image/jpeg"), progress).await?;
    println!("{}", uploaded.key);
    Ok(())
}
