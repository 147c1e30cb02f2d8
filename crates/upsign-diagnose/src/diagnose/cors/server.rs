//! Whose CORS settings a request meets: those of a bucket, or those of the API.

use super::super::Diagnosis;
use super::super::case::{Case, is_public_store};
use super::super::scrub::quoted;
use crate::cause::{Owner, known};
use crate::diff::{DiffLine, Field};

/// Returns whether a host, with or without a port, is that of the signed URL or of a store that is known. Without a host, whether a
/// signed URL is in the evidence.
pub(super) fn is_store(case: &Case<'_>, host: Option<&str>) -> bool {
    let Some(host) = host else { return case.url.is_some() };
    let name = |host: &str| host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let is_of_url = case.url.as_ref().is_some_and(|url| name(&url.canonical_host()) == name(host));
    is_of_url || is_public_store(host)
}

/// Returns a diagnosis with the fix for the server that has this host. The texts of the table are those of a bucket.
pub(super) fn of_host(case: &Case<'_>, host: Option<&str>, found: Diagnosis) -> Diagnosis {
    if host.is_none() || is_store(case, host) {
        return found;
    }
    let fix = match found.cause.code {
        "cors-origin" if found.owner == Owner::Cors => {
            "add the exact origin to those that the server allows: cors.origins of upsign.toml, or the CORS settings of API Gateway"
        }
        "cors-method" => "add the method to those that the CORS settings of the server allow",
        "cors-refused" => {
            "compare the CORS settings of the server with origin, method and headers of the preflight; API Gateway needs CORS settings or a route for OPTIONS without an authorizer"
        }
        "cors-hidden" => {
            "correct the error of the answer first; then let its sender add CORS headers: in API Gateway, the gateway responses DEFAULT_4XX and DEFAULT_5XX"
        }
        _ => return found,
    };
    let found = found.fixed_by(fix).proved_by(
        "curl -i -X OPTIONS with Origin, Access-Control-Request-Method and Access-Control-Request-Headers",
    );
    match found.cause.code {
        "cors-refused" => {
            found.saying("the server does not permit the origin, method and headers of the request together")
        }
        _ => found,
    }
}

/// No rule allows the origin of a page.
pub(super) fn origin_refused(case: &Case<'_>, host: Option<&str>, origin: Option<&str>) -> Diagnosis {
    let found = Diagnosis::candidate(&known::CORS_ORIGIN, Field::Origin);
    let found = match origin {
        Some("null") => found
            .saying("the page has the origin null: it is opened from a file, or in a sandboxed frame")
            .fixed_by("open the page from a web server, for example at http://localhost:8080, and allow that origin")
            .owned_by(Owner::Client),
        Some(origin) => found.saying(format!("no CORS rule allows the origin {}", quoted(origin))),
        None => found,
    };
    of_host(case, host, found)
}

/// No rule allows a header. A header that is not signed has to be left out rather than allowed.
pub(super) fn header_refused(case: &Case<'_>, host: Option<&str>, name: &str) -> Diagnosis {
    let name = name.to_ascii_lowercase();
    let found = Diagnosis::candidate(&known::CORS_HEADER, Field::header(&name))
        .saying(format!("no CORS rule for the origin and method allows the header {}", quoted(&name)));
    if host.is_some() && !is_store(case, host) {
        return found
            .fixed_by(format!(
                "add {} to the headers that the CORS settings of the server allow",
                quoted(&name)
            ))
            .proved_by("curl -i -X OPTIONS with Origin and Access-Control-Request-Headers");
    }
    if name == "authorization" && is_store(case, host) {
        return found
            .fixed_by(known::TWO_SIGNATURES.fix)
            .owned_by(Owner::Client)
            .proved_by(known::TWO_SIGNATURES.proof);
    }
    let is_signed = case.signed.as_ref().is_none_or(|it| it.headers.contains(&name));
    if !is_signed && !matches!(&*name, "content-type" | "content-md5") {
        return found
            .fixed_by(format!("leave {} out of uploads: the URL does not sign it", quoted(&name)))
            .owned_by(Owner::Client)
            .proved_by("send the request without the header");
    }
    found.fixed_by(format!("add {} to AllowedHeaders of the rule", quoted(&name)))
}

/// The page sends credentials, and the answer does not permit them.
pub(super) fn credentials(allowed: Option<&str>) -> Diagnosis {
    let field = Field::AnswerHeader("access-control-allow-credentials".into());
    let found = Diagnosis::candidate(&known::CORS_CREDENTIALS, field.clone());
    found.with_diff(
        allowed.map(|allowed| DiffLine::new(field, Some("true"), Some(allowed))).into_iter().collect(),
    )
}
