//! Entrances for fuzzing. Not part of the public API.

use crate::state::record;

/// Reads a state and writes it again, or returns `None` if it is refused.
#[must_use]
pub fn state(bytes: &[u8]) -> Option<serde_json::Result<Vec<u8>>> {
    let (upload, parts) = record::read(bytes).ok()?;
    let write = || {
        let mut text = upload.line()?;
        for part in parts.values() {
            text.push_str(&part.line()?);
        }
        Ok(text.into_bytes())
    };
    Some(write())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// As the fuzz target `client_state`, with bytes of a state that were replaced.
        #[test]
        fn states_that_are_read_are_written_and_read_again(changes in prop::collection::vec((0_usize..400, any::<u8>()), 0..4)) {
            let mut bytes = include_bytes!("../tests/it/golden/state.ndjson").to_vec();
            for (place, byte) in changes {
                if let Some(changed) = bytes.get_mut(place) {
                    *changed = byte;
                }
            }
            if let Some(written) = state(&bytes) {
                let written = written.unwrap();
                let again = state(&written).map(Result::unwrap);
                prop_assert_eq!(again.as_ref(), Some(&written));
            }
        }
    }

    #[test]
    fn state_without_changes_is_read() {
        let golden = include_bytes!("../tests/it/golden/state.ndjson");
        let written = state(golden).unwrap().unwrap();
        // Parts are written in the order of their numbers.
        assert_eq!(written.len(), golden.len());
    }
}
