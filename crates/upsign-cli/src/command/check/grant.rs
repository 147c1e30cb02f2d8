//! The sample request of each route, and its grant.

use serde_json::{Map, Value};
use upsign::IssueError;
use upsign_config::units::format_size;
use upsign_config::{Config, RouteConfig};
use upsign_core::{Credentials, Timestamp};
use upsign_policy::{SizeBound, UploadMethod};

use crate::exit::CommandError;
use crate::{callers_summary, output, sample, summary};

/// The grant of a route for its sample request. It is signed with fake credentials, so no store accepts it.
pub(super) struct SampleGrant {
    route: String,
    request: Value,
    key: String,
    /// The URL of the object, without a signature.
    object_url: String,
    method: &'static str,
    /// The headers or form fields that the client sends, without those of the signature.
    send: Vec<(String, String)>,
}

impl SampleGrant {
    /// Returns the grant with the headers of the request that identify the caller.
    pub(super) fn to_json(&self, config: &Config, route: &RouteConfig, headers: &Value) -> Value {
        let mut members = summary::route_json(route);
        let resources = summary::resources(config, route);
        if !resources.is_empty() {
            let pattern = route.policy.template().arn_pattern();
            members.insert("resource".to_owned(), route.policy.target().object_arn(&pattern).into());
        }
        let sample = [
            ("route", self.route.as_str().into()),
            ("request", self.request.clone()),
            ("requestHeaders", headers.clone()),
            ("key", self.key.as_str().into()),
            ("objectUrl", self.object_url.as_str().into()),
            ("resources", resources.into()),
            ("method", self.method.into()),
            ("send", pairs_json(&self.send)),
        ];
        members.extend(sample.map(|(name, value)| (name.to_owned(), value)));
        members.into()
    }
}

/// Returns pairs of names and values as a JSON object.
pub(super) fn pairs_json(pairs: &[(String, String)]) -> Value {
    let members: Map<String, Value> =
        pairs.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    members.into()
}

/// Returns credentials that no store accepts.
pub(super) fn fake_credentials() -> Result<Credentials, CommandError> {
    let credentials = Credentials::long_term("AKIDEXAMPLE", "no secret");
    credentials.map_err(|error| CommandError::caused("the sample credentials", &error))
}

/// Returns the grant for the sample request of a route, or why it is refused.
pub(super) async fn sample_grant<P: upsign_core::Presigner>(
    route: &RouteConfig,
    issuer: &upsign::UploadIssuer<P>,
) -> Result<SampleGrant, String> {
    let upload = sample::upload(route);
    let caller = sample::caller(route).map_err(|error| error.to_string())?;
    let grant = issuer.issue(&caller, &upload.request, Timestamp::UNIX_EPOCH).await;
    let grant = grant.map_err(|error| match error {
        IssueError::Denied(denied) => denied.to_string(),
        other => other.to_string(),
    })?;
    let (method, send) = match &grant.upload {
        upsign::Upload::Put(put) => ("PUT", owned(put.headers.settable())),
        upsign::Upload::Post(post) => {
            let fields = post.fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
            ("POST", owned(fields.filter(|(name, _)| !is_signature_field(name))))
        }
        _ => ("", Vec::new()),
    };
    Ok(SampleGrant {
        route: summary::route_name(route).to_owned(),
        request: upload.body,
        key: grant.key.to_string(),
        object_url: route.policy.target().object_url(&grant.key),
        method,
        send,
    })
}

fn owned<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn is_signature_field(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    let signature = field.strip_prefix("x-amz-").or_else(|| field.strip_prefix("x-goog-"));
    field == "policy"
        || signature.is_some_and(|name| ["algorithm", "credential", "date", "signature"].contains(&name))
}

/// Prints what a route grants, with its sample request.
pub(super) fn print_grant(config: &Config, route: &RouteConfig, grant: &SampleGrant) {
    output::report().line("");
    match &route.name {
        Some(name) => output::report().line(&format!("route {name} (a request with \"route\": \"{name}\")")),
        None => output::report().line("default route ([upload])"),
    }
    summary::print_route(output::report(), config, route);
    output::report().detail("example", &grant.object_url);
    output::report().detail("request", &format!("POST /upload-url {}", grant.request));
    for (name, value) in callers_summary::request_headers(config) {
        output::report().detail("", &format!("{name}: {value}"));
    }
    output::report().detail("response", &format!("{} {}", grant.method, grant.key));
    for (name, value) in &grant.send {
        output::report().detail("", &format!("{name}: {value}"));
    }
    if let SizeBound::Max(binding) = route.policy.size_bound() {
        let max = format_size(route.policy.max_size());
        let bound_by = binding.query_parameter().or(binding.range_header()).unwrap_or_default();
        output::report()
            .detail("", &format!("a file of up to {max}, which the store compares by {bound_by}"));
    } else if route.policy.method() == UploadMethod::Put {
        output::report().detail("", "content-length, which HTTP clients set by themselves");
    } else {
        let (min, max) = (format_size(route.policy.size().min()), format_size(route.policy.size().max()));
        output::report()
            .detail("", &format!("a file of {min} to {max}, or of exactly the size that the client stated"));
    }
}
