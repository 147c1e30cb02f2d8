//! The parser. Grammar: RFC 8259.

use std::borrow::Cow;

use crate::error::InvalidJson;
use crate::json::{Json, Object};
use crate::limits::Limits;
use crate::number::Number;

/// Reads one JSON value that fills `text`, apart from whitespace around it.
///
/// ```
/// use upsign_json::{InvalidJson, Limits, read};
/// let limits = Limits::new(1_024, 4);
/// assert_eq!(read(br#" "alice" "#, limits)?.as_str(), Some("alice"));
/// assert_eq!(read(br#""alice" "bob""#, limits), Err(InvalidJson::Syntax));
/// # Ok::<(), InvalidJson>(())
/// ```
///
/// # Errors
/// Returns [`InvalidJson`] if the text is not UTF-8 or not JSON, exceeds one of the `limits`, or has an object with a
/// duplicate member.
pub fn read(text: &[u8], limits: Limits) -> Result<Json<'_>, InvalidJson> {
    let (json, violation) = parse(text, limits)?;
    violation.map_or(Ok(json), Err)
}

/// Reads a text whose value is an object.
///
/// ```
/// use upsign_json::{InvalidJson, Limits, read_object};
/// let limits = Limits::new(1_024, 4);
/// assert!(read_object(br#"{"contentLength":1024}"#, limits)?.get("contentLength").is_some());
/// assert_eq!(read_object(b"[]", limits), Err(InvalidJson::NotAnObject));
/// # Ok::<(), InvalidJson>(())
/// ```
///
/// # Errors
/// Returns [`InvalidJson`] as [`read`] does, and [`InvalidJson::NotAnObject`] for a value of another type.
pub fn read_object(text: &[u8], limits: Limits) -> Result<Object<'_>, InvalidJson> {
    match parse(text, limits)? {
        (Json::Object(object), violation) => violation.map_or(Ok(object), Err),
        _ => Err(InvalidJson::NotAnObject),
    }
}

/// Returns the value, and the most serious violation of the rules on members if there is one.
///
/// Such a violation does not end the parse, so that the error does not depend on the order of the faults in the text: a text
/// with a duplicate member and a syntax error is always reported as a syntax error.
fn parse(text: &[u8], limits: Limits) -> Result<(Json<'_>, Option<InvalidJson>), InvalidJson> {
    if text.len() > limits.max_bytes() {
        return Err(InvalidJson::TooLong);
    }
    let text = str::from_utf8(text).map_err(|_| InvalidJson::Syntax)?;
    let (max_members, max_items) = (limits.max_members(), limits.max_items());
    let mut reader = Reader { text, position: 0, max_members, max_items, violation: None };
    reader.skip_whitespace();
    let json = reader.value(limits.max_depth())?;
    reader.skip_whitespace();
    if reader.position == text.len() { Ok((json, reader.violation)) } else { Err(InvalidJson::Syntax) }
}

/// Invariant: `position` is at most `text.len()` and on a character boundary, because the reader skips only ASCII bytes, or
/// text up to an ASCII byte. The `get` calls below therefore always succeed. If the invariant were violated, they would
/// return [`InvalidJson::Syntax`] instead of panicking.
struct Reader<'a> {
    text: &'a str,
    position: usize,
    max_members: usize,
    max_items: usize,
    violation: Option<InvalidJson>,
}

type Member<'a> = (Cow<'a, str>, Json<'a>);

