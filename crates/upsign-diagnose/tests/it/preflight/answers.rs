//! Answers to preflights: what is certain, what a search finds, and what stays open.

use upsign_diagnose::{Evidence, Narrowing, PageRequest, PreflightAnswer, PreflightReport, diagnose};

use super::{PAGE, found, put, read, url};

const NOT_ALLOWED: &str = "<Error><Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed. This is usually \
    because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted \
    by the resource's CORS spec.</Message><Method>PUT</Method><ResourceType>OBJECT</ResourceType></Error>";

/// A server with one rule, which states no reason when it refuses.
struct Server {
    origin: &'static str,
    methods: &'static [&'static str],
    headers: &'static [&'static str],
    /// The answer to what the rule does not allow.
    refusal: (u16, &'static str),
    /// The header `Server` of that answer.
    name: &'static str,
    /// Whether that answer allows the origin, if the rule does.
    is_origin_stated: bool,
}

impl Server {
    fn answer(&self, request: &PageRequest, method: &str, headers: &[&str]) -> PreflightAnswer {
        let is_allowed = request.origin().as_str() == self.origin
            && self.methods.contains(&method)
            && headers.iter().all(|name| self.headers.contains(name));
        if !is_allowed {
            let is_stated = self.is_origin_stated && request.origin().as_str() == self.origin;
            let stated = is_stated.then_some(("access-control-allow-origin", self.origin));
            let headers = [("vary", "Origin"), ("server", self.name)].into_iter().chain(stated);
            return PreflightAnswer::new(self.refusal.0, headers, self.refusal.1);
        }
        let (methods, headers) = (self.methods.join(", "), headers.join(", "));
        let headers = [
            ("Access-Control-Allow-Origin", self.origin),
            ("Access-Control-Allow-Methods", &methods),
            ("Access-Control-Allow-Headers", &headers),
        ];
        PreflightAnswer::new(200, headers, "")
    }

    /// Returns the report after a search, and the number of its preflights.
    fn report(&self, request: &PageRequest) -> (PreflightReport, usize) {
        let of = |preflight: &upsign_diagnose::Preflight| {
            self.answer(request, preflight.method(), &preflight.headers().collect::<Vec<_>>())
        };
        let report = PreflightReport::of_answer(request, &of(&request.preflight()));
        let Some(mut narrowing) = Narrowing::new(request, &report) else { return (report, 0) };
        let mut count = 0;
        while let Some(preflight) = narrowing.preflight() {
            narrowing.record(&of(&preflight));
            count += 1;
        }
        (narrowing.finish(report), count)
    }
}

const SERVER: Server = Server {
    origin: PAGE,
    methods: &["GET", "PUT"],
    headers: &["content-type", "x-a"],
    refusal: (403, NOT_ALLOWED),
    name: "AmazonS3",
    is_origin_stated: false,
};
/// SeaweedFS answers 200 without CORS headers, and states the origin then or not.
const SILENT: Server = Server { refusal: (200, ""), name: "SeaweedFS 30GB 4.00", ..SERVER };
const SEAWEEDFS: Server = Server { is_origin_stated: true, ..SILENT };
/// A firewall in front of the store.
const FIREWALL: Server =
    Server { methods: &[], refusal: (403, "<html>blocked</html>"), name: "cloudflare", ..SERVER };
/// A web server, and one that answers a page to everything.
const WEB: Server = Server { refusal: (200, ""), name: "nginx", ..FIREWALL };
const PAGES: Server = Server { refusal: (200, "<!DOCTYPE html><html><div id=root></div></html>"), ..WEB };

#[test]
fn refusals_without_a_reason_are_narrowed_to_the_part() {
    for server in [SERVER, SILENT, SEAWEEDFS] {
        let (report, count) = server.report(&put(&["content-type", "x-a"]));
        assert!(report.passes() && count == 0);
        let (report, count) = server.report(&put(&["content-type", "x-b", "x-a", "x-c"]));
        let of = |name: &str| ("cors-header".to_owned(), format!("header:{name}"), true);
        assert_eq!((found(&report), count), (vec![of("x-b"), of("x-c")], 5));
        let (report, count) = server.report(&put(&["x-b"]));
        assert_eq!((found(&report), count), (vec![of("x-b")], 1));
        let (report, count) = server.report(&put(&["content-type"]).with_method("DELETE").unwrap());
        assert_eq!((found(&report), count), (vec![("cors-method".to_owned(), "method".to_owned(), true)], 5));
        assert!(report.found()[0].sentence.ends_with("allows DELETE; they allow GET, PUT"), "{report:?}");
        let other = Server { origin: "https://www.example.com", ..server };
        let (report, count) = other.report(&put(&["content-type"]));
        assert_eq!((found(&report), count), (vec![("cors-origin".to_owned(), "origin".to_owned(), true)], 5));
    }
}

