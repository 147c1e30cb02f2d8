//! Answers to preflights, and the rules that decide about them.

use upsign_documents::{CorsAnswer, CorsRefusalReason, CorsRequest};

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::quoted;
use super::asked::{Asked, asked_by, asked_for};
use super::redirect::{address_of, redirected};
use super::server::{credentials, header_refused, is_store, of_host, origin_refused};
use crate::cause::{Owner, known};
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;
use crate::evidence::{Answer, Sent};
use crate::preflight::of_status;
use crate::url::SignedUrl;

/// Returns what the answer to a preflight says.
pub(super) fn find(case: &Case<'_>, sent: &Sent, answer: &Answer) -> Vec<Diagnosis> {
    let asked = asked_by(sent);
    let status = answer.status.unwrap_or_default();
    if matches!(status, 301 | 302 | 303 | 307 | 308) {
        let to = answer.header("location").unwrap_or_default();
        return vec![redirected(case, Some(&sent.host), address_of(&to))];
    }
    if let Some(found) = of_status(status) {
        return vec![of_server(case, &sent.host, status, found)];
    }
    let refused = |of_rules: bool| {
        let page = answer.is_page().then(|| page_of(answer));
        page.into_iter().chain(refused(case, &asked, status, Some(&sent.host), of_rules)).collect::<Vec<_>>()
    };
    let is_of_store = is_store(case, Some(&sent.host)) && !answer.is_page();
    if (200..300).contains(&status) && states_nothing(&asked, answer) {
        return refused(is_of_store);
    }
    if (200..300).contains(&status) {
        return of_allowed(case, sent, &asked, answer).into_iter().collect();
    }
    if status < 400 {
        return Vec::new();
    }
    let found = match StoreError::read(&answer.body) {
        Some(error) => of_refusal(case, &error, &asked, Some(&sent.host)),
        None if answer.body.contains("origin-not-allowed") => {
            vec![Diagnosis::candidate(&known::API_ORIGIN, Field::Origin).certain_if(true)]
        }
        None => refused(is_of_store && status == 403),
    };
    let is_of_api = !is_store(case, Some(&sent.host));
    let is_of_client = |it: &Diagnosis| matches!(it.owner, Owner::Client | Owner::Proxy);
    found
        .into_iter()
        .map(|it| if is_of_api && !is_of_client(&it) { it.owned_by(Owner::Cors) } else { it })
        .collect()
}

/// A page is no answer of a store.
fn page_of(answer: &Answer) -> Diagnosis {
    let server =
        answer.header("server").map_or_else(|| "something".to_owned(), |server| quoted(&server).to_string());
    Diagnosis::candidate(&known::PROXY_ANSWER, Field::Unknown)
        .saying(format!("{server} answered the preflight with an HTML page, and not the store"))
        .fixed_by("correct the address of the store, or let what is in front of it pass OPTIONS")
        .proved_by("send the same OPTIONS request with curl -i, directly to the store")
}

/// Names the cause of a status at a server that is no store: an API.
fn of_server(case: &Case<'_>, host: &str, status: u16, found: Diagnosis) -> Diagnosis {
    if is_store(case, Some(host)) {
        return found;
    }
    let cause = match status {
        500 | 502 => &known::LAMBDA_FAILED,
        503 | 504 => &known::LAMBDA_TIMEOUT,
        _ => return found,
    };
    Diagnosis::candidate(cause, Field::Unknown).saying(found.sentence).certain_if(false)
}

/// Returns what an error says that is an answer to a preflight, without the preflight itself; nothing for other errors.
pub(in crate::diagnose) fn of_error(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    if !error.says("CORSResponse") && !error.says("Origin request header needed") {
        return Vec::new();
    }
    of_refusal(case, error, &Asked { origin: None, method: "PUT", headers: Vec::new() }, None)
}

fn of_refusal(case: &Case<'_>, error: &StoreError, asked: &Asked<'_>, host: Option<&str>) -> Vec<Diagnosis> {
    let named = |cause, field| vec![Diagnosis::candidate(cause, field).certain_if(true)];
    if error.says("CORS is not enabled") {
        named(&known::CORS_NOT_ENABLED, Field::Bucket)
    } else if error.says("Bucket not found") {
        named(&known::CORS_NO_BUCKET, Field::Bucket)
    } else if error.says("Origin request header needed") {
        named(&known::CORS_INCOMPLETE, Field::Origin)
    } else if error.code() == "NoSuchBucket" {
        named(&known::BUCKET_UNKNOWN, Field::Bucket)
    } else {
        refused(case, asked, 403, host, error.says("CORSResponse"))
    }
}

