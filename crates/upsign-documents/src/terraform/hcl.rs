//! Reads HCL, the syntax of `.tf` files.

use hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};
use serde_json::Value;

/// Parses HCL and returns the equivalent Terraform JSON.
///
/// Calls of `jsonencode` are evaluated if their argument refers to nothing outside of itself. Every other expression stays
/// unevaluated text.
pub(crate) fn parse(text: &str) -> Result<Value, hcl::Error> {
    #[expect(clippy::needless_pass_by_value, reason = "hcl-rs defines the signature of functions")]
    fn jsonencode(args: FuncArgs) -> Result<hcl::Value, String> {
        let encoded = args.first().map(serde_json::to_string).ok_or("jsonencode takes a value")?;
        encoded.map(hcl::Value::from).map_err(|error| error.to_string())
    }
    let mut context = Context::new();
    context.declare_func("jsonencode", FuncDef::builder().param(ParamType::Any).build(jsonencode));
    let mut body = hcl::parse(text)?;
    // This returns an error for each expression that cannot be evaluated, and leaves that expression unchanged.
    let _ = body.evaluate_in_place(&context);
    hcl::from_body(body)
}