/// A firewall refuses everything, and nothing says that rules did.
#[test]
fn refusals_of_everything_by_something_else_are_not_certain() {
    for (server, causes) in [
        (FIREWALL, ["proxy-answer", "cors-origin", "cors-not-enabled"]),
        (PAGES, ["proxy-answer", "cors-origin", "cors-not-enabled"]),
        (WEB, ["cors-origin", "cors-not-enabled", "proxy-answer"]),
    ] {
        let (report, count) = server.report(&put(&["content-type"]));
        let found: Vec<_> = report.found().iter().map(|it| (it.cause.code, it.certain)).collect();
        assert_eq!((found, count), (causes.map(|code| (code, false)).to_vec(), 5), "{}", server.name);
    }
    // SeaweedFS answers another origin with an error that does not name rules.
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>";
    let (report, _) = Server { refusal: (403, denied), ..FIREWALL }.report(&put(&["content-type"]));
    let causes: Vec<_> = report.found().iter().map(|it| (it.cause.code, it.certain)).collect();
    assert_eq!(causes, [("cors-origin", false), ("cors-not-enabled", false)]);
    let (report, _) = PAGES.report(&put(&["content-type"]));
    assert_eq!(
        report.found()[0].sentence,
        "nginx answered the preflight with an HTML page, and not the store"
    );
}

#[test]
fn a_search_that_breaks_off_leaves_the_candidates() {
    let request = put(&["x-b"]);
    let report = PreflightReport::of_answer(&request, &SERVER.answer(&request, "PUT", &["x-b"]));
    let causes: Vec<_> = found(&report).into_iter().map(|(cause, _, certain)| (cause, certain)).collect();
    let expected =
        ["cors-refused", "cors-origin", "cors-method", "cors-header"].map(|it| (it.to_owned(), false));
    assert_eq!(causes, expected);
    let narrowing = Narrowing::new(&request, &report).unwrap();
    assert_eq!(narrowing.finish(report.clone()), report);
}

#[test]
fn statuses_and_errors_name_their_cause() {
    let request = put(&["content-type"]);
    let error =
        |code: &str, message: &str| format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let not_enabled = error("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.");
    let no_bucket = error("AccessForbidden", "CORSResponse: Bucket not found");
    let bad_method = error("BadRequest", "Invalid Access-Control-Request-Method: PATCH");
    for (status, headers, body, cause, field) in [
        (403, vec![], &*not_enabled, "cors-not-enabled", "bucket"),
        (404, vec![], &*no_bucket, "cors-no-bucket", "bucket"),
        (400, vec![], &*bad_method, "cors-method", "method"),
        (
            307,
            vec![("location", "https://my-bucket.s3.us-west-2.amazonaws.com/a?X-Amz-Signature=5f1e5f1e5f1e")],
            "",
            "cors-redirect",
            "host",
        ),
        (401, vec![], "", "cors-refused", "credentials"),
        (501, vec![], "", "not-implemented", "method"),
        (503, vec![], "", "slow-down", "unknown"),
        (502, vec![], "<html>", "store-error", "unknown"),
        (200, vec![("access-control-allow-origin", "https://www.example.com")], "", "cors-origin", "origin"),
        (
            200,
            vec![("access-control-allow-origin", "*"), ("access-control-allow-methods", "GET")],
            "",
            "cors-method",
            "method",
        ),
        (
            200,
            vec![("access-control-allow-origin", "*"), ("access-control-allow-methods", "PUT")],
            "",
            "cors-header",
            "header:content-type",
        ),
    ] {
        let report = PreflightReport::of_answer(&request, &PreflightAnswer::new(status, headers, body));
        assert_eq!(found(&report), [(cause.to_owned(), field.to_owned(), true)], "{status} {body}");
        assert!(!format!("{report:?}").contains("5f1e5f1e5f1e"));
        assert!(Narrowing::new(&request, &report).is_none());
    }
    // Browsers want 2xx.
    for status in [199, 300, 304, 404] {
        let headers = [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-allow-headers", "*"),
        ];
        let report = PreflightReport::of_answer(&request, &PreflightAnswer::new(status, headers, ""));
        assert_eq!(report.found()[0].cause.code, "cors-refused", "{status}");
    }
}

