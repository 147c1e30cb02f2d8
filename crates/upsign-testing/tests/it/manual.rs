//! Checks that the tests named in the manual exist, and that its table of S3-compatible stores equals the provider profiles.

use std::fs;
use std::path::PathBuf;

use upsign_core::{CorsWildcard, Evidence, Provider, StorageClasses, VerifiedChecksums};

use crate::workspace::{root, rust_files};

#[test]
fn every_attack_in_the_threats_chapter_names_an_existing_test() {
    let chapter = chapter("security/threats");
    let (_, tables) = chapter.split_once("# Tokens").unwrap();
    let named = check_named_tests(tables);
    assert!(named > 60, "only {named} tests are named");
    let rows = tables.lines().filter(|line| line.starts_with("//! | ") && !line.contains("---"));
    for row in rows.filter(|row| !row.contains("| attack |")) {
        assert!(row.contains("::"), "no test in: {row}");
    }
}

#[test]
fn the_enforcement_chapter_names_existing_tests() {
    let named = check_named_tests(&chapter("security/enforcement"));
    assert!(named >= 10, "only {named} tests are named");
}

#[test]
fn every_chapter_names_existing_tests_only() {
    // The threats explain how tests are named before they name any; the test above reads its tables.
    let pages = rust_files(&root().join("crates/upsign/src/manual"));
    let pages = pages.iter().filter(|file| !file.ends_with("threats.rs"));
    // The text of some pages is in a file of its own, which the tests of another crate compile.
    let pages = pages.flat_map(|file| [file.clone(), file.with_extension("md")]);
    let named: usize =
        pages.filter_map(|file| Some(check_named_tests(&fs::read_to_string(file).ok()?))).sum();
    assert!(named >= 25, "only {named} tests are named in the manual");
}

/// A forge shows the Markdown pages too: without a title of the module, and with links as they are written.
#[test]
fn markdown_pages_have_a_title_and_no_links_to_rust_paths() {
    let modules = rust_files(&root().join("crates/upsign/src/manual"));
    let pages: Vec<PathBuf> =
        modules.iter().map(|file| file.with_extension("md")).filter(|page| page.exists()).collect();
    assert!(pages.len() >= 7, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let name = page.display();
        assert!(text.starts_with("# "), "{name} has no title");
        let mut in_code = false;
        for line in text.lines() {
            in_code ^= line.trim_start().starts_with("```");
            let is_title = !in_code && line.starts_with("# ");
            assert!(!is_title || text.starts_with(line), "{name}: a second title: {line}");
            assert!(!line.contains("](crate::"), "{name}: {line}");
        }
    }
}

