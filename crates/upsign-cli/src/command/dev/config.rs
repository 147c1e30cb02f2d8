//! `--config`: which parts of a configuration the embedded services take, and which they replace.

use std::path::Path;

use upsign_config::units::format_size;
use upsign_config::{Config, RouteConfig};
use upsign_core::Origin;
use upsign_policy::{CannedAcl, UploadMethod};

use crate::config_file::ConfigFile;
use crate::embedded::{EmbeddedServices, USERNAME, User};
use crate::exit::{CommandError, Diagnostic};
use crate::{output, sample, summary};

/// The largest file of a form that the embedded S3 server accepts, in bytes.
const MAX_FORM: u64 = 64 << 20;

/// Reads the configuration. Values that are still the examples of `upsign init` are accepted: nothing uses them.
///
/// # Errors
/// The file is not valid, as `upsign check` would say, or requires what the embedded S3 server does not have.
pub(super) fn load(file: &Path) -> Result<Config, CommandError> {
    let config = ConfigFile { config: Some(file.to_owned()) }.load()?;
    match CommandError::all(config.routes().iter().filter_map(|route| unsupported(file, route))) {
        Some(error) => Err(error),
        None => Ok(config),
    }
}

/// Returns what the embedded S3 server would refuse in every upload of this route.
fn unsupported(file: &Path, route: &RouteConfig) -> Option<Diagnostic> {
    let acl = route.policy.acl().filter(|acl| *acl != CannedAcl::BucketOwnerFullControl)?;
    let key = key(route, "acl");
    let message =
        format!("{key}: the embedded bucket refuses the ACL {}, as buckets do by default", acl.as_str());
    let help = "remove it, or try this route with a bucket that has ACLs: upsign serve".to_owned();
    let error =
        Diagnostic { key: Some(key), help: Some(help), ..Diagnostic::new("unsupported-by-store", message) };
    Some(error.in_file(file.display().to_string()))
}

/// Returns the complete name of a key of the route.
fn key(route: &RouteConfig, name: &str) -> String {
    match &route.name {
        Some(route) => format!("route.{route}.{name}"),
        None => format!("upload.{name}"),
    }
}

/// Prints what comes from the file and what does not, and what cannot be tried.
pub(super) fn print(file: &Path, services: &EmbeddedServices) {
    let (notes, config) = (output::notes(), &services.config);
    let routes: Vec<&str> = config.routes().iter().map(summary::route_name).collect();
    notes.detail("routes", &format!("{}, from {}", routes.join(", "), file.display()));
    notes.detail(
        "replaced",
        "files go to buckets of the same names in the embedded S3 server, not to the store of the file, with credentials of \
         its own",
    );
    if config.auth().is_some() {
        notes.detail("", "the issuer of [auth] is the embedded pool; its other requirements apply");
    }
    print_pages(services);
    notes.detail(USERNAME, &attributes(&services.user));
    for route in config.routes() {
        print_limits(route, services);
    }
}

/// Prints which pages of `[cors]` may call the API here, and which not.
fn print_pages(services: &EmbeddedServices) {
    let notes = output::notes();
    let listed: Vec<&str> = services.listed_origins.iter().map(Origin::as_str).collect();
    if listed.is_empty() {
        notes.detail("pages", "only the one above: [cors] lists no other origin on this machine");
    } else {
        notes.detail(
            "pages",
            &format!("the one above, and from [cors] those on this machine: {}", listed.join(", ")),
        );
    }
}

/// Returns the groups, scopes and claims of the user.
fn attributes(user: &User) -> String {
    let list = |name: &str, values: &std::collections::BTreeSet<String>| {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        (!values.is_empty()).then(|| format!("{name} {}", values.join(", ")))
    };
    let lists = [list("groups", &user.groups), list("scopes", &user.scopes), list("claims", &user.claims)];
    let lists: Vec<String> = lists.into_iter().flatten().collect();
    if lists.is_empty() { "the routes require no group, scope or claim".to_owned() } else { lists.join("; ") }
}

/// Warns about what differs from the real store, and about a route that the user may not use.
fn print_limits(route: &RouteConfig, services: &EmbeddedServices) {
    let policy = &route.policy;
    if policy.encryption().is_some() {
        let key = key(route, "encryption");
        output::warning(&format!(
            "{key}: the request is signed for it, but the embedded bucket does not encrypt"
        ));
    }
    if policy.method() == UploadMethod::Post && policy.max_size() > MAX_FORM {
        let (key, max) = (key(route, "max_size"), format_size(MAX_FORM));
        output::warning(&format!("{key}: the embedded bucket accepts files of forms up to {max} only"));
    }
    if !policy.client_may_supply().is_empty() {
        let key = key(route, "client_may_supply");
        output::warning(&format!(
            "{key}: every id is allowed here; your application has to check who may use it"
        ));
    }
    if let Err(reason) = try_upload(route, services) {
        let name = summary::route_name(route);
        output::warning(&format!("{name}: {USERNAME} gets no upload URL: {reason}"));
    }
}

fn try_upload(route: &RouteConfig, services: &EmbeddedServices) -> Result<(), Box<dyn std::error::Error>> {
    let user = services.user.identity(services.issuer())?;
    if !route.access.allows(&user) {
        return Err("the token has none of the route's groups or scopes".into());
    }
    sample::key_for(route, &user).map(drop)
}
