use upsign_client::{ApiEndpoint, Event, FileSource, FixedToken, UploadClient, UploadOptions, UploadRequest};

/// Uploads a file with the token of a user: TOKEN=$(curl -sS '{token_url}') cargo run
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = std::env::var("TOKEN")?;
    let api = ApiEndpoint::new("{api}")?;
    let client = UploadClient::new(api, FixedToken::new(&token), UploadOptions::default())?;
    let file = FileSource::open("{file}").await?;
    let request = UploadRequest::new("{type}").with_file_name("{file}");
    let uploaded = client.upload(file, &request, |event: &Event<'_>| eprintln!("{event:?}")).await?;
    println!("{}", uploaded.key);
    Ok(())
}
