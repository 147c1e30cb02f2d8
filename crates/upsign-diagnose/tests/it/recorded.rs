//! Records of real browsers: HAR files and copied requests of Chromium 156 and Firefox 153, as their developer tools write them.
//!
//! A page at `app.example.com` gets a URL or a form from its API and sends a file to a server that answers as S3 does. The files are
//! those of the HAR export and of "Copy as cURL" (bash; cmd in Chromium), "Copy as PowerShell" and "Copy as fetch". Headers that begin with
//! `sec-` and the stacks of the calls are left out. The keys are those of the documentation of AWS.

use std::path::Path;
use std::time::Instant;

use upsign_diagnose::{Evidence, EvidenceKind, diagnose};

use crate::evidence::{check, expected};

/// The answer that issued the URL of the copied requests.
const GRANT: &str = r#"{"method": "PUT", "headers": {"content-type": "image/jpeg", "if-none-match": "*"}, "uploadUrl": "URL"}"#;

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/recorded").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn read(name: &str) -> Evidence {
    Evidence::read(text(name).as_bytes()).unwrap()
}

/// The upload is chosen among the page, its pictures, the API, a web socket, preflights, and analytics that failed later.
#[test]
fn har_files_of_browsers_are_diagnosed() {
    let put = "PUT my-bucket.s3.eu-central-1.amazonaws.com/a/summer%202026.jpg at 2026-11-27T2";
    let post = "POST my-bucket.s3.eu-central-1.amazonaws.com/ at 2026-11-27T2";
    for (name, code, field, owner, certain, request) in [
        ("firefox/mismatch.har", "header-differs", "header:content-type", "client", true, put),
        ("firefox/preflight.har", "cors-refused", "origin", "cors", false, put),
        ("firefox/hidden.har", "header-missing", "header:content-type", "client", true, put),
        ("firefox/form.har", "form-condition", "form-field:key", "client", true, post),
        ("chromium/mismatch.har", "header-differs", "header:content-type", "client", true, put),
        ("chromium/preflight.har", "cors-refused", "origin", "cors", false, put),
        ("chromium/redirect.har", "cors-redirect", "host", "configuration", true, put),
        ("chromium/hidden.har", "header-missing", "header:content-type", "client", true, put),
        ("chromium/retried.har", "slow-down", "unknown", "client", true, put),
        ("chromium/form.har", "form-condition", "form-field:key", "client", true, post),
        ("chromium/extra.har", "form-extra-field", "form-field:x-amz-meta-album", "client", true, post),
        // The page's request has the answer, and that of its service worker the headers.
        ("chromium/worker.har", "header-differs", "header:content-type", "client", true, put),
    ] {
        let start = Instant::now();
        let evidence = read(name);
        let found = diagnose(&evidence);
        assert!(start.elapsed().as_millis() < 1_000, "{name}: {:?}", start.elapsed());
        check(&found, &expected(code, field, owner, certain));
        let chosen = evidence.request().unwrap();
        assert!(chosen.to_string().starts_with(request), "{name}: {chosen}");
        assert!(chosen.among >= 5, "{name}");
        assert_eq!(
            chosen.later_success.map(|it| it.status),
            (name == "chromium/retried.har").then_some(200),
            "{name}"
        );
    }
}

#[test]
fn the_field_of_a_form_is_shown_as_it_was_sent() {
    let found = diagnose(&read("chromium/form.har"));
    assert_eq!(found[0].diff[0].sent.as_ref().unwrap().as_str(), "b/${filename}", "{found:#?}");
}

#[test]
fn copied_requests_of_browsers_are_diagnosed() {
    for (name, kind) in [
        ("chromium/NAME.bash", EvidenceKind::CurlCommand),
        ("chromium/NAME.cmd", EvidenceKind::CurlCommand),
        ("chromium/NAME.powershell", EvidenceKind::PowerShell),
        ("chromium/NAME.fetch", EvidenceKind::FetchCall),
        ("firefox/NAME.bash", EvidenceKind::CurlCommand),
        ("firefox/NAME.powershell", EvidenceKind::PowerShell),
        ("firefox/NAME.fetch", EvidenceKind::FetchCall),
    ] {
        let of = |upload: &str| format!("{}.txt", name.replace("NAME", upload));
        let copied = text(&of("mismatch"));
        let browser = name.split('/').next().unwrap();
        let url = copied_url(&text(&format!("{browser}/mismatch.bash.txt")));
        let evidence = Evidence::read(copied.as_bytes()).unwrap();
        assert_eq!(evidence.kind(), kind);
        assert_eq!(evidence.request().unwrap().among, 1);
        let found = diagnose(&evidence.with_grant(&GRANT.replace("URL", &url)).unwrap());
        check(&found, &expected("header-differs", "header:content-type", "client", true));

        // The fields are in the body that the browser copies.
        let found = diagnose(&read(&of("extra")));
        check(&found, &expected("form-extra-field", "form-field:x-amz-meta-album", "client", true));
    }
}

fn copied_url(command: &str) -> String {
    command.split('\'').find(|part| part.starts_with("https://")).unwrap().to_owned()
}

/// Nothing that lets somebody else upload is in what is shown.
#[test]
fn records_show_no_secrets() {
    for name in [
        "chromium/mismatch.har",
        "chromium/form.har",
        "chromium/extra.bash.txt",
        "firefox/extra.powershell.txt",
        "firefox/form.har",
        "chromium/worker.har",
    ] {
        let evidence = read(name);
        let shown = format!("{evidence:?} {:?} {:?}", evidence.request(), diagnose(&evidence));
        for secret in ["EXAMPLEtoken", "c2lnbmF0dXJl", "eyJleHBpcmF0aW9uIjoi"] {
            assert!(!shown.contains(secret), "{name}: {secret} in {shown}");
        }
    }
}
