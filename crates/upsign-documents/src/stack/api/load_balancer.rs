//! A rule of an existing Application Load Balancer, and the target group with the function.

use super::super::Resource;
use super::super::cloudformation::{Template, refer, unique_name};
use super::super::reference::Kind;
use super::super::terraform::{Module, block, expression};
use super::permission::Permission;
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
const LISTENER_DESCRIPTION: &str =
    "ARN of the listener of the Application Load Balancer that invokes the function";
const PATH_DESCRIPTION: &str =
    "Path at which clients request uploads (POST), on the host of the load balancer";

/// The target group of the function.
///
/// Elastic Load Balancing accepts the function as a target only if it may already invoke it, so the permission names the group
/// before it exists. A name of a group has at most 32 characters.
#[derive(Debug)]
struct TargetGroup;

/// The rule that forwards requests for a path to the target group. The function answers preflights as well.
#[derive(Debug)]
struct ListenerRule {
    path: String,
    listener_arn: Option<String>,
}

pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let rule = ListenerRule { path: deployment.path.clone(), listener_arn: deployment.listener_arn.clone() };
    vec![Box::new(Permission::for_load_balancer()), Box::new(TargetGroup), Box::new(rule)]
}

impl Resource for TargetGroup {
    fn cloudformation(&self, template: &mut Template) {
        let target = map([("Id", Node::from(Kind::Function.id().arn()))]);
        let multi_value = map([("Key", text(MULTI_VALUE_HEADERS)), ("Value", text("true"))]);
        template.resource_with(
            Kind::TargetGroup.id(),
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            [("DependsOn", text(Kind::ApiPermission.id().logical()))],
            [
                ("Name", unique_name()),
                ("TargetType", text("lambda")),
                ("Targets", Node::List(vec![target])),
                ("TargetGroupAttributes", Node::List(vec![multi_value])),
            ],
        );
    }

    fn terraform(&self, module: &mut Module) {
        let id = Kind::TargetGroup.id();
        // A prefix may have six characters.
        let body = [
            ("name_prefix", text("upsign")),
            ("target_type", text("lambda")),
            ("lambda_multi_value_headers_enabled", true.into()),
        ];
        module.resource(id, body);
        let permission = Kind::ApiPermission.id();
        let permission = format!("{}.{}", permission.terraform_type(), permission.terraform_name());
        let attachment = [
            ("target_group_arn", id.arn().into()),
            ("target_id", Kind::Function.id().arn().into()),
            ("depends_on", Node::List(vec![expression(permission)])),
        ];
        module.part(id, "aws_lb_target_group_attachment", attachment);
    }
}

impl Resource for ListenerRule {
    fn cloudformation(&self, template: &mut Template) {
        let path = map([("Values", list([self.path.as_str()]))]);
        let condition = map([("Field", text("path-pattern")), ("PathPatternConfig", path)]);
        let forward =
            map([("Type", text("forward")), ("TargetGroupArn", Kind::TargetGroup.id().arn().into())]);
        template.resource(
            Kind::ListenerRule.id(),
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            [
                ("ListenerArn", refer("ListenerArn")),
                ("Priority", refer("ListenerRulePriority")),
                ("Conditions", Node::List(vec![condition])),
                ("Actions", Node::List(vec![forward])),
            ],
        );
        let default = self.listener_arn.as_ref().map(|arn| ("Default", text(arn)));
        let listener = [("Type", text("String")), ("Description", text(LISTENER_DESCRIPTION))];
        template.parameter("ListenerArn", listener.into_iter().chain(default));
        template.parameter(
            "ListenerRulePriority",
            [
                ("Type", text("Number")),
                ("Default", PRIORITY.into()),
                ("MinValue", Node::Number(1)),
                ("MaxValue", Node::Number(50_000)),
                ("Description", text(PRIORITY_DESCRIPTION)),
            ],
        );
        template.output("UploadPath", PATH_DESCRIPTION, self.path.as_str());
    }

    fn terraform(&self, module: &mut Module) {
        let path = block([("path_pattern", block([("values", list([self.path.as_str()]))]))]);
        let forward =
            block([("type", text("forward")), ("target_group_arn", Kind::TargetGroup.id().arn().into())]);
        let body = [
            ("listener_arn", expression("var.listener_arn")),
            ("priority", expression("var.listener_rule_priority")),
            ("condition", path),
            ("action", forward),
        ];
        module.resource(Kind::ListenerRule.id(), body);
        let default = self.listener_arn.as_ref().map(|arn| ("default", text(arn)));
        let listener = [("type", expression("string"))].into_iter().chain(default);
        module.variable("listener_arn", LISTENER_DESCRIPTION, listener);
        let priority = [("type", expression("number")), ("default", PRIORITY.into())];
        module.variable("listener_rule_priority", PRIORITY_DESCRIPTION, priority);
        module.output("upload_path", PATH_DESCRIPTION, self.path.as_str());
    }
}