/// A preflight was refused without a reason. The rules in hand may name it, and do if it was rules that refused it.
fn refused(
    case: &Case<'_>,
    asked: &Asked<'_>,
    status: u16,
    host: Option<&str>,
    of_rules: bool,
) -> Vec<Diagnosis> {
    if case.evidence.cors.is_some() {
        return match evaluated(case, asked) {
            Some(found) => vec![found.certain_if(of_rules)],
            None => vec![Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin).saying(
                "the rules in the file allow this request, and the bucket refused it: the bucket has other rules",
            )],
        };
    }
    let Some(origin) = asked.origin else {
        // Only the answer is known.
        let causes = [(&known::CORS_REFUSED, Field::Origin), (&known::CORS_ORIGIN, Field::Origin)];
        let others = [(&known::CORS_METHOD, Field::Method), (&known::CORS_HEADER, Field::Unknown)];
        return causes
            .into_iter()
            .chain(others)
            .map(|(cause, field)| Diagnosis::candidate(cause, field))
            .collect();
    };
    let headers = if asked.headers.is_empty() { "no headers".to_owned() } else { asked.headers.join(", ") };
    let how = match status {
        200..300 => format!("the answer {status} to the preflight permits nothing"),
        _ => format!("the preflight was refused with {status}"),
    };
    let what = format!("no CORS rule allows {origin} with {} and {headers}", asked.method);
    let sentence = match status {
        404 => format!(
            "the preflight was answered with 404: the server has no route for OPTIONS at this address, or {what}"
        ),
        _ => format!("{how}: {what}"),
    };
    let of_host = |found| of_host(case, host, found);
    let mut found = vec![of_host(Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin)).saying(sentence)];
    found.push(origin_refused(case, host, Some(origin)));
    found.push(of_host(Diagnosis::candidate(&known::CORS_METHOD, Field::Method)));
    found.extend(asked.headers.iter().map(|name| header_refused(case, host, name)));
    found
}

/// Returns whether an answer with 2xx refuses without saying which part. SeaweedFS leaves out the methods and the headers, and other servers
/// all headers of CORS, if one of the parts is not allowed.
fn states_nothing(asked: &Asked<'_>, answer: &Answer) -> bool {
    let lists = |name: &str| answer.header(name).is_some();
    if lists("access-control-allow-methods") || lists("access-control-allow-headers") {
        return false;
    }
    match answer.header("access-control-allow-origin") {
        None => true,
        // Without headers, only the method is left.
        Some(allowed) => {
            let is_allowed = allowed == "*" || asked.origin == Some(allowed.as_str());
            is_allowed && !asked.headers.is_empty()
        }
    }
}

/// Checks an answer with 2xx as a browser does.
fn of_allowed(case: &Case<'_>, preflight: &Sent, asked: &Asked<'_>, answer: &Answer) -> Option<Diagnosis> {
    let allowed = answer.header("access-control-allow-origin");
    let (origin, host) = (asked.origin?, Some(&*preflight.host));
    if allowed.as_deref().is_some_and(|allowed| allowed.contains(',')) {
        let field = Field::AnswerHeader("access-control-allow-origin".into());
        let line = DiffLine::new(field.clone(), Some(origin), allowed.as_deref());
        let found = Diagnosis::candidate(&known::CORS_SEVERAL_ORIGINS, field).with_diff(vec![line]);
        return Some(found.certain_if(true));
    }
    let is_allowed = allowed.as_deref().is_some_and(|allowed| allowed == "*" || allowed == origin);
    if !is_allowed {
        let line = DiffLine::new(Field::Origin, allowed.as_deref(), Some(origin));
        let found = origin_refused(case, host, Some(origin)).with_diff(vec![line]);
        let sentence = format!("the answer to the preflight does not allow the origin {origin}");
        return Some(if origin == "null" { found } else { found.saying(sentence) }.certain_if(true));
    }
    // A cookie on a request to another site shows that the page asked for credentials.
    let is_with_cookie =
        case.sent().is_some_and(|sent| sent.origin().is_some() && sent.request.header("cookie").is_some());
    let permits = answer.header("access-control-allow-credentials");
    if is_with_cookie && (allowed.as_deref() == Some("*") || permits.as_deref() != Some("true")) {
        return Some(credentials(Some(permits.as_deref().unwrap_or("(absent)"))).certain_if(true));
    }
    if let Some(found) = of_lists(answer) {
        return Some(found);
    }
    // Methods of forms need no permission: https://fetch.spec.whatwg.org/#cors-safelisted-method
    let is_simple = matches!(asked.method, "GET" | "HEAD" | "POST");
    if !is_simple && !answer.lists_method(asked.method) {
        let listed = answer.header("access-control-allow-methods");
        let other_case = answer.lists("access-control-allow-methods", asked.method);
        let line = DiffLine::new(Field::Method, listed.as_deref(), Some(asked.method));
        let found = Diagnosis::candidate(&known::CORS_METHOD, Field::Method).with_diff(vec![line]);
        let found = of_host(case, host, found).certain_if(true);
        if other_case {
            let listed = quoted(listed.as_deref().unwrap_or_default()).to_string();
            return Some(
                found
                    .saying(format!(
                        "the answer allows {listed}, and browsers compare methods with their case"
                    ))
                    .fixed_by(format!("write {} in this case where the methods are allowed", asked.method)),
            );
        }
        return Some(found.saying(format!("no CORS rule for {origin} allows {}", asked.method)));
    }
    let is_missing = |name: &&String| {
        let listed = answer.header("access-control-allow-headers").unwrap_or_default();
        // `*` does not cover Authorization.
        let named = listed.split(',').any(|it| it.trim().eq_ignore_ascii_case(name));
        !named && (*name == "authorization" || !answer.lists("access-control-allow-headers", name))
    };
    let name = asked.headers.iter().find(is_missing)?;
    Some(header_refused(case, host, name).certain_if(true))
}

