//! Comparison of whole stacks in use with the generated ones.

use upsign_documents::{
    ApiKind, Comparison, DeployedFile, Deployment, DocumentForm, Guard, NotificationTarget, Reads, Verdict,
    sam_template, terraform_module,
};

use crate::policies::{deployment, form, jwt_authorizer, origins, strict, two_step_policy};

/// Returns deployments that differ in everything that adds resources or properties to a stack.
pub(crate) fn deployments() -> Vec<(&'static str, Deployment)> {
    let target =
        upsign_core::Target::aws("second-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let second = strict("avatars/{id}.{ext}").build().unwrap().with_target(target).unwrap();
    let several = Deployment::new([two_step_policy(), form("forms/{id}"), second], origins());
    vec![
        ("rest", deployment()),
        (
            "http",
            Deployment::new([two_step_policy(), form("forms/{id}")], origins())
                .with_api(ApiKind::Http)
                .with_authorizer(jwt_authorizer())
                .with_reads(Reads::CloudFront)
                .with_expiring_prefix("pending/", 1)
                .with_guards([Guard::Tls, Guard::SignatureAge, Guard::Acl])
                .with_reserved_concurrency(5),
        ),
        (
            "url",
            deployment()
                .with_authorizer(upsign_documents::ApiAuthorizer::None)
                .with_api(ApiKind::FunctionUrl),
        ),
        (
            "several",
            several
                .with_authorizer(crate::policies::authorizer())
                .with_reads(Reads::Presigned)
                .with_notification_target(NotificationTarget::EventBridge)
                .with_tracing(true)
                .with_dynamodb_table("uploads"),
        ),
    ]
}

/// Returns the generated stack in every form.
pub(crate) fn forms(deployment: &Deployment) -> Vec<(DocumentForm, String)> {
    let template = sam_template(deployment).unwrap();
    let module = terraform_module(deployment).unwrap();
    vec![
        (DocumentForm::CloudFormationJson, template.to_json()),
        (DocumentForm::CloudFormationYaml, template.to_yaml()),
        (DocumentForm::Terraform, module.to_hcl()),
        (DocumentForm::TerraformJson, module.to_json()),
    ]
}

#[track_caller]
pub(crate) fn compare(deployment: &Deployment, text: &str) -> Comparison {
    let file = DeployedFile::read(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    file.compare(deployment, &deployment.buckets()[0]).unwrap()
}

/// Returns what a comparison reports, one line each.
pub(crate) fn lines(comparison: &Comparison) -> String {
    let differences = comparison.differences().map(|it| format!("{:?}: {it}", it.severity()));
    let uncompared =
        comparison.uncompared().map(|it| format!("not compared: {}: {}", it.name(), it.reason()));
    differences.chain(uncompared).collect::<Vec<_>>().join("\n")
}

#[test]
fn generated_stack_agrees_with_its_deployment_in_every_form() {
    for (name, deployment) in deployments() {
        for (form, text) in forms(&deployment) {
            let file = DeployedFile::read(&text).unwrap();
            assert_eq!(file.form(), form, "{name}");
            assert!(file.is_stack());
            let comparison = file.compare(&deployment, &deployment.buckets()[0]).unwrap();
            assert!(comparison.agrees(), "{name} {form:?}\n{}", lines(&comparison));
            assert!(comparison.parts().iter().all(|part| part.verdict() == Verdict::Equal));
            assert!(comparison.parts().len() >= 15, "{:?}", comparison.parts());
        }
    }
}
