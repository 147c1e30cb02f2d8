//! File names: an accepted or repaired name is one safe path segment, and accepting it again changes nothing.

use upsign_policy::FileName;

use crate::within_time_limit;

const LIMIT: usize = 255;

pub(super) fn run(text: &str) {
    let (accepted, repaired) = within_time_limit(|| (FileName::parse(text), FileName::repaired(text, LIMIT)));
    if let Ok(repaired) = &repaired {
        assert!(repaired.as_str().len() <= LIMIT, "{} bytes", repaired.as_str().len());
    }
    for name in [accepted, repaired].into_iter().flatten() {
        let text = name.as_str();
        assert!(!text.is_empty() && text != "." && text != "..", "{text:?}");
        assert!(!text.contains(|c: char| c == '/' || c == '\\' || c.is_control()), "{text:?}");
        assert_eq!(FileName::parse(text).as_ref().map(FileName::as_str), Ok(text));
    }
}
