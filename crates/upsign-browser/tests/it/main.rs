//! The embedded modules are those of the npm package, and import nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use upsign_browser::{ENTRY, MODULES, VERSION, module, path};

fn package() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("npm")
}

/// Returns the names of relative imports, static and dynamic, and of the worker.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let quoted = code.flat_map(|line| line.split('\'').skip(1).step_by(2));
    quoted.filter_map(|text| text.strip_prefix("./")).map(str::to_owned).collect()
}

/// Imports `react` by its name, for which a page needs a bundler.
const NOT_EMBEDDED: [&str; 1] = ["react.js"];

#[test]
fn every_module_of_the_package_is_embedded() {
    let files =
        fs::read_dir(package()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let modules: BTreeSet<String> = files.filter(|name| name.ends_with(".js")).collect();
    let known = MODULES.iter().map(|(name, _)| *name).chain(NOT_EMBEDDED);
    assert_eq!(known.map(str::to_owned).collect::<BTreeSet<_>>(), modules);
    assert!(module(ENTRY).is_some());
}

#[test]
fn modules_import_only_each_other() {
    for (name, text) in MODULES {
        for import in imports(text) {
            assert!(module(&import).is_some(), "{name} imports {import}");
        }
        for line in text.lines().filter(|line| line.starts_with("import ")) {
            assert!(line.ends_with(".js';") && line.contains("from './"), "{name}: {line}");
        }
    }
}

#[test]
fn modules_are_readable() {
    for (name, text) in MODULES {
        assert!(text.starts_with("// "), "{name} does not begin with what it is");
        assert!(text.lines().count() <= 300, "{name} is too long");
        assert!(text.lines().all(|line| line.chars().count() <= 200), "{name} has a long line");
    }
}

#[test]
fn versions_are_equal() {
    let manifest = fs::read_to_string(package().join("package.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["version"], VERSION);
    assert!(manifest.get("dependencies").is_none(), "the package depends on nothing");
    assert_eq!(path("worker.js"), format!("/upsign/{VERSION}/worker.js"));
}

#[test]
fn package_has_the_licences_of_the_repository() {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let of_repository = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap();
        assert_eq!(fs::read(package().join(name)).unwrap(), of_repository, "{name}");
    }
}

#[test]
fn every_entry_has_types() {
    let manifest = fs::read_to_string(package().join("package.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    for (entry, files) in manifest["exports"].as_object().unwrap() {
        for kind in ["types", "default"] {
            let file = files[kind].as_str().unwrap();
            assert!(package().join(file).is_file(), "{entry}: {file}");
        }
    }
}
