//! The JSON header of a token.

use upsign_cognito::fuzzing::header;

use crate::within_time_limit;

pub(super) fn run(json: &[u8]) {
    drop(within_time_limit(|| header(json)));
}
