//! Comparison of stacks with Lambda authorizers, IAM and tokens in another header.

use serde_json::json;
use upsign_documents::{ApiKind, Deployment, Severity, sam_template};

use crate::apis::{of, template};
use crate::authorizers::{all, header, iam, lambda};
use crate::stacks::{compare, forms, lines};

#[test]
fn stacks_agree_with_their_deployments_in_every_form() {
    for (name, deployment) in all() {
        for (form, text) in forms(&deployment) {
            let comparison = compare(&deployment, &text);
            assert!(comparison.agrees(), "{name} {form:?}\n{}", lines(&comparison));
            assert_eq!(comparison.uncompared().count(), 0, "{name} {form:?}\n{}", lines(&comparison));
        }
    }
}

/// The text of a stack, its replacement, and the part of the deployment that the comparison names.
type Change = (&'static str, &'static str, &'static str);

#[test]
fn changes_of_authorizers_are_found() {
    let changes: [(Deployment, &[Change]); 6] = [
        (
            lambda(ApiKind::Rest),
            &[
                (
                    "\"authorizerResultTtlInSeconds\": 0",
                    "\"authorizerResultTtlInSeconds\": 300",
                    "authorizer",
                ),
                ("method.request.header.Authorization", "method.request.header.Cookie", "authorizer"),
                ("\"type\": \"request\"", "\"type\": \"token\"", "authorizer"),
                ("/authorizers/*", "/*", "permissions"),
                (
                    "\"UPSIGN_AUTH_SOURCE\": \"lambda-authorizer\"",
                    "\"UPSIGN_AUTH_SOURCE\": \"iam\"",
                    "authorizer",
                ),
            ],
        ),
        (
            lambda(ApiKind::Http),
            &[
                ("\"AuthorizerResultTtlInSeconds\": 0", "\"AuthorizerResultTtlInSeconds\": 60", "authorizer"),
                ("\"EnableSimpleResponses\": true", "\"EnableSimpleResponses\": false", "authorizer"),
                ("\"AuthorizationType\": \"CUSTOM\"", "\"AuthorizationType\": \"NONE\"", "authorizer"),
                (
                    "${AuthorizerFunctionArn}/invocations",
                    "arn:aws:lambda:a:b:function:c/invocations",
                    "authorizer",
                ),
            ],
        ),
        (
            iam(ApiKind::Rest),
            &[("awsSigv4", "custom", "authorizer"), ("\"Iam\": []", "\"Other\": []", "authorizer")],
        ),
        (
            iam(ApiKind::Http),
            &[("\"AuthorizationType\": \"AWS_IAM\"", "\"AuthorizationType\": \"NONE\"", "authorizer")],
        ),
        (
            iam(ApiKind::FunctionUrl),
            &[("\"AuthType\": \"AWS_IAM\"", "\"AuthType\": \"NONE\"", "permissions")],
        ),
        (
            of(ApiKind::Rest).with_token_header(header()),
            &[("\"name\": \"x-upload-token\"", "\"name\": \"Authorization\"", "authorizer")],
        ),
    ];
    for (deployment, changes) in changes {
        let text = sam_template(&deployment).unwrap().to_json();
        for (before, after, part) in changes {
            let changed = text.replacen(before, after, 1);
            assert_ne!(changed, text, "{before}");
            let comparison = compare(&deployment, &changed);
            let found: Vec<_> = comparison.parts().iter().filter(|it| it.name() == *part).collect();
            let severities: Vec<Severity> = found
                .iter()
                .flat_map(|part| part.differences())
                .map(upsign_documents::Difference::severity)
                .collect();
            assert!(severities.contains(&Severity::Wider), "{before}\n{}", lines(&comparison));
        }
    }
}

/// The extension on a method counts as well as a security scheme.
#[test]
fn method_that_is_opened_for_everybody_is_found() {
    let deployment = iam(ApiKind::Rest);
    let mut template = template(&deployment);
    let api = &mut template["Resources"]["UploadApi"]["Properties"]["DefinitionBody"];
    api["paths"]["/upload-url"]["post"]["x-amazon-apigateway-auth"] = json!({"type": "NONE"});
    let comparison = compare(&deployment, &template.to_string());
    assert!(!comparison.agrees());
    assert!(
        lines(&comparison).contains("lets through callers that the service refuses"),
        "{}",
        lines(&comparison)
    );
}
