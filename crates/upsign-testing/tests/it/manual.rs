//! What the manual names exists.

use std::fs;
use std::path::{Path, PathBuf};

use upsign_core::Provider;

/// The threats chapter names its tests as `crate/file::test`.
#[test]
fn every_test_in_the_threats_chapter_exists() {
    let chapter = fs::read_to_string(crates().join("upsign/src/manual/threats.rs")).unwrap();
    let (_, tables) = chapter.split_once("# Tokens").unwrap();
    let mut named = 0;
    for name in tables.split('`').filter(|text| text.contains('/') && text.contains("::")) {
        let (file, test) = name.rsplit_once("::").unwrap();
        let text = fs::read_to_string(path(file)).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}(")), "there is no test {name}");
        named += 1;
    }
    assert!(named > 60, "only {named} tests are named");
    let rows = tables.lines().filter(|line| line.starts_with("//! | ") && !line.contains("---"));
    for row in rows.filter(|row| !row.contains("| attack |")) {
        assert!(row.contains("::"), "no test in: {row}");
    }
}

/// So does the chapter on what is enforced; and what it says of stores is what the profiles say.
#[test]
fn what_is_enforced_is_shown_by_tests() {
    let chapter = fs::read_to_string(crates().join("upsign/src/manual/enforcement.rs")).unwrap();
    let mut named = 0;
    for name in chapter.split('`').filter(|text| text.contains('/') && text.contains("::")) {
        let (file, test) = name.rsplit_once("::").unwrap();
        let text = fs::read_to_string(path(file)).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}(")), "there is no test {name}");
        named += 1;
    }
    assert!(named >= 10, "only {named} tests are named");
    let yes = |it: bool| if it { "yes" } else { "no" };
    for provider in Provider::ALL {
        let can = provider.capabilities();
        let (form, once, sums) = (yes(can.post_form), yes(can.if_none_match), yes(can.checksum_headers));
        let row = format!("//! | `{provider}` | {form} | {once} | {sums} | {} |", can.max_put_bytes);
        assert!(chapter.lines().any(|line| line == row), "{row}");
    }
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn path(file: &str) -> PathBuf {
    let (name, file) = file.split_once('/').unwrap();
    let name = if name == "upsign" { name.to_owned() } else { format!("upsign-{name}") };
    let inside = if file.starts_with("src/") || file.starts_with("tests/") { "" } else { "tests/it" };
    crates().join(name).join(inside).join(format!("{file}.rs"))
}
