//! The sample request of each route, and its grant.

use serde_json::{Map, Value};
use upsign::session::TokenKeys;
use upsign::{IssueError, Upload, UploadGrant, UploadIssuer};
use upsign_config::units::format_size;
use upsign_config::{Config, RouteConfig};
use upsign_core::{Credentials, Timestamp};
use upsign_policy::{SizeBound, UploadMethod, UploadRequest};

use crate::command::check::example_store::ExampleStore;
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
    /// The headers or form fields that the client sends, without those of the signature. None if the file is sent in parts.
    send: Vec<(String, String)>,
    /// The multipart upload, if the route has any.
    parts: Option<SampleParts>,
}

/// The grant of a multipart upload.
struct SampleParts {
    request: Value,
    key: String,
    part_size: u64,
    part_count: u16,
    /// The names of the headers that the client sends with each part.
    send: Vec<String>,
}

impl SampleParts {
    fn new(route: &RouteConfig, request: Value, grant: &UploadGrant) -> Option<Self> {
        let Upload::Multipart(upload) = &grant.upload else { return None };
        let options = route.policy.multipart()?;
        let checksum = upload.checksum.and_then(|checksum| options.part_checksum_header(checksum));
        // The same for every part, in contrast to a checksum.
        let fixed = route.policy.part_header_names();
        let fixed = fixed.filter(|name| !name.starts_with("x-amz-checksum-") && *name != "content-md5");
        let plan = upload.plan.plan();
        Some(Self {
            request,
            key: grant.key.to_string(),
            part_size: plan.part_size(),
            part_count: plan.part_count(),
            send: fixed.chain(checksum).map(str::to_owned).collect(),
        })
    }

    fn print(&self) {
        let parts = summary::count(self.part_count.into(), "part");
        let names = self.send.join(", ");
        let size = format_size(self.part_size);
        output::report().detail("", &format!("{parts} of {size}; each is a PUT with {names}"));
    }
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
        if let (Some(parts), Some(Value::Object(multipart))) = (&self.parts, members.get_mut("multipart")) {
            let sample = [
                ("request", parts.request.clone()),
                ("partSize", parts.part_size.into()),
                ("partCount", parts.part_count.into()),
                ("send", parts.send.clone().into()),
            ];
            multipart.extend(sample.map(|(name, value)| (name.to_owned(), value)));
        }
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
    issuer: &UploadIssuer<P>,
) -> Result<SampleGrant, String> {
    let issuer = with_example_store(issuer)?;
    let upload = sample::upload(route);
    let caller = sample::caller(route).map_err(|error| error.to_string())?;
    let issue = async |request: &UploadRequest| {
        let grant = issuer.issue(&caller, request, Timestamp::UNIX_EPOCH).await;
        grant.map_err(|error| match error {
            IssueError::Denied(denied) => denied.to_string(),
            other => other.to_string(),
        })
    };
    let grant = issue(&upload.request).await?;
    let parts = match sample::large_upload(route) {
        Some(large) => SampleParts::new(route, large.body, &issue(&large.request).await?),
        None => SampleParts::new(route, upload.body.clone(), &grant),
    };
    let (method, send) = match &grant.upload {
        Upload::Put(put) => ("PUT", owned(put.headers.settable())),
        Upload::Post(post) => {
            let fields = post.fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
            ("POST", owned(fields.filter(|(name, _)| !is_signature_field(name))))
        }
        Upload::Multipart(_) => ("MULTIPART", Vec::new()),
        _ => ("", Vec::new()),
    };
    Ok(SampleGrant {
        route: summary::route_name(route).to_owned(),
        request: upload.body,
        key: grant.key.to_string(),
        object_url: route.policy.target().object_url(&grant.key),
        method,
        send,
        parts,
    })
}

/// Gives an issuer of multipart uploads a store and a secret that exist only inside this command.
pub(super) fn with_example_store<P: upsign_core::Presigner>(
    issuer: &UploadIssuer<P>,
) -> Result<UploadIssuer<P>, String> {
    if !issuer.requires_store() {
        return Ok(issuer.clone());
    }
    let keys = TokenKeys::new("example", [[0; TokenKeys::MIN_SECRET_LEN]]);
    Ok(issuer.clone().with_store(ExampleStore, keys.map_err(|error| error.to_string())?))
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
    } else if route.policy.has_put() {
        output::report().detail("", "content-length, which HTTP clients set by themselves");
    } else if route.policy.method() == UploadMethod::Post {
        let (min, max) = (format_size(route.policy.size().min()), format_size(route.policy.max_form_size()));
        output::report()
            .detail("", &format!("a file of {min} to {max}, or of exactly the size that the client stated"));
    }
    let Some(parts) = &grant.parts else { return };
    if route.policy.sends_whole_files() {
        output::report().detail("request", &format!("POST /upload-url {}", parts.request));
        output::report().detail("response", &format!("MULTIPART {}", parts.key));
    }
    parts.print();
}
