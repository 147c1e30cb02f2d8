//! The JSON header of a token.

use upsign_cognito::fuzzing::header;

use crate::within_alarm;

pub(super) fn run(json: &[u8]) {
    drop(within_alarm(|| header(json)));
}
