//! The data tree that documents are written from, in JSON, YAML and HCL.
//!
//! Unlike `serde_json::Value`, it keeps the order of members with any features of `serde_json`, so that documents have the
//! usual order and generated files do not change between builds.

mod hcl;
mod yaml;

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A JSON value whose members keep their order, with two hints for HCL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
    /// One block per element in HCL; an array of objects in JSON and YAML.
    Blocks(Vec<Self>),
    /// An expression of Terraform: bare in HCL; a text `${…}` in JSON.
    Expression(String),
    /// A document inside a document: `jsonencode(…)` in HCL; a string of JSON in JSON and YAML.
    Encoded(Box<Self>),
}

impl Node {
    /// Converts a serializable value and keeps the order of its members.
    pub(crate) fn from_serialize(value: &impl Serialize) -> Self {
        // Serializing cannot fail: the values are made of strings, integers, lists, and maps with string keys.
        let json = serde_json::to_string(value).unwrap_or_default();
        serde_json::from_str(&json).unwrap_or_else(|_| Self::Map(Vec::new()))
    }

    /// Replaces every text by what `change` returns for it. Member names stay.
    pub(crate) fn with_texts(self, change: &impl Fn(String) -> Self) -> Self {
        let each = |list: Vec<Self>| list.into_iter().map(|node| node.with_texts(change)).collect();
        match self {
            Self::Text(text) => change(text),
            Self::List(list) => Self::List(each(list)),
            Self::Blocks(list) => Self::Blocks(each(list)),
            Self::Map(members) => {
                Self::Map(members.into_iter().map(|(name, node)| (name, node.with_texts(change))).collect())
            }
            Self::Encoded(node) => Self::Encoded(Box::new(node.with_texts(change))),
            other => other,
        }
    }

    /// Returns indented JSON with a line break at the end.
    pub(crate) fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

/// Returns the first object, in depth-first order, that has the member `member`.
pub(crate) fn find<'a>(value: &'a Value, member: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) if members.contains_key(member) => Some(value),
        Value::Object(members) => members.values().find_map(|inner| find(inner, member)),
        Value::Array(list) => list.iter().find_map(|inner| find(inner, member)),
        _ => None,
    }
}

/// Returns a map of these members, in this order.
pub(crate) fn map<K: Into<String>>(members: impl IntoIterator<Item = (K, Node)>) -> Node {
    Node::Map(members.into_iter().map(|(name, node)| (name.into(), node)).collect())
}

/// Returns a list of these nodes.
pub(crate) fn list<N: Into<Node>>(nodes: impl IntoIterator<Item = N>) -> Node {
    Node::List(nodes.into_iter().map(Into::into).collect())
}

/// Returns a text node.
pub(crate) fn text(text: impl Into<String>) -> Node {
    Node::Text(text.into())
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Node {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<i64> for Node {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Node {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) | Self::Blocks(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                list.iter().try_for_each(|node| seq.serialize_element(node))?;
                seq.end()
            }
            Self::Map(members) => {
                let mut out = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, node)| out.serialize_entry(name, node))?;
                out.end()
            }
            Self::Expression(text) => serializer.collect_str(&format_args!("${{{text}}}")),
            Self::Encoded(node) => serializer.serialize_str(&serde_json::to_string(node).unwrap_or_default()),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, an integer, a boolean, an array or an object")
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Node, E> {
        Ok(Node::Bool(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Node, E> {
        i64::try_from(number).map(Node::Number).map_err(E::custom)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = seq.next_element()? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut out = Vec::new();
        while let Some(member) = members.next_entry()? {
            out.push(member);
        }
        Ok(Node::Map(out))
    }
}
