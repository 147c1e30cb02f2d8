//! The Lambda function that signs uploads, its role and its log group.

use super::block;

type Parts = Vec<(&'static str, String, Node)>;
use crate::deployment::Deployment;
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::node::{Node, list, map, text};

pub(in crate::stack) fn function(deployment: &Deployment) -> Parts {
    let trust = IamStatement::new("Lambda", Effect::Allow, ["sts:AssumeRole"], [""; 0]);
    let trust = IamPolicy::new([trust.with_principal(IamPrincipal::Service("lambda.amazonaws.com".into()))]);
    let role = map([("name_prefix", text("upload-")), ("assume_role_policy", trust.encoded())]);
    let log = "${aws_cloudwatch_log_group.uploads.arn}:*";
    let actions = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let log = IamStatement::new("WriteOwnLog", Effect::Allow, actions, [log]);
    let rights = IamPolicy::for_runtime(deployment).statements().to_vec().into_iter().chain([log]);
    let inline = map([
        ("name", text("uploads")),
        ("role", text("${aws_iam_role.uploads.id}")),
        ("policy", IamPolicy::new(rights).encoded()),
    ]);
    let logs = map([("name_prefix", text("/upsign/uploads-")), ("retention_in_days", Node::Number(30))]);
    let mut variables: Vec<(&str, Node)> = Vec::new();
    for (name, value) in &deployment.variables {
        variables.push((name, text(value)));
    }
    let function = map([
        ("function_name", text("GetUploadUrlFunction")),
        ("role", text("${aws_iam_role.uploads.arn}")),
        ("filename", text("${var.package}")),
        ("source_code_hash", text("${filebase64sha256(var.package)}")),
        ("handler", text("bootstrap")),
        ("runtime", text("provided.al2023")),
        ("architectures", list(["${var.architecture}"])),
        ("memory_size", Node::Number(256)),
        ("timeout", Node::Number(10)),
        (
            "logging_config",
            block([
                ("log_format", text("Text")),
                ("log_group", text("${aws_cloudwatch_log_group.uploads.name}")),
            ]),
        ),
        ("environment", block([("variables", map(variables))])),
    ]);
    vec![
        ("aws_iam_role", "uploads".into(), role),
        ("aws_iam_role_policy", "uploads".into(), inline),
        ("aws_cloudwatch_log_group", "uploads".into(), logs),
        ("aws_lambda_function", "uploads".into(), function),
    ]
}
