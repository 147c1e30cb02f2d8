//! Which request of a HAR is the failed upload.

use super::Later;
use crate::evidence::sent::{Answer, Exchange};
use crate::url::Location;
use upsign_core::Provider;

/// Returns the place of the request that failed: a signed upload before a request to a store, before a call of an API, before other
/// requests of the page. Of several, the last one that no later request repaired.
pub(super) fn failed(exchanges: &[Exchange], page: Option<&str>) -> Option<usize> {
    let page_host = page.and_then(|page| page.split('/').nth(2));
    let ranked = exchanges.iter().enumerate().map(|(index, it)| (rank(it, page_host), index));
    let failed = ranked.filter(|(rank, _)| *rank > Rank::None);
    // Looking for the repair of each of many requests would take long.
    let mut best: Vec<usize> = Vec::new();
    let mut best_rank = Rank::None;
    for (rank, index) in failed {
        if rank > best_rank {
            (best_rank, best) = (rank, Vec::new());
        }
        if rank == best_rank {
            best.push(index);
        }
    }
    if let Some(first) = best.first().filter(|_| best_rank == Rank::HiddenEtag) {
        // What the page saw is that a call of the API failed after the part was stored. An API that lists the parts needs no ETag.
        let is_call = |it: &Exchange| matches!(rank(it, page_host), Rank::ApiError | Rank::OwnCall);
        let later = exchanges.iter().enumerate().skip(first + 1);
        if let Some((index, _)) = later.rev().find(|(_, it)| is_call(it)) {
            return Some(index);
        }
    }
    let last = best.last().copied();
    best.into_iter().rev().take(100).find(|index| later_success(exchanges, *index).is_none()).or(last)
}

/// What a failed request is, the least likely to be the upload first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It did not fail, or it uploads nothing.
    None,
    /// A read by a signed URL.
    SignedRead,
    /// A call of another host than that of the page: often that of analytics.
    Elsewhere,
    /// A call of the host of the page, or with a token.
    OwnCall,
    /// A call of an API that answered with a code.
    ApiError,
    /// A part whose ETag the page cannot read, although the part was stored.
    HiddenEtag,
    /// A request to a store, without a signature.
    ToStore,
    /// A signed URL, a form with a policy, or the preflight of one.
    SignedUpload,
}

fn rank(exchange: &Exchange, page_host: Option<&str>) -> Rank {
    let sent = &exchange.sent;
    if hides_etag(exchange) {
        return Rank::HiddenEtag;
    }
    // A store answers a form with 303 if it has a page to go to (`success_action_redirect`).
    let is_failure = exchange
        .answer
        .as_ref()
        .is_none_or(|answer| answer.is_failure() && !matches!(answer.status, Some(303 | 304)));
    let is_read = matches!(&*sent.request.method, "GET" | "HEAD");
    match (is_failure, is_read) {
        (false, _) => Rank::None,
        (true, true) if sent.is_signed() => Rank::SignedRead,
        (true, true) => Rank::None,
        _ if sent.is_signed() || sent.is_signed_form() => Rank::SignedUpload,
        _ if is_of_store(exchange) => Rank::ToStore,
        _ if !matches!(&*sent.request.method, "POST" | "PUT" | "OPTIONS" | "PATCH") => Rank::None,
        _ if has_code(exchange.answer.as_ref()) => Rank::ApiError,
        _ if Some(&*sent.host) == page_host || sent.request.header("authorization").is_some() => {
            Rank::OwnCall
        }
        _ => Rank::Elsewhere,
    }
}

/// Returns whether a request went to a store: by its host, its answer, or the key in its form.
fn is_of_store(exchange: &Exchange) -> bool {
    let Exchange { sent, answer } = exchange;
    let by_answer = answer
        .as_ref()
        .is_some_and(|answer| answer.header("x-amz-request-id").is_some() || answer.body.contains("<Error>"));
    let place = Location::of(&sent.host, &sent.request.path);
    let by_host =
        place.provider.is_some_and(|provider| provider != Provider::Custom) && place.bucket.is_some();
    by_answer || by_host || sent.form.iter().any(|field| &*field.name == "key")
}

fn has_code(answer: Option<&Answer>) -> bool {
    answer.is_some_and(|answer| answer.body.trim_start().starts_with('{') && answer.body.contains("\"code\""))
}

/// Returns whether a stored part has an ETag that the page cannot read.
pub(super) fn hides_etag(exchange: &Exchange) -> bool {
    let Exchange { sent, answer: Some(answer) } = exchange else { return false };
    answer.status == Some(200)
        && sent.request.parameter("partNumber").is_some()
        && sent.origin().is_some()
        && answer.header("etag").is_some()
        && !answer.lists("access-control-expose-headers", "etag")
}

pub(super) fn is_preflight_of(preflight: &Exchange, upload: &Exchange) -> bool {
    let (asked, sent) = (&preflight.sent, &upload.sent);
    &*asked.request.method == "OPTIONS"
        && &*sent.request.method != "OPTIONS"
        && asked.host == sent.host
        && asked.request.path == sent.request.path
        && asked.request.header("access-control-request-method").is_none_or(|it| *it == *sent.request.method)
}

/// Returns a request after the one at `index` that stored the same object or part, or got the same answer of the API.
pub(super) fn later_success(exchanges: &[Exchange], index: usize) -> Option<Later> {
    let failed = exchanges.get(index)?;
    let is_done = |it: &&Exchange| {
        let status = it.answer.as_ref().and_then(|answer| answer.status);
        // A form can answer with a redirect to the page.
        status.is_some_and(|status| (200..300).contains(&status) || status == 303)
            && !it.answer.as_ref().is_some_and(Answer::is_error_document)
            && (is_repeated(failed, it) || is_followed(failed, it))
    };
    let done = exchanges.get(index + 1..)?.iter().find(is_done)?;
    Some(Later { at: done.sent.at, status: done.answer.as_ref()?.status? })
}

/// Returns whether a request is the one to which the answer redirected.
fn is_followed(redirected: &Exchange, later: &Exchange) -> bool {
    let location = redirected.answer.as_ref().and_then(|answer| answer.header("location"));
    location.is_some_and(|location| location == *later.sent.url)
        && redirected.sent.request.method == later.sent.request.method
}

fn is_repeated(failed: &Exchange, later: &Exchange) -> bool {
    let (one, other) = (&failed.sent, &later.sent);
    let part = |name| (one.request.parameter(name), other.request.parameter(name));
    let is_same_part = ["partNumber", "uploadId"].into_iter().map(part).all(|(one, other)| one == other);
    let key = |sent: &crate::evidence::Sent| {
        sent.form.iter().find(|field| field.name.eq_ignore_ascii_case("key")).map(|field| field.value.clone())
    };
    let is_same = one.host == other.host && one.request.path == other.request.path && key(one) == key(other);
    let is_same_method = one.request.method == other.request.method || is_preflight_of(failed, later);
    is_same && is_same_method && is_same_part
}
