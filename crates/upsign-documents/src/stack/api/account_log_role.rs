//! The role with which API Gateway writes access logs.

use super::super::Resource;
use super::super::cloudformation::retained;
use super::super::declared::{Declared, Parameter, Part, equals};
use super::super::reference::Kind;
use super::super::terraform::{block, expression};
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::node::{Node, list, map, text};

const PARAMETER: &str = "CreateApiGatewayLogRole";
const CONDITION: &str = "CreatesApiGatewayLogRole";
const DESCRIPTION: &str = "Whether to create the role with which API Gateway writes access logs, and to set it for all REST APIs of the account in this region. Needed once per account and region: without such a role, the deployment fails with \"CloudWatch Logs role ARN must be set in account settings\"";
const NOTE: &str = ". terraform destroy refuses to delete them, because the other REST APIs use them: remove them from the state first (terraform state rm)";

/// The policy of AWS with the permissions of the role.
const MANAGED_POLICY: &str = "iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";

const ATTACHMENT: &str = "aws_iam_role_policy_attachment";

/// Returns the role with which API Gateway writes the access logs of REST APIs, and the setting that names it. It is a setting of the account in each region, so it
/// is created only on request. Deleting the stack keeps it, because other REST APIs use it; `terraform destroy` refuses to delete
/// it.
///
/// The order is API, setting, stage: an account in which no API was ever created refuses the setting, and without the setting
/// the stage is refused.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#set-up-access-logging-permissions>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html>.
pub(super) fn resources() -> Vec<Box<dyn Resource>> {
    let role = Kind::GatewayLogRole.id();
    let first = |attribute: &str| expression(format!("{}[0].{attribute}", role.address()));
    let partition = "arn:${data.aws_partition.current.partition}";
    let attachment = Part {
        of: role,
        kind: ATTACHMENT,
        body: vec![
            ("count", count()),
            ("role", first("name")),
            ("policy_arn", expression(format!("\"{partition}:{MANAGED_POLICY}\""))),
            ("lifecycle", kept()),
        ],
    };
    // API Gateway tries whether it can write with the role, so the role must have its permissions.
    let before = [Kind::RestApi.id().address(), format!("{ATTACHMENT}.{}", role.terraform_name())];
    let account = Declared::new(Kind::GatewayAccount.id())
        .with_attributes(attributes())
        .with_attributes([("DependsOn", text(Kind::RestApi.id().logical()))])
        .in_cloudformation("CloudWatchRoleArn", role.arn())
        .in_terraform("count", count())
        .in_terraform("cloudwatch_role_arn", first("arn"))
        .in_terraform("depends_on", list(before.map(expression)))
        .in_terraform("lifecycle", kept());
    vec![Box::new(log_role()), Box::new(attachment), Box::new(account), Box::new(parameter())]
}

fn log_role() -> Declared {
    let trust = IamStatement::new("ApiGateway", Effect::Allow, ["sts:AssumeRole"], [""; 0]);
    let trust = trust.with_principal(IamPrincipal::Service("apigateway.amazonaws.com".into()));
    let policy = map([("Fn::Sub", text(format!("arn:${{AWS::Partition}}:{MANAGED_POLICY}")))]);
    Declared::new(Kind::GatewayLogRole.id())
        .with_attributes(attributes())
        .in_terraform("count", count())
        .in_terraform("name_prefix", "api-gateway-logs-")
        .with("AssumeRolePolicyDocument", IamPolicy::new([trust]).to_node())
        .in_cloudformation("ManagedPolicyArns", list([policy]))
        .in_terraform("lifecycle", kept())
}

fn parameter() -> Parameter {
    Parameter {
        name: PARAMETER,
        description: DESCRIPTION,
        notes: ("", NOTE),
        parameter: Some(("String", Some(text("false")))),
        restrictions: vec![("AllowedValues", list(["true", "false"]))],
        variable: Some(("bool", Some(false.into()))),
        condition: Some((CONDITION, equals(PARAMETER, "true"))),
        ..Parameter::default()
    }
}

fn attributes() -> impl Iterator<Item = (&'static str, Node)> {
    [("Condition", text(CONDITION))].into_iter().chain(retained())
}

fn count() -> Node {
    expression("var.create_api_gateway_log_role ? 1 : 0")
}

fn kept() -> Node {
    block([("prevent_destroy", true.into())])
}

/// Returns the variables of the stage. They refer to the setting of the account if it is created, so that CloudFormation sets it
/// before it creates the stage. `DependsOn` cannot name a resource that a condition may leave out.
pub(super) fn stage_variables() -> Node {
    let account = Node::from(Kind::GatewayAccount.id().reference());
    map([("accessLogRole", map([("Fn::If", list([text(CONDITION), account, text("existing")]))]))])
}
