//! The commands that `upsign dev` prints at its start. Each works as it is, in another terminal.

use std::net::SocketAddr;

use serde_json::{Value, json};
use upsign_config::RouteConfig;
use upsign_core::{Bucket, Target};
use upsign_http::UPLOAD_URL;
use upsign_policy::{SignedHeaders, UploadMethod, UploadPolicy};

use super::token;
use crate::embedded::{EmbeddedIssuer, EmbeddedServices, User};
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
    let Some(user) = services.users.first() else { return };
    output::notes().verbatim(&Request { services, address, user, issuer: None }.post(
        "/dev/read",
        &body,
        " ",
    ));
}

/// Prints the command that lists a bucket with the AWS CLI. The keys work for this process only.
pub(super) fn print_aws_cli(services: &EmbeddedServices) {
    let (credentials, buckets) = (services.s3.credentials(), services.buckets());
    let names: Vec<&str> = buckets.iter().map(Bucket::as_str).collect();
    // The bucket of the first request that is printed.
    let Ok(policy) = services.policy() else { return };
    let first = policy.target().bucket();
    output::notes().line(&format!(
        "   To look into a bucket with the AWS CLI, or with these keys in any SDK ({}):",
        names.join(", ")
    ));
    // Variables of the terminal stay as they are. A session token of another account would be refused.
    output::notes().verbatim(&format!(
        "AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} AWS_SESSION_TOKEN= \\\n  \
         aws --endpoint-url {} --region {} s3 ls --recursive s3://{first}",
        shell::quote(credentials.access_key_id()),
        shell::quote(credentials.secret_access_key()),
        services.s3.endpoint(),
        services.s3.region(),
    ));
}

/// Prints, for each issuer, the command that verifies its tokens.
pub(super) fn print_verification(services: &EmbeddedServices, address: SocketAddr) {
    let Some(user) = services.users.first() else { return };
    for (place, issuer) in services.issuers.iter().enumerate() {
        let name = issuer.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        output::notes().line(&format!("   To verify a token of the {}{name}:", issuer.label()));
        let named = (place > 0).then_some(issuer);
        let token = format!("http://{address}{}", token::path(services, user, named));
        output::notes().verbatim(&format!(
            "curl -s {} | upsign verify - --issuer {} \\\n  {} \\\n  --danger-http-keys {}",
            shell::quote(&token),
            issuer.pool.issuer(),
            keys_options(issuer),
            requirement_options(issuer),
        ));
    }
}

/// Returns the options of `upsign verify` that say where the keys of an issuer are.
fn keys_options(issuer: &EmbeddedIssuer) -> String {
    let keys = format!("--jwks-uri {}", issuer.pool.jwks_url());
    match (issuer.verifier.is_oidc(), issuer.verifier.issuer().is_discovered()) {
        (false, _) => keys,
        (true, true) => "--provider oidc".to_owned(),
        (true, false) => format!("--provider oidc {keys}"),
    }
}

/// Returns the options of `upsign verify` that say what tokens of an issuer have to contain.
fn requirement_options(issuer: &EmbeddedIssuer) -> String {
    let verifier = &issuer.verifier;
    let kind = if issuer.takes_id_tokens() { "id" } else { "access" };
    let mut options = vec![format!("--token-use {kind}")];
    if !verifier.is_oidc() || verifier.client_ids().next().is_some() {
        options.push(format!("--client-id {}", shell::quote(issuer.pool.client_id())));
    }
    let audiences = verifier.audiences().unwrap_or_default().iter();
    options.extend(audiences.map(|audience| format!("--audience {}", shell::quote(audience))));
    // A pool signs with the default of the command.
    let algorithm = issuer.algorithm().filter(|_| verifier.is_oidc());
    options.extend(algorithm.map(|algorithm| format!("--algorithm {algorithm}")));
    options.join(" ")
}

