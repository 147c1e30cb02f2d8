//! The commands that `upsign dev` prints at its start. Each works as it is, in another terminal.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use upsign::RouteName;
use upsign_config::RouteConfig;
use upsign_core::Target;
use upsign_policy::{SignedHeaders, UploadPolicy};

use super::token;
use crate::embedded::EmbeddedServices;
use crate::{output, sample, shell, summary};

/// Prints the command that reads an uploaded file back.
pub(super) fn print_reading(services: &EmbeddedServices, address: SocketAddr) {
    let mut targets = services.config.policies().map(UploadPolicy::target).map(Target::bucket);
    let first = targets.next();
    let has_one_bucket = targets.all(|other| Some(other) == first);
    // Without a route, the key is one of the first route's bucket.
    let body = if has_one_bucket { json!({"key": "KEY"}) } else { json!({"key": "KEY", "route": "ROUTE"}) };
    let names: Vec<&str> = services.config.routes().iter().map(summary::route_name).collect();
    let route = if has_one_bucket {
        String::new()
    } else {
        format!(", and its route ({}) in place of ROUTE", names.join(", "))
    };
    output::notes().line(&format!(
        "   The page shows an uploaded file. To get a URL that reads one, with its key in place of KEY{route}:"
    ));
    output::notes().verbatim(&post(address, "/dev/read", &body, " "));
}

/// Prints the command that verifies the tokens of the pool.
pub(super) fn print_verification(services: &EmbeddedServices, address: SocketAddr) {
    let kind = if services.takes_id_tokens() { "id" } else { "access" };
    output::notes().line("   To verify a token of the pool:");
    output::notes().verbatim(&format!(
        "curl -s http://{address}{} | upsign verify - --issuer {} \\\n  --jwks-uri {} \\\n  \
         --client-id {} --token-use {kind} --danger-http-keys",
        token::PATH,
        services.pool.issuer(),
        services.pool.jwks_url(),
        shell::quote(services.pool.client_id()),
    ));
}

/// Prints, for each route, a request that works as it is, and the upload that follows it. For a route that only some callers may
/// use, also prints a command that shows a denial, if the routes are those of the configuration `file`.
pub(super) fn print_requests(services: &EmbeddedServices, address: SocketAddr, file: Option<&Path>) {
    output::notes().next("open the page, or request an upload URL in another terminal:");
    let routes = services.config.routes();
    for (place, route) in routes.iter().enumerate() {
        if place > 0 {
            output::notes().line(&format!("\n{}:", summary::route_name(route)));
        }
        let body = sample::upload(route).body;
        output::notes().verbatim(&post(address, "/upload-url", &body, " \\\n  "));
        let caller = services.user.identity(services.issuer());
        match caller.map(|caller| sample::headers_for(route, &caller)) {
            Ok(Ok(Some(headers))) => print_put(route, &body, &headers, place == 0),
            Ok(Ok(None)) => output::notes().line(
                "then POST the `fields` of the answer to its URL as a form, with the file as the last field, `file`",
            ),
            // The user may not use the route, as a warning above says.
            _ => {}
        }
        if let Some(file) = file.filter(|_| route.access.groups().is_some()) {
            output::notes().line("to see a denial, of a caller who is in no group:");
            output::notes().verbatim(&denied(file, route, &body));
        }
    }
}

/// Returns a curl command that posts JSON with the token of the user.
fn post(address: SocketAddr, path: &str, body: &Value, separator: &str) -> String {
    [
        format!("curl -sS -w '\\n' -X POST http://{address}{path}"),
        format!("-H \"authorization: Bearer $(curl -s http://{address}{})\"", token::PATH),
        "-H 'content-type: application/json'".to_owned(),
        format!("-d {}", shell::in_quotes(&body.to_string())),
    ]
    .join(separator)
}

/// Returns the command that applies the policy of `route` to a caller without groups.
fn denied(file: &Path, route: &RouteConfig, body: &Value) -> String {
    let mut command = format!("upsign key --config {}", shell::quote(&file.display().to_string()));
    if let Some(name) = route.name.as_ref().map(RouteName::as_str) {
        command = format!("{command} --route {}", shell::quote(name));
    }
    let content_type = body.get("contentType").and_then(Value::as_str).unwrap_or_default();
    let length = body.get("contentLength").and_then(Value::as_u64).unwrap_or_default();
    format!("{command} --content-type {} --content-length {length}", shell::quote(content_type))
}

/// Prints the upload that follows the request.
fn print_put(route: &RouteConfig, body: &Value, headers: &SignedHeaders, is_first: bool) {
    let length = body.get("contentLength").and_then(Value::as_u64).unwrap_or_default();
    let (explanation, end) = if is_first {
        let own = ". For a file of your own, write its size (wc -c < FILE) as contentLength above:";
        (" to the uploadUrl of the answer, with the headers of the answer", own)
    } else {
        ("", ":")
    };
    output::notes().line(&format!("then PUT a file of exactly {length} bytes{explanation}{end}"));
    if route.policy.checksums().is_required() {
        output::notes().line("the checksum is an example: write that of your file above and here");
    }
    // curl sends the length by itself.
    let headers = headers.settable().filter(|(name, _)| *name != "content-length");
    let headers: String = headers
        .map(|(name, value)| format!("-H {} ", shell::in_quotes(&format!("{name}: {value}"))))
        .collect();
    output::notes().verbatim(&format!("curl --upload-file FILE {headers}'UPLOAD_URL'"));
}
