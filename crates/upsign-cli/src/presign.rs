//! `upsign presign`.

use upsign::{AssumeLifetime, Clock, SigV4, SystemClock};
use upsign_aws::{AwsSigV4, AwsSigV4a};
use upsign_core::{
    Addressing, Bound, ExpiresIn, Operation, PresignRequest, PresignedRequest, Presigner, Resource,
    SAFETY_MARGIN, SignedHeaders, Target, WithCredentials,
};

use crate::args::{Backend, Place, Presign, Verb};
use crate::exit::{Exit, Failed};
use crate::{environment, say};

pub(crate) async fn run(args: &Presign, json: bool) -> Result<Exit, Failed> {
    let request = request(args)?;
    let presigner = presigner(args, request.target().signs_with_sigv4a())?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let presigned = presigner.presign(&request, at).await;
    let presigned = presigned.map_err(|error| Failed::caused("not presigned", &error))?;
    if json {
        say::answer(&as_json(&presigned));
    } else {
        print(&presigned);
    }
    Ok(Exit::Success)
}

fn request(args: &Presign) -> Result<PresignRequest, Failed> {
    let (Some(key), target) = (args.key.clone(), target(&args.place)?) else {
        return Err(Failed::usage("presign takes a key"));
    };
    let operation = match args.operation {
        Verb::Put => Operation::PutObject,
        Verb::Get => Operation::GetObject,
        Verb::Head => Operation::HeadObject,
        Verb::Delete => Operation::DeleteObject,
    };
    let expires_in = ExpiresIn::from_secs(args.expires_in);
    let expires_in = expires_in.map_err(|error| Failed::caused("--expires-in", &error).into_usage())?;
    let request = PresignRequest::new(target, operation, key, expires_in);
    Ok(request.with_headers(headers(args)?))
}

/// A bucket at an endpoint of one's own stands in the path, an access point in the host.
pub(crate) fn target(place: &Place) -> Result<Target, Failed> {
    let (Some(resource), Some(region)) = (place.bucket.clone(), place.region.clone()) else {
        return Err(Failed::usage("--bucket and --region say where the object is"));
    };
    let is_bucket = matches!(resource, Resource::Bucket(_));
    let mut builder = Target::builder(resource, region);
    if let Some(endpoint) = &place.endpoint_url {
        builder = builder.endpoint(endpoint.clone());
        builder = if is_bucket { builder.addressing(Addressing::Path) } else { builder };
    }
    builder.build().map_err(|error| Failed::caused("--endpoint-url", &error).into_usage())
}

fn headers(args: &Presign) -> Result<SignedHeaders, Failed> {
    let mut headers = SignedHeaders::new();
    let mut add = |name: &str, value: &str| {
        headers.insert(name, value).map_err(|error| Failed::caused("--header", &error).into_usage())
    };
    if let Some(content_type) = &args.content_type {
        add("content-type", content_type)?;
    }
    if let Some(bytes) = args.content_length {
        add("content-length", &bytes.to_string())?;
    }
    for header in &args.headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Failed::usage("--header takes `name: value`, with a colon between them"))?;
        add(name, value)?;
    }
    Ok(headers)
}

/// Credentials that do not say when they end are taken to last as long as the URL is asked to: whoever types the command
/// is told that this is a guess.
///
/// Multi-region access points take SigV4a, which only AWS's own code signs here.
fn presigner(args: &Presign, many_regions: bool) -> Result<Box<dyn Presigner>, Failed> {
    let lifetime = args.expires_in.saturating_add(SAFETY_MARGIN.into());
    let credentials = AssumeLifetime::new(environment::credentials()?, lifetime);
    match args.backend {
        Backend::Sigv4 | Backend::AwsSigv4 if many_regions => {
            Ok(Box::new(WithCredentials::new(AwsSigV4a::new(), credentials)))
        }
        Backend::Sigv4 => Ok(Box::new(WithCredentials::new(SigV4::new(), credentials))),
        Backend::AwsSigv4 => Ok(Box::new(WithCredentials::new(AwsSigV4::new(), credentials))),
        #[cfg(feature = "sdk")]
        Backend::AwsSdk => Ok(Box::new(upsign_aws::SdkPresigner::new(credentials))),
        #[cfg(not(feature = "sdk"))]
        Backend::AwsSdk => {
            let hint = "build it with `cargo install upsign-cli --features sdk`; the URLs are the same";
            Err(Failed::usage("this build lacks the backend aws-sdk").hint(hint))
        }
    }
}

fn as_json(presigned: &PresignedRequest) -> String {
    let headers: Vec<[&str; 2]> = presigned.headers.iter().map(|(name, value)| [name, value]).collect();
    serde_json::json!({
        "method": presigned.method.as_str(),
        "url": presigned.url.expose(),
        "headers": headers,
        "expires_at": presigned.expires_at.to_string(),
        "expires_at_is": if presigned.expires_at_is == Bound::AtMost { "upper-bound" } else { "exact" },
    })
    .to_string()
}

/// The URL on standard output, what must be sent with it on standard error.
fn print(presigned: &PresignedRequest) {
    say::answer(presigned.url.expose());
    say::detail("method", presigned.method.as_str());
    for (name, value) in presigned.headers.iter() {
        say::detail("header", &format!("{name}: {value}"));
    }
    say::detail("until", &presigned.expires_at.to_string());
    if presigned.expires_at_is == Bound::AtMost {
        say::warn("the credentials do not say when they end: the URL may end with them, before its time");
    }
}
