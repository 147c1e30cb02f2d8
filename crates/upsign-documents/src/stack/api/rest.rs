//! A REST API (v1) of API Gateway.

use super::super::Resource;
use super::super::cloudformation::{Template, refer};
use super::super::reference::{Kind, REST_STAGE, Reference};
use super::super::terraform::{Module, block, expression};
use super::access_log::AccessLog;
use super::permission::Permission;
use super::{Throttle, gateway};
use crate::deployment::Deployment;
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::node::{Node, list, map, text};

/// A REST API with one stage.
#[derive(Debug)]
struct RestApi {
    document: Node,
    path: String,
    throttle: Throttle,
    access_log: Option<AccessLog>,
    tracing: bool,
}

/// The role with which API Gateway writes the access logs of REST APIs. It is a setting of the account in each region, so it
/// is created only on request, and deleting the stack keeps it.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#set-up-access-logging-permissions>.
#[derive(Debug)]
struct AccountLogRole;

pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let api = RestApi {
        document: gateway::document(deployment),
        path: deployment.path.clone(),
        throttle: Throttle::of(deployment),
        access_log: deployment.access_logs.then_some(AccessLog::REST),
        tracing: deployment.tracing,
    };
    let permission = Permission::for_gateway(Kind::RestApi, "POST", &deployment.path);
    let mut resources: Vec<Box<dyn Resource>> = Vec::new();
    if deployment.access_logs {
        resources.push(Box::new(AccessLog::log_group(deployment.log_retention)));
        resources.push(Box::new(AccountLogRole));
    }
    resources.push(Box::new(api));
    resources.push(Box::new(permission));
    resources
}

const LOG_ROLE_PARAMETER: &str = "CreateApiGatewayLogRole";
const LOG_ROLE_VARIABLE: &str = "create_api_gateway_log_role";
const LOG_ROLE_CONDITION: &str = "CreatesApiGatewayLogRole";
const LOG_ROLE_DESCRIPTION: &str = "Whether to create the role with which API Gateway writes access logs, and to set it for all REST APIs of the account in this region. Needed once per account and region: without such a role, the deployment fails with \"CloudWatch Logs role ARN must be set in account settings\"";

impl RestApi {
    fn upload_url(&self) -> String {
        format!("{}{}", Kind::RestApi.id().url(), self.path)
    }
}

impl Resource for RestApi {
    fn cloudformation(&self, template: &mut Template) {
        let throttle = map([
            ("HttpMethod", text("*")),
            ("ResourcePath", text("/*")),
            ("ThrottlingRateLimit", self.throttle.rate.into()),
            ("ThrottlingBurstLimit", self.throttle.burst.into()),
        ]);
        let mut properties = vec![
            ("StageName", text(REST_STAGE)),
            // Without this, SAM adds a second stage named "Stage".
            ("OpenApiVersion", text("3.0.1")),
            ("EndpointConfiguration", map([("Type", text("REGIONAL"))])),
            ("DefinitionBody", self.document.clone()),
            ("MethodSettings", Node::List(vec![throttle])),
        ];
        if let Some(log) = self.access_log {
            let destination = Kind::ApiLogGroup.id().arn().into();
            properties.push(("Description", AccountLogRole::dependency()));
            properties
                .push(("AccessLogSetting", map([("DestinationArn", destination), ("Format", log.format())])));
        }
        if self.tracing {
            properties.push(("TracingEnabled", true.into()));
        }
        template.resource(Kind::RestApi.id(), "AWS::Serverless::Api", properties);
        template.output("UploadUrl", super::UPLOAD_URL, self.upload_url());
    }

