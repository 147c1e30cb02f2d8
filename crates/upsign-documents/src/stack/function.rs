//! The function that grants, its role and its log.

use super::{Resources, attribute, policy, refer, resource, sub};
use crate::node::{Node, list, map, text};
use crate::{CodeLocation, Deployment, Effect, IamPolicy, IamStatement};

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

/// A role of its own: the one that SAM makes by itself may write to every log of the account.
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

/// Parameters of the template.
pub(super) fn parameters(deployment: &Deployment) -> Node {
    let built = "What the function is built for: cargo lambda build --release, for arm64 with --arm64";
    let architecture = map([
        ("Type", text("String")),
        ("Default", text("arm64")),
        ("AllowedValues", list(["arm64", "x86_64"])),
        ("Description", text(built)),
    ]);
    let topic = map([
        ("Type", text("String")),
        ("Default", text("")),
        ("Description", text("ARN of an SNS topic that alarms go to; none when empty")),
    ]);
    let topic = deployment.watched.then_some(("AlarmTopic", topic));
    map([("Architecture", architecture)].into_iter().chain(topic))
}

/// The event of a path, with the properties that both kinds of API share.
pub(super) fn event(kind: &str, api: (&str, Node), path: &str, method: &str, auth: Option<&str>) -> Node {
    let mut properties = vec![(api.0, api.1), ("Path", text(path)), ("Method", text(method))];
    if let Some(authorizer) = auth {
        properties.push(("Auth", map([("Authorizer", text(authorizer))])));
    }
    resource(kind, map(properties))
}

/// The ARN of the user pool, in this stack's account.
pub(super) fn pool_arn(id: &str) -> Node {
    let region = id.split_once('_').map_or("${AWS::Region}", |(region, _)| region);
    sub(format!("arn:${{AWS::Partition}}:cognito-idp:{region}:${{AWS::AccountId}}:userpool/{id}"))
}
