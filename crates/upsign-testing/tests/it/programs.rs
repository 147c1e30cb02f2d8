//! Compares the names in the manual's examples for languages that the tests do not run with the contract of the API.

use std::collections::BTreeSet;
use std::fs;

use upsign::{Bodyless, CorsOrigins, Target, UploadPolicy};
use upsign_documents::{Deployment, DeploymentRoute, OpenApi};

use crate::workspace::root;

/// What each example must send or read.
const NEEDED: [&str; 6] = ["contentLength", "contentType", "detail", "headers", "key", "uploadUrl"];

/// Where the names of members stand: the text before one, and the character after it.
const SWIFT: &[(&str, char)] = &[("let ", ':')];
const KOTLIN: &[(&str, char)] = &[(".getString(\"", '"'), (".getJSONObject(\"", '"'), (".put(\"", '"')];
const DART: &[(&str, char)] = &[("grant['", '\''), ("({'", '\''), ("contentType, '", '\'')];

/// Names that are not members of the API: the example's own.
const OWN: [&str; 2] = ["api", "path"];

/// Returns the members of the request, the grant and the problem document, as the page of the API lists them.
fn members() -> BTreeSet<String> {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, "images/{id}.{ext}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/jpeg"])
        .max_size(10 << 20)
        .build()
        .unwrap();
    let deployment = Deployment::new([DeploymentRoute::new(policy)], CorsOrigins::listed([]));
    let page = OpenApi::for_deployment(&deployment).to_markdown();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    rows.map(|cell| cell.trim_matches(['*', '`']).to_owned()).collect()
}

/// Returns the example of a language.
fn example(language: &str) -> String {
    let page = fs::read_to_string(root().join("crates/upsign/src/manual/howto/programs.rs")).unwrap();
    let page = page.replace("//! ", "").replace("//!", "");
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn names(example: &str, places: &[(&str, char)]) -> BTreeSet<String> {
    let after = places.iter().flat_map(|(before, end)| {
        example.match_indices(before).filter_map(move |(at, _)| {
            let rest = example.get(at + before.len()..)?;
            rest.split_once(*end).map(|(name, _)| name.to_owned())
        })
    });
    let is_name = |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    after.filter(is_name).filter(|name| !OWN.contains(&name.as_str())).collect()
}

#[test]
fn examples_that_do_not_run_here_use_members_of_the_contract() {
    let members = members();
    for (language, places) in [("swift", SWIFT), ("kotlin", KOTLIN), ("dart", DART)] {
        let names = names(&example(language), places);
        let unknown: Vec<_> = names.iter().filter(|name| !members.contains(*name)).collect();
        assert!(unknown.is_empty(), "{language}: {unknown:?} of {names:?} are not in the contract");
        let missing: Vec<_> = NEEDED.iter().filter(|name| !names.contains(**name)).collect();
        assert!(missing.is_empty(), "{language}: {missing:?} are not used in {names:?}");
    }
}
