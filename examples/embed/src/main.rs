//! Run with `cargo run -p example-embed`: upsign as a library, in a service that has its own idea of who is calling.
#![expect(clippy::print_stdout, reason = "an example shows what it made")]

use upsign::core::{Credentials, Identity, Target, WithCredentials};
use upsign::policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadRequest};
use upsign::{Clock, SigV4, SystemClock, Upload, UploadIssuer, UploadPolicy};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once, at start: what may be uploaded where.
    let template = KeyTemplate::parse("avatars/{sub}/{id}.{ext}", &[])?;
    let target = Target::aws("my-avatars".parse()?, "eu-central-1".parse()?);
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::of(["image/png", "image/webp"])?)
        .size(SizeLimit::up_to(512 << 10)?)
        .build()?;

    // AWS's published example key. In a service: from your provider, by `upsign::core::CredentialsSource`.
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials))?;

    // Per request: who, what, when.
    let who = Identity::vouched("https://login.example.com", "user-4711")?;
    let what = UploadRequest::described().with_content_type("image/png").with_content_length(20_480);
    let grant = issuer.issue(&who, &what, SystemClock.now()).await?;

    println!("key     {}", grant.key);
    println!("until   {}", grant.expires_at);
    if let Upload::Put(put) = &grant.upload {
        for (name, value) in put.headers.to_set() {
            println!("header  {name}: {value}");
        }
        println!("{} {}", put.method, put.url.expose());
    }
    Ok(())
}
