//! A sample caller and a sample upload for each route, so that `check` and `serve` can show what a route grants.

use serde_json::{Map, Value};
use upsign_config::RouteConfig;
use upsign_core::{Identity, InvalidIdentity, ObjectKey, Timestamp};
use upsign_policy::{
    Checksum, Checksums, ContentRules, ContentType, Ids, Permit, Placeholder, SignedHeaders, TypeRange,
    UploadMethod, UploadPolicy, UploadRequest,
};

/// The subject of the sample caller.
pub(crate) const SUBJECT: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
/// The issuer of callers that exist only inside this command.
pub(crate) const ISSUER: &str = "https://issuer.example";
const UPLOAD_ID: &str = "0190c3a4-7d1e-7cc3-98c4-dc0c0c07398f";
const DECLARED_ID: &str = "7f2b6c1e-5a0d-4e53-9d7a-3c1f8e2b4a60";

/// An upload that a route accepts: the request as the policy sees it, and its JSON body.
pub(crate) struct SampleUpload {
    pub(crate) request: UploadRequest,
    pub(crate) body: Value,
}

/// Returns the sample caller, without groups, scopes or claims. Nothing is signed for it.
pub(crate) fn bare_caller() -> Result<Identity, InvalidIdentity> {
    Identity::from_verified(ISSUER, SUBJECT)
}

/// Returns a caller with the group and the claims that the route's key template needs, of the first issuer that has a name.
pub(crate) fn caller(route: &RouteConfig) -> Result<Identity, InvalidIdentity> {
    let mut caller = bare_caller()?;
    if let Some(name) = route.policy.issuers().and_then(|names| names.first()) {
        caller = caller.with_issuer_name(name.clone());
    }
    if route.policy.template().uses(&Placeholder::Group) {
        let group = route.policy.groups().and_then(|groups| groups.first()).map_or("group", AsRef::as_ref);
        caller = caller.with_groups([group]);
    }
    Ok(route.policy.claims().fold(caller, |caller, claim| caller.with_claim(claim, "example")))
}

/// The size of a sample file that is uploaded in parts.
const LARGE: u64 = (100 << 20) + 1;

/// Returns an upload of the route's first content type, 123,456 bytes large or as close to that as the limits allow. It is larger
/// if the route uploads every file in parts.
pub(crate) fn upload(route: &RouteConfig) -> SampleUpload {
    let policy = &route.policy;
    let content_type = content_type(policy);
    let usual = match policy.method() {
        UploadMethod::Post => policy.max_form_size().min(123_456),
        _ if policy.has_put() => 123_456,
        _ => LARGE,
    };
    upload_of(route, &content_type, usual)
}

/// Returns a multipart upload, if the route decides by the size which files are uploaded so.
pub(crate) fn large_upload(route: &RouteConfig) -> Option<SampleUpload> {
    let policy = &route.policy;
    let options = policy.multipart().filter(|_| policy.sends_whole_files())?;
    let mut upload = upload_of(route, &content_type(policy), options.above().saturating_add(1));
    if options.above() >= policy.max_size() {
        upload.request = upload.request.with_multipart(true);
        if let Some(body) = upload.body.as_object_mut() {
            body.insert("multipart".to_owned(), true.into());
        }
    }
    Some(upload)
}

/// Returns an upload of about this many bytes.
fn upload_of(route: &RouteConfig, content_type: &ContentType, bytes: u64) -> SampleUpload {
    let policy = &route.policy;
    let bytes = bytes.clamp(policy.size().min(), policy.max_size());
    let mut request =
        UploadRequest::described().with_content_type(content_type.as_str()).with_content_length(bytes);
    let mut body = Map::new();
    let mut member = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    member("contentType", content_type.as_str().into());
    member("contentLength", bytes.into());
    if let Some(name) = &route.name {
        member("route", name.as_str().into());
    }
    if policy.template().uses(&Placeholder::FileName) || policy.keeps_file_names() {
        let name = file_name(policy, content_type);
        member("fileName", name.as_str().into());
        request = request.with_file_name(name);
    }
    if let Checksums::Required(algorithms) = policy.checksums()
        && let Some(algorithm) = algorithms.first()
    {
        let zeros = Checksum::zero(*algorithm);
        member(
            "checksum",
            Map::from_iter([(algorithm.as_str().to_owned(), zeros.as_base64().into())]).into(),
        );
        request = request.with_checksum(algorithm.as_str(), zeros.as_base64());
    }
    SampleUpload { request, body: Value::Object(body) }
}

/// Returns the key that the route gives to the sample upload of the sample caller, with fixed ids.
///
/// # Errors
/// The policy refuses its own sample, for example because the caller needs a claim of a special form.
pub(crate) fn key(route: &RouteConfig) -> Result<ObjectKey, Box<dyn std::error::Error>> {
    key_for(route, &caller(route)?)
}

/// Returns the key that the route gives to the sample upload of this caller, with fixed ids.
///
/// # Errors
/// The policy refuses the caller, for example because a group is missing.
pub(crate) fn key_for(
    route: &RouteConfig,
    caller: &Identity,
) -> Result<ObjectKey, Box<dyn std::error::Error>> {
    permit(route, caller).map(|permit| permit.key().clone())
}

fn permit(route: &RouteConfig, caller: &Identity) -> Result<Permit, Box<dyn std::error::Error>> {
    let ids = Ids::new(Timestamp::UNIX_EPOCH, UPLOAD_ID.parse()?);
    let declared = DECLARED_ID.parse()?;
    let ids = route.policy.id_names().iter().fold(ids, |ids, name| ids.with(name.clone(), declared));
    Ok(route.policy.authorize(caller, &upload(route).request, &ids)?)
}

/// Returns the headers that a PUT of the sample upload sends, or `None` if the route uploads by form or every file in parts.
///
/// # Errors
/// As for [`key_for`].
pub(crate) fn headers_for(
    route: &RouteConfig,
    caller: &Identity,
) -> Result<Option<SignedHeaders>, Box<dyn std::error::Error>> {
    permit(route, caller).map(|permit| permit.headers().cloned())
}

fn file_name(policy: &UploadPolicy, content_type: &ContentType) -> String {
    let extension = policy.content_rules().extension(content_type).unwrap_or("bin");
    let stem = if policy.max_file_name() < 24 { "a" } else { "example" };
    format!("{stem}.{extension}")
}

/// Returns the first exact content type of the policy, or a well-known type that a range such as `video/*` allows.
fn content_type(policy: &UploadPolicy) -> ContentType {
    let rules = policy.content_rules();
    let known = [
        "image/jpeg",
        "video/mp4",
        "audio/mpeg",
        "text/plain",
        "application/zip",
        "application/octet-stream",
    ];
    let allowed = |declared: &&ContentType| rules.allows(declared) || rules.allows_as_attachment(declared);
    let declared = || rules.types_with_custom_extensions().find(allowed).cloned();
    let known = || known.iter().filter_map(|name| name.parse().ok()).find(|known| rules.allows(known));
    let inert = || {
        let mut inert = ContentRules::inert_types().filter_map(|name| name.parse().ok());
        inert.find(|inert| rules.allows(inert))
    };
    let ranged = || match rules.ranges().first() {
        Some(TypeRange::MainType(main)) => format!("{main}/x-example").parse().ok(),
        _ => None,
    };
    rules
        .first_exact()
        .cloned()
        .or_else(declared)
        .or_else(known)
        .or_else(inert)
        .or_else(ranged)
        .unwrap_or_else(ContentType::octet_stream)
}
