//! `upsign key`: shows the object key of an upload and what the client must send with it.

use clap::Args;
use serde_json::{Map, Value, json};
use upsign::{Clock, IdSource, RandomIds, RouteName, SystemClock, TimeOrderedIds};
use upsign_config::{Config, IdVersion, RouteConfig};
use upsign_core::{Identity, IssuerName, PostPolicy, SignedHeaders, Timestamp};
use upsign_policy::{ClientMetadata, Denied, Ids, Permit, SignableRequest, UploadRequest};

use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Exit};
use crate::value_parser::{self, pair};
use crate::{batch, output, sample};

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// Route of the upload; default: the default route ([upload]).
    #[arg(long, value_name = "NAME")]
    route: Option<String>,
    /// Time of the request: now (the default), or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    at: Option<Timestamp>,
    /// Answer one request per line of standard input, each with its own policy (format: end of --help).
    #[arg(long)]
    batch: bool,
    #[command(flatten)]
    caller: CallerArgs,
    #[command(flatten)]
    upload: UploadArgs,
}

/// The caller, as a verified token would identify it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Caller")]
struct CallerArgs {
    /// Subject of the caller.
    #[arg(long, default_value = sample::SUBJECT)]
    sub: String,
    /// Name of the caller's issuer, for {issuer} in the key template; default: the only one of the configuration.
    #[arg(long, value_name = "NAME")]
    issuer_name: Option<IssuerName>,
    /// Group of the caller; repeatable.
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// Scope of the caller; repeatable.
    #[arg(long = "scope", value_name = "NAME")]
    scopes: Vec<String>,
    /// Claim of the caller, for {claim:NAME} in the key template; repeatable.
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = pair)]
    claims: Vec<(String, String)>,
}

/// The upload, as the body of a request would describe it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Upload")]
struct UploadArgs {
    /// Content type of the file.
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Size of the file, as in 48213 or "10 MiB".
    #[arg(long, value_name = "SIZE", value_parser = value_parser::size)]
    content_length: Option<u64>,
    /// Name of the file.
    #[arg(long, value_name = "NAME")]
    file_name: Option<String>,
    /// Checksum of the file, as in sha256=BASE64; repeatable.
    #[arg(long = "checksum", value_name = "ALGORITHM=BASE64", value_parser = pair)]
    checksums: Vec<(String, String)>,
    /// Content-Disposition of the object.
    #[arg(long, value_name = "TEXT")]
    content_disposition: Option<String>,
    /// ETag of the object that the upload replaces, for a route with replace = "if-match".
    #[arg(long, value_name = "ETAG")]
    if_match: Option<String>,
    /// Metadata entry of the object; repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,
    /// Tag of the object; repeatable.
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = pair)]
    tags: Vec<(String, String)>,
    /// Id of an existing resource, as in articleId=UUID; repeatable.
    #[arg(long = "id", value_name = "NAME=UUID", value_parser = pair)]
    ids: Vec<(String, String)>,
}

pub(crate) async fn run(args: &KeyArgs, json: bool) -> Result<Exit, CommandError> {
    if args.batch {
        return batch::key::run().await;
    }
    let config = args.config.load()?;
    let route = find_route(&config, args.route.as_deref())?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let caller = args.caller.identity(route)?;
    if !route.access.allows(&caller) {
        let help = "name a group or scope of the caller with --group or --scope";
        return Err(CommandError::failure("denied: the caller may not use this route (route-forbidden)")
            .with_code("route-forbidden")
            .with_help(help));
    }
    let permit = route.policy.authorize(&caller, &args.upload.request()?, &generate_ids(route, at)?);
    let permit = permit.map_err(|denied| refused(route, &args.upload, &denied))?;
    if json {
        output::result(&as_json(&permit).to_string());
    } else {
        print(&permit);
    }
    Ok(Exit::Success)
}

