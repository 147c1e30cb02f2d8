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

/// HCL as the JSON that Terraform holds to be the same. `jsonencode` is carried out where what it encodes refers to
/// nothing; other expressions stay the texts they are.
#[cfg(feature = "read")]
pub(crate) fn read(text: &str) -> Result<Value, ::hcl::Error> {
    use ::hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};

    #[expect(clippy::needless_pass_by_value, reason = "the signature that functions of HCL have")]
    fn jsonencode(args: FuncArgs) -> Result<::hcl::Value, String> {
        let encoded = args.first().map(serde_json::to_string).ok_or("jsonencode takes a value")?;
        encoded.map(::hcl::Value::from).map_err(|error| error.to_string())
    }
    let mut context = Context::new();
    context.declare_func("jsonencode", FuncDef::builder().param(ParamType::Any).build(jsonencode));
    let mut body = ::hcl::parse(text)?;
    // Each expression that cannot be carried out is an error here and stays as it is.
    let _ = body.evaluate_in_place(&context);
    ::hcl::from_body(body)
}