#[test]
fn the_enforcement_chapter_equals_the_provider_profiles() {
    let chapter = chapter("security/enforcement");
    let yes = |supported: bool| if supported { "yes" } else { "no" };
    for provider in Provider::ALL {
        let can = provider.capabilities();
        let checksums = match can.checksums {
            VerifiedChecksums::Only([]) => "none".to_owned(),
            VerifiedChecksums::Only(names) => names.join(", "),
            _ => "all".to_owned(),
        };
        let forms = [can.post_form, can.if_none_match].map(yes).join(" | ");
        let features = [can.acl, can.kms, can.tags];
        let classes = match can.storage_classes {
            StorageClasses::Only([]) => "none".to_owned(),
            StorageClasses::Only(classes) => classes.join(", "),
            _ => "all".to_owned(),
        };
        let wildcard = match can.cors_wildcard {
            CorsWildcard::Nowhere => "no",
            CorsWildcard::HostStart => "at the start of the host",
            _ => "yes",
        };
        let features = features.map(yes).join(" | ");
        let row = format!(
            "//! | `{provider}` | {forms} | {checksums} | {features} | {wildcard} | {classes} | {} |",
            can.max_put_bytes
        );
        assert!(chapter.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn the_chapter_about_headers_equals_the_provider_profiles() {
    let chapter = chapter("howto/headers");
    let yes = |supported: bool| if supported { "yes" } else { "no" };
    for provider in Provider::ALL {
        let can = provider.capabilities();
        let features = [can.object_lock, can.expected_bucket_owner, can.website_redirect].map(yes);
        let row = format!("//! | `{provider}` | {} |", features.join(" | "));
        assert!(chapter.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn the_chapter_about_stores_has_a_row_for_every_provider() {
    let chapter = chapter("howto/stores");
    for provider in Provider::ALL {
        let cell = format!("| `{provider}`");
        let row = chapter.lines().find(|line| line.starts_with("//! | ") && line.contains(&cell));
        let row = row.unwrap_or_else(|| panic!("no row for {provider}"));
        assert!(row.ends_with(&format!("| {} |", provider.evidence())), "{row}");
        let is_named = provider == Provider::Custom || row.contains(provider.title());
        assert!(is_named, "{row}");
        if let Some(region) = provider.default_region() {
            assert!(row.contains(&format!("`{region}`")), "{row}");
        }
    }
}

#[test]
fn every_tried_store_is_started_by_the_step_with_servers() {
    let step = fs::read_to_string(root().join("crates/xtask/src/steps/servers.rs")).unwrap();
    let mut tried = 0;
    for provider in Provider::ALL {
        let server = match provider.evidence() {
            Evidence::Tried => provider.name().to_owned(),
            Evidence::Emulated(name) => name.to_lowercase(),
            _ => continue,
        };
        tried += 1;
        assert!(step.contains(&format!("{server}(&context.tools)")), "{provider}");
    }
    assert!(tried >= 2);
}

/// Checks every `crate/file::test` in a chapter and returns how many there are.
fn check_named_tests(chapter: &str) -> usize {
    let names: Vec<&str> = named_tests(chapter).collect();
    for name in &names {
        let (file, test) = name.rsplit_once("::").unwrap();
        let text = fs::read_to_string(test_file(file)).unwrap_or_default();
        assert!(has_test(&text, test), "there is no test {name}");
    }
    names.len()
}

fn named_tests(chapter: &str) -> impl Iterator<Item = &str> {
    // Blocks of code are between backticks too; they contain white space.
    let is_name =
        |text: &&str| text.contains('/') && text.contains("::") && !text.contains(char::is_whitespace);
    chapter.split('`').filter(is_name)
}

/// Returns `true` if `text` has a function of this name with an attribute that ends in `test` or `test(…)`, or in a
/// `proptest!` block, or a line of a block whose macro declares a test for each name.
fn has_test(text: &str, name: &str) -> bool {
    if text.contains("#[test] fn $name()") && text.contains(&format!("\n    {name} => ")) {
        return true;
    }
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else { return false };
    // After the last line break there is only the indentation, or `async`. The lines before it are attributes and comments.
    let (before, _) = before.rsplit_once('\n').unwrap_or_default();
    let attributes = before.rsplit('\n').map(str::trim).take_while(|line| !line.is_empty() && *line != "}");
    attributes.into_iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
}

/// Returns the file behind `crate/file`: a path from the crate, or a file of its integration tests.
fn test_file(file: &str) -> PathBuf {
    let (name, file) = file.split_once('/').unwrap();
    let name = if name == "upsign" { name.to_owned() } else { format!("upsign-{name}") };
    let inside = if file.starts_with("src/") || file.starts_with("tests/") { "" } else { "tests/it" };
    root().join("crates").join(name).join(inside).join(format!("{file}.rs"))
}

fn chapter(name: &str) -> String {
    fs::read_to_string(root().join(format!("crates/upsign/src/manual/{name}.rs"))).unwrap()
}

mod tests {
    use super::*;

    #[test]
    fn names_of_tests_are_read_from_a_chapter() {
        let chapter = "//! | an attack | `cognito/jwt_attack::late` | see `Identity::from_verified` and `a/b` |\n//! ```\n//! a::b\n//! ```";
        assert_eq!(named_tests(chapter).collect::<Vec<_>>(), ["cognito/jwt_attack::late"]);
    }

    #[test]
    fn functions_that_are_not_tests_do_not_count() {
        assert!(has_test("#[test]\nfn late() {}", "late"));
        assert!(has_test("#[tokio::test(flavor = \"multi_thread\")]\nasync fn late() {}", "late"));
        assert!(!has_test("#[test]\nfn other() {}\n\nfn late() {}", "late"));
        assert!(!has_test("#[test]\nfn later() {}", "late"));
    }
}
