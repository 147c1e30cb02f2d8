//! Writes `llms.txt` of the crate `upsign`: the pages of the manual with a sentence each, for programs that read documentation
//! (<https://llmstxt.org>).
//!
//! `cargo xtask reference` updates it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::workspace::root;

/// The committed list.
const FILE: &str = "crates/upsign/llms.txt";
const MANUAL: &str = "crates/upsign/src/manual";
const DOCS: &str = "https://docs.rs/upsign/latest/upsign/manual";

const INTRODUCTION: &str = "\
# upsign

> Direct-to-S3 uploads in Rust: a service hands a verified caller the right to upload one object, one key, one type, one length, for a
> few minutes, with a presigned URL. Libraries, a server, an AWS Lambda function, a command, clients for Rust and browsers, and the
> documents (CORS, IAM, templates) that belong to the same policy.

- To call a service, read the contract below. `upsign documents openapi --format markdown` prints that of one configuration, with its
  routes, members and refusals; `upsign serve --admin-listen` has it at `/llms.txt`, and `upsign documents openapi` as OpenAPI.
- To find out why an upload failed, give the store's answer to `upsign diagnose --json`, or the URL to `upsign explain --json`.
- To configure a service, `upsign init` writes a commented `upsign.toml`, `upsign schema` prints its JSON Schema, and `upsign check
  --json` explains a file.
";

/// The sections of the list: their titles and the folders of their pages.
const SECTIONS: [(&str, &str); 5] = [
    ("Start", ""),
    ("Contract and reference", "reference"),
    ("Recipes", "howto"),
    ("Security", "security"),
    ("How it is built", "internals"),
];

/// Returns the title of a page if it has one, and its first sentence, without the marks of rustdoc. The text of some pages is in a file of its own.
fn sentence(file: &Path) -> String {
    let own = file.with_extension("md");
    let text = match own.exists() {
        true => fs::read_to_string(own).unwrap(),
        false => {
            let source = fs::read_to_string(file).unwrap();
            source
                .lines()
                .map_while(|line| line.strip_prefix("//!"))
                .fold(String::new(), |all, line| all + line + "\n")
        }
    };
    let lines = text.lines().map(str::trim).skip_while(|line| line.is_empty() || line.starts_with('#'));
    let paragraph = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let (first, _) = paragraph.split_once(". ").unwrap_or((&paragraph, ""));
    let first = without_links(first.trim_end_matches(['.', ':']));
    match text.trim_start().strip_prefix("# ").and_then(|text| text.lines().next()) {
        Some(title) => format!("{title}. {first}"),
        None => first,
    }
}

/// Keeps the texts of links: they are relative to the page.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    for (index, part) in text.split('[').enumerate() {
        match part.split_once(']') {
            Some((shown, rest)) if index > 0 => {
                plain.push_str(shown);
                let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
                plain.push_str(target.map_or(rest, |(_, rest)| rest));
            }
            _ => plain.push_str(part),
        }
    }
    plain
}

/// Returns the pages of a folder: their names and sentences.
fn pages(folder: &str) -> Vec<(String, String)> {
    let mut pages: Vec<_> =
        fs::read_dir(root().join(MANUAL).join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| {
        path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("mod.rs")
    });
    pages.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    pages.iter().map(|path| (name(path), sentence(path))).collect()
}

fn list() -> String {
    let mut list = INTRODUCTION.to_owned();
    for (title, folder) in SECTIONS {
        write!(list, "\n## {title}\n\n").unwrap();
        let base = if folder.is_empty() { DOCS.to_owned() } else { format!("{DOCS}/{folder}") };
        for (name, sentence) in pages(folder) {
            writeln!(list, "- [{name}]({base}/{name}/index.html): {sentence}").unwrap();
        }
    }
    list
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the variable of `cargo xtask reference`")]
fn the_list_of_pages_for_programs_is_current() {
    let path = root().join(FILE);
    if std::env::var("XTASK_REFERENCE").as_deref() == Ok("update") {
        fs::write(&path, list()).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == list(),
        "{FILE} is not current: run `cargo xtask reference`"
    );
}

#[test]
fn every_page_has_a_sentence() {
    for (_, folder) in SECTIONS {
        for (name, sentence) in pages(folder) {
            assert!((15..300).contains(&sentence.len()), "{folder}/{name}: {sentence:?}");
        }
    }
}
