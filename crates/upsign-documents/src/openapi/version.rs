//! The versions of OpenAPI. The description is built once, in 3.1, and converted.

use crate::node::{Node, list, text};

/// The version of OpenAPI in which a description is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenApiVersion {
    /// OpenAPI 3.1 (<https://spec.openapis.org/oas/v3.1.1.html>), whose schemas are JSON Schema 2020-12.
    #[default]
    V3_1,
    /// OpenAPI 3.0 (<https://spec.openapis.org/oas/v3.0.1.html>), for tools that do not read 3.1. REST APIs of API Gateway
    /// import this version.
    V3_0,
}

impl OpenApiVersion {
    /// Converts a document that is written in 3.1.
    pub(super) fn of(self, document: Node) -> Node {
        match self {
            Self::V3_1 => document,
            Self::V3_0 => v3_0(document),
        }
    }
}

/// Replaces what 3.0 does not have: `const` and `examples` of schemas, the type `null`, the base64 annotation, and two members of
/// `info`.
///
/// The names below `properties` and `mapping` are data and stay as they are; no other name of a description is a keyword.
pub(super) fn v3_0(node: Node) -> Node {
    match node {
        Node::Map(members) => {
            let nullable = members.iter().any(|(name, node)| name == "type" && matches!(node, Node::List(_)));
            let nullable = nullable.then(|| ("nullable".to_owned(), true.into()));
            let members = members.into_iter().filter_map(|(name, node)| member(name, node));
            Node::Map(members.chain(nullable).collect())
        }
        Node::List(items) => Node::List(items.into_iter().map(v3_0).collect()),
        other => other,
    }
}

fn member(name: String, node: Node) -> Option<(String, Node)> {
    Some(match (name.as_str(), node) {
        ("openapi", _) => (name, text("3.0.1")),
        ("contentEncoding" | "identifier", _) => return None,
        ("info", Node::Map(members)) => {
            (name, v3_0(Node::Map(members.into_iter().filter(|(name, _)| name != "summary").collect())))
        }
        // Only `null` is ever a second type.
        ("type", Node::List(types)) => (name, types.into_iter().next()?),
        ("const", value) => ("enum".into(), list([value])),
        ("examples", Node::List(values)) => ("example".into(), values.into_iter().next()?),
        ("properties", Node::Map(members)) => {
            (name, Node::Map(members.into_iter().map(|(name, node)| (name, v3_0(node))).collect()))
        }
        ("mapping", node) => (name, node),
        (_, node) => (name, v3_0(node)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::map;

    /// An id or a route can have the name of a keyword.
    #[test]
    fn names_that_equal_keywords_stay() {
        let constant = || map([("const", text("a"))]);
        let schema = map([
            (
                "properties",
                map([("const", constant()), ("examples", constant()), ("properties", constant())]),
            ),
            ("mapping", map([("const", text("#/components/schemas/A"))])),
        ]);
        let replaced = || map([("enum", list(["a"]))]);
        let expected = map([
            (
                "properties",
                map([("const", replaced()), ("examples", replaced()), ("properties", replaced())]),
            ),
            ("mapping", map([("const", text("#/components/schemas/A"))])),
        ]);
        assert_eq!(v3_0(schema), expected);
    }
}
