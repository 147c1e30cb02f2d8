//! A rule of an existing Application Load Balancer, and the target group with the function.

use super::super::Resource;
use super::super::cloudformation::{refer, unique_name};
use super::super::declared::{Declared, Output, Parameter, Part};
use super::super::reference::Kind;
use super::super::terraform::{block, expression, snake_case};
use super::permission;
use crate::deployment::Deployment;
use crate::node::{Node, list, map, text};

/// With this attribute, an event has all values of a repeated header instead of the last one. The function needs them to
/// refuse a request with two `Authorization` headers.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#multi-value-headers>.
const MULTI_VALUE_HEADERS: &str = "lambda.multi_value_headers.enabled";

/// The priority of the rule unless another one is chosen. Each rule of a listener needs its own.
const PRIORITY: u32 = 100;
const PRIORITY_DESCRIPTION: &str =
    "Priority of the listener's rule for uploads (1 to 50000). No other rule of the listener may have it";
const PRIORITY_OF_DIALECTS_DESCRIPTION: &str = "Priority of a listener's rule for the contracts of other clients (1 to 50000). No other rule of the listener may have it";

/// How many paths a rule can have
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>: match evaluations per rule).
const PATHS_PER_RULE: usize = 5;
const OWN_PRIORITY: &str = "ListenerRulePriority";
/// The parameters with the priorities of the rules: that of the API's own contract, and those of dialects.
const PRIORITIES: [&str; 4] =
    [OWN_PRIORITY, "DialectRulePriority", "DialectRulePriority2", "DialectRulePriority3"];
const LISTENER_DESCRIPTION: &str =
    "ARN of the listener of the Application Load Balancer that invokes the function";
const PATH_DESCRIPTION: &str =
    "Path at which clients request uploads (POST), on the host of the load balancer";

/// Returns the permission, the target group, and the rule that forwards requests for a path to it, and those below another path
/// if uploads continue there. The function answers preflights as well.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let path = deployment.path.as_str();
    let listener = deployment.listener_arn.as_ref().map(text);
    let mut resources: Vec<Box<dyn Resource>> = vec![
        Box::new(permission::for_load_balancer()),
        Box::new(target_group()),
        Box::new(attachment()),
        Box::new(rule(0, &own_paths(deployment))),
        Box::new(Parameter {
            name: "ListenerArn",
            description: LISTENER_DESCRIPTION,
            parameter: Some(("String", listener.clone())),
            variable: Some(("string", listener)),
            ..Parameter::default()
        }),
        Box::new(Parameter { name: OWN_PRIORITY, description: PRIORITY_DESCRIPTION, ..priority(0) }),
        Box::new(Output::new("UploadPath", PATH_DESCRIPTION, path)),
    ];
    let of_dialects: Vec<String> = deployment.paths_of_dialects().map(|path| path.pattern()).collect();
    for (index, (paths, name)) in
        of_dialects.chunks(PATHS_PER_RULE).zip(PRIORITIES.into_iter().skip(1)).enumerate()
    {
        let description = PRIORITY_OF_DIALECTS_DESCRIPTION;
        resources.push(Box::new(rule(index + 1, paths)));
        resources.push(Box::new(Parameter { name, description, ..priority(index + 1) }));
    }
    resources
}

/// Returns the parameter with the priority of a rule.
fn priority(index: usize) -> Parameter {
    let default = PRIORITY + u32::try_from(index).unwrap_or_default();
    Parameter {
        parameter: Some(("Number", Some(default.into()))),
        restrictions: vec![("MinValue", Node::Number(1)), ("MaxValue", Node::Number(50_000))],
        variable: Some(("number", Some(default.into()))),
        ..Parameter::default()
    }
}

/// Returns the paths of the API's own contract.
fn own_paths(deployment: &Deployment) -> Vec<String> {
    let of_uploads =
        deployment.upload_paths_pattern().into_iter().chain(deployment.deletion_path().map(Into::into));
    [deployment.path.clone()].into_iter().chain(of_uploads).collect()
}

/// Returns the rule that forwards requests for these paths. The first one is for the API's own contract, and the others are for
/// dialects.
fn rule(index: usize, paths: &[String]) -> Declared {
    let parameter = PRIORITIES.get(index).copied().unwrap_or_default();
    let variable = format!("var.{}", snake_case(parameter));
    let paths = || list(paths.iter().map(String::as_str));
    let condition = map([("Field", text("path-pattern")), ("PathPatternConfig", map([("Values", paths())]))]);
    let group = || Node::from(Kind::TargetGroup.id().arn());
    let forward = map([("Type", text("forward")), ("TargetGroupArn", group())]);
    Declared::new(Kind::ListenerRule.nth(index))
        .in_cloudformation("ListenerArn", refer("ListenerArn"))
        .in_cloudformation("Priority", refer(parameter))
        .in_cloudformation("Conditions", list([condition]))
        .in_terraform("listener_arn", expression("var.listener_arn"))
        .in_terraform("priority", expression(variable))
        .in_terraform("condition", block([("path_pattern", block([("values", paths())]))]))
        .with("Actions", list([forward]))
}

/// Returns the target group of the function.
///
/// Elastic Load Balancing accepts the function as a target only if it may already invoke it, so the permission names the group
/// before it exists. A name of a group has at most 32 characters; in Terraform, a prefix may have six.
fn target_group() -> Declared {
    let target = map([("Id", Node::from(Kind::Function.id().arn()))]);
    let multi_value = map([("Key", text(MULTI_VALUE_HEADERS)), ("Value", text("true"))]);
    Declared::new(Kind::TargetGroup.id())
        .with_attributes([("DependsOn", text(Kind::ApiPermission.id().logical()))])
        .in_cloudformation("Name", unique_name())
        .in_terraform("name_prefix", "upsign")
        .with("TargetType", "lambda")
        .in_cloudformation("Targets", list([target]))
        .in_cloudformation("TargetGroupAttributes", list([multi_value]))
        .in_terraform("lambda_multi_value_headers_enabled", true)
}

fn attachment() -> Part {
    let id = Kind::TargetGroup.id();
    Part {
        of: id,
        kind: "aws_lb_target_group_attachment",
        body: vec![
            ("target_group_arn", id.arn().into()),
            ("target_id", Kind::Function.id().arn().into()),
            ("depends_on", list([expression(Kind::ApiPermission.id().address())])),
        ],
    }
}