/// Browsers compare methods with their case, and refuse an answer as a whole if a list has a value that is no token.
#[test]
fn lists_are_read_as_browsers_read_them() {
    for (methods, headers, expected, words) in [
        ("PUT", "content-type", None, ""),
        ("GET,, PUT ,", "Content-Type,", None, ""),
        ("*", "*", None, ""),
        ("put", "content-type", Some(("cors-method", "method")), "allows put, and browsers compare"),
        ("Put, GET", "*", Some(("cors-method", "method")), "allows Put, GET, and"),
        (
            "PUT GET",
            "*",
            Some(("cors-method", "answer-header:access-control-allow-methods")),
            "lists PUT GET",
        ),
        (
            "PUT",
            "content-type, x y",
            Some(("cors-header", "answer-header:access-control-allow-headers")),
            "lists x y",
        ),
        (
            "PUT",
            "*, \"a\"",
            Some(("cors-header", "answer-header:access-control-allow-headers")),
            "no name of a header",
        ),
    ] {
        let allowed = [
            ("access-control-allow-origin", PAGE),
            ("access-control-allow-methods", methods),
            ("access-control-allow-headers", headers),
        ];
        let report =
            PreflightReport::of_answer(&put(&["content-type"]), &PreflightAnswer::new(200, allowed, ""));
        let expected: Vec<_> =
            expected.into_iter().map(|(code, field)| (code.to_owned(), field.to_owned(), true)).collect();
        assert_eq!(found(&report), expected, "{methods}; {headers}");
        assert!(report.found().iter().all(|it| it.sentence.contains(words)), "{report:?}");
    }
}

#[test]
fn several_missing_headers_are_all_named() {
    let headers = [
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "x-b"),
    ];
    let report =
        PreflightReport::of_answer(&put(&["x-a", "x-b", "x-c"]), &PreflightAnswer::new(200, headers, ""));
    let of = |name: &str| ("cors-header".to_owned(), format!("header:{name}"), true);
    assert_eq!(found(&report), [of("x-a"), of("x-c")]);
}

#[test]
fn etag_of_a_part_has_to_be_exposed() {
    let allowed = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "*"),
    ];
    let answer = |more: &[(&'static str, &'static str)]| {
        PreflightAnswer::new(200, allowed.into_iter().chain(more.iter().copied()), "")
    };
    let part = url("host", "&partNumber=1&uploadId=abc");
    let elsewhere = part.replace("my-bucket.s3.eu-central-1.amazonaws.com", "store.example.com");
    let hidden =
        [("etag-hidden".to_owned(), "answer-header:access-control-expose-headers".to_owned(), false)];
    let exposed = ("access-control-expose-headers", "x-amz-version-id, ETag");
    for (url, more, is_hidden, unchecked) in [
        (&part, &[][..], true, 0),
        (&part, &[("access-control-expose-headers", "x-amz-version-id")][..], true, 0),
        (&part, &[exposed][..], false, 0),
        (&elsewhere, &[("access-control-expose-headers", "x-amz-version-id")][..], true, 0),
        (&elsewhere, &[][..], false, 1),
        (&elsewhere, &[exposed][..], false, 0),
        (&url("content-type;host", ""), &[][..], false, 0),
    ] {
        let report = PreflightReport::of_answer(&read(url), &answer(more));
        assert_eq!(found(&report), if is_hidden { &hidden[..] } else { &[] }, "{url} {more:?}");
        assert_eq!(report.unchecked().len(), unchecked, "{url} {more:?}");
    }
}

#[test]
fn pages_of_https_send_nothing_to_http() {
    let of = |url: &str, origin: &str| {
        PageRequest::of_url(url, origin.parse().unwrap()).unwrap().with_method("PUT").unwrap()
    };
    let report = PreflightReport::of_unsent(&of("http://store.example.com/a", PAGE)).unwrap();
    assert_eq!(found(&report), [("mixed-content".to_owned(), "scheme".to_owned(), true)]);
    assert_eq!(report.unchecked().len(), 1);
    assert!(PreflightReport::of_unsent(&of("http://127.0.0.1:9000/a", PAGE)).is_none());
    assert!(
        PreflightReport::of_unsent(&of("http://store.example.com/a", "http://app.example.com")).is_none()
    );
    // With the user's permission, Chromium sends it.
    let private = of("http://192.168.1.5/a", PAGE);
    assert!(PreflightReport::of_unsent(&private).is_none());
    let headers = [("access-control-allow-origin", "*"), ("access-control-allow-methods", "PUT")];
    let report = PreflightReport::of_answer(&private, &PreflightAnswer::new(200, headers, ""));
    let causes: Vec<_> = found(&report).into_iter().map(|(cause, _, certain)| (cause, certain)).collect();
    assert_eq!(causes, [("mixed-content".to_owned(), false), ("local-network".to_owned(), false)]);
}

