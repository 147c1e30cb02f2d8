//! GetObject as a request and an answer.

use upsign_core::Operation;

use crate::calls::get::{GetObject, ObjectRange};
use crate::calls::head::ObjectHead;
use crate::error::{CallFailure, InvalidAnswer, InvalidCall};
use crate::http::wire::{Answer, Content, Expected, Prepared, Repeat, missing};

impl GetObject {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        // Reading is safe to repeat (RFC 9110, section 9.2.1).
        let mut prepared = Prepared::new(Operation::GetObject, self.key(), Repeat::Always);
        let length = u64::try_from(self.len()).ok().and_then(|length| length.checked_sub(1));
        let last = length.and_then(|length| self.offset().checked_add(length)).filter(|last| *last < 1 << 63);
        let last = last.ok_or(InvalidCall::Range)?;
        prepared.bodyless_headers(self.headers())?;
        prepared.header("range", &format!("bytes={}-{last}", self.offset()))?;
        prepared.version(self.version_id())?;
        prepared.condition(false, self.if_match())?;
        prepared.expected = Expected::Bytes(self.len());
        Ok(prepared)
    }

    pub(crate) fn read(&self, answer: Answer) -> Result<ObjectRange, CallFailure> {
        let wrong = || CallFailure::Answer(InvalidAnswer::Range);
        if answer.status != 206 {
            return self.read_whole(answer);
        }
        let range = answer.header("content-range").and_then(parse_content_range);
        let (first, last, size) = range.ok_or(missing("content-range"))?;
        let head = ObjectHead::read_with_size(&answer, size)?;
        let Content::Bytes(bytes) = answer.content else { return Err(missing("the body")) };
        let wanted = size.saturating_sub(self.offset()).min(self.len() as u64);
        let given = last.checked_sub(first).and_then(|length| length.checked_add(1));
        if first != self.offset() || given != Some(wanted) || bytes.len() as u64 != wanted {
            return Err(wrong());
        }
        Ok(ObjectRange { head, bytes })
    }

    /// Reads the answer of a store that ignored the range, as a server may (RFC 9110, section 14.2). The whole object is the range if
    /// that begins at 0 and is not shorter: ministack answers so.
    fn read_whole(&self, answer: Answer) -> Result<ObjectRange, CallFailure> {
        let head = ObjectHead::read(&answer)?;
        // A store that states a range did not ignore it, so the status is wrong and nothing says which bytes these are.
        let states_range = answer.header("content-range").is_some();
        let Content::Bytes(bytes) = answer.content else { return Err(missing("the body")) };
        let is_whole =
            answer.status == 200 && !states_range && self.offset() == 0 && bytes.len() as u64 == head.size;
        if is_whole {
            Ok(ObjectRange { head, bytes })
        } else {
            Err(CallFailure::Answer(InvalidAnswer::Range))
        }
    }
}

/// Reads `bytes 0-9/100` (RFC 9110, section 14.4).
fn parse_content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?, size.parse().ok()?))
}
