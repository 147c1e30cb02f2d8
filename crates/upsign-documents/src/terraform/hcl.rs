//! Reads HCL, the syntax of `.tf` files.

use hcl::expr::{FuncCall, ObjectKey, TemplateExpr};
use hcl::{Body, Expression, Structure};
use serde::de::Error as _;
use serde_json::{Map, Value};

/// Parses HCL and returns the equivalent Terraform JSON.
///
/// A call of `jsonencode` becomes the string of JSON that it returns; references in it stay `${…}`, as in Terraform's JSON
/// syntax. Every other expression stays unevaluated text.
pub(crate) fn parse(text: &str) -> Result<Value, hcl::Error> {
    let body = with_encoded(hcl::parse(text)?)?;
    hcl::from_body(body)
}

fn with_encoded(body: Body) -> Result<Body, hcl::Error> {
    let mut names: Vec<String> = Vec::new();
    let each = body.into_iter().map(|structure| match structure {
        Structure::Attribute(mut attribute) => {
            let name = attribute.key.as_str().to_owned();
            if names.contains(&name) {
                return Err(hcl::Error::custom(format!("the argument {name} is set twice")));
            }
            names.push(name);
            attribute.expr = evaluated(attribute.expr)?;
            Ok(Structure::Attribute(attribute))
        }
        Structure::Block(mut block) => {
            block.body = with_encoded(block.body)?;
            Ok(Structure::Block(block))
        }
    });
    Ok(Body::from(each.collect::<Result<Vec<_>, hcl::Error>>()?))
}

/// Replaces calls of `jsonencode`, and marks the texts that are no templates.
fn evaluated(expression: Expression) -> Result<Expression, hcl::Error> {
    Ok(match expression {
        Expression::String(text) => Expression::String(escaped(&text)),
        Expression::Array(list) => {
            Expression::Array(list.into_iter().map(evaluated).collect::<Result<_, _>>()?)
        }
        Expression::Object(members) => {
            let members = members.into_iter().map(|(key, value)| Ok((key, evaluated(value)?)));
            Expression::Object(members.collect::<Result<_, hcl::Error>>()?)
        }
        Expression::Parenthesis(inner) => evaluated(*inner)?,
        Expression::FuncCall(call) => match encoded(&call) {
            Some(argument) => Expression::String(json(argument)?.to_string()),
            None => Expression::FuncCall(call),
        },
        other => other,
    })
}

/// Returns the argument of a call of `jsonencode`.
fn encoded(call: &FuncCall) -> Option<&Expression> {
    let is_encode = call.name.namespace.is_empty() && call.name.name.as_str() == "jsonencode";
    match call.args.as_slice() {
        [argument] if is_encode => Some(argument),
        _ => None,
    }
}

/// Returns the JSON of an argument of `jsonencode`, with expressions as `${…}`.
fn json(expression: &Expression) -> Result<Value, hcl::Error> {
    Ok(match expression {
        Expression::Null => Value::Null,
        Expression::Bool(yes) => (*yes).into(),
        Expression::Number(number) => serde_json::to_value(number).map_err(hcl::Error::custom)?,
        Expression::String(text) => escaped(text).into(),
        Expression::Array(list) => list.iter().map(json).collect::<Result<_, _>>()?,
        Expression::Object(members) => {
            let mut out = Map::new();
            for (key, value) in members {
                if out.insert(member_name(key)?, json(value)?).is_some() {
                    return Err(hcl::Error::custom("an object has two members of one name"));
                }
            }
            Value::Object(out)
        }
        Expression::TemplateExpr(template) => match &**template {
            TemplateExpr::QuotedString(text) => text.as_str().into(),
            TemplateExpr::Heredoc(heredoc) => heredoc.template.as_str().into(),
        },
        Expression::Parenthesis(inner) => json(inner)?,
        Expression::FuncCall(call) => match encoded(call) {
            Some(argument) => json(argument)?.to_string().into(),
            None => format!("${{{}}}", hcl::format::to_string(expression)?).into(),
        },
        other => format!("${{{}}}", hcl::format::to_string(other)?).into(),
    })
}

fn member_name(key: &ObjectKey) -> Result<String, hcl::Error> {
    Ok(match key {
        ObjectKey::Identifier(name) => name.as_str().to_owned(),
        ObjectKey::Expression(Expression::String(text)) => text.clone(),
        ObjectKey::Expression(other) => format!("${{{}}}", hcl::format::to_string(other)?),
        other => return Err(hcl::Error::custom(format!("the key {other} is not supported"))),
    })
}

/// The parser has replaced `$${`, which stands for `${` in a text.
fn escaped(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}