fn find_route<'a>(config: &'a Config, name: Option<&str>) -> Result<&'a RouteConfig, CommandError> {
    let has_name = |route: &&RouteConfig| route.name.as_ref().map(RouteName::as_str) == name;
    config.routes().iter().find(has_name).ok_or_else(|| {
        let message = match name {
            Some(name) => format!("there is no route {name:?}"),
            None => "there is no default route ([upload])".to_owned(),
        };
        let names = config.routes().iter().filter_map(|route| route.name.as_ref()).map(RouteName::as_str);
        let names: Vec<&str> = names.collect();
        CommandError::usage(message).with_help(if names.is_empty() {
            "upsign.toml has the default route only: leave --route out".to_owned()
        } else {
            format!("pass --route with one of {}", names.join(", "))
        })
    })
}

/// Describes why the policy denies the upload, and what to write instead.
fn refused(route: &RouteConfig, upload: &UploadArgs, denied: &Denied) -> CommandError {
    let code = denied.code();
    let section = match &route.name {
        Some(name) => format!("route.{name}"),
        None => "upload".to_owned(),
    };
    let described = |message: String, help: String| {
        CommandError::failure(format!("denied: {message} ({code})")).with_code(code).with_help(help)
    };
    match denied {
        Denied::ContentTypeInvalid { suggestion: Some(meant), .. } => {
            let written = upload.content_type.as_deref().unwrap_or_default();
            let message = format!("{written:?} is not a content type");
            return described(message, format!("write --content-type {meant}"));
        }
        Denied::IdNotAllowed => {
            let listed =
                |name: &str| route.policy.client_may_supply().iter().any(|listed| listed.wire_name() == name);
            if let Some((name, _)) = upload.ids.iter().find(|(name, _)| !listed(name)) {
                let message = format!("{section}.client_may_supply does not list {name}");
                return described(message, format!("leave --id {name}=… out: the server chooses the id"));
            }
        }
        Denied::MetadataNotAllowed => {
            let listed = |name: &str| match route.policy.client_metadata() {
                ClientMetadata::Named(names) => names.iter().any(|listed| listed.eq_ignore_ascii_case(name)),
                _ => false,
            };
            if let Some((name, _)) = upload.metadata.iter().find(|(name, _)| !listed(name)) {
                let message = format!("{section}.client_metadata does not list {name}");
                return described(
                    message,
                    format!("leave --metadata {name}=… out, or add {name:?} to the list"),
                );
            }
        }
        Denied::TagsNotAllowed => {
            let message = format!("{section}.client_tags is not set, so clients cannot set tags");
            return described(message, "leave --tag out, or write client_tags = true".to_owned());
        }
        _ => {}
    }
    if code == "body-required" {
        // The policy's own message is for clients of the API, which send a body.
        return CommandError::failure("denied: the route needs a description of the upload (body-required)")
            .with_code(code)
            .with_help("say what is uploaded: --content-type image/jpeg --content-length 48213");
    }
    let error = CommandError::failure(format!("denied: {} ({code})", upsign_core::error_chain(denied)))
        .with_code(code);
    match code {
        "content-length-required" => error.with_help("state the size: --content-length 48213"),
        "content-type-required" => error
            .with_help(format!("state the type: --content-type TYPE, one of {}", types(route).join(", "))),
        _ => match denied.operator_hint() {
            Some(hint) => error.with_help(hint),
            None => error,
        },
    }
}

/// Returns the content types and ranges that a route allows.
fn types(route: &RouteConfig) -> Vec<String> {
    route.policy.content_rules().ranges().iter().map(ToString::to_string).collect()
}

impl CallerArgs {
    fn identity(&self, route: &RouteConfig) -> Result<Identity, CommandError> {
        let caller = Identity::from_verified(sample::ISSUER, &self.sub);
        let mut caller = caller.map_err(|error| CommandError::caused("--sub", &error).into_usage())?;
        if let Some(name) = self.issuer_name(route)? {
            caller = caller.with_issuer_name(name);
        }
        let caller = caller.with_groups(&self.groups).with_scopes(&self.scopes);
        Ok(self.claims.iter().fold(caller, |caller, (name, value)| caller.with_claim(name, value)))
    }

