//! What the answer to a preflight means.

use super::answer::PreflightAnswer;
use super::request::{PageRequest, Preflight};
use crate::cause::{Cause, Owner, known};
use crate::diagnose::{self, Diagnosis};
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;
use crate::evidence::{Evidence, Exchange, Sent};

/// Returns why a browser would not send the request after this answer, or nothing if it would.
pub(super) fn of_answer(
    request: &PageRequest,
    preflight: &Preflight,
    answer: &PreflightAnswer,
) -> Vec<Diagnosis> {
    if let Some(found) = of_status(answer.status) {
        return vec![found];
    }
    if let Some(found) = of_method(preflight, answer) {
        return vec![found];
    }
    let found = of_headers(request, preflight, answer);
    if found.is_empty() && !answer.is_ok() {
        return refused(
            preflight,
            &format!("the preflight was answered with {}, and not with 2xx", answer.status),
        );
    }
    found
}

/// Checks the answer as a browser does, and names every header that it refuses.
pub(super) fn of_headers(
    request: &PageRequest,
    preflight: &Preflight,
    answer: &PreflightAnswer,
) -> Vec<Diagnosis> {
    let (mut rest, mut refused) = (preflight.clone(), Vec::new());
    loop {
        let found = evidence(request, &rest, answer).map_or_else(Vec::new, |it| diagnose::of_preflight(&it));
        // Browsers stop at the first header, and so does the diagnosis. The one who changes the rules needs all of them.
        let name = match found.as_slice() {
            [Diagnosis { cause, certain: true, field: Field::Header(name), .. }]
                if cause.code == known::CORS_HEADER.code =>
            {
                name.clone()
            }
            _ if refused.is_empty() => return found,
            _ => return refused,
        };
        refused.extend(found);
        let count = rest.headers.len();
        rest.headers.retain(|it| *it != name);
        if rest.headers.len() == count {
            return refused;
        }
    }
}

/// Returns what the status alone says: the server did not look at its CORS rules.
pub(crate) fn of_status(status: u16) -> Option<Diagnosis> {
    let candidate = |cause: &'static Cause, field| Diagnosis::candidate(cause, field).certain_if(true);
    Some(match status {
        401 | 407 => candidate(&known::CORS_REFUSED, Field::Credentials)
            .saying(format!(
                "the server answers the preflight with {status}: it wants credentials, which browsers never send with a preflight"
            ))
            .fixed_by("exclude OPTIONS from the authorization of the gateway or the server")
            .owned_by(Owner::Proxy),
        405 | 501 => candidate(&known::NOT_IMPLEMENTED, Field::Method)
            .saying(format!("the server answers the preflight with {status}: it does not implement CORS at this address"))
            .fixed_by("use an address of the store that answers OPTIONS, or let the proxy in front of the store answer")
            .proved_by("send the same OPTIONS request with curl -i"),
        429 | 503 => candidate(&known::SLOW_DOWN, Field::Unknown)
            .saying(format!("the server answers the preflight with {status}, so browsers do not send the request")),
        500 | 502 | 504 => candidate(&known::STORE_ERROR, Field::Unknown)
            .saying(format!("the server answers the preflight with {status}, so browsers do not send the request")),
        _ => return None,
    })
}

/// S3 refuses preflights for methods that no rule can allow.
fn of_method(preflight: &Preflight, answer: &PreflightAnswer) -> Option<Diagnosis> {
    let error = StoreError::read(&answer.body).filter(|_| answer.status == 400)?;
    error.says("Invalid Access-Control-Request-Method").then(|| {
        Diagnosis::candidate(&known::CORS_METHOD, Field::Method)
            .saying(format!("no CORS rule of S3 can allow {}", preflight.method))
            .fixed_by("use GET, PUT, POST, DELETE or HEAD")
            .certain_if(true)
    })
}

/// The rules refused the preflight, and the answer does not say why.
fn refused(preflight: &Preflight, how: &str) -> Vec<Diagnosis> {
    let Preflight { origin, method, headers } = preflight;
    let names = if headers.is_empty() { "no headers".to_owned() } else { headers.join(", ") };
    let sentence = format!("{how}: no CORS rule allows {origin} with {method} and {names}");
    let mut found = vec![
        Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin).saying(sentence),
        Diagnosis::candidate(&known::CORS_ORIGIN, Field::Origin),
        Diagnosis::candidate(&known::CORS_METHOD, Field::Method),
    ];
    found.extend(headers.iter().map(|name| Diagnosis::candidate(&known::CORS_HEADER, Field::header(name))));
    found
}

fn evidence(request: &PageRequest, preflight: &Preflight, answer: &PreflightAnswer) -> Option<Evidence> {
    let fields = preflight.header_fields().into_iter();
    let headers = fields.map(|(name, value)| (name.into(), value.into())).collect();
    let sent = Sent::new("OPTIONS", request.url(), headers)?;
    Some(Evidence::of_preflight(Exchange { sent, answer: Some(answer.to_answer()) }))
}

/// Returns whether the answer shows that a page cannot read the ETag of a part: `None` if it does not show it.
///
/// Browsers look at `Access-Control-Expose-Headers` of the answer to the PUT only. Amazon S3 writes the same header into the answer to
/// the preflight, which makes its absence there a sign.
pub(super) fn hides_etag(request: &PageRequest, answer: &PreflightAnswer) -> Option<bool> {
    let listed = answer.header("access-control-expose-headers");
    let is_aws = request.signed.as_ref().and_then(|url| url.location().provider);
    let is_aws = is_aws == Some(upsign_core::Provider::Aws) && request.host().contains(".amazonaws.com");
    match listed {
        Some(_) => Some(!answer.to_answer().lists("access-control-expose-headers", "etag")),
        None => is_aws.then_some(true),
    }
}

pub(super) fn etag_hidden(answer: &PreflightAnswer) -> Diagnosis {
    let field = Field::AnswerHeader("access-control-expose-headers".into());
    let listed = answer.header("access-control-expose-headers");
    let line = DiffLine::new(field.clone(), Some("ETag"), listed.as_deref());
    Diagnosis::candidate(&known::ETAG_HIDDEN, field)
        .saying("the URL uploads a part, and the page cannot read the ETag of the part: the rule does not expose it")
        .with_diff(vec![line])
}
