//! The spelling of references in CloudFormation and in Terraform.

use super::reference::{Attribute, Kind, Reference, StackValue};

/// The name of the only stage of a REST API. It is the first segment of the path of its URLs.
pub(super) const REST_STAGE: &str = "prod";

/// A reference in CloudFormation, in its shortest form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spelled {
    /// `Ref` with this name.
    Ref(String),
    /// `Fn::GetAtt` with this resource and attribute.
    GetAtt(String, &'static str),
    /// A text with references, for `Fn::Sub`.
    Sub(String),
}

impl Spelled {
    /// Returns the reference inside of a text for `Fn::Sub`.
    pub(super) fn in_text(self) -> String {
        match self {
            Self::Ref(name) => format!("${{{name}}}"),
            Self::GetAtt(name, attribute) => format!("${{{name}.{attribute}}}"),
            Self::Sub(text) => text,
        }
    }
}

impl Reference {
    pub(super) fn cloudformation(self) -> Spelled {
        let (id, attribute) = match self {
            Self::Stack(StackValue::Account) => return Spelled::Ref("AWS::AccountId".into()),
            Self::Stack(StackValue::Region) => return Spelled::Ref("AWS::Region".into()),
            Self::Stack(StackValue::Partition) => return Spelled::Ref("AWS::Partition".into()),
            Self::Stack(StackValue::Name) => return Spelled::Ref("AWS::StackName".into()),
            Self::Stack(StackValue::UniqueName) => return Spelled::Sub("${UniqueName}".into()),
            Self::Stack(StackValue::LoadBalancer) => return Spelled::Sub("${LoadBalancer}".into()),
            Self::Stack(StackValue::AuthorizerFunction) => {
                return Spelled::Ref("AuthorizerFunctionArn".into());
            }
            Self::Attribute(id, attribute) => (id, attribute),
        };
        let name = id.logical();
        let arn = |service: &str, resource: &str| {
            let place = "${AWS::Region}:${AWS::AccountId}";
            Spelled::Sub(format!("arn:${{AWS::Partition}}:{service}:{place}:{resource}"))
        };
        let attribute = match (attribute, id.kind) {
            // CloudFormation has no attribute for this ARN.
            (Attribute::Arn, Kind::Distribution) => {
                let distribution = format!("${{AWS::AccountId}}:distribution/${{{name}}}");
                return Spelled::Sub(format!("arn:${{AWS::Partition}}:cloudfront::{distribution}"));
            }
            // The attribute `Arn` of a log group ends in `:*`.
            (Attribute::Arn, kind) if kind.is_log_group() => {
                return arn("logs", &format!("log-group:${{{name}}}"));
            }
            (Attribute::ArnPattern, Kind::TargetGroup) => {
                return arn("elasticloadbalancing", "targetgroup/${UniqueName}/*");
            }
            (Attribute::ExecutionArn, _) => return arn("execute-api", &format!("${{{name}}}")),
            (Attribute::InvokeArn, _) => {
                let api = "apigateway:${AWS::Region}:lambda:path/2015-03-31/functions";
                return Spelled::Sub(format!("arn:${{AWS::Partition}}:{api}/${{{name}.Arn}}/invocations"));
            }
            (Attribute::Url, Kind::RestApi) => {
                let host = format!("${{{name}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}");
                return Spelled::Sub(format!("https://{host}/{REST_STAGE}"));
            }
            (Attribute::Url, Kind::HttpApi) => "ApiEndpoint",
            (Attribute::Url, Kind::FunctionUrl) => "FunctionUrl",
            (Attribute::Id, Kind::AccessControl) => "Id",
            (Attribute::Id | Attribute::Url, _) => return Spelled::Ref(name),
            (Attribute::Arn, Kind::TargetGroup) => "TargetGroupArn",
            (Attribute::Arn | Attribute::ArnPattern, _) => "Arn",
            (Attribute::Name, Kind::Queue | Kind::DeadLetters | Kind::WebhookDeadLetters) => "QueueName",
            (Attribute::Name, Kind::TargetGroup) => "TargetGroupFullName",
            (Attribute::Name, _) => return Spelled::Ref(name),
            (Attribute::DomainName, Kind::Bucket) => "RegionalDomainName",
            (Attribute::DomainName, _) => "DomainName",
        };
        Spelled::GetAtt(name, attribute)
    }

    /// Returns the reference as a Terraform expression.
    pub(super) fn terraform(self) -> String {
        let (id, attribute) = match self {
            Self::Stack(StackValue::Account) => return "data.aws_caller_identity.current.account_id".into(),
            // Both major versions of the provider have `id`; `name` and `region` exist in one of them each.
            Self::Stack(StackValue::Region) => return "data.aws_region.current.id".into(),
            Self::Stack(StackValue::Partition) => return "data.aws_partition.current.partition".into(),
            Self::Stack(StackValue::Name | StackValue::UniqueName) => return "var.name".into(),
            Self::Stack(StackValue::AuthorizerFunction) => return "var.authorizer_function_arn".into(),
            // arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/LISTENER
            Self::Stack(StackValue::LoadBalancer) => {
                return "join(\"/\", slice(split(\"/\", var.listener_arn), 1, 4))".into();
            }
            Self::Attribute(id, attribute) => (id, attribute),
        };
        let attribute = match (attribute, id.kind) {
            (Attribute::Url, Kind::RestApi) => {
                return format!("aws_api_gateway_stage.{}.invoke_url", id.terraform_name());
            }
            (Attribute::Url, Kind::HttpApi) => "api_endpoint",
            (Attribute::Url, Kind::FunctionUrl) => "function_url",
            (Attribute::Id, _) => "id",
            (Attribute::Arn | Attribute::ArnPattern, _) => "arn",
            (Attribute::ExecutionArn, _) => "execution_arn",
            (Attribute::InvokeArn, _) => "invoke_arn",
            (Attribute::Name, Kind::Function | Kind::Consumer | Kind::Deliverer) => "function_name",
            (Attribute::Name, Kind::TargetGroup) => "arn_suffix",
            (Attribute::Name, Kind::Bucket) => "bucket",
            (Attribute::Name, _) => "name",
            (Attribute::Url, _) => "url",
            (Attribute::DomainName, Kind::Bucket) => "bucket_regional_domain_name",
            (Attribute::DomainName, _) => "domain_name",
        };
        format!("{}.{attribute}", id.address())
    }
}
