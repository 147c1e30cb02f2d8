//! JSON values.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::number::Number;

/// A JSON value. Strings without escapes borrow from the document.
///
/// ```
/// use upsign_json::{Json, Limits, read};
/// let json = read(br#"["image/png", 48213, true, null]"#, Limits::new(1_024, 1))?;
/// let items = json.as_array().unwrap();
/// assert_eq!((items[0].as_str(), items[1].as_u64()), (Some("image/png"), Some(48_213)));
/// assert_eq!((&items[2], &items[3]), (&Json::Bool(true), &Json::Null));
/// # Ok::<(), upsign_json::InvalidJson>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number<'a>),
    /// A string with its escapes decoded.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// The members of an object in the order of the document. No two have the same name.
///
/// ```
/// use upsign_json::{Limits, read_object};
/// let claims = read_object(br#"{"sub":"alice","cognito:groups":["editors"]}"#, Limits::new(1_024, 2))?;
/// assert_eq!(claims.get("sub").and_then(|sub| sub.as_str()), Some("alice"));
/// assert!(claims.get("scope").is_none());
/// # Ok::<(), upsign_json::InvalidJson>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Json<'a>)>,
}

impl<'a> Json<'a> {
    /// Returns the text of a string, or `None` for a value of another type.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value of a number that is written as an integer from 0 to 2^64 - 1. See [`Number::as_u64`].
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// Returns the items of an array, or `None` for a value of another type.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the members of an object, or `None` for a value of another type.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Converts to a `serde_json::Value` that owns its text.
    ///
    /// Members are in the order of `serde_json::Map`: sorted, unless its feature `preserve_order` is on.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(number) => Value::Number(number.into()),
            Self::String(text) => Value::String(text.into_owned()),
            Self::Array(items) => items.into_iter().map(Self::into_value).collect(),
            Self::Object(object) => Value::Object(object.into_map()),
        }
    }
}

impl<'a> Object<'a> {
    /// Creates an object. The names of the members must be distinct.
    pub(crate) const fn new(members: Vec<(Cow<'a, str>, Json<'a>)>) -> Self {
        Self { members }
    }

    /// Returns the value of the member `name`. Takes time proportional to the number of members.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.iter().find(|(member, _)| *member == name).map(|(_, value)| value)
    }

    /// Returns whether the object has the member `name`.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns the number of members.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns whether the object has no members.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Iterates over names and values in the order of the document.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json<'a>)> + Clone {
        self.into_iter()
    }

    /// Converts to a `serde_json::Map` that owns its text. See [`Json::into_value`].
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.members.into_iter().map(|(name, value)| (name.into_owned(), value.into_value())).collect()
    }
}

/// An iterator over the names and values of an object.
type Members<'b, 'a> = std::iter::Map<
    std::slice::Iter<'b, (Cow<'a, str>, Json<'a>)>,
    fn(&'b (Cow<'a, str>, Json<'a>)) -> (&'b str, &'b Json<'a>),
>;

impl<'b, 'a> IntoIterator for &'b Object<'a> {
    type Item = (&'b str, &'b Json<'a>);
    type IntoIter = Members<'b, 'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.iter().map(|(name, value)| (name.as_ref(), value))
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, Json<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}
