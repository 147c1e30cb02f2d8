//! Every published crate has a README with the first example of its documentation, and metadata for the registry.

use std::fs;
use std::path::Path;

use cargo_metadata::MetadataCommand;

use crate::workspace::root;

/// The examples in `lib.rs` are compiled as doctests, so equal examples in the READMEs are correct too.
#[test]
fn readmes_hold_the_first_example_of_the_documentation() {
    let mut wrong = Vec::new();
    for name in published() {
        let folder = root().join("crates").join(&name);
        let Ok(docs) = fs::read_to_string(folder.join("src/lib.rs")) else { continue };
        let Ok(readme) = fs::read_to_string(folder.join("README.md")) else { continue };
        let expected = first_example(&docs);
        if example_in(&readme) != expected {
            // Written next to the other files of failed comparisons, to be reviewed and copied.
            let corrected = with_example(&readme, expected.as_deref());
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-README.md"));
            fs::write(&file, corrected).unwrap();
            wrong.push(format!("crates/{name}/README.md: copy {}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "the example is not the one in lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn published_crates_have_complete_metadata() {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().unwrap();
    let published = published();
    assert!(published.len() >= 15, "{published:?}");
    for package in metadata.workspace_packages().iter().filter(|it| published.contains(&it.name.to_string()))
    {
        let name = &package.name;
        assert!(package.description.as_ref().is_some_and(|text| text.len() > 40), "{name}: description");
        assert!(package.license.is_some() && package.repository.is_some(), "{name}: license and repository");
        assert!((3..=5).contains(&package.keywords.len()), "{name}: 3 to 5 keywords");
        assert!(
            package.keywords.iter().all(|word| word.len() <= 20),
            "{name}: keywords of up to 20 characters"
        );
        assert!(!package.categories.is_empty(), "{name}: categories");
        let docs = package.metadata.get("docs").and_then(|docs| docs.get("rs"));
        assert!(
            docs.is_some_and(|docs| docs.get("all-features").is_some()),
            "{name}: package.metadata.docs.rs"
        );
        let readme = package.readme.as_ref().unwrap();
        let text = fs::read_to_string(package.manifest_path.parent().unwrap().join(readme)).unwrap();
        let is_workspace_readme = name.as_str() == "upsign";
        assert!(
            is_workspace_readme || text.contains("https://docs.rs/upsign\n"),
            "{name}: README links to upsign"
        );
        assert!(
            is_workspace_readme || (10..=70).contains(&text.lines().count()),
            "{name}: length of the README"
        );
    }
}

fn published() -> Vec<String> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().unwrap();
    let packages = metadata.workspace_packages();
    let is_published = |package: &&&cargo_metadata::Package| package.publish.is_none();
    packages.iter().filter(is_published).map(|package| package.name.to_string()).collect()
}

/// Returns the first Rust example of the crate documentation without its hidden lines.
fn first_example(source: &str) -> Option<String> {
    let docs = source.lines().map_while(|line| line.strip_prefix("//!"));
    let docs = docs.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let mut example: Option<Vec<&str>> = None;
    let mut skipping = false;
    for line in docs {
        match (line.strip_prefix("```"), &mut example) {
            (Some(_), Some(_)) => break,
            (Some(_), None) if skipping => skipping = false,
            (Some("text" | "toml" | "sh" | "json"), None) => skipping = true,
            (Some(_), None) => example = Some(Vec::new()),
            (None, Some(lines)) if !line.starts_with("# ") && line != "#" => lines.push(line),
            _ => {}
        }
    }
    let text = example?.join("\n");
    Some(text.trim_matches('\n').replace("\n\n\n", "\n\n"))
}

/// Returns the Rust example of a README.
fn example_in(readme: &str) -> Option<String> {
    let (_, rest) = readme.split_once("```rust\n")?;
    Some(rest.split_once("\n```")?.0.to_owned())
}

/// Returns a README with another example, or with one before its first section if it has none.
fn with_example(readme: &str, example: Option<&str>) -> String {
    let block = example.map(|example| format!("```rust\n{example}\n```\n\n")).unwrap_or_default();
    let Some((before, rest)) = readme.split_once("```rust\n") else {
        return readme.replacen("## ", &format!("{block}## "), 1);
    };
    let (_, after) = rest.split_once("\n```\n\n").unwrap();
    format!("{before}{block}{after}")
}

mod tests {
    use super::*;

    #[test]
    fn examples_are_read_without_hidden_lines() {
        let source = "//! A crate.\n//!\n//! ```text\n//! a\n//! ```\n//!\n//! ```no_run\n//! # fn main() {\n//! use a::b;\n//!\n//! b();\n//! # }\n//! ```\nmod c;";
        assert_eq!(first_example(source).as_deref(), Some("use a::b;\n\nb();"));
        assert_eq!(first_example("//! A crate.\nmod a;"), None);
    }

    #[test]
    fn examples_of_a_readme_are_replaced() {
        let readme = "# a\n\n```rust\nold();\n```\n\n## What it is not\n";
        let new = with_example(readme, Some("new();"));
        assert_eq!(example_in(&new).as_deref(), Some("new();"));
        assert_eq!(with_example("# a\n\n## What it is not\n", Some("new();")), new);
        assert_eq!(with_example(readme, None), "# a\n\n## What it is not\n");
    }
}
