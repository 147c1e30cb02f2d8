//! Spellings of one meaning in whole stacks, and the consequences that differences have.

use serde_json::{Value, json};
use upsign_documents::{
    ApiAuthorizer, ApiKind, Comparison, Deployment, Severity, sam_template, terraform_module,
};

use crate::policies::deployment;
use crate::stacks::{compare, lines};

fn template(deployment: &Deployment) -> Value {
    serde_json::from_str(&sam_template(deployment).unwrap().to_json()).unwrap()
}

/// Compares the template after a change.
fn changed(deployment: &Deployment, change: impl Fn(&mut Value)) -> Comparison {
    let mut copy = template(deployment);
    change(&mut copy["Resources"]);
    assert_ne!(copy, template(deployment));
    compare(deployment, &copy.to_string())
}

#[track_caller]
fn agrees(comparison: &Comparison) {
    assert!(comparison.agrees() && comparison.differences().next().is_none(), "{}", lines(comparison));
}

#[test]
fn other_spellings_of_a_template_agree() {
    let deployment = deployment().with_expiring_prefix("pending/", 1);
    agrees(&changed(&deployment, |it| {
        it["UploadsBucket"]["Properties"]["AccessControl"] = json!("Private");
    }));
    agrees(&changed(&deployment, |it| {
        it["UploadRole"]["Properties"]["ManagedPolicyArns"] = json!([]);
    }));
    agrees(&changed(&deployment, |it| {
        it["UploadRole"]["Properties"]["PermissionsBoundary"] = json!({"Ref": "AWS::NoValue"});
    }));
    agrees(&changed(&deployment, |it| {
        it["GetUploadUrlFunction"]["Properties"]["CodeUri"] =
            json!("s3://aws-sam-cli-managed-default-samclisourcebucket-x/uploads/0123");
    }));
    agrees(&changed(&deployment, |it| {
        let rules = it["UploadsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"].as_array_mut();
        rules.unwrap().iter_mut().for_each(|rule| drop(rule.as_object_mut().unwrap().remove("Id")));
    }));
    // The code of somebody else is another package.
    let evil = changed(&deployment, |it| {
        it["GetUploadUrlFunction"]["Properties"]["CodeUri"] = json!("s3://evil/code.zip");
    });
    assert!(!evil.agrees());
}

#[test]
fn another_name_of_the_security_scheme_agrees_and_another_scheme_does_not() {
    let authorizer = crate::policies::authorizer();
    let deployment = deployment().with_authorizer(authorizer);
    let text = template(&deployment).to_string();
    let body: Value = template(&deployment)["Resources"]["UploadApi"]["Properties"]["DefinitionBody"].clone();
    let schemes = body["components"]["securitySchemes"].as_object().unwrap();
    let name = schemes.keys().next().unwrap();
    let renamed = text.replace(&format!("\"{name}\":"), "\"Pool\":");
    assert_ne!(renamed, text);
    agrees(&compare(&deployment, &renamed));
    let open = text.replacen(&format!("\"security\":[{{\"{name}\""), "\"security\":[{\"Other\"", 1);
    assert_ne!(open, text);
    assert!(!compare(&deployment, &open).agrees());
}

#[test]
fn function_of_a_permission_has_a_name_or_an_arn() {
    let deployment = deployment().with_authorizer(ApiAuthorizer::None).with_api(ApiKind::FunctionUrl);
    let text = template(&deployment).to_string();
    let reference = "\"FunctionName\":{\"Ref\":\"GetUploadUrlFunction\"}";
    let attribute = "\"FunctionName\":{\"Fn::GetAtt\":[\"GetUploadUrlFunction\",\"Arn\"]}";
    let other = if text.contains(reference) {
        text.replace(reference, attribute)
    } else {
        text.replace(attribute, reference)
    };
    assert_ne!(other, text);
    agrees(&compare(&deployment, &other));
}

#[test]
fn protection_of_a_bucket_is_narrower_and_a_single_count_is_nothing() {
    let deployment = deployment();
    let mut module: Value = serde_json::from_str(&terraform_module(&deployment).unwrap().to_json()).unwrap();
    module["resource"]["aws_s3_bucket"]["uploads"]["count"] = json!(1);
    agrees(&compare(&deployment, &module.to_string()));
    module["resource"]["aws_s3_bucket"]["uploads"]["lifecycle"][0]["prevent_destroy"] = json!(true);
    let comparison = compare(&deployment, &module.to_string());
    let severities: Vec<Severity> =
        comparison.differences().map(upsign_documents::Difference::severity).collect();
    assert!(comparison.agrees(), "{}", lines(&comparison));
    assert_eq!(severities, [Severity::Narrower], "{}", lines(&comparison));
}

#[test]
fn missing_parts_are_not_named_as_equal_and_have_their_own_consequences() {
    let deployment = deployment();
    let comparison = changed(&deployment, |it| {
        let resources = it.as_object_mut().unwrap();
        resources.retain(|name, value| {
            name != "ApiGatewayLogRole" && !value["Type"].as_str().unwrap().starts_with("AWS::Serverless")
        });
    });
    let equal: Vec<&str> = comparison
        .parts()
        .iter()
        .filter(|part| part.verdict() == upsign_documents::Verdict::Equal)
        .map(upsign_documents::ComparedPart::name)
        .collect();
    assert!(
        !["authorizer", "api", "api cors", "throttling"].iter().any(|part| equal.contains(part)),
        "{equal:?}"
    );
    let lines = lines(&comparison);
    assert!(
        lines.contains("ApiGatewayLogRole (AWS::IAM::Role) is missing: requests are not logged"),
        "{lines}"
    );
    assert!(!lines.contains("no permission to sign") && !lines.contains("obtains no credentials"), "{lines}");
}

#[test]
fn messages_have_the_names_of_the_file() {
    let deployment = deployment();
    let text = template(&deployment).to_string().replace("UploadsBucket", "Website");
    let moved = text.replacen("\"Bucket\":{\"Ref\":\"Website\"}", "\"Bucket\":{\"Ref\":\"UploadsQueue\"}", 1);
    assert_ne!(moved, text);
    let lines = lines(&compare(&deployment, &moved));
    assert!(lines.contains("${UploadsQueue}") && !lines.contains("UploadsBucket}"), "{lines}");
}
