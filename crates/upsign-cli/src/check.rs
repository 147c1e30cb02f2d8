//! `upsign check`: what a configuration means, before anything runs on it.

use serde_json::{Value, json};
use upsign::IssueError;
use upsign_config::{Auth, Config, RouteConfig};
use upsign_core::{Credentials, Identity, Timestamp, WithCredentials};
use upsign_policy::{
    Checksum, Checksums, ContentType, Placeholder, TypeRange, UploadMethod, UploadPolicy, UploadRequest,
};

use crate::args::Check;
use crate::exit::{Exit, Failed};
use crate::{describe, documents, environment, say};

pub(crate) async fn run(check: &Check, json: bool) -> Result<Exit, Failed> {
    if check.comparison.is_asked_for() {
        return documents::compared(&check.comparison, json).await;
    }
    let config = environment::config(&check.comparison.system.config)?;
    let issuers = config.issuers(WithCredentials::new(upsign::SigV4::new(), nobody()?));
    let issuers =
        issuers.map_err(|error| Failed::caused("a policy cannot be signed", &error).into_usage())?;
    let mut warnings: Vec<String> = config.warnings().iter().map(ToString::to_string).collect();
    let mut samples = Vec::new();
    for (route, issuer) in config.routes().iter().zip(&issuers) {
        match sample(route, issuer.issuer()).await {
            Ok(sample) => samples.push((route, sample)),
            Err(why) => warnings.push(format!(
                "{}: a request that should be granted is refused: {why}",
                describe::name(route)
            )),
        }
    }
    if json {
        let routes: Vec<Value> = samples.iter().map(|(_, sample)| sample.to_json()).collect();
        say::answer(&json!({"routes": routes, "warnings": warnings}).to_string());
    } else {
        for (route, sample) in &samples {
            show(route, sample);
        }
        show_callers(&config);
        say::line("");
    }
    warnings.iter().for_each(|warning| say::warn(warning));
    if check.deny_warnings && !warnings.is_empty() {
        return Err(Failed::new(format!("{} warnings", warnings.len())));
    }
    Ok(Exit::Success)
}

/// What somebody would get on a route: nothing that works anywhere, since nobody's credentials have signed it.
struct Sample {
    route: String,
    request: Value,
    key: String,
    method: &'static str,
    send: Vec<(String, String)>,
}

impl Sample {
    fn to_json(&self) -> Value {
        let send: serde_json::Map<String, Value> =
            self.send.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        json!({
            "route": self.route, "request": self.request, "key": self.key, "method": self.method,
            "send": send,
        })
    }
}

fn nobody() -> Result<Credentials, Failed> {
    let made = Credentials::long_term("AKIDEXAMPLE", "no secret");
    made.map_err(|error| Failed::caused("credentials for a sample", &error))
}

async fn sample<P: upsign_core::Presigner>(
    route: &RouteConfig,
    issuer: &upsign::UploadIssuer<P>,
) -> Result<Sample, String> {
    let (what, request) = request(route);
    let who = somebody(route).map_err(|error| error.to_string())?;
    let grant = issuer.issue(&who, &what, Timestamp::UNIX_EPOCH).await;
    let grant = grant.map_err(|error| match error {
        IssueError::Denied(denied) => denied.to_string(),
        other => other.to_string(),
    })?;
    let (method, send) = match &grant.upload {
        upsign::Upload::Put(put) => ("PUT", owned(put.headers.to_set())),
        upsign::Upload::Post(post) => {
            let unsigned = |(name, _): &(&str, &str)| !is_signing(name);
            let fields = post.fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
            ("POST", owned(fields.filter(unsigned)))
        }
        _ => ("", Vec::new()),
    };
    let route = describe::name(route).to_owned();
    Ok(Sample { route, request, key: grant.key.to_string(), method, send })
}

fn owned<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn is_signing(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    ["policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"]
        .contains(&field.as_str())
}