/// Prints, for each route, a request that works as it is, and the upload that follows it. For a route that one of the users may
/// not use, also prints a request that is denied.
pub(super) fn print_requests(services: &EmbeddedServices, address: SocketAddr) {
    output::notes().next("open the page, or request an upload URL in another terminal:");
    let first = services.issuers.first();
    for (place, route) in services.config.routes().iter().enumerate() {
        if place > 0 {
            output::notes().line(&format!("\n{}:", summary::route_name(route)));
        }
        let body = sample::upload(route).body;
        let denied = services.users.iter().find(|user| services.denial(route, first, user).is_some());
        let permitted = services.users.iter().find(|user| services.denial(route, first, user).is_none());
        let request =
            |user| Request { services, address, user, issuer: None }.post(UPLOAD_URL, &body, " \\\n  ");
        if let Some(user) = permitted {
            output::notes().verbatim(&request(user));
            match upload_headers(services, route, user) {
                Some(Some(headers)) => print_put(route, &body, &headers, place == 0),
                Some(None) if route.policy.method() == UploadMethod::Post => print_form(&request(user), &body),
                Some(None) => output::notes().line(
                    "the answer has an uploadToken, with which `POST /uploads/parts` returns the URLs of the parts; `upsign upload` \
                     does both",
                ),
                None => {}
            }
        }
        if let Some(user) = denied {
            output::notes().line(&format!("to see a denial, of {} ({}):", user.name, user.attributes()));
            output::notes().verbatim(&request(user));
        }
    }
    print_other_issuers(services, address);
}

/// Prints a request with a token of each issuer but the first one.
fn print_other_issuers(services: &EmbeddedServices, address: SocketAddr) {
    let Some(route) = services.config.routes().first() else { return };
    let body = sample::upload(route).body;
    for issuer in services.issuers.iter().skip(1) {
        let permitted = services.users.iter().find(|user| services.denial(route, issuer, user).is_none());
        let (Some(user), Some(name)) = (permitted, &issuer.name) else { continue };
        output::notes().line(&format!("\nwith a token of the issuer {name}:"));
        let request = Request { services, address, user, issuer: Some(issuer) };
        output::notes().verbatim(&request.post(UPLOAD_URL, &body, " \\\n  "));
    }
}

/// Returns the headers of the upload that follows the sample request of a user, or `Some(None)` if it is a form or in parts.
fn upload_headers(
    services: &EmbeddedServices,
    route: &RouteConfig,
    user: &User,
) -> Option<Option<SignedHeaders>> {
    let caller = services.issuers.caller(services.issuers.first(), user).ok()?;
    sample::headers_for(route, &caller).ok()
}

/// Turns the answer of the API into options of curl: the URL, the fields, and the file as the last field.
const FORM_OPTIONS: &str = r#"'"url=\(.uploadUrl|@json)", (.fields|to_entries[]|"form-string=\("\(.key)=\(.value)"|@json)"), "form=\"file=@FILE\""'"#;

/// Prints the upload by form. Its fields are those of the answer, so one command requests them and sends the file.
fn print_form(request: &str, body: &Value) {
    let length = body.get("contentLength").and_then(Value::as_u64).unwrap_or_default();
    output::notes().line(&format!(
        "then POST the `fields` of the answer to its URL as a form, with a file of {length} bytes as the last field, `file`. Both in \
         one command, with jq:"
    ));
    output::notes()
        .verbatim(&format!("{request} \\\n  | jq -r {FORM_OPTIONS} | curl -sS -w '%{{http_code}}\\n' -K -"));
}

/// A request with the token of a user.
struct Request<'a> {
    services: &'a EmbeddedServices,
    address: SocketAddr,
    user: &'a User,
    /// The issuer of the token, if it is not the first one.
    issuer: Option<&'a EmbeddedIssuer>,
}

impl Request<'_> {
    /// Returns a curl command that posts JSON.
    fn post(&self, path: &str, body: &Value, separator: &str) -> String {
        let header = self.services.config.token_header();
        let address = self.address;
        let token = format!("http://{address}{}", token::path(self.services, self.user, self.issuer));
        [
            format!("curl -sS -w '\\n' -X POST http://{address}{path}"),
            format!("-H \"{header}: Bearer $(curl -s {})\"", shell::quote(&token)),
            "-H 'content-type: application/json'".to_owned(),
            format!("-d {}", shell::in_quotes(&body.to_string())),
        ]
        .join(separator)
    }
}

/// Prints the upload that follows the request.
fn print_put(route: &RouteConfig, body: &Value, headers: &SignedHeaders, is_first: bool) {
    let length = body.get("contentLength").and_then(Value::as_u64).unwrap_or_default();
    let (explanation, end) = if is_first {
        let own = ". For a file of your own, write its size (wc -c < FILE) as contentLength above:";
        (
            format!(
                " (head -c {length} /dev/zero > FILE) to the uploadUrl of the answer, with the headers of the answer"
            ),
            own,
        )
    } else {
        (String::new(), ":")
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
    output::notes()
        .verbatim(&format!("curl -sS -w '%{{http_code}}\\n' --upload-file FILE {headers}'UPLOAD_URL'"));
}
