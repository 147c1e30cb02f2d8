//! Run with `cargo run -p example-embed`: upsign as a library, in a service that has its own idea of who is calling and of
//! whose articles are whose.
#![expect(clippy::print_stdout, reason = "an example shows what it made")]

use async_trait::async_trait;
use upsign::core::{Credentials, Identity, Target, WithCredentials};
use upsign::policy::{Bodyless, ContentRules, IdName, KeyTemplate, SizeLimit, UploadRequest};
use upsign::{
    Asked, Authorize, Clock, Granted, Refused, Route, SigV4, SystemClock, Undecided, Upload, UploadIssuer,
    UploadObserver, UploadPolicy, UploadService, Verdict,
};

/// Asked after the policy has said yes: may this caller add an image to *this* article?
#[derive(Debug)]
struct Authors;

#[async_trait]
impl Authorize for Authors {
    async fn authorize(&self, asked: &Asked<'_>) -> Result<Verdict, Undecided> {
        // A database in earnest; whoever asks it and gets no answer returns `Undecided`.
        let wrote = |id: &str| (asked.who.subject().as_str(), id) == ("user-4711", ARTICLE);
        let theirs = asked.ids.iter().any(|(name, id)| **name == *"articleId" && wrote(&id.to_string()));
        Ok(if theirs || !asked.names_existing_ids { Verdict::Yes } else { Verdict::No })
    }
}

/// Told of every grant and every refusal.
#[derive(Debug)]
struct Audit;

impl UploadObserver for Audit {
    fn granted(&self, told: &Granted<'_>) {
        println!("granted {} to {} in {:?}", told.grant.key, told.who.subject().as_str(), told.signing);
    }

    fn refused(&self, told: &Refused) {
        println!("refused: {}", told.code);
    }
}

const ARTICLE: &str = "5b5d819a-b077-4419-af90-f3ad76700929";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once, at start: what may be uploaded where. A second image for the same article is the application's to allow.
    let ids: [IdName; 1] = ["article_id".parse()?];
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids)?;
    let target = Target::aws("article-images-bucket".parse()?, "eu-central-1".parse()?);
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::of(["image/png", "image/webp"])?)
        .size(SizeLimit::up_to(512 << 10)?)
        .client_may_supply(ids)
        .build()?;

    // AWS's published example key. In a service: from your provider, by `upsign::core::CredentialsSource`.
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials))?;
    let service = UploadService::of([Route::unnamed(issuer.with_authorize(Authors))])?.with_observer(Audit);

    // Per request: who, what, when.
    let who = Identity::vouched("https://login.example.com", "user-4711")?;
    let what = UploadRequest::described().with_content_type("image/png").with_content_length(20_480);
    let grant =
        service.issue(&who, None, &what.clone().with_id("articleId", ARTICLE), SystemClock.now()).await?;

    println!("until   {}", grant.expires_at);
    if let Upload::Put(put) = &grant.upload {
        for (name, value) in put.headers.to_set() {
            println!("header  {name}: {value}");
        }
        println!("{} {}", put.method, put.url.expose());
    }

    let somebody = Identity::vouched("https://login.example.com", "user-1")?;
    let theirs = what.with_id("articleId", ARTICLE);
    if let Err(why) = service.issue(&somebody, None, &theirs, SystemClock.now()).await {
        println!("to somebody else: {why}");
    }
    Ok(())
}
