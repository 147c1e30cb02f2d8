//! Comparison of generated documents with the committed files in `golden/`.

use std::path::Path;

/// Compares `text` with `golden/NAME` byte for byte. If they differ, the new text is written to `golden/` in the temporary
/// directory of the target directory, to be reviewed and copied.
///
/// No document contains the noncharacters with which references are marked before they are written.
#[track_caller]
pub(crate) fn check(name: &str, text: &str) {
    assert!(
        !text.contains(['\u{FDD0}', '\u{FDD1}']),
        "{name} contains a reference that no writer has replaced"
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden").join(name);
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    if wanted != text {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
        let new = folder.join(name);
        std::fs::create_dir_all(new.parent().unwrap()).unwrap();
        std::fs::write(new, text).unwrap();
        panic!("{} differs from the generated document {}", file.display(), folder.join(name).display());
    }
}
