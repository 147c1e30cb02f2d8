//! Checks that documentation, comments and messages do not use certain phrases, which are vague or idiomatic. Each has a plain
//! replacement.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{relative, root};

/// A phrase in lower case and what to write. A phrase matches whole words.
const PHRASES: [(&str, &str); 20] = [
    ("is told", "\"receives\", \"is called with\""),
    ("are told", "\"receive\", \"are called with\""),
    ("was told", "\"received\""),
    ("is asked", "\"is called\", \"decides\""),
    ("are asked", "\"are called\", \"decide\""),
    ("says nothing", "\"is absent\", \"does not state\""),
    ("nobody is", "say what is not done"),
    ("whoever", "\"the caller\", \"the client\", \"the operator\""),
    ("whom", "\"the caller\", or another noun"),
    ("so many", "\"up to N\""),
    ("so much", "state the amount"),
    ("unless set", "\"not … by default\""),
    ("/// the same", "say what the item does, or what differs"),
    ("is none.", "\"is not a …\", \"is missing\""),
    ("come about", "\"happen\", \"are caused by\""),
    ("comes about", "\"happens\", \"is caused by\""),
    ("turned away", "\"rejected\""),
    ("say no", "\"deny\", \"reject\""),
    ("the house", "\"the workspace\", \"the crate\""),
    ("somebody else's", "\"another user's\", \"a third party's\""),
];

/// This file has to name the phrases.
const EXEMPT: [&str; 1] = ["crates/upsign-testing/tests/it/words.rs"];

#[test]
fn vague_phrases_are_not_used() {
    let mut found = Vec::new();
    let mut files = 0;
    for path in text_files(&root()) {
        let name = relative(&path);
        if EXEMPT.contains(&name.as_str()) {
            continue;
        }
        files += 1;
        // A file with broken settings, for a test, may hold bytes that are not UTF-8.
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        found.extend(matches(&text).into_iter().map(|(line, phrase)| {
            let (_, instead) = PHRASES.iter().find(|(known, _)| *known == phrase).unwrap();
            format!("{name}:{line}: {phrase:?}: write {instead}")
        }));
    }
    assert!(files > 300, "only {files} files found");
    assert!(found.is_empty(), "{} lines to rewrite:\n{}", found.len(), found.join("\n"));
}

/// Returns the number of each line that holds a phrase, with the phrase.
fn matches(text: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.to_lowercase();
        let in_line = PHRASES.iter().map(|(phrase, _)| *phrase).filter(|phrase| holds(&line, phrase));
        found.extend(in_line.map(|phrase| (number + 1, phrase)));
    }
    found
}

/// Returns `true` if `line` holds `phrase` with no letter or digit next to it.
fn holds(line: &str, phrase: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(phrase).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + phrase.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Returns every file with documentation, comments or messages. Test vectors and licenses are texts of third parties.
fn text_files(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                let skipped = ["target", "node_modules", "vectors", ".git"].contains(&name);
                folders.extend((!skipped).then_some(path));
            } else if ["rs", "md", "toml", "html", "yml", "py", "js", "mjs", "cjs"]
                .iter()
                .any(|ext| path.extension().is_some_and(|it| it == *ext))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_whole_words() {
        assert_eq!(matches("a\n// The caller IS TOLD of it."), [(2, "is told")]);
        assert_eq!(matches("    /// The same, for others."), [(1, "/// the same")]);
        assert_eq!(matches("error(\"what was sent is none.\")"), [(1, "is none.")]);
        assert_eq!(matches("this told, an atlas told_by, is_told, whomsoever"), []);
        assert_eq!(matches("option.is_none()"), []);
    }
}