    /// Returns the name of the caller's issuer: the given one, which the configuration must contain, or the only one that it
    /// contains.
    fn issuer_name(&self, route: &RouteConfig) -> Result<Option<IssuerName>, CommandError> {
        let names = route.policy.issuers().unwrap_or_default();
        let listed = || {
            let names: Vec<&str> = names.iter().map(IssuerName::as_str).collect();
            format!("pass --issuer-name with one of {}", names.join(", "))
        };
        match (&self.issuer_name, names) {
            (Some(name), names) if names.contains(name) => Ok(Some(name.clone())),
            (Some(name), []) => {
                let message = format!("no issuer has the name {name}: upsign.toml names none");
                Err(CommandError::usage(message).with_help("leave --issuer-name out, or add name to [auth]"))
            }
            (Some(name), _) => {
                Err(CommandError::usage(format!("no issuer has the name {name}")).with_help(listed()))
            }
            (None, [name]) => Ok(Some(name.clone())),
            (None, [_, _, ..]) if route.policy.template().contains_issuer() => {
                let message = "the key contains {issuer}, and the issuer of the caller is not given";
                Err(CommandError::usage(message).with_help(listed()))
            }
            (None, _) => Ok(None),
        }
    }
}

impl UploadArgs {
    fn request(&self) -> Result<UploadRequest, CommandError> {
        let mut request = UploadRequest::bodyless();
        if let Some(content_type) = &self.content_type {
            request = request.with_content_type(content_type.as_str());
        }
        if let Some(bytes) = self.content_length {
            request = request.with_content_length(bytes);
        }
        if let Some(name) = &self.file_name {
            request = request.with_file_name(name.as_str());
        }
        if let Some(text) = &self.content_disposition {
            request = request.with_content_disposition(text.as_str());
        }
        if let Some(etag) = &self.if_match {
            request = request.with_if_match(etag.as_str());
        }
        for (algorithm, value) in &self.checksums {
            request = request.with_checksum(algorithm.as_str(), value.as_str());
        }
        for (name, value) in &self.metadata {
            request = request.with_metadata(name.as_str(), value.as_str());
        }
        for (key, value) in &self.tags {
            request = request.with_tag(key.as_str(), value.as_str());
        }
        for (name, id) in &self.ids {
            request = request.with_id(name.as_str(), id.as_str());
        }
        Ok(request)
    }
}

fn generate_ids(route: &RouteConfig, at: Timestamp) -> Result<Ids, CommandError> {
    let source: &dyn IdSource = match route.id_version {
        IdVersion::V7 => &TimeOrderedIds,
        _ => &RandomIds,
    };
    let next = || source.next(at).map_err(|error| CommandError::caused("cannot generate an id", &error));
    let ids = Ids::new(at, next()?);
    route.policy.id_names().iter().try_fold(ids, |ids, name| Ok(ids.with(name.clone(), next()?)))
}

/// Returns the headers or form fields that the client must send.
fn required_fields(permit: &Permit) -> Vec<(&str, &str)> {
    let created = permit.request().multipart().map(|upload| &upload.create_headers);
    let headers = permit.headers().or(created).into_iter().flat_map(SignedHeaders::iter);
    headers.chain(permit.request().post().into_iter().flat_map(PostPolicy::fields)).collect()
}

fn as_json(permit: &Permit) -> Value {
    let ids: Map<String, Value> =
        permit.ids().map(|(name, id)| (name.to_owned(), id.to_string().into())).collect();
    let (key, fields) = (permit.key().as_str(), required_fields(permit));
    match permit.request() {
        SignableRequest::Put(_) => json!({"key": key, "ids": ids, "method": "PUT", "headers": fields}),
        SignableRequest::Multipart(upload) => {
            let plan = upload.size.plan();
            let (part_size, part_count) = (plan.part_size(), plan.part_count());
            json!({
                "key": key, "ids": ids, "method": "MULTIPART", "headers": fields,
                "partSize": part_size, "partCount": part_count,
            })
        }
        SignableRequest::Post(form) => {
            let size = [form.length().min(), form.length().max()];
            json!({"key": key, "ids": ids, "method": "POST", "fields": fields, "size": size})
        }
    }
}

fn print(permit: &Permit) {
    output::result(permit.key().as_str());
    for (name, value) in required_fields(permit) {
        output::notes().detail("", &format!("{name}: {value}"));
    }
}