impl<'a> Reader<'a> {
    /// Reads a value that may contain `depth` more levels. Recursion is bounded by `depth`, hence by 255.
    fn value(&mut self, depth: u8) -> Result<Json<'a>, InvalidJson> {
        match self.peek() {
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b'{') => Ok(Json::Object(self.object(depth.checked_sub(1).ok_or(InvalidJson::Depth)?)?)),
            Some(b'[') => Ok(Json::Array(self.array(depth.checked_sub(1).ok_or(InvalidJson::Depth)?)?)),
            Some(b'-' | b'0'..=b'9') => Ok(Json::Number(self.number()?)),
            Some(b't') => self.literal("true", Json::Bool(true)),
            Some(b'f') => self.literal("false", Json::Bool(false)),
            Some(b'n') => self.literal("null", Json::Null),
            _ => Err(InvalidJson::Syntax),
        }
    }

    fn object(&mut self, depth: u8) -> Result<Object<'a>, InvalidJson> {
        let mut members = Vec::new();
        self.items(b'{', b'}', |reader| {
            if reader.peek() != Some(b'"') {
                return Err(InvalidJson::Syntax);
            }
            let name = reader.string()?;
            reader.skip_whitespace();
            reader.expect(b':')?;
            reader.skip_whitespace();
            members.push((name, reader.value(depth)?));
            Ok(())
        })?;
        if let Some(violation) = violation(&members, self.max_members) {
            // `TooManyMembers` is the more serious of the two.
            let known = self.violation.filter(|known| *known == InvalidJson::TooManyMembers);
            self.violation = known.or(Some(violation));
        }
        Ok(Object::new(members))
    }

    fn array(&mut self, depth: u8) -> Result<Vec<Json<'a>>, InvalidJson> {
        let mut items = Vec::new();
        self.items(b'[', b']', |reader| {
            if items.len() == reader.max_items {
                return Err(InvalidJson::TooManyItems);
            }
            items.push(reader.value(depth)?);
            Ok(())
        })?;
        Ok(items)
    }

    /// Reads the text from `open` to `close`: no items, or items separated by commas.
    fn items(
        &mut self,
        open: u8,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), InvalidJson>,
    ) -> Result<(), InvalidJson> {
        self.expect(open)?;
        self.skip_whitespace();
        if self.take(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            self.skip_whitespace();
            if self.take(close) {
                return Ok(());
            }
            self.expect(b',')?;
            self.skip_whitespace();
        }
    }

    /// Reads a string. Inlined together with `plain`: otherwise, returning the result through memory takes a fifth of the
    /// time of a read.
    #[inline(always)]
    fn string(&mut self) -> Result<Cow<'a, str>, InvalidJson> {
        self.expect(b'"')?;
        let plain = self.plain()?;
        if self.take(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        self.escaped_string(plain)
    }

    /// Reads the rest of a string after the text `plain`.
    #[inline(never)]
    fn escaped_string(&mut self, plain: &'a str) -> Result<Cow<'a, str>, InvalidJson> {
        let mut decoded = plain.to_owned();
        while !self.take(b'"') {
            self.expect(b'\\')?; // Anything else is a control character, or the end of the text.
            decoded.push(self.escape()?);
            decoded.push_str(self.plain()?);
        }
        Ok(Cow::Owned(decoded))
    }

    /// Skips the unescaped characters of a string and returns them.
    #[inline(always)]
    fn plain(&mut self) -> Result<&'a str, InvalidJson> {
        let start = self.position;
        self.position += plain_len(self.rest());
        self.text.get(start..self.position).ok_or(InvalidJson::Syntax)
    }

    /// Reads an escape sequence after its backslash.
    fn escape(&mut self) -> Result<char, InvalidJson> {
        let escape = self.peek().ok_or(InvalidJson::Syntax)?;
        let character = match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.position += 1;
                return self.unicode_escape();
            }
            _ => return Err(InvalidJson::Syntax),
        };
        self.position += 1;
        Ok(character)
    }

    /// Reads four hexadecimal digits, or eight in two escapes for a character outside the basic multilingual plane. An
    /// unpaired surrogate is refused: it is not a character, and readers handle it differently.
    fn unicode_escape(&mut self) -> Result<char, InvalidJson> {
        let first = self.code_unit()?;
        let decoded = if (0xd800..0xdc00).contains(&first) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            char::decode_utf16([first, self.code_unit()?]).next()
        } else {
            char::decode_utf16([first]).next()
        };
        decoded.and_then(Result::ok).ok_or(InvalidJson::Syntax)
    }

    fn code_unit(&mut self) -> Result<u16, InvalidJson> {
        let digits = self.rest().first_chunk::<4>().ok_or(InvalidJson::Syntax)?;
        let mut unit = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or(InvalidJson::Syntax)?;
            unit = unit << 4 | digit;
        }
        self.position += digits.len();
        u16::try_from(unit).map_err(|_| InvalidJson::Syntax)
    }

    fn number(&mut self) -> Result<Number<'a>, InvalidJson> {
        let start = self.position;
        self.take(b'-');
        // No digit may follow a leading zero: the number in `01` ends after `0`, and the caller refuses the `1`.
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let text = self.text.get(start..self.position).ok_or(InvalidJson::Syntax)?;
        Number::new(text).ok_or(InvalidJson::Syntax)
    }

    /// Skips at least one digit.
    fn digits(&mut self) -> Result<(), InvalidJson> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.position += count;
        if count > 0 { Ok(()) } else { Err(InvalidJson::Syntax) }
    }

    fn literal(&mut self, text: &str, value: Json<'a>) -> Result<Json<'a>, InvalidJson> {
        if !self.rest().starts_with(text.as_bytes()) {
            return Err(InvalidJson::Syntax);
        }
        self.position += text.len();
        Ok(value)
    }

    fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.position += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), InvalidJson> {
        if self.take(byte) { Ok(()) } else { Err(InvalidJson::Syntax) }
    }

    /// Skips `byte`, which must be ASCII, if it is next. Returns whether it was.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.position += usize::from(is_next);
        is_next
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.position..).unwrap_or_default()
    }
}

