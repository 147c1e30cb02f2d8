//! `--config`: which parts of a configuration the embedded services take, and which they replace.

use std::path::Path;

use upsign_config::units::format_size;
use upsign_config::{Config, RouteConfig};
use upsign_policy::{CannedAcl, Inspection, UploadMethod};

use crate::config_file::ConfigFile;
use crate::embedded::{EmbeddedServices, Origins, USERNAME, User};
use crate::exit::{CommandError, Diagnostic};
use crate::{output, summary};

/// The largest file of a form that the embedded S3 server accepts, in bytes.
const MAX_FORM: u64 = 64 << 20;

/// Reads the configuration. Values that are still the examples of `upsign init` are accepted: nothing uses them.
///
/// # Errors
/// The file is not valid, as `upsign check` would say, or requires what the embedded services do not have.
pub(super) fn load(file: &Path) -> Result<Config, CommandError> {
    let config = ConfigFile { config: Some(file.to_owned()) }.load()?;
    if config.auth().is_some_and(|auth| auth.gateway.is_some()) {
        let message = "auth.source: callers of this configuration have no tokens, and only the Lambda function gets the events \
                       that identify them";
        let help = "to try the routes here, use a copy of the file whose [auth] has user_pool, client_ids and token_use";
        return Err(CommandError::usage(message).with_help(help));
    }
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
    match config.auth().map(|auth| auth.issuers.len()) {
        None => {}
        Some(1) => notes.detail("", "the issuer of [auth] is the embedded one; its other requirements apply"),
        Some(_) => {
            notes.detail("", "the issuers of [[auth]] are the embedded ones; their other requirements apply");
        }
    }
    if config.needs_store() {
        notes.detail(
            "tokens",
            "of uploads: signed with a key of this run, in place of [token]; after it, no upload can be resumed, and no receipt is valid",
        );
    }
    if config.events().is_some() {
        notes.detail("events", "those of the embedded S3 server; the queue of [events] is not read");
    }
    if config.signs_reads_of_cloudfront() {
        notes.detail(
            "reads",
            "URLs lead to the embedded S3 server, without the distribution and the key of [cloudfront]",
        );
    }
    print_pages(services);
    for route in config.routes() {
        print_limits(route, services);
    }
}

fn names<T: ToString>(origins: &[T]) -> String {
    origins.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// Prints which pages may call the API here, and which not.
fn print_pages(services: &EmbeddedServices) {
    let Origins { listed, admitted, .. } = &services.origins;
    let mut pages = vec!["the one above".to_owned()];
    if !listed.is_empty() {
        pages.push(format!("from [cors] those on this machine: {}", names(listed)));
    }
    if !admitted.is_empty() {
        pages.push(format!("from --origin: {}", names(admitted)));
    }
    let text = match &*pages {
        [_] => "only the one above: [cors] lists no other origin on this machine, and --origin admits none"
            .to_owned(),
        several => several.join("; "),
    };
    output::notes().detail("pages", &text);
}

/// Prints the users, and warns about a user who may use no route.
pub(super) fn print_users(services: &EmbeddedServices) {
    // Without restrictions, the only user needs no description.
    if let [only] = &*services.users
        && *only == User::named(USERNAME)
    {
        return;
    }
    for user in &services.users {
        output::notes().detail(&user.name, &user.attributes());
    }
}

/// Warns about what differs from the real store, and about a route that no user may use.
fn print_limits(route: &RouteConfig, services: &EmbeddedServices) {
    let policy = &route.policy;
    if policy.encryption().is_some() {
        let key = key(route, "encryption");
        output::warning(&format!(
            "{key}: the request is signed for it, but the embedded bucket does not encrypt"
        ));
    }
    if policy.method() == UploadMethod::Post && policy.max_form_size() > MAX_FORM {
        let (key, max) = (key(route, "max_size"), format_size(MAX_FORM));
        output::warning(&format!("{key}: the embedded bucket accepts files of forms up to {max} only"));
    }
    if policy.confirmation().inspection() == Inspection::Hook {
        let key = key(route, "inspect");
        output::warning(&format!(
            "{key}: no file is inspected here, because no application is here: every file is accepted and confirmed, also HTML \
             that is called a photo. Try rejections with inspect = \"magic\""
        ));
    }
    if !policy.client_may_supply().is_empty() {
        let key = key(route, "client_may_supply");
        output::warning(&format!(
            "{key}: every id is allowed here; your application has to check who may use it"
        ));
    }
    let first = services.issuers.first();
    let denials: Vec<Option<String>> =
        services.users.iter().map(|user| services.denial(route, first, user)).collect();
    if let (Some(user), Some(Some(reason))) = (services.users.first(), denials.first())
        && denials.iter().all(Option::is_some)
    {
        let name = summary::route_name(route);
        output::warning(&format!("{name}: {} gets no upload URL: {reason}", user.name));
    }
}