#[test]
fn servers_in_private_networks_are_told_by_their_address() {
    let headers = [("access-control-allow-origin", "*"), ("access-control-allow-methods", "PUT")];
    let answer = PreflightAnswer::new(200, headers, "");
    let of = |url: &str, origin: &str, address: &str| {
        let request = PageRequest::of_url(url, origin.parse().unwrap()).unwrap().with_method("PUT").unwrap();
        found(&PreflightReport::of_answer(&request, &answer.clone().with_address(address.parse().unwrap())))
            .len()
    };
    assert_eq!(of("https://store.example.com/a", PAGE, "203.0.113.7"), 0);
    assert_eq!(of("https://store.example.com/a", PAGE, "10.0.0.7"), 1);
    assert_eq!(of("https://store.example.com/a", "http://localhost:5173", "10.0.0.7"), 0);
    assert_eq!(of("https://localhost:9000/a", PAGE, "127.0.0.1"), 1);
}

#[test]
fn headers_that_pages_cannot_set_are_named() {
    let request = read(&url("date;host", "")).with_header("content-type", Some("")).unwrap();
    let headers = [("access-control-allow-origin", "*"), ("access-control-allow-methods", "PUT")];
    let report = PreflightReport::of_answer(&request, &PreflightAnswer::new(200, headers, ""));
    assert_eq!(found(&report), [("header-missing".to_owned(), "header:date".to_owned(), true)]);
}

#[test]
fn a_server_without_an_answer_is_a_candidate() {
    let report = PreflightReport::of_failure(&put(&[]), "connection refused");
    assert_eq!(found(&report), [("network-error".to_owned(), "host".to_owned(), false)]);
    assert!(!report.passes() && report.unchecked().len() == 1);
}

#[test]
fn answers_are_shown_without_secrets_and_control_characters() {
    let headers = [
        ("Location", "https://b.example.com/a?X-Amz-Signature=5f1e5f1e5f1e5f1e"),
        ("Access-Control-Allow-Origin", "\u{1b}[31m*"),
        ("Set-Cookie", "a=b"),
    ];
    let answer = PreflightAnswer::new(307, headers, "");
    let shown: Vec<_> =
        answer.cors_headers().map(|(name, value)| (name.to_owned(), value.to_string())).collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        shown,
        [pair("location", "https://b.example.com/a"), pair("access-control-allow-origin", " [31m*")]
    );
}

/// What SeaweedFS answers does not say whether the method or a header is refused.
#[test]
fn answers_that_permit_nothing_are_diagnosed_with_candidates() {
    let record = |more: &str| {
        format!(
            "> OPTIONS {} HTTP/1.1\n> Host: store.example.com\n> Origin: {PAGE}\n> Access-Control-Request-Method: PUT\n\
             > Access-Control-Request-Headers: x-a\n> \n< HTTP/1.1 200 OK\n{more}< \n",
            url("host", "").replace("https://my-bucket.s3.eu-central-1.amazonaws.com", "")
        )
    };
    let allowed = format!("< Access-Control-Allow-Origin: {PAGE}\n");
    for more in ["", &allowed] {
        let evidence = Evidence::read(record(more).as_bytes()).unwrap();
        let found = diagnose(&evidence);
        assert!(found.iter().all(|it| !it.certain), "{found:#?}");
        let causes: Vec<&str> = found.iter().map(|it| it.cause.code).collect();
        assert!(
            causes.starts_with(&["cors-refused", "cors-origin", "cors-method", "cors-header"]),
            "{causes:?}"
        );
    }
    let other = format!("{allowed}< Access-Control-Allow-Methods: GET\n");
    let found = diagnose(&Evidence::read(record(&other).as_bytes()).unwrap());
    assert_eq!((found[0].cause.code, found[0].certain), ("cors-method", true));
}
