//! The function that signs uploads, and what all functions of a stack have in common.

use super::super::Resource;
use super::super::cloudformation::refer;
use super::super::declared::{Declared, Output, Parameter, is_set};
use super::super::reference::{Kind, Reference};
use super::super::terraform::{block, expression, snake_case};
use super::read_variables::with_read_variables;
use super::webhook_queue::with_queue;
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

/// What distinguishes the functions of a stack.
#[derive(Debug)]
pub(super) struct Program<'a> {
    pub(super) function: Kind,
    pub(super) role: Kind,
    pub(super) log_group: Kind,
    pub(super) code: &'a CodeLocation,
    /// The parameter with the path of the zip file, in Terraform.
    pub(super) package: &'static str,
    /// In Terraform.
    pub(super) name: String,
    /// In seconds.
    pub(super) timeout: u32,
    pub(super) variables: Variables,
}

/// The names and values of the variables of a function.
pub(super) type Variables = Vec<(String, String)>;

/// Sets a variable, in place of one with the same name.
pub(super) fn set(variables: &mut Variables, name: &str, value: String) {
    variables.retain(|(known, _)| known != name);
    variables.push((name.to_owned(), value));
}

/// Returns the Lambda function that signs uploads, with its parameters.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let arn = Output::new("FunctionArn", "ARN of the function that signs uploads", Kind::Function.id().arn());
    vec![
        Box::new(function(deployment)),
        Box::new(arn),
        Box::new(package("Package", "Path of the function's zip file")),
        Box::new(architecture()),
        Box::new(reserved_concurrency(deployment.reserved_concurrency)),
    ]
}

/// Returns the variable of a module with the path of a zip file.
pub(super) fn package(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, description, variable: Some(("string", None)), ..Parameter::default() }
}

fn function(deployment: &Deployment) -> Declared {
    let program = Program {
        function: Kind::Function,
        role: Kind::Role,
        log_group: Kind::LogGroup,
        code: &deployment.code,
        package: "Package",
        name: Reference::STACK_NAME.to_string(),
        timeout: if deployment.has_tokens() { STORE_TIMEOUT } else { TIMEOUT },
        variables: with_read_variables(deployment, with_queue(deployment, variables(deployment))),
    };
    let reserved = list([text(HAS_CONCURRENCY), refer("ReservedConcurrency"), refer("AWS::NoValue")]);
    let declared = code(&program)
        .in_cloudformation("ReservedConcurrentExecutions", map([("Fn::If", reserved)]))
        .in_terraform("reserved_concurrent_executions", expression("var.reserved_concurrency"));
    environment(declared, program, deployment.tracing)
}

/// Returns a function with its code and how much it may use.
pub(super) fn code(program: &Program<'_>) -> Declared {
    let code = match program.code {
        CodeLocation::Local(path) => text(path),
        CodeLocation::Object { bucket, key } => map([("Bucket", text(bucket)), ("Key", text(key))]),
    };
    let package = format!("var.{}", snake_case(program.package));
    let hash = format!("filebase64sha256({package})");
    Declared::new(program.function.id())
        .in_cloudformation("CodeUri", code)
        .in_terraform("function_name", text(&program.name))
        .in_terraform("role", program.role.id().arn())
        .in_terraform("filename", expression(package))
        .in_terraform("source_code_hash", expression(hash))
        .with("Handler", HANDLER)
        .with("Runtime", RUNTIME)
        .in_cloudformation("Architectures", list([refer("Architecture")]))
        .in_terraform("architectures", list([expression("var.architecture")]))
        .with("MemorySize", MEMORY)
        .with("Timeout", program.timeout)
}

/// Adds what a function runs with: its role, its log group and its variables.
pub(super) fn environment(declared: Declared, program: Program<'_>, tracing: bool) -> Declared {
    let group = program.log_group.id();
    let logging = block([("log_format", text("Text")), ("log_group", group.name().into())]);
    let variables = program.variables.into_iter().map(|(name, value)| (name, text(value)));
    let function = declared
        .in_cloudformation("Role", program.role.id().arn())
        .in_cloudformation("LoggingConfig", map([("LogGroup", Node::from(group.reference()))]))
        .in_terraform("logging_config", logging)
        .with("Environment", map([("Variables", map(variables))]));
    if !tracing {
        return function;
    }
    function
        .in_cloudformation("Tracing", "Active")
        .in_terraform("tracing_config", block([("mode", text("Active"))]))
}

/// Returns the variables of the environment. The one that says what identifies callers follows from the authorizer, and the one that
/// names the signing role from the permissions of the function's role, so that another value cannot disagree with them.
pub(super) fn variables(deployment: &Deployment) -> Variables {
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
