//! Files that documents are compared with, byte for byte.

use std::path::Path;

/// Compares with `golden/NAME`. What differs is left in the target folder, to be looked at and copied.
#[track_caller]
pub(crate) fn check(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden").join(name);
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    if wanted != text {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
        panic!("{} is not what {} now is", file.display(), folder.join(name).display());
    }
}
