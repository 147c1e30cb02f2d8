//! Writes the manual's chapter on troubleshooting from the table of causes of `upsign-diagnose`. The text before the tables is in
//! `troubleshooting.md` next to this file.
//!
//! `cargo xtask reference` updates it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use upsign_diagnose::{CAUSES, Cause, Owner};

use crate::workspace::root;

/// The committed chapter.
const FILE: &str = "crates/upsign/src/manual/troubleshooting.md";

const START: &str = include_str!("troubleshooting.md");

const OWNERS: [(Owner, &str); 8] = [
    (Owner::Client, "In the program that uploads"),
    (Owner::Cors, "In the CORS rules"),
    (Owner::Iam, "In the IAM policies of the signer"),
    (Owner::BucketPolicy, "In the bucket policy"),
    (Owner::Clock, "In the clock of the machine that signs"),
    (Owner::Proxy, "In the proxy or gateway in between"),
    (Owner::Configuration, "In the configuration of the service that signs"),
    (Owner::Store, "In the store"),
];

fn page() -> String {
    let mut page = START.to_owned();
    for (owner, title) in OWNERS {
        let rows: Vec<&Cause> = CAUSES.iter().filter(|cause| cause.owner == owner).collect();
        if rows.is_empty() {
            continue;
        }
        write!(
            page,
            "\n## {title} (`{owner}`)\n\n| cause | you see | what is wrong | what to do, and how to prove it | test |\n\
             | --- | --- | --- | --- | --- |\n"
        )
        .unwrap();
        for cause in rows {
            let Cause { code, source, .. } = cause;
            let [symptom, sentence, fix, proof] =
                [cause.symptom, cause.sentence, cause.fix, cause.proof].map(cell);
            let test = cause.test();
            writeln!(
                page,
                "| <a id=\"{code}\"></a>[`{code}`]({source}) | {symptom} | {sentence} | {fix}. Proof: {proof} | `diagnose/{test}` |"
            )
            .unwrap();
        }
    }
    page
}

/// Makes a cell of plain text: outside of code, no character is markup.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            write!(cell, "`{part}`").unwrap();
            continue;
        }
        for character in part.replace("--", "\u{0}").chars() {
            match character {
                '\u{0}' => cell.push_str("\\-\\-"),
                '<' => cell.push_str("&lt;"),
                '>' => cell.push_str("&gt;"),
                // Also what the manual would replace by dashes and curly quotation marks.
                '*' | '_' | '[' | ']' | '|' | '\\' | '~' | '"' => cell.extend(['\\', character]),
                other => cell.push(other),
            }
        }
    }
    cell
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the variable of `cargo xtask reference`")]
fn the_chapter_on_troubleshooting_is_current() {
    let path = root().join(FILE);
    if std::env::var("XTASK_REFERENCE").as_deref() == Ok("update") {
        fs::write(&path, page()).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == page(),
        "{FILE} is not current: run `cargo xtask reference`"
    );
}

/// Every link to a row leads to one, and every cause is in one of the tables.
#[test]
fn links_of_the_chapter_lead_to_causes() {
    let page = page();
    let anchors: BTreeSet<&str> =
        page.split("<a id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(anchors, CAUSES.iter().map(|cause| cause.code).collect());
    let links: Vec<&str> = START.split("](#").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(links.len() > 20, "{links:?}");
    for link in links {
        assert!(anchors.contains(link), "there is no row {link}");
    }
}
