//! Damaged files: reading them never panics, and every place lies in the text.

use std::path::Path;

use upsign_config::{Config, Place};

use crate::good::FULL;
use crate::issuers::FILE as SEVERAL;

/// Reads a file and checks the places of what is reported.
fn check(text: &str) {
    let places: Vec<Place> = match Config::read("upsign.toml", text, |_| None) {
        Ok(config) => {
            let again = Config::read("again.toml", config.effective(), |_| None).unwrap();
            assert_eq!(again.routes().len(), config.routes().len());
            config.warnings().iter().filter_map(|warning| warning.place.clone()).collect()
        }
        Err(error) => {
            assert!(!error.problems().is_empty(), "{text}");
            error.problems().iter().map(|problem| problem.place.clone()).collect()
        }
    };
    for place in places {
        let Some(span) = place.span() else { continue };
        assert!(text.get(span.clone()).is_some(), "{place:?} is not in {text:?}");
        let before = &text[..span.start];
        assert_eq!(place.line(), Some(1 + before.matches('\n').count()), "{place:?} {text:?}");
        let line = before.rsplit('\n').next().unwrap();
        assert_eq!(place.column(), Some(1 + line.chars().count()), "{place:?} {text:?}");
    }
}

/// Returns the texts of the broken files of the command's tests.
fn broken() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../upsign-cli/tests/it/broken");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    texts.filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

#[test]
fn files_that_end_too_early_are_read() {
    for text in broken().iter().step_by(7).chain([&FULL.to_owned(), &SEVERAL.to_owned()]) {
        text.char_indices().step_by(3).for_each(|(end, _)| check(&text[..end]));
    }
}

#[test]
fn files_with_one_wrong_character_are_read() {
    for wrong in ["", "\"", "[", "]", "=", "{", "'", "\\", "\n", "\r", "\0", "é", "\u{feff}", ",", "#", "."]
    {
        for file in [FULL, SEVERAL] {
            for (offset, character) in file.char_indices().step_by(5) {
                let after = &file[offset + character.len_utf8()..];
                check(&format!("{}{wrong}{after}", &file[..offset]));
            }
        }
    }
}

/// Only the start of a long value is marked, and never a part of a character.
#[test]
fn marks_of_long_values_end_between_characters() {
    for filler in ["é", "€", "😀", "a"] {
        for length in 0..60 {
            let value = format!("{}{}", "a".repeat(length), filler.repeat(60));
            check(&SEVERAL.replace("audiences =", &format!("jwks = '{value}'\naudiences =")));
        }
    }
}

#[test]
fn broken_files_are_read() {
    let texts = broken();
    assert!(texts.len() > 77);
    texts.iter().for_each(|text| check(text));
}
