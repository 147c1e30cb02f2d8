//! Run with `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run -p example-cli -- photo.jpg`.
//!
//! A small command that signs the upload of one file and prints the curl command that sends it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a command reads its environment and prints its result"
)]

use std::{env, fs};

use upsign::SigV4;
use upsign::policy::Disposition;
use upsign::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = env::args().nth(1).ok_or("name a file to upload")?;
    let bytes = fs::metadata(&file)?.len();

    let target = Target::aws("my-inbox".parse()?, "eu-central-1".parse()?);
    let policy = UploadPolicy::builder(target, "inbox/{date}/{id}.{ext}".parse()?, Bodyless::Refuse)
        .content_types(["image/jpeg", "application/pdf"])
        .max_size(1 << 30)
        .disposition(Disposition::Attachment)
        .build()?;
    let credentials =
        Credentials::long_term(&env::var("AWS_ACCESS_KEY_ID")?, &env::var("AWS_SECRET_ACCESS_KEY")?)?;
    let issuer = UploadIssuer::new(policy, SigV4::new().with_credentials(credentials))?;

    // A person who can run this command has the AWS keys already, so the name of the operating system's user is trusted.
    let caller = Identity::from_verified(
        "urn:example:operator",
        &env::var("USER").unwrap_or_else(|_| "operator".into()),
    )?;
    let content_type = if file.ends_with(".pdf") { "application/pdf" } else { "image/jpeg" };
    let upload = UploadRequest::described().with_content_type(content_type).with_content_length(bytes);
    // The credentials are fixed and there is no `Authorize` implementation, so nothing waits and no async runtime is needed.
    let grant = issuer.issue_now(&caller, &upload, SystemClock.now())?;

    if let Upload::Put(put) = &grant.upload {
        println!("curl --fail --upload-file '{file}' \\");
        for (name, value) in put.headers.settable() {
            println!("  --header '{name}: {value}' \\");
        }
        println!("  '{}'", put.url.expose());
    }
    Ok(())
}
