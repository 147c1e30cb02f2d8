//! Finds types of our other crates that a library's signatures name without re-exporting them.
//!
//! A caller of such a function would have to depend on the other crate too, in the same version.

use std::collections::{BTreeMap, BTreeSet};

/// Libraries that are used only together with the crates that they name.
const EXEMPT: [&str; 1] = ["upsign_testing"];

/// Returns a text for each type of another crate of ours that a public item in the list names and the list does not contain.
pub(super) fn missing(target: &str, listing: &str) -> Vec<String> {
    if EXEMPT.contains(&target) {
        return Vec::new();
    }
    let prefix = format!("pub use {target}::");
    let reexports: BTreeSet<&str> = listing.lines().filter_map(|line| line.strip_prefix(&prefix)).collect();
    let mut named: BTreeMap<&str, &str> = BTreeMap::new();
    for line in listing.lines().filter(|line| line.contains("pub ") && !line.starts_with("pub use ")) {
        for path in line.split(|character: char| !is_path(character)) {
            let Some((own, item)) = path.split_once("::") else { continue };
            let name = item.rsplit("::").next().unwrap_or(item);
            if own.starts_with("upsign") && own != target && !reexports.contains(name) {
                named.entry(path).or_insert(line);
            }
        }
    }
    named
        .into_iter()
        .map(|(path, line)| format!("{target} does not re-export {path}, named in:\n  {line}"))
        .collect()
}

fn is_path(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == ':'
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str =
        "pub fn upsign_axum::f(core::option::Option<upsign_core::time::Timestamp>) -> upsign_axum::Caller\n";

    #[test]
    fn named_types_have_to_be_reexported() {
        let missing = missing("upsign_axum", SIGNATURE);
        assert_eq!(missing.len(), 1);
        assert!(missing[0].starts_with("upsign_axum does not re-export upsign_core::time::Timestamp"));
    }

    #[test]
    fn reexports_in_the_root_count() {
        let in_root = format!("pub use upsign_axum::Timestamp\n{SIGNATURE}");
        assert!(missing("upsign_axum", &in_root).is_empty());
        let in_prelude = format!("pub use upsign_axum::prelude::Timestamp\n{SIGNATURE}");
        assert_eq!(missing("upsign_axum", &in_prelude).len(), 1);
    }

    #[test]
    fn implementations_may_name_other_crates() {
        let line = "impl core::convert::From<upsign_json::InvalidJson> for upsign_axum::Caller\n";
        assert!(missing("upsign_axum", line).is_empty());
    }
}
