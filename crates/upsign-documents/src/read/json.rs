//! Reads JSON in which no member appears twice.

use serde_json::Value;
use upsign_json::{InvalidJson, Limits};

use crate::drift::UnrecognizedDocument;

/// The longest file that is read. CloudFormation templates have at most 1 MB, states of Terraform can be longer.
const LONGEST: usize = 64 << 20;

/// Returns the value of a JSON text, or `None` if the text is not JSON.
///
/// AWS, Terraform and JSON readers disagree about which of two equal members counts, so such a text is refused.
pub(crate) fn parse(text: &str) -> Result<Option<Value>, UnrecognizedDocument> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Ok(None) };
    match upsign_json::read(text.as_bytes(), Limits::new(LONGEST, u8::MAX)) {
        Err(InvalidJson::Duplicate) => Err(UnrecognizedDocument::Invalid(
            "the JSON has two members of one name in one object, so its meaning is not clear".to_owned(),
        )),
        _ => Ok(Some(value)),
    }
}