    fn terraform(&self, module: &mut Module) {
        let id = Kind::RestApi.id();
        let api = || ("rest_api_id", Node::from(id.reference()));
        let address = format!("{}.{}", id.terraform_type(), id.terraform_name());
        module.resource(
            id,
            [
                ("name", Reference::StackName.into()),
                ("body", Node::Encoded(Box::new(self.document.clone()))),
                ("endpoint_configuration", block([("types", list(["REGIONAL"]))])),
            ],
        );
        let triggers = map([("body", expression(format!("sha1({address}.body)")))]);
        let replace = block([("create_before_destroy", true.into())]);
        module.part(
            id,
            "aws_api_gateway_deployment",
            [api(), ("triggers", triggers), ("lifecycle", replace)],
        );
        let deployment = expression(format!("aws_api_gateway_deployment.{}.id", id.terraform_name()));
        let mut stage = vec![api(), ("deployment_id", deployment), ("stage_name", text(REST_STAGE))];
        if let Some(log) = self.access_log {
            let settings =
                [("destination_arn", Kind::ApiLogGroup.id().arn().into()), ("format", log.format())];
            stage.push(("access_log_settings", block(settings)));
            let account = Kind::GatewayAccount.id();
            let account = format!("{}.{}", account.terraform_type(), account.terraform_name());
            stage.push(("depends_on", Node::List(vec![expression(account)])));
        }
        if self.tracing {
            stage.push(("xray_tracing_enabled", true.into()));
        }
        module.part(id, "aws_api_gateway_stage", stage);
        let limits = [
            ("throttling_rate_limit", self.throttle.rate.into()),
            ("throttling_burst_limit", self.throttle.burst.into()),
        ];
        let stage = expression(format!("aws_api_gateway_stage.{}.stage_name", id.terraform_name()));
        module.part(
            id,
            "aws_api_gateway_method_settings",
            [api(), ("stage_name", stage), ("method_path", text("*/*")), ("settings", block(limits))],
        );
        module.output("upload_url", super::UPLOAD_URL, self.upload_url());
    }
}

impl AccountLogRole {
    fn trust() -> IamPolicy {
        let statement = IamStatement::new("ApiGateway", Effect::Allow, ["sts:AssumeRole"], [""; 0]);
        IamPolicy::new([statement.with_principal(IamPrincipal::Service("apigateway.amazonaws.com".into()))])
    }

    /// Returns a description of the API that refers to the setting of the account if it is created, so that it exists before
    /// the stage. `DependsOn` cannot name a resource that a condition may leave out.
    fn dependency() -> Node {
        let plain = "Signs uploads to S3";
        let with = format!("{plain} (access log: {})", Kind::GatewayAccount.id().reference());
        map([("Fn::If", Node::List(vec![text(LOG_ROLE_CONDITION), text(with), text(plain)]))])
    }
}

const MANAGED_POLICY: &str = "iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";

impl Resource for AccountLogRole {
    fn cloudformation(&self, template: &mut Template) {
        let attributes = || {
            [
                ("Condition", text(LOG_ROLE_CONDITION)),
                ("DeletionPolicy", text("Retain")),
                ("UpdateReplacePolicy", text("Retain")),
            ]
        };
        let policy = map([("Fn::Sub", text(format!("arn:${{AWS::Partition}}:{MANAGED_POLICY}")))]);
        let role = Kind::GatewayLogRole.id();
        template.resource_with(
            role,
            "AWS::IAM::Role",
            attributes(),
            [
                ("AssumeRolePolicyDocument", Self::trust().to_node()),
                ("ManagedPolicyArns", Node::List(vec![policy])),
            ],
        );
        template.resource_with(
            Kind::GatewayAccount.id(),
            "AWS::ApiGateway::Account",
            attributes(),
            [("CloudWatchRoleArn", Node::from(role.arn()))],
        );
        template.parameter(
            LOG_ROLE_PARAMETER,
            [
                ("Type", text("String")),
                ("Default", text("false")),
                ("AllowedValues", list(["true", "false"])),
                ("Description", text(LOG_ROLE_DESCRIPTION)),
            ],
        );
        let is_true = Node::List(vec![refer(LOG_ROLE_PARAMETER), text("true")]);
        template.condition(LOG_ROLE_CONDITION, map([("Fn::Equals", is_true)]));
    }

    fn terraform(&self, module: &mut Module) {
        let count = || ("count", expression(format!("var.{LOG_ROLE_VARIABLE} ? 1 : 0")));
        let (role, account) = (Kind::GatewayLogRole.id(), Kind::GatewayAccount.id());
        let address = format!("{}.{}", role.terraform_type(), role.terraform_name());
        module.resource(
            role,
            [
                count(),
                ("name_prefix", text("api-gateway-logs-")),
                ("assume_role_policy", Self::trust().encoded()),
            ],
        );
        let policy =
            expression(format!("\"arn:${{data.aws_partition.current.partition}}:{MANAGED_POLICY}\""));
        module.data("aws_partition");
        module.part(
            role,
            "aws_iam_role_policy_attachment",
            [count(), ("role", expression(format!("{address}[0].name"))), ("policy_arn", policy)],
        );
        module.resource(account, [count(), ("cloudwatch_role_arn", expression(format!("{address}[0].arn")))]);
        module.variable(
            LOG_ROLE_VARIABLE,
            LOG_ROLE_DESCRIPTION,
            [("type", expression("bool")), ("default", false.into())],
        );
    }
}
