//! Run with `cargo run -p example-embed`.
//!
//! Uses upsign as a library in a service that authenticates its callers itself and knows the author of each article.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use upsign::policy::KeyOptions;
use upsign::prelude::*;
use upsign::{
    Authorize, AuthorizeError, AuthorizeRequest, Decision, GrantEvent, Refusal, UploadObserver, async_trait,
};

/// Allows an upload to an existing article only to its author.
#[derive(Debug)]
struct Authors;

#[async_trait]
impl Authorize for Authors {
    async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
        // A real implementation queries its database and returns `AuthorizeError` if that fails.
        let article = request.id("articleId").map(|id| id.to_string());
        let is_author = request.caller.subject() == "user-4711" && article.as_deref() == Some(ARTICLE);
        Ok(if is_author || !request.client_supplied_ids { Decision::Allow } else { Decision::Deny })
    }
}

/// Prints every grant and every refusal.
#[derive(Debug)]
struct Audit;

impl UploadObserver for Audit {
    fn granted(&self, event: &GrantEvent<'_>) {
        println!("granted {} to {} in {:?}", event.grant.key, event.caller.subject(), event.signing);
    }

    fn refused(&self, refusal: &Refusal) {
        println!("refused: {}", refusal.code);
    }
}

const ARTICLE: &str = "5b5d819a-b077-4419-af90-f3ad76700929";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // At start: the policy. Clients may supply `articleId`, and `Authors` decides whether they may use it.
    let target = Target::aws("article-images-bucket".parse()?, "eu-central-1".parse()?);
    let template = "articles/{article_id}/raw/{id}.{ext}".parse()?;
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content_types(["image/png", "image/webp"])
        .max_size(512 << 10)
        .keys(KeyOptions::new().client_may_supply(["article_id".parse()?]))
        .build()?;

    // AWS's published example key. A service passes a `CredentialsSource` of its own or one of `upsign-aws`.
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
    let issuer = UploadIssuer::sigv4(policy, credentials)?.with_authorizer(Authors);
    let service = UploadService::new([Route::unnamed(issuer)])?.with_observer(Audit);

    // For each request: the caller, the upload and the time.
    let author = Identity::from_verified("https://login.example.com", "user-4711")?;
    let upload = UploadRequest::described().with_content_type("image/png").with_content_length(20_480);
    let grant = service
        .issue(&author, None, &upload.clone().with_id("articleId", ARTICLE), SystemClock.now())
        .await?;

    println!("expires {}", grant.expires_at);
    if let Upload::Put(put) = &grant.upload {
        for (name, value) in put.headers.settable() {
            println!("header  {name}: {value}");
        }
        println!("{} {}", put.method, put.url.expose());
    }

    let other_caller = Identity::from_verified("https://login.example.com", "user-1")?;
    let same_article = upload.with_id("articleId", ARTICLE);
    if let Err(error) = service.issue(&other_caller, None, &same_article, SystemClock.now()).await {
        println!("another caller: {error}");
    }
    Ok(())
}