/// Browsers refuse every answer whose lists contain anything but methods and header names.
fn of_lists(answer: &Answer) -> Option<Diagnosis> {
    let lists = [
        ("access-control-allow-methods", &known::CORS_METHOD, "method"),
        ("access-control-allow-headers", &known::CORS_HEADER, "name of a header"),
    ];
    lists.into_iter().find_map(|(header, cause, what)| {
        let value = answer.tokens(header).err()?;
        let found = Diagnosis::candidate(cause, Field::AnswerHeader(header.into()));
        let sentence = format!(
            "{header} of the answer lists {}, which is no {what}: browsers refuse the whole answer",
            quoted(&value)
        );
        let fix = format!("let the server list valid values only, separated by commas, in {header}");
        Some(found.saying(sentence).fixed_by(fix).certain_if(true))
    })
}

/// Applies the rules in hand to the upload of the evidence. What they refuse is a candidate: the bucket may have others.
pub(super) fn of_rules(case: &Case<'_>) -> Vec<Diagnosis> {
    if case.evidence.cors.is_none() || !matches!(case.evidence.status(), None | Some(0) | Some(403)) {
        return Vec::new();
    }
    let found = match (case.sent(), &case.evidence.blocked) {
        (Some(sent), _) => evaluated(case, &asked_for(sent)),
        (None, Some(blocked)) => {
            let headers = case.signed.as_ref().map(|it| it.headers.clone()).unwrap_or_default();
            let headers =
                headers.into_iter().filter(|name| !matches!(name.as_str(), "host" | "content-length"));
            let method = case.url.as_ref().and_then(SignedUrl::method_hint).unwrap_or("PUT");
            let asked = Asked { origin: blocked.origin.as_deref(), method, headers: headers.collect() };
            evaluated(case, &asked)
        }
        _ => None,
    };
    found.into_iter().collect()
}

/// Returns what the rules in hand refuse of a preflight.
fn evaluated(case: &Case<'_>, asked: &Asked<'_>) -> Option<Diagnosis> {
    let rules = case.evidence.cors.as_ref()?;
    let origin = asked.origin?;
    let headers = asked.headers.join(",");
    let request = CorsRequest::preflight(Some(origin), Some(asked.method), Some(&headers));
    let CorsAnswer::Refused(refusal) = rules.evaluate(&request) else { return None };
    Some(match &refusal.reason {
        CorsRefusalReason::NotEnabled => Diagnosis::candidate(&known::CORS_NOT_ENABLED, Field::Bucket),
        CorsRefusalReason::Header(name) => header_refused(case, None, name),
        CorsRefusalReason::Method | CorsRefusalReason::BadMethod(_) => {
            Diagnosis::candidate(&known::CORS_METHOD, Field::Method)
                .saying(format!("no CORS rule for {origin} allows {}", asked.method))
        }
        _ => origin_refused(case, None, Some(origin)),
    })
}
