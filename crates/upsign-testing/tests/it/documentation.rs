//! Checks that the documentation of the extension points and of the central types has what a reader looks for first.

use std::fs;

use crate::workspace::{relative, root, rust_files};

/// The types and functions that most programs begin with, with the start of their declaration.
const CENTRAL: [(&str, &str); 15] = [
    ("upsign", "pub struct UploadIssuer<"),
    ("upsign", "pub struct UploadService<"),
    ("upsign", "pub trait Authorize:"),
    ("upsign-policy", "pub struct UploadPolicyBuilder"),
    ("upsign-core", "pub trait Presigner:"),
    ("upsign-core", "pub trait CredentialsSource:"),
    ("upsign-sigv4", "pub struct SigV4"),
    ("upsign-jwt", "pub struct Verifier<"),
    ("upsign-objects", "pub trait ObjectCalls:"),
    ("upsign-objects", "pub struct HttpObjects<"),
    ("upsign-client", "pub struct UploadClient"),
    ("upsign-axum", "pub fn router<"),
    ("upsign-axum", "pub struct Server "),
    ("upsign-lambda", "pub struct UploadFunction"),
    ("upsign-documents", "pub struct CorsDocument"),
];

/// `rustdoc` shows an async method of these traits with lifetimes and a pinned box, which nobody writes. So the documentation
/// of the trait begins with an implementation, and that of the method with its signature.
#[test]
fn async_traits_show_the_form_that_implementers_write() {
    let mut wrong = Vec::new();
    let mut traits = 0;
    for (name, text) in library_sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let is_trait =
                line.starts_with("pub trait ") && lines.get(index.wrapping_sub(1)) == Some(&"#[async_trait]");
            if !is_trait {
                continue;
            }
            traits += 1;
            let trait_name = line.trim_start_matches("pub trait ").split(':').next().unwrap();
            let docs = docs_before(&lines, index).join("\n");
            let first_example = docs.split("```").nth(1).unwrap_or_default();
            let implements =
                |line: &str| line.starts_with("impl") && line.contains(&format!(" {trait_name} for "));
            if !first_example.lines().any(implements) {
                wrong.push(format!("{name}: the first example of {trait_name} does not implement it"));
            }
            let body = lines.iter().enumerate().skip(index).take_while(|(_, line)| **line != "}");
            for (at, method) in body.filter(|(_, line)| line.starts_with("    async fn ")) {
                let method = method.trim().split(['(', '<']).next().unwrap();
                let docs = docs_before(&lines, at).join(" ");
                if !docs.contains(&format!("Implementations write `{method}(")) {
                    wrong.push(format!("{name}: the documentation of {trait_name} does not show `{method}`"));
                }
            }
        }
    }
    assert!(traits >= 7, "only {traits} async traits found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn central_types_have_runnable_examples() {
    let sources = library_sources();
    for (package, declaration) in CENTRAL {
        let folder = format!("crates/{package}/src/");
        let found = sources.iter().filter(|(name, _)| name.starts_with(&folder)).find_map(|(_, text)| {
            let lines: Vec<&str> = text.lines().collect();
            let index = lines.iter().position(|line| line.starts_with(declaration))?;
            Some(docs_before(&lines, index).join("\n"))
        });
        let docs = found.unwrap_or_else(|| panic!("{package} has no `{declaration}`"));
        let runs = docs.starts_with("```\n") || docs.contains("\n```\n") || docs.contains("\n```no_run\n");
        assert!(runs, "{package}: {declaration}: no example that runs");
    }
}

/// Returns the lines of the documentation comment before a declaration, without `///`. Attributes between them are skipped.
fn docs_before<'a>(lines: &[&'a str], declaration: usize) -> Vec<&'a str> {
    let before = lines.get(..declaration).unwrap_or_default().iter().rev();
    let attributes_skipped =
        before.skip_while(|line| !line.trim_start().starts_with("///") && !line.is_empty());
    let docs = attributes_skipped.map_while(|line| line.trim_start().strip_prefix("///"));
    let mut docs: Vec<&str> = docs.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    docs.reverse();
    docs
}

fn library_sources() -> Vec<(String, String)> {
    let files = rust_files(&root().join("crates")).into_iter();
    let files = files.filter(|file| relative(file).contains("/src/"));
    files.map(|file| (relative(&file), fs::read_to_string(&file).unwrap())).collect()
}