/// A caller with all that the key and the route ask for.
fn somebody(route: &RouteConfig) -> Result<Identity, Failed> {
    let who = Identity::vouched("https://issuer.example", "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    let mut who = who.map_err(|error| Failed::caused("a sample of a caller", &error))?;
    if route.policy.template().uses(&Placeholder::Group) {
        let group = route.policy.groups().and_then(|groups| groups.first()).map_or("group", AsRef::as_ref);
        who = who.with_groups([group]);
    }
    Ok(route.policy.claims().fold(who, |who, claim| who.with_claim(claim, "example")))
}

/// A request that describes a file of the first type, 123,456 bytes large, or as large as may be.
fn request(route: &RouteConfig) -> (UploadRequest, Value) {
    let policy = &route.policy;
    let content_type = sample_type(policy);
    let bytes = 123_456_u64.clamp(policy.size().min(), policy.max_size());
    let mut what =
        UploadRequest::described().with_content_type(content_type.as_str()).with_content_length(bytes);
    let mut body = json!({"contentType": content_type.as_str(), "contentLength": bytes});
    let mut say = |name: &str, value: Value| {
        if let Some(body) = body.as_object_mut() {
            body.insert(name.into(), value);
        }
    };
    if let Some(name) = &route.name {
        say("route", name.as_str().into());
    }
    if policy.template().uses(&Placeholder::FileName) || policy.keeps_file_names() {
        let extension = policy.content_rules().extension(&content_type).unwrap_or("bin");
        let name = if policy.max_file_name() < 24 {
            format!("a.{extension}")
        } else {
            format!("example.{extension}")
        };
        say("fileName", name.as_str().into());
        what = what.with_file_name(name);
    }
    if let Checksums::Required(algorithms) = policy.checksums()
        && let Some(algorithm) = algorithms.first()
    {
        let zeros = Checksum::zero(*algorithm);
        say("checksum", json!({algorithm.as_str(): zeros.as_base64()}));
        what = what.with_checksum(algorithm.as_str(), zeros.as_base64());
    }
    (what, body)
}

/// The first exact type, or a well-known one in a range.
fn sample_type(policy: &UploadPolicy) -> ContentType {
    let rules = policy.content_rules();
    let known = [
        "image/jpeg",
        "video/mp4",
        "audio/mpeg",
        "text/plain",
        "application/zip",
        "application/octet-stream",
    ];
    let declared = || rules.declared().find(|declared| rules.allows(declared)).cloned();
    let known = || known.iter().filter_map(|name| name.parse().ok()).find(|known| rules.allows(known));
    let ranged = || match rules.ranges().first() {
        Some(TypeRange::Under(main)) => format!("{main}/x-example").parse().ok(),
        _ => None,
    };
    rules
        .first_exact()
        .cloned()
        .or_else(declared)
        .or_else(known)
        .or_else(ranged)
        .unwrap_or_else(ContentType::octet_stream)
}

fn show(route: &RouteConfig, sample: &Sample) {
    say::line("");
    let called = if route.name.is_some() { "route" } else { "without a route:" };
    say::line(&format!("{called} {}", sample.route));
    describe::route(route);
    say::detail("asked", &format!("POST /upload-url {}", sample.request));
    say::detail("gets", &format!("{} {}", sample.method, sample.key));
    for (name, value) in &sample.send {
        say::detail("", &format!("{name}: {value}"));
    }
    if route.policy.method() == UploadMethod::Put {
        say::detail("", "content-length, which the client sets itself");
    } else {
        let size = route.policy.size();
        say::detail(
            "",
            &format!(
                "a file of {} to {} bytes, or of exactly the size a client states",
                size.min(),
                size.max()
            ),
        );
    }
}

fn show_callers(config: &Config) {
    say::line("");
    say::line("callers");
    if let Some(auth) = config.auth() {
        show_auth(auth);
    }
    let pages: Vec<&str> = config.origins().list().iter().map(upsign_documents::Origin::as_str).collect();
    say::detail("pages", &pages.join(", "));
    if let Some(limit) = config.limit() {
        say::detail("rate", &format!("{} a minute, {} at once", limit.per_minute, limit.burst));
    }
}

fn show_auth(auth: &Auth) {
    say::detail("issuer", &auth.verifier.issuer().names().collect::<Vec<_>>().join(", "));
    say::detail("clients", &auth.verifier.client_ids().collect::<Vec<_>>().join(", "));
    say::detail("tokens", auth.verifier.token_use().as_str());
}
