//! Writes the manual's list of error codes from the codes in the sources, and checks that the committed one is current.
//!
//! `cargo xtask reference` updates it.

mod hints;
mod llms;
mod oddities;
mod rejections;
mod sessions;
mod settings;
mod statuses;
mod table;
mod troubleshooting;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use self::rejections::REJECTIONS;
use self::sessions::SESSIONS;
use self::settings::{PROBLEMS, WARNINGS};
use self::statuses::statuses;
use self::table::{BODIES, DENIALS, ISSUING, REQUESTS, Row};
use crate::workspace::root;

/// The committed list.
const FILE: &str = "crates/upsign/src/manual/reference/errors.md";

/// Returns the codes that a source file gives its variants: every `=> "code"` and `{ "code" }`, and every `"code"` after an HTTP
/// status.
fn codes(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let (source, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
    let mut codes = BTreeSet::new();
    for start in ["=> \"", "{ \"", "Self::new(StatusCode::"] {
        for (at, _) in source.match_indices(start) {
            let rest = source.get(at + start.len()..).unwrap();
            let rest = if start.ends_with('"') { rest } else { rest.split_once('"').unwrap().1 };
            codes.insert(rest.split('"').next().unwrap().to_owned());
        }
    }
    // The constructors that rustfmt has broken into lines.
    for (at, _) in source.match_indices("Self::new(\n") {
        let (arguments, _) = source.get(at..).unwrap().split_once(");").unwrap();
        codes.insert(arguments.split('"').nth(1).unwrap().to_owned());
    }
    let is_code = |code: &String| {
        !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    codes.into_iter().filter(is_code).collect()
}

/// The sources of codes that clients receive.
const ANSWERED: [&str; 6] = [
    "crates/upsign-http/src/problem/mod.rs",
    "crates/upsign-http/src/invalid_body.rs",
    "crates/upsign/src/batch.rs",
    "crates/upsign/src/error.rs",
    "crates/upsign/src/session/error.rs",
    "crates/upsign-policy/src/decision/denied.rs",
];
/// The source of codes that only the log contains.
const LOGGED: &str = "crates/upsign-jwt/src/rejection.rs";
/// The sources of codes of a configuration. The command adds `no-config`.
const CONFIGURED: [&str; 2] = ["crates/upsign-config/src/error.rs", "crates/upsign-config/src/warning.rs"];

#[test]
fn every_code_has_a_cause_and_a_remedy() {
    let listed = |rows: &[&[Row]]| -> BTreeSet<String> {
        let all: Vec<String> = rows.iter().flat_map(|rows| rows.iter().map(|row| row.0.to_owned())).collect();
        let set: BTreeSet<String> = all.iter().cloned().collect();
        assert_eq!(set.len(), all.len(), "a code is listed twice");
        set
    };
    let answered: BTreeSet<String> = ANSWERED.iter().flat_map(|file| codes(file)).collect();
    assert!(answered.len() > 50, "{answered:?}");
    assert_eq!(listed(&[REQUESTS, BODIES, DENIALS, ISSUING, SESSIONS]), answered);
    assert_eq!(listed(&[REJECTIONS]), codes(LOGGED));
    assert_eq!(
        statuses().into_keys().collect::<BTreeSet<_>>(),
        answered.iter().map(String::as_str).collect()
    );
}

#[test]
fn every_code_of_a_configuration_has_a_cause_and_a_remedy() {
    let mut codes: BTreeSet<String> = CONFIGURED.iter().flat_map(|file| codes(file)).collect();
    codes.insert("no-config".to_owned());
    let listed = PROBLEMS.iter().chain(WARNINGS).map(|row| row.0.to_owned()).collect();
    assert_eq!(codes, listed);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the variable of `cargo xtask reference`")]
fn errors_page_of_the_manual_is_current() {
    let path = root().join(FILE);
    let expected = page();
    if std::env::var_os("XTASK_REFERENCE").is_some_and(|mode| mode == "update") {
        fs::write(&path, &expected).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == expected, "{FILE} is not current: run `cargo xtask reference`");
}

fn page() -> String {
    let mut text = String::from(
        "# Error codes\n\nEvery error code: its cause, what to do, and in whose hands that is. Generated from the types by `cargo xtask reference`.\n\n\
         A client receives a problem document (RFC 9457) with `status`, `code` and `detail`. `code` never changes; `detail` is for\n\
         people. Answers with 429 and 503 have `Retry-After`. *client*: the program that sends the request. *operator*: who runs the\n\
         service, with its configuration, credentials and users. *application*: the program that contains the library.\n",
    );
    let statuses = statuses();
    for (title, rows) in [
        ("Of every request", REQUESTS),
        ("Of the body", BODIES),
        ("Of the policy", DENIALS),
        ("Of the service", ISSUING),
        ("Of uploads that have begun", SESSIONS),
    ] {
        let _ = write!(
            text,
            "\n## {title}\n\n| code | status | cause | what to do | in whose hands |\n| --- | --- | --- | --- | --- |\n"
        );
        for (code, cause, fix, hands) in rows {
            let status = statuses.get(code).unwrap();
            let _ = writeln!(text, "| `{code}` | {status} | {cause} | {fix} | {} |", hands.text());
        }
    }
    text.push_str(
        "\n## Of tokens and events\n\nEvery rejected caller receives the same 401 `unauthorized`, so that a forger learns nothing; \
         with `groups` and\n`scopes`, which are checked last, it is 403 `insufficient-scope`. \
         The line `request refused` of the\nlog states the reason; so do `upsign verify` for a token and `upsign identity` for an \
         event of a gateway.\n\n| code | cause | what to do | in whose hands |\n| --- | --- | --- | --- |\n",
    );
    for (code, cause, fix, hands) in REJECTIONS {
        let _ = writeln!(text, "| `{code}` | {cause} | {fix} | {} |", hands.text());
    }
    text.push_str(
        "\n## Of the configuration\n\n`upsign check` and the start of a program print them with the line of `upsign.toml`, what \
         would be right, and the next step;\nwith `--json`, as `code`. They are in the operator's hands. Problems:\n",
    );
    for (title, rows) in [("", PROBLEMS), ("\nWarnings:\n", WARNINGS)] {
        let _ = write!(text, "{title}\n| code | cause | what to do |\n| --- | --- | --- |\n");
        for (code, cause, fix) in rows {
            let _ = writeln!(text, "| `{code}` | {cause} | {fix} |");
        }
    }
    text
}
