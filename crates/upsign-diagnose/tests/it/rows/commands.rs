//! Commands that do not show the whole request, and connections that failed.

use upsign_diagnose::{Diagnosis, Evidence, diagnose};

use super::{check_row, read};
use crate::fixture::Request;

/// With the answer of the API, which states what was signed.
fn granted(text: &str) -> Vec<Diagnosis> {
    let evidence = Evidence::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    diagnose(&evidence.with_grant(&Request::put().grant()).unwrap())
}

#[test]
fn headers_in_files_and_variables_may_have_been_sent() {
    let url = Request::put().url();
    for command in [
        format!("curl -T a.jpg -H @headers.txt '{url}'"),
        format!("curl -T a.jpg -K cfg '{url}'"),
        format!("curl -T a.jpg \"${{HEADERS[@]}}\" '{url}'"),
        format!("Invoke-WebRequest -Uri '{url}' -Method PUT -Headers $h -InFile a.jpg"),
        format!("Invoke-WebRequest @params -Uri '{url}' -Method PUT"),
    ] {
        for found in [read(&command), granted(&command)] {
            check_row(&command, &found, ("header-missing", "header:content-type", "client", false));
            assert!(found.iter().all(|it| !it.certain), "{command}: {found:#?}");
            assert!(found[0].sentence.contains("does not show whether it is sent"), "{found:#?}");
        }
    }
    let whole = read(&format!("curl -T a.jpg -H 'if-none-match: *' '{url}'"));
    check_row("whole", &whole, ("header-missing", "header:content-type", "client", true));
}

#[test]
fn the_value_of_a_variable_is_not_known() {
    let url = Request::put().url();
    let of_type = |value: &str| {
        granted(&format!(
            "curl -T a.jpg -H 'if-none-match: *' -H 'x-amz-meta-owner: alice' -H \"content-type: {value}\" '{url}'"
        ))
    };
    for value in ["$TYPE", "${TYPE}", "$(file -b a.jpg)", "{{type}}"] {
        check_row(value, &of_type(value), ("header-differs", "header:content-type", "client", false));
    }
    check_row("known", &of_type("image/png"), ("header-differs", "header:content-type", "client", true));
}

/// The value of an option is no URL, and what curl adds to the query is no host.
#[test]
fn options_of_curl_are_no_urls() {
    let signed = Request::put();
    let headers = "-H 'content-type: image/jpeg' -H 'if-none-match: *' -H 'x-amz-meta-owner: alice'";
    let of = |options: &str| {
        let command = format!("curl -T a.jpg {options} {headers} '{}'", signed.url());
        let evidence = Evidence::read(command.as_bytes()).unwrap();
        diagnose(&evidence.with_url(signed.signed_url()).unwrap())
    };
    check_row("query", &of("--url-query x=1"), ("query-added", "query:x", "client", true));
    for options in ["--rate 3/m", "--doh-url https://d/q", "--proxy-header a:b"] {
        let found = of(options);
        assert!(found.iter().all(|it| !it.certain), "{options}: {found:#?}");
    }
}

/// Nothing of a request explains that no answer arrived.
#[test]
fn failed_connections_of_curl() {
    let request = Request::put().curl_verbose(403, "");
    let (request, _) = request.split_once("< HTTP").unwrap();
    let row = ("network-error", "host", "client", false);
    for failure in [
        "* SSL certificate problem: self-signed certificate\ncurl: (60) SSL certificate problem: self-signed certificate",
        "* Operation timed out after 30000 milliseconds with 0 bytes received",
        "* Recv failure: Connection reset by peer\n* Closing connection 0\n",
        "curl: (52) Empty reply from server",
    ] {
        let found = read(&format!("{request}{failure}\n"));
        check_row(failure, &found, row);
        assert_eq!(found.len(), 1, "{failure}: {found:#?}");
    }
    for text in [
        "* Could not resolve host: b.s3.amazonaws.com\n* Closing connection 0\n",
        "curl: (6) Could not resolve host: b.s3.amazonaws.com",
    ] {
        let found = read(text);
        check_row(text, &found, row);
        assert!(found[0].sentence.starts_with("the host of the URL has no address"), "{found:#?}");
    }
    // With `--fail`, the status is known.
    let found = read("curl: (22) The requested URL returned error: 412 Precondition Failed");
    check_row("412", &found, ("key-exists", "header:if-none-match", "client", false));
    // An answer says more than a note.
    let answered = Request::put().curl_verbose(403, &crate::evidence::code("ExpiredToken"));
    let found = read(&format!("{answered}* Recv failure: Connection reset by peer\n"));
    assert_ne!(found[0].cause.code, "network-error", "{found:#?}");
}
