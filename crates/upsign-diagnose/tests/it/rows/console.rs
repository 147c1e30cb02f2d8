//! Messages of the consoles of Chrome, Firefox and Safari, and of libraries, as users paste them.

use super::{check_rows, read};
use crate::evidence::{check, check_candidate, expected};
use crate::fixture::Request;

const URL: &str = "https://my-bucket.s3.eu-central-1.amazonaws.com/a/b.jpg";
const API: &str = "https://api.example.com/upload-url";

fn chrome(url: &str, origin: &str, reason: &str) -> String {
    format!("Access to fetch at '{url}' from origin '{origin}' has been blocked by CORS policy: {reason}")
}

fn preflight(reason: &str) -> String {
    chrome(
        URL,
        "https://app.example.com",
        &format!("Response to preflight request doesn't pass access control check: {reason}"),
    )
}

fn firefox(reason: &str) -> String {
    format!(
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {URL}. (Reason: {reason})."
    )
}

#[test]
fn credentials() {
    for text in [
        preflight(
            "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.",
        ),
        preflight(
            "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'.",
        ),
        firefox("Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’"),
        firefox("expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’"),
        "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.".to_owned(),
        "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\".".to_owned(),
    ] {
        check_rows(&[(
            &text,
            "cors-credentials",
            "answer-header:access-control-allow-credentials",
            "client",
            true,
        )]);
    }
}

#[test]
fn several_origins() {
    let text = preflight(
        "The 'Access-Control-Allow-Origin' header contains multiple values 'https://app.example.com, *', but only one is allowed.",
    );
    for text in [
        text.as_str(),
        &firefox("Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed"),
        "Access-Control-Allow-Origin cannot contain more than one origin.",
    ] {
        check_rows(&[(
            text,
            "cors-several-origins",
            "answer-header:access-control-allow-origin",
            "proxy",
            true,
        )]);
    }
}

#[test]
fn policies_of_the_page() {
    for text in [
        format!(
            "Refused to connect to '{URL}' because it violates the following Content Security Policy directive: \"connect-src 'self'\"."
        ),
        format!(
            "Connecting to '{URL}' violates the following Content Security Policy directive: \"connect-src 'self'\". The action has been blocked."
        ),
        format!(
            "Content-Security-Policy: The page’s settings blocked the loading of a resource (connect-src) at {URL} because it violates the following directive: “connect-src 'self'”"
        ),
        format!(
            "Refused to connect to {URL} because it does not appear in the connect-src directive of the Content Security Policy."
        ),
        format!(
            "Refused to send form data to '{URL}' because it violates the following Content Security Policy directive: \"form-action 'self'\"."
        ),
    ] {
        check_rows(&[(&text, "csp", "answer-header:content-security-policy", "client", true)]);
        assert!(
            read(&text)[0].sentence.ends_with("to my-bucket.s3.eu-central-1.amazonaws.com"),
            "{:#?}",
            read(&text)
        );
    }
    // It is reported, and the request goes on.
    let text = format!(
        "[Report Only] Refused to connect to '{URL}' because it violates the following Content Security Policy directive: \"connect-src 'self'\"."
    );
    check_rows(&[(&text, "csp", "answer-header:content-security-policy", "client", false)]);
}

#[test]
fn refused_preflights() {
    for text in [
        preflight("It does not have HTTP ok status."),
        firefox("CORS preflight response did not succeed") + " Status code: 403.",
        firefox("CORS preflight channel did not succeed"),
        "Preflight response is not successful. Status code: 403".to_owned(),
    ] {
        check_rows(&[(&text, "cors-refused", "origin", "cors", false)]);
    }
}

#[test]
fn origins() {
    let missing = "No 'Access-Control-Allow-Origin' header is present on the requested resource.";
    check_rows(&[
        (&preflight(missing), "cors-origin", "origin", "cors", false),
        (
            &firefox("CORS header ‘Access-Control-Allow-Origin’ missing"),
            "cors-origin",
            "origin",
            "cors",
            false,
        ),
        (
            "Origin https://app.example.com is not allowed by Access-Control-Allow-Origin. Status code: 200",
            "cors-origin",
            "origin",
            "cors",
            false,
        ),
        (
            &firefox("CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://x.example’"),
            "cors-origin",
            "origin",
            "cors",
            true,
        ),
        (&chrome(URL, "null", missing), "cors-origin", "origin", "client", false),
        (
            "Origin null is not allowed by Access-Control-Allow-Origin.",
            "cors-origin",
            "origin",
            "client",
            false,
        ),
    ]);
    let found = read(&chrome(URL, "null", missing));
    assert!(found[0].sentence.contains("opened from a file"), "{found:#?}");
    let found = read(&chrome(API, "https://app.example.com", missing));
    assert!(found[0].fix.contains("cors.origins of upsign.toml"), "{found:#?}");
    assert!(!found.iter().any(|it| it.cause.code == "cors-not-enabled"), "{found:#?}");
}