/// Returns how many bytes precede the first quotation mark, backslash or control character.
///
/// Eight bytes are tested at once. For a byte `b`, the highest bit of `(b - n) & !b` is set if `b < n` and `b` is ASCII; `b
/// ^ c` is 0, hence below 1, if `b` equals `c`. Subtraction borrows from a byte only into those above it, so the lowest bit
/// that is found is always correct, and with little-endian order it belongs to the first such byte.
#[inline(always)]
fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST_BITS: u64 = ONES << 7;
    let below = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word;
    let equal = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let mut length = 0;
    let mut rest = bytes;
    while let Some((block, after)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*block);
        let special = (below(word, 0x20) | equal(word, b'"') | equal(word, b'\\')) & HIGHEST_BITS;
        if special != 0 {
            return length + special.trailing_zeros() as usize / 8;
        }
        length += block.len();
        rest = after;
    }
    length + rest.iter().take_while(|byte| !is_special(**byte)).count()
}

const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Checks the names of one object and returns the violation, if there is one.
fn violation(members: &[Member<'_>], max_members: usize) -> Option<InvalidJson> {
    // Below this number, comparing every pair is faster than sorting.
    const FEW: usize = 16;
    if members.len() <= FEW && members.len() <= max_members {
        let is_repeated = |(index, (name, _)): (usize, &Member<'_>)| {
            members.iter().take(index).any(|(earlier, _)| earlier == name)
        };
        return members.iter().enumerate().any(is_repeated).then_some(InvalidJson::Duplicate);
    }
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > max_members {
        Some(InvalidJson::TooManyMembers)
    } else {
        (names.len() < members.len()).then_some(InvalidJson::Duplicate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair of bytes at every distance, so that each can be affected by the borrow of another.
    #[test]
    fn plain_len_finds_the_first_special_byte() {
        for first in 0..=u8::MAX {
            for second in [0, 0x1f, 0x20, 0x21, b'"', 0x23, b'\\', 0x5d, 0x7f, 0x80, 0x9f, 0xa2, 0xff] {
                for (one, other) in [(0, 1), (1, 2), (3, 7), (6, 8), (7, 15), (9, 10)] {
                    for length in [16, 17, 20] {
                        let mut bytes = vec![b'x'; length];
                        (bytes[one], bytes[other]) = (first, second);
                        let expected = bytes.iter().take_while(|byte| !is_special(**byte)).count();
                        assert_eq!(plain_len(&bytes), expected, "{bytes:x?}");
                    }
                }
            }
        }
    }
}
