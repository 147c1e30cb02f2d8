//! What documents in Terraform's language have in common.

use serde_json::Value;

use crate::node::{Node, map};

/// `{"resource": {"type": {"name": {…}}}}`.
pub(crate) fn resource(kind: &str, name: &str, body: Node) -> Node {
    map([("resource", map([(kind, map([(name, body)]))]))])
}

/// Terraform's JSON has one block as an object, several as a list.
pub(crate) fn blocks(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

/// HCL as the JSON that Terraform holds to be the same.
#[cfg(feature = "read")]
pub(crate) fn read(hcl: &str) -> Result<Value, ::hcl::Error> {
    ::hcl::from_str(hcl)
}
