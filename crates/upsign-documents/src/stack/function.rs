//! The Lambda function that signs uploads, its role and its log group.

use super::cloudformation::refer;
use super::previous::{Resources, attribute, policy, resource, sub};
use crate::deployment::{CodeLocation, Deployment};
use crate::iam::{Effect, IamPolicy, IamStatement};
use crate::node::{Node, list, map, text};

/// The logical id of the function.
pub(super) const FUNCTION: &str = "GetUploadUrlFunction";

pub(super) fn function(deployment: &Deployment, events: Node) -> Resources {
    let mut variables: Vec<(String, Node)> = Vec::new();
    for (name, value) in &deployment.variables {
        variables.push((name.clone(), text(value)));
    }
    let mut properties = vec![
        ("CodeUri", code(&deployment.code)),
        ("Handler", text("bootstrap")),
        ("Runtime", text("provided.al2023")),
        ("Architectures", Node::List(vec![refer("Architecture")])),
        ("MemorySize", Node::Number(256)),
        ("Timeout", Node::Number(10)),
        ("Role", attribute("UploadRole", "Arn")),
        ("LoggingConfig", map([("LogGroup", refer("UploadLog"))])),
        ("Events", events),
    ];
    if !variables.is_empty() {
        properties.push(("Environment", map([("Variables", Node::Map(variables))])));
    }
    let log = map([("RetentionInDays", Node::Number(30))]);
    vec![
        ("UploadLog".into(), resource("AWS::Logs::LogGroup", log)),
        ("UploadRole".into(), role(deployment)),
        (FUNCTION.into(), resource("AWS::Serverless::Function", map(properties))),
    ]
}

fn code(code: &CodeLocation) -> Node {
    match code {
        CodeLocation::Local(path) => text(path),
        CodeLocation::Object { bucket, key } => map([("Bucket", text(bucket)), ("Key", text(key))]),
    }
}

/// Returns the role of the function. The role that SAM would create may write to every log group of the account.
fn role(deployment: &Deployment) -> Node {
    let trust = map([
        ("Version", text("2012-10-17")),
        (
            "Statement",
            Node::List(vec![map([
                ("Effect", text("Allow")),
                ("Principal", map([("Service", text("lambda.amazonaws.com"))])),
                ("Action", text("sts:AssumeRole")),
            ])]),
        ),
    ]);
    let log = IamStatement::new(
        "WriteOwnLog",
        Effect::Allow,
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        ["${UploadLog.Arn}"],
    );
    let rights = IamPolicy::for_runtime(deployment).statements().to_vec();
    let rights = IamPolicy::new(rights.into_iter().chain([log]));
    let inline = map([("PolicyName", text("uploads")), ("PolicyDocument", policy(&rights))]);
    let properties = [("AssumeRolePolicyDocument", trust), ("Policies", Node::List(vec![inline]))];
    resource("AWS::IAM::Role", map(properties))
}

/// Returns the parameters of the template.
pub(super) fn parameters(deployment: &Deployment) -> Node {
    let built = "Processor architecture of the function. Build its zip file in the folder of its crate, whose binary is named bootstrap: cargo lambda build --release --arm64 --output-format zip --include upsign.toml, without --arm64 for x86_64";
    let architecture = map([
        ("Type", text("String")),
        ("Default", text("arm64")),
        ("AllowedValues", list(["arm64", "x86_64"])),
        ("Description", text(built)),
    ]);
    let topic = map([
        ("Type", text("String")),
        ("Default", text("")),
        ("Description", text("ARN of the SNS topic that receives alarms; empty for none")),
    ]);
    let topic = deployment.monitoring.then_some(("AlarmTopic", topic));
    map([("Architecture", architecture)].into_iter().chain(topic))
}

/// Returns the event that invokes the function for a path and a method, for either kind of API.
pub(super) fn event(kind: &str, api: (&str, Node), path: &str, method: &str, auth: Option<&str>) -> Node {
    let mut properties = vec![(api.0, api.1), ("Path", text(path)), ("Method", text(method))];
    if let Some(authorizer) = auth {
        properties.push(("Auth", map([("Authorizer", text(authorizer))])));
    }
    resource(kind, map(properties))
}

/// Returns the ARN of a user pool in the account of the stack. A pool id starts with the region, as in `eu-west-1_AbCdEf123`.
pub(super) fn pool_arn(id: &str) -> Node {
    let region = id.split_once('_').map_or("${AWS::Region}", |(region, _)| region);
    sub(format!("arn:${{AWS::Partition}}:cognito-idp:{region}:${{AWS::AccountId}}:userpool/{id}"))
}
