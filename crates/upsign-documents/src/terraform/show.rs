//! Reads the output of `terraform show -json`.

use serde_json::{Map, Value};

/// Converts the output of `terraform show -json`, a state or a plan, to the shape of Terraform's JSON configuration syntax.
/// Returns `None` if `value` is not such output.
///
/// Resources are named by their address, which is unique across modules. Of a plan, the planned values count.
///
/// Source: <https://developer.hashicorp.com/terraform/internals/json-format>.
pub(crate) fn configuration(value: &Value) -> Option<Value> {
    value.get("format_version")?;
    let values = value.get("planned_values").or_else(|| value.get("values"))?;
    let (mut resources, mut data) = (Map::new(), Map::new());
    collect(values.get("root_module")?, &mut resources, &mut data);
    let members =
        [("resource".to_owned(), Value::Object(resources)), ("data".to_owned(), Value::Object(data))];
    Some(Value::Object(Map::from_iter(members)))
}

fn collect(module: &Value, resources: &mut Map<String, Value>, data: &mut Map<String, Value>) {
    let members = |name: &str| module.get(name).and_then(Value::as_array).into_iter().flatten();
    for resource in members("resources") {
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        let (Some(kind), Some(address)) = (text("type"), text("address")) else { continue };
        let kinds = match text("mode") {
            Some("managed") => &mut *resources,
            Some("data") => &mut *data,
            _ => continue,
        };
        let body = resource.get("values").and_then(configured).unwrap_or_default();
        let named = kinds.entry(kind).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(named) = named {
            named.insert(address.to_owned(), body);
        }
    }
    for child in members("child_modules") {
        collect(child, resources, data);
    }
}

/// Returns the parts of a value that the configuration sets.
///
/// A state lists every argument of a resource. Those that the configuration leaves out have the zero value of their type
/// (`null`, `""`, `0`, `false` or an empty list), so a zero value counts as absent.
pub(crate) fn configured(value: &Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) if text.is_empty() => None,
        Value::Number(number) if number.as_f64() == Some(0.0) => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().filter_map(configured).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(members) => {
            let members = members.iter().filter_map(|(name, value)| Some((name.clone(), configured(value)?)));
            Some(Value::Object(members.collect()))
        }
        other => Some(other.clone()),
    }
}
