//! JSON read the strict way: no member twice at any depth, bounded nesting, nothing after the end.
//!
//! The grammar is `serde_json`'s; the walk is ours, because its `Value` keeps the last of two equal members, and a
//! reader in front of us (a gateway, a log) may have kept the first. Work is linear in the length of the text, which
//! every caller bounds.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not JSON that can be trusted to mean one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJson {
    /// Not JSON, not UTF-8, or something follows the end.
    #[error("not JSON")]
    Syntax,
    /// An object has the same member twice.
    #[error("JSON with the same member twice")]
    Duplicate,
    /// Nested deeper than anything sensible.
    #[error("JSON nested too deeply")]
    Depth,
    /// JSON, but not an object.
    #[error("JSON, but not an object")]
    NotAnObject,
}

/// What `serde_json` calls the one member of a number while its feature `arbitrary_precision` is on, which any crate
/// of a host application may switch on.
const NUMBER: &str = "$serde_json::private::Number";

/// An object that nests at most `depth` levels, itself included.
pub(crate) fn object(text: &[u8], depth: u8) -> Result<Map<String, Value>, InvalidJson> {
    match value(text, depth)? {
        Value::Object(members) => Ok(members),
        _ => Err(InvalidJson::NotAnObject),
    }
}

/// A value that nests at most `depth` levels.
pub(crate) fn value(text: &[u8], depth: u8) -> Result<Value, InvalidJson> {
    let fault = Cell::new(InvalidJson::Syntax);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth, fault: &fault }.deserialize(&mut reader).map_err(|_| fault.get())?;
    reader.end().map_err(|_| InvalidJson::Syntax)?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: u8,
    fault: &'a Cell<InvalidJson>,
}

impl Strict<'_> {
    fn refuse<E: Error>(self, why: InvalidJson) -> E {
        self.fault.set(why);
        E::custom("")
    }

    fn inside<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.refuse(InvalidJson::Depth)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| self.refuse(InvalidJson::Syntax))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if name == NUMBER {
                let digits: String = members.next_value()?;
                let number = digits.parse().map_err(|_| self.refuse::<A::Error>(InvalidJson::Syntax))?;
                return Ok(Value::Number(number));
            }
            let value = members.next_value_seed(inside)?;
            if object.insert(name, value).is_some() {
                return Err(self.refuse(InvalidJson::Duplicate));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn refused(text: &str, why: InvalidJson) {
        assert_eq!(object(text.as_bytes(), 4), Err(why), "{text}");
    }

    #[test]
    fn what_is_refused() {
        refused("", InvalidJson::Syntax);
        refused("{", InvalidJson::Syntax);
        refused("{}x", InvalidJson::Syntax);
        refused("{} {}", InvalidJson::Syntax);
        refused("\u{feff}{}", InvalidJson::Syntax);
        refused("{'a':1}", InvalidJson::Syntax);
        refused("{\"a\":1,}", InvalidJson::Syntax);
        refused("{\"a\":NaN}", InvalidJson::Syntax);
        refused("{\"a\":Infinity}", InvalidJson::Syntax);
        refused("{\"a\":1e999}", InvalidJson::Syntax);
        refused("{\"a\":\"\u{1}\"}", InvalidJson::Syntax);
        refused("{\"a\":\"\\ud800\"}", InvalidJson::Syntax);
        refused("[]", InvalidJson::NotAnObject);
        refused("null", InvalidJson::NotAnObject);
        refused("{\"a\":1,\"a\":1}", InvalidJson::Duplicate);
        refused("{\"sub\":1,\"s\\u0075b\":2}", InvalidJson::Duplicate);
        refused("{\"a\":[{\"b\":{\"c\":1,\"c\":2}}]}", InvalidJson::Duplicate);
        refused("{\"a\":[[[[]]]]}", InvalidJson::Depth);
        assert_eq!(object(b"{\"a\":\"\xff\"}", 4), Err(InvalidJson::Syntax));
        assert_eq!(object("[".repeat(1_000_000).as_bytes(), 255), Err(InvalidJson::Syntax));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e300..1e300).prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_not_refused_means_what_serde_json_says(json in any_json()) {
            let text = json.to_string();
            prop_assert_eq!(value(text.as_bytes(), 8), Ok(serde_json::from_str(&text).unwrap()));
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let strict = value(&bytes, 8);
            if strict.is_ok() {
                prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
            }
        }
    }
}
