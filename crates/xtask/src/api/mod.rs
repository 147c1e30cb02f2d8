//! The public API of the published libraries: a golden file per crate, and rules about types of other crates in it.
//!
//! Each file, `crates/*/public-api.txt`, lists every public item with all features, one a line. It is generated from the
//! JSON output of rustdoc. A change of the API therefore shows in the diff of the commit that makes it.

mod differences;
mod foreign;
mod listing;
mod reexports;
pub(crate) mod rustdoc;

use std::collections::BTreeMap;
use std::fs;

use crate::packages::Workspace;
use crate::process::{Failure, failure};

/// Name of the golden file in the folder of a crate.
const GOLDEN: &str = "public-api.txt";

const UPDATE: &str = "cargo xtask api --update";

/// Compares the public API of every published library with its golden file, or writes the golden files, and checks that no
/// public signature names a type of a foreign crate that has no stable version, or a type of another crate of ours that the
/// library does not re-export.
pub(crate) fn check(update: bool) -> Result<(), Failure> {
    let workspace = Workspace::read()?;
    rustdoc::build()?;
    let (mut findings, mut foreign_uses, mut written) = (Vec::new(), BTreeMap::new(), 0);
    for library in workspace.libraries() {
        let json = rustdoc::json(&library.target)?;
        foreign_uses.insert(library.name.clone(), foreign::unstable(&workspace, library, &json)?);
        let (path, actual) = (library.folder.join(GOLDEN), listing::of(&library.target, &json)?);
        findings.extend(reexports::missing(&library.target, &actual));
        let committed = fs::read_to_string(&path).unwrap_or_default();
        if committed == actual {
            continue;
        }
        if update {
            fs::write(&path, &actual).map_err(failure)?;
            written += 1;
        } else {
            let differences = differences::between(&committed, &actual).join("\n");
            findings.push(format!("{} and its {GOLDEN} differ:\n{differences}", library.name));
        }
    }
    findings.extend(foreign::violations(&foreign_uses));
    if update {
        println!("{written} files changed");
    }
    if findings.is_empty() {
        return Ok(());
    }
    println!("{}", findings.join("\n\n"));
    println!("\nIf the differences are intended, run `{UPDATE}` and commit the files with the change.");
    Err(format!("{} findings; `{UPDATE}` accepts differences", findings.len()))
}
