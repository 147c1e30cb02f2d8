//! States of uploads: what is read is written and read again as the same state.

use upsign_client::fuzzing;

use crate::within_time_limit;

pub(super) fn run(data: &[u8]) {
    let Some(written) = within_time_limit(|| fuzzing::state(data)) else { return };
    let written = written.expect("a state that was read can be written");
    let again =
        fuzzing::state(&written).expect("a state that was written can be read").expect("and written again");
    assert_eq!(again, written, "two forms of one state");
}
