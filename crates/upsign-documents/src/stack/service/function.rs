//! The function.

use super::super::Resource;
use super::super::cloudformation::refer;
use super::super::declared::{Declared, Output, Parameter, is_set};
use super::super::reference::{Kind, Reference};
use super::super::terraform::{block, expression};
use crate::deployment::{CodeLocation, Deployment};
use crate::node::{Node, list, map, text};

/// The variable that tells the function what identifies a caller.
const AUTH_SOURCE: &str = "UPSIGN_AUTH_SOURCE";
/// The variable that names the role that the function assumes to sign.
const ASSUME_ROLE: &str = "UPSIGN_ASSUME_ROLE";

const RUNTIME: &str = "provided.al2023";
/// The name of the program in the zip file, which the runtime starts.
const HANDLER: &str = "bootstrap";
/// In MiB. Signing needs little memory; Lambda assigns processor time in proportion to it.
const MEMORY: u32 = 256;
/// In seconds. A request may have to fetch the keys that verify tokens.
const TIMEOUT: u32 = 10;
/// In seconds, if the function completes uploads or copies confirmed objects: S3 may take long for large ones, and API Gateway waits
/// 29 seconds (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
const STORE_TIMEOUT: u32 = 30;

/// Returns the Lambda function that signs uploads, with its parameters.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let arn = Output::new("FunctionArn", "ARN of the function that signs uploads", Kind::Function.id().arn());
    vec![
        Box::new(function(deployment)),
        Box::new(arn),
        Box::new(Parameter {
            name: "Package",
            description: "Path of the function's zip file",
            variable: Some(("string", None)),
            ..Parameter::default()
        }),
        Box::new(architecture()),
        Box::new(reserved_concurrency(deployment.reserved_concurrency)),
    ]
}

fn function(deployment: &Deployment) -> Declared {
    let code = match &deployment.code {
        CodeLocation::Local(path) => text(path),
        CodeLocation::Object { bucket, key } => map([("Bucket", text(bucket)), ("Key", text(key))]),
    };
    let reserved = list([text(HAS_CONCURRENCY), refer("ReservedConcurrency"), refer("AWS::NoValue")]);
    let variables = variables(deployment).into_iter().map(|(name, value)| (name, text(value)));
    let group = Kind::LogGroup.id();
    let logging = block([("log_format", text("Text")), ("log_group", group.name().into())]);
    let function = Declared::new(Kind::Function.id())
        .in_cloudformation("CodeUri", code)
        .in_terraform("function_name", Reference::STACK_NAME)
        .in_terraform("role", Kind::Role.id().arn())
        .in_terraform("filename", expression("var.package"))
        .in_terraform("source_code_hash", expression("filebase64sha256(var.package)"))
        .with("Handler", HANDLER)
        .with("Runtime", RUNTIME)
        .in_cloudformation("Architectures", list([refer("Architecture")]))
        .in_terraform("architectures", list([expression("var.architecture")]))
        .with("MemorySize", MEMORY)
        .with("Timeout", if deployment.has_tokens() { STORE_TIMEOUT } else { TIMEOUT })
        .in_cloudformation("ReservedConcurrentExecutions", map([("Fn::If", reserved)]))
        .in_terraform("reserved_concurrent_executions", expression("var.reserved_concurrency"))
        .in_cloudformation("Role", Kind::Role.id().arn())
        .in_cloudformation("LoggingConfig", map([("LogGroup", Node::from(group.reference()))]))
        .in_terraform("logging_config", logging)
        .with("Environment", map([("Variables", map(variables))]));
    if !deployment.tracing {
        return function;
    }
    function
        .in_cloudformation("Tracing", "Active")
        .in_terraform("tracing_config", block([("mode", text("Active"))]))
}

/// Returns the variables of the environment. The one that says what identifies callers follows from the authorizer, and the one that
/// names the signing role from the permissions of the function's role, so that another value cannot disagree with them.
fn variables(deployment: &Deployment) -> Vec<(String, String)> {
    let role = deployment.signing_role.iter().map(|role| (ASSUME_ROLE, role.as_str()));
    let derived: Vec<_> = role.chain([(AUTH_SOURCE, deployment.authorizer.auth_source().as_str())]).collect();
    let is_derived = |name: &str| derived.iter().any(|(known, _)| *known == name);
    let chosen = deployment.variables.iter().filter(|(name, _)| !is_derived(name)).cloned();
    chosen.chain(derived.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
}

const HAS_CONCURRENCY: &str = "HasReservedConcurrency";

const ARCHITECTURE: &str = "Processor architecture of the function, for which its zip file is built";
const CONCURRENCY: &str = "How many instances of the function may run at a time. Lambda reserves them from the concurrency of the account, of which 100 (10 in a new account) stay for other functions";

fn architecture() -> Parameter {
    let is_known = expression("contains([\"arm64\", \"x86_64\"], var.architecture)");
    let message = text("The architecture must be arm64 or x86_64.");
    Parameter {
        name: "Architecture",
        description: ARCHITECTURE,
        parameter: Some(("String", Some(text("arm64")))),
        restrictions: vec![("AllowedValues", list(["arm64", "x86_64"]))],
        variable: Some(("string", Some(text("arm64")))),
        validation: Some(block([("condition", is_known), ("error_message", message)])),
        ..Parameter::default()
    }
}

fn reserved_concurrency(instances: Option<u32>) -> Parameter {
    let default = instances.map(|instances| instances.to_string()).unwrap_or_default();
    Parameter {
        name: "ReservedConcurrency",
        description: CONCURRENCY,
        notes: ("; empty for no limit of its own", "; -1 for no limit of its own"),
        parameter: Some(("String", Some(text(default)))),
        restrictions: vec![("AllowedPattern", text("^([1-9][0-9]*)?$"))],
        // -1 removes the limit.
        variable: Some(("number", Some(instances.map_or(-1, i64::from).into()))),
        condition: Some((HAS_CONCURRENCY, is_set("ReservedConcurrency"))),
        ..Parameter::default()
    }
}