#[test]
fn methods_and_headers() {
    let header = |name: &str| {
        preflight(&format!(
            "Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."
        ))
    };
    check_rows(&[
        (
            &preflight("Method PUT is not allowed by Access-Control-Allow-Methods in preflight response."),
            "cors-method",
            "method",
            "cors",
            true,
        ),
        (
            &firefox("Did not find method in CORS header ‘Access-Control-Allow-Methods’"),
            "cors-method",
            "method",
            "cors",
            true,
        ),
        ("Method PUT is not allowed by Access-Control-Allow-Methods.", "cors-method", "method", "cors", true),
        (&header("content-type"), "cors-header", "header:content-type", "cors", true),
        (
            &firefox(
                "header ‘x-amz-meta-a’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response",
            ),
            "cors-header",
            "header:x-amz-meta-a",
            "cors",
            true,
        ),
        (
            &firefox(
                "missing token ‘if-none-match’ in CORS header ‘Access-Control-Allow-Headers’ from CORS preflight channel",
            ),
            "cors-header",
            "header:if-none-match",
            "cors",
            true,
        ),
        // A store needs no Authorization, so it is the client that has to leave it out.
        (&header("authorization"), "cors-header", "header:authorization", "client", true),
    ]);
    let text = chrome(
        API,
        "https://app.example.com",
        "Request header field authorization is not allowed by Access-Control-Allow-Headers in preflight response.",
    );
    check_rows(&[(&text, "cors-header", "header:authorization", "cors", true)]);
    assert!(read(&text)[0].fix.contains("CORS settings of the server"), "{:#?}", read(&text));
    // The URL shows that nobody signed the header.
    let text = header("x-requested-with").replace(URL, &Request::put().url());
    check_rows(&[(&text, "cors-header", "header:x-requested-with", "client", true)]);
}

#[test]
fn redirects_and_mixed_content() {
    check_rows(&[
        (
            &preflight("Redirect is not allowed for a preflight request."),
            "cors-redirect",
            "host",
            "configuration",
            true,
        ),
        (
            &firefox("CORS request external redirect not allowed"),
            "cors-redirect",
            "host",
            "configuration",
            true,
        ),
        (
            "Blocked loading mixed active content “http://s3.example.com/k”",
            "mixed-content",
            "scheme",
            "configuration",
            true,
        ),
        (
            "[blocked] The page at https://app.example.com/ was not allowed to display insecure content from http://s3.example.com/k.",
            "mixed-content",
            "scheme",
            "configuration",
            true,
        ),
    ]);
}

#[test]
fn failures_without_a_reason() {
    check_rows(&[
        ("TypeError: Failed to fetch", "network-error", "origin", "cors", false),
        (
            "TypeError: NetworkError when attempting to fetch resource.",
            "network-error",
            "origin",
            "cors",
            false,
        ),
        ("TypeError: Load failed", "network-error", "origin", "cors", false),
        ("AxiosError: Network Error", "network-error", "origin", "cors", false),
        (
            &format!("Fetch API cannot load {URL} due to access control checks."),
            "network-error",
            "origin",
            "cors",
            false,
        ),
        (
            &format!("XMLHttpRequest cannot load {URL} due to access control checks."),
            "network-error",
            "origin",
            "cors",
            false,
        ),
        (&format!("PUT {URL} net::ERR_FAILED"), "network-error", "origin", "cors", false),
        (&format!("PUT {URL} net::ERR_BLOCKED_BY_CLIENT"), "network-error", "host", "client", false),
        (&format!("PUT {URL} net::ERR_UPLOAD_FILE_CHANGED"), "network-error", "host", "client", false),
        (&format!("PUT {URL} net::ERR_CONNECTION_RESET"), "network-error", "host", "client", false),
    ]);
}

/// The status is all that these lines show.
#[test]
fn statuses() {
    let url = Request::put().url();
    check_rows(&[
        (
            &format!("upload.js:12  PUT {url} 403 (Forbidden)"),
            "header-differs",
            "header:content-type",
            "client",
            false,
        ),
        (
            &format!("PUT {URL} 412 (Precondition Failed)"),
            "key-exists",
            "header:if-none-match",
            "client",
            false,
        ),
        (
            "Failed to load resource: the server responded with a status of 501 (Not Implemented)",
            "not-implemented",
            "method",
            "configuration",
            false,
        ),
        (
            "AxiosError: Request failed with status code 411",
            "length-missing",
            "header:content-length",
            "client",
            false,
        ),
        (&format!("POST {API} 401 (Unauthorized)"), "api-unauthorized", "token", "client", false),
    ]);
}

/// Chrome shows the status of an answer that it hides from the page.
#[test]
fn hidden_answers() {
    let text = chrome(
        URL,
        "https://app.example.com",
        "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
    );
    let text = format!(
        "{text}\nPUT {URL} net::ERR_FAILED 403 (Forbidden)\nUncaught (in promise) TypeError: Failed to fetch"
    );
    let found = read(&text);
    check(&found, &expected("cors-hidden", "answer-header:access-control-allow-origin", "cors", false));
    check_candidate(&found, "cors-origin");
    check_candidate(&found, "access-denied");
}
