//! Differences between two versions of a golden file.

use std::collections::BTreeMap;

/// Returns the lines that only one of the texts has, `-` for the committed one and `+` for the actual one. Lines about the
/// same item are adjacent.
pub(super) fn between(committed: &str, actual: &str) -> Vec<String> {
    if committed.is_empty() {
        return vec!["the file does not exist or is empty".into()];
    }
    let (committed, actual): (Vec<&str>, Vec<&str>) = (committed.lines().collect(), actual.lines().collect());
    let mut found: Vec<(&str, char)> =
        only_in(&committed, &actual).into_iter().map(|line| (line, '-')).collect();
    found.extend(only_in(&actual, &committed).into_iter().map(|line| (line, '+')));
    found.sort_by_key(|(line, sign)| (sort_key(line), *sign == '+'));
    if found.is_empty() {
        return vec!["the same lines in another order".into()];
    }
    found.into_iter().map(|(line, sign)| format!("{sign} {line}")).collect()
}

fn only_in<'a>(these: &[&'a str], others: &[&'a str]) -> Vec<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in others {
        *counts.entry(line).or_default() += 1;
    }
    let is_new = |line: &&'a str| match counts.get_mut(line) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    these.iter().copied().filter(is_new).collect()
}

/// Returns the path of the item in a line: the first word with `::` that is not a type of core, up to the parameters.
fn sort_key(line: &str) -> &str {
    let path =
        line.split(' ').find(|word| word.contains("::") && !word.starts_with("core::")).unwrap_or(line);
    path.split('(').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_signature_are_adjacent() {
        let committed = "pub fn a::b(u8)\npub fn a::c()\npub fn a::d()";
        let actual = "pub fn a::b(u16)\npub fn a::c()\npub fn a::e()";
        let expected = ["- pub fn a::b(u8)", "+ pub fn a::b(u16)", "- pub fn a::d()", "+ pub fn a::e()"];
        assert_eq!(between(committed, actual), expected);
    }

    #[test]
    fn repeated_lines_are_counted() {
        assert_eq!(between("pub use a::b\npub use a::b", "pub use a::b"), ["- pub use a::b"]);
    }
}
