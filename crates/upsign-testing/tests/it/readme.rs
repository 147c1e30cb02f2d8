//! The README of the workspace is short, fits the width of a forge, and its links, pictures and figures are right. The manual
//! recommends the configuration that `upsign init` writes.
//!
//! Its Rust is compiled by `upsign-axum`, its commands are run by `cargo xtask test`, and its JavaScript runs in a browser there.

use std::fs;

use crate::workspace::root;

/// A forge shows this many columns of code without scrolling.
const MAX_COLUMNS: usize = 97;
const MAX_LINES: usize = 150;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// Returns the language and the lines of each block of code.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some((language, Vec::new())),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    blocks
}

#[test]
fn readme_is_short_and_its_code_fits() {
    let text = readme();
    assert!(text.lines().count() <= MAX_LINES, "{} lines", text.lines().count());
    for (language, lines) in blocks(&text) {
        for line in &lines {
            assert!(line.chars().count() <= MAX_COLUMNS, "{line}");
            let is_hidden = language.starts_with("rust") && (*line == "#" || line.starts_with("# "));
            assert!(!is_hidden, "a forge shows hidden lines: {line}");
        }
    }
}

#[test]
fn links_and_pictures_of_the_readme_exist() {
    let text = readme();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let pictures = text.split("src=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let targets: Vec<&str> = links.chain(pictures).map(|(target, _)| target).collect();
    assert!(targets.len() >= 12, "{targets:?}");
    for target in targets.into_iter().filter(|target| !target.starts_with("https://")) {
        assert!(root().join(target).exists(), "the README refers to {target}, which does not exist");
    }
}

/// `cargo xtask screenshots` writes the pictures. Two runs never write the same bytes, so that only their sizes are compared.
#[test]
fn pictures_of_the_page_exist_and_are_small() {
    for name in ["light", "dark", "phone", "sending", "refused"] {
        let file = root().join(format!("crates/upsign/src/manual/pictures/dev-page-{name}.webp"));
        let picture = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(picture.starts_with(b"RIFF") && picture.get(8..12) == Some(b"WEBP"), "{name} is no WebP");
        assert!(picture.len() <= 60_000, "{name} has {} bytes", picture.len());
    }
}

/// The chart repeats figures of the manual, which `cargo xtask bench` prints.
#[test]
fn figures_of_the_chart_are_those_of_the_manual() {
    let read = |file: &str| fs::read_to_string(root().join(file)).unwrap();
    let (chart, manual) =
        (read(".github/speed.svg"), read("crates/upsign/src/manual/internals/performance.rs"));
    let rows: Vec<Vec<&str>> = manual
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .map(|row| row.split(" | ").map(|cell| cell.trim_matches(['*', '|', ' '])).collect())
        .collect();
    let mut compared = 0;
    for bar in chart.lines().filter(|line| line.contains("<rect")) {
        let texts: Vec<&str> =
            bar.split("</text>").filter_map(|text| text.rsplit_once('>').map(|(_, text)| text)).collect();
        let [name, nanoseconds, ..] = texts[..] else { panic!("{bar}") };
        let of_bar = |row: &&Vec<&str>| {
            let first = row.first().copied().unwrap_or_default();
            let plain = first.replace(['*', '`'], "");
            plain.split([' ', ',', ':']).next() == name.split([' ', ',', ':']).next()
        };
        let row = rows.iter().find(of_bar).unwrap_or_else(|| panic!("the manual has no row {name}"));
        assert_eq!(row.get(1), Some(&nanoseconds), "{name}");
        assert!(
            readme().contains(&format!(" {nanoseconds}")),
            "the README's text of the chart: {nanoseconds}"
        );
        compared += 1;
    }
    assert!(compared >= 8, "only {compared} bars");
}

#[test]
fn manual_begins_with_the_configuration_that_init_writes() {
    // Without comments, which begin a line or follow two spaces, and without blank lines.
    let plain = |line: &str| line.split("  #").next().unwrap_or_default().trim_end().to_owned();
    let settings = |text: &str| -> Vec<String> {
        let lines = text.lines().map(plain).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| line.split(" # CHANGE").next().unwrap_or_default().to_owned()).collect()
    };
    let written = fs::read_to_string(root().join("crates/upsign-config/assets/init.toml")).unwrap();
    for page in ["mod.rs", "reference/configuration.rs"] {
        let text = fs::read_to_string(root().join("crates/upsign/src/manual").join(page)).unwrap();
        let text: Vec<&str> =
            text.lines().map(|line| line.strip_prefix("//!").unwrap_or(line).trim()).collect();
        let text = text.join("\n");
        let (_, lines) = blocks(&text).into_iter().find(|(language, _)| *language == "toml").unwrap();
        assert_eq!(settings(&lines.join("\n")), settings(&written), "{page}");
    }
}
