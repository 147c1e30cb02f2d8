//! `AccessDenied`: clocks that differ, and headers that nobody could sign or that were added on the way.

use super::{check_row, read};
use crate::evidence::of_page;
use crate::fixture::{Request, error, har};

/// A store that states no time is no proof against a URL that is valid by the clock of the record.
#[test]
fn a_url_that_has_not_expired_by_the_clock_of_the_record() {
    let body = error("AccessDenied", "Request has expired", &[]);
    let found = read(&har(&[of_page().har_entry(403, &[], &body)]));
    check_row("12:01", &found, ("clock-skew", "clock", "clock", false));
    assert!(found[0].sentence.contains("valid until 2026-11-27T12:15:00Z"), "{found:#?}");
    assert!(found.iter().all(|it| !it.sentence.contains("expired at")), "{found:#?}");
    assert_eq!(found[1].cause.code, "url-expired", "{found:#?}");
    let later = har(&[of_page().har_entry(403, &[], &body)]).replace("T12:01:00.000Z", "T12:20:00.000Z");
    check_row("12:20", &read(&later), ("url-expired", "query:X-Amz-Expires", "client", true));
}

#[test]
fn headers_that_the_client_did_not_send_are_those_of_a_proxy() {
    let denied = |names: &str| {
        let message = "There were headers present in the request which were not signed";
        let body = error("AccessDenied", message, &[("HeadersNotSigned", names)]);
        read(&Request::put().curl_verbose(403, &body))
    };
    let found = denied("x-amz-cf-id");
    check_row("cdn", &found, ("header-unsigned", "header:x-amz-cf-id", "proxy", true));
    assert!(found[0].sentence.contains("added on the way"), "{found:#?}");
    let found = denied("host");
    check_row("host", &found, ("header-unsigned", "header:host", "configuration", true));
    assert_eq!(found[0].fix, "sign at least the header host");
    check_row("sent", &denied("content-type"), ("header-unsigned", "header:content-type", "client", true));
}

/// `--at` and the clock of this machine are assumptions of the same kind: neither is said to be later than the request.
#[test]
fn a_time_that_is_not_recorded_expires_a_url_under_a_condition() {
    let evidence = upsign_diagnose::Evidence::of_url(Request::put().signed_url()).with_status(403);
    let found = upsign_diagnose::diagnose(&evidence.with_time("2026-11-27T23:59:00Z".parse().unwrap()));
    check_row("at", &found, ("url-expired", "query:X-Amz-Expires", "client", false));
    assert!(
        found[0].sentence.contains("before 2026-11-27T23:59:00Z; if the request was sent earlier"),
        "{found:#?}"
    );
}
