//! JSON read the strict way: no member twice at any depth, bounded nesting, nothing after the end.
//!
//! The grammar is `serde_json`'s; the walk is ours, because its `Value` keeps the last of two equal members, and a
//! reader in front of us (a gateway, a log) may have kept the first. Work is linear in the length of the text, which
//! every caller bounds.

use std::borrow::Cow;
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

/// JSON whose texts are those of the document, where it has no escapes.
#[derive(Debug)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Members<'a>),
}

/// The members of an object, in the document's order, no name twice.
#[derive(Debug)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

/// What `serde_json` calls the one member of a number while its feature `arbitrary_precision` is on, which any crate
/// of a host application may switch on.
const NUMBER: &str = "$serde_json::private::Number";

/// An object that nests at most `depth` levels, itself included.
pub(crate) fn members(text: &[u8], depth: u8) -> Result<Members<'_>, InvalidJson> {
    match json(text, depth)? {
        Json::Object(members) => Ok(members),
        _ => Err(InvalidJson::NotAnObject),
    }
}

/// The same, to be kept.
pub(crate) fn object(text: &[u8], depth: u8) -> Result<Map<String, Value>, InvalidJson> {
    members(text, depth).map(Members::into_map)
}

/// A value that nests at most `depth` levels, to be kept.
pub(crate) fn value(text: &[u8], depth: u8) -> Result<Value, InvalidJson> {
    json(text, depth).map(Json::into_value)
}

fn json(text: &[u8], depth: u8) -> Result<Json<'_>, InvalidJson> {
    let text = str::from_utf8(text).map_err(|_| InvalidJson::Syntax)?;
    let fault = Cell::new(InvalidJson::Syntax);
    let mut reader = serde_json::Deserializer::from_str(text);
    let json = Strict { depth, fault: &fault }.deserialize(&mut reader).map_err(|_| fault.get())?;
    reader.end().map_err(|_| InvalidJson::Syntax)?;
    Ok(json)
}

impl<'a> Json<'a> {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::String(text.into_owned()),
            Self::Array(items) => items.into_iter().map(Self::into_value).collect(),
            Self::Object(members) => Value::Object(members.into_map()),
        }
    }
}

impl<'a> Members<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, json)| json)
    }

    fn into_map(self) -> Map<String, Value> {
        self.0.into_iter().map(|(name, json)| (name.into_owned(), json.into_value())).collect()
    }

    fn has_duplicates(&self) -> bool {
        const FEW: usize = 16;
        if self.0.len() <= FEW {
            let mut seen = self.0.iter();
            while let Some((name, _)) = seen.next_back() {
                if seen.clone().any(|(other, _)| other == name) {
                    return true;
                }
            }
            return false;
        }
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair.first() == pair.last())
    }
}

#[derive(Clone, Copy)]
struct Strict<'f> {
    depth: u8,
    fault: &'f Cell<InvalidJson>,
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
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Number::from_f64(value).map(Json::Number).ok_or_else(|| self.refuse(InvalidJson::Syntax))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        let inside = self.inside()?;
        let mut members = Members(Vec::new());
        while let Some(name) = access.next_key_seed(Name)? {
            if name == NUMBER {
                let digits: String = access.next_value()?;
                let number = digits.parse().map_err(|_| self.refuse::<A::Error>(InvalidJson::Syntax))?;
                return Ok(Json::Number(number));
            }
            members.0.push((name, access.next_value_seed(inside)?));
        }
        if members.has_duplicates() {
            Err(self.refuse(InvalidJson::Duplicate))
        } else {
            Ok(Json::Object(members))
        }
    }
}

/// The name of a member.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
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

    #[test]
    fn duplicates_among_many_members() {
        for count in [2, 15, 16, 17, 200] {
            let names: Vec<String> = (0..count).map(|n| format!("\"m{n}\":0")).collect();
            let text = format!("{{{}}}", names.join(","));
            assert_eq!(object(text.as_bytes(), 4).unwrap().len(), count);
            for (at, again) in [(0, count - 1), (count / 2, 0), (count - 1, count / 2)] {
                let mut names = names.clone();
                if at != again {
                    names[at] = names[again].clone();
                    refused(&format!("{{{}}}", names.join(",")), InvalidJson::Duplicate);
                }
            }
        }
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
