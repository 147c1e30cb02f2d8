//! The modules of the release before this version.
//!
//! A page loads modules when it needs them, from the path of the version with which it began. One that is open while the service is
//! updated must still find them, so a service has those of two versions.
//!
//! To release a version, add its line to `released/pins.txt`. After the version of the workspace was raised, copy the folder `npm` of the
//! release to `released/<version>`, list its modules in [`RELEASED`], and remove those of the release before it. The tests of this module
//! fail until that is done.

/// The modules of a version: names and texts.
type Modules = &'static [(&'static str, &'static str)];

/// The releases whose modules are served next to those of this version. There has been none yet.
const RELEASED: &[(&str, Modules)] = &[];

/// Returns the text of a module of an earlier release.
pub(crate) fn module(version: &str, name: &str) -> Option<&'static str> {
    find(RELEASED, version, name)
}

fn find(released: &[(&str, Modules)], version: &str, name: &str) -> Option<&'static str> {
    let (_, modules) = released.iter().find(|(known, _)| *known == version)?;
    crate::text_of(modules, name)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::{MODULES, VERSION};

    fn hash(modules: &[(&str, &str)]) -> String {
        let mut hash = Sha256::new();
        for (name, text) in modules {
            hash.update(name);
            hash.update([0]);
            hash.update(text);
            hash.update([0]);
        }
        hash.finalize().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    }

    /// What is missing for a version, whose modules have this hash, and which is released or will be.
    fn missing(
        pins: &str,
        (version, is_released, modules): (&str, bool, &str),
        released: &[(&str, String)],
    ) -> Vec<String> {
        let lines = pins.lines().filter(|line| !line.starts_with('#'));
        let pins: Vec<(&str, &str)> = lines.map(|line| line.split_once(' ').unwrap()).collect();
        let mut missing = Vec::new();
        match pins.iter().find(|(pinned, _)| *pinned == version) {
            Some((_, hash)) if *hash != modules => {
                missing.push(format!("{version} is released, but its modules have changed"));
            }
            None if is_released => missing.push(format!("add to released/pins.txt: {version} {modules}")),
            _ => {}
        }
        if let Some((last, hash)) = pins.iter().rev().find(|(pinned, _)| *pinned != version)
            && !released.iter().any(|(known, modules)| known == last && modules == hash)
        {
            missing.push(format!("list the modules of {last} in RELEASED, as they were"));
        }
        missing
    }

    #[test]
    fn modules_of_releases_are_pinned() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let is_released = read("../../CHANGELOG.md").contains(&format!("\n## {VERSION}"));
        let released: Vec<_> = RELEASED.iter().map(|(version, modules)| (*version, hash(modules))).collect();
        let version = (VERSION, is_released, &*hash(MODULES));
        assert_eq!(missing(&read("released/pins.txt"), version, &released), Vec::<String>::new());
    }

    #[test]
    fn each_omission_of_a_release_is_found() {
        let old = || ("0.1.0", "aa".to_owned());
        for (pins, version, released, expected) in [
            ("# none", ("0.1.0", false, "aa"), vec![], ""),
            ("# none", ("0.1.0", true, "aa"), vec![], "add to released/pins.txt: 0.1.0 aa"),
            ("0.1.0 aa", ("0.1.0", true, "aa"), vec![], ""),
            ("0.1.0 aa", ("0.1.0", true, "bb"), vec![], "0.1.0 is released, but its modules have changed"),
            (
                "0.1.0 aa",
                ("0.2.0", false, "bb"),
                vec![],
                "list the modules of 0.1.0 in RELEASED, as they were",
            ),
            ("0.1.0 aa", ("0.2.0", false, "bb"), vec![old()], ""),
            (
                "0.1.0 ab",
                ("0.2.0", false, "bb"),
                vec![old()],
                "list the modules of 0.1.0 in RELEASED, as they were",
            ),
            ("0.1.0 aa\n0.2.0 bb", ("0.2.0", true, "bb"), vec![old()], ""),
        ] {
            assert_eq!(missing(pins, version, &released).join("; "), expected, "{pins} {version:?}");
        }
    }

    #[test]
    fn modules_of_a_release_are_found() {
        let released: &[(&str, Modules)] = &[("0.1.0", &[("upsign.js", "old")])];
        assert_eq!(find(released, "0.1.0", "upsign.js"), Some("old"));
        assert_eq!(find(released, "0.1.0", "other.js"), None);
        assert_eq!(find(released, "0.0.9", "upsign.js"), None);
    }
}
