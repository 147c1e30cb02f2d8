//! The template.

use super::{
    CloudFormationTemplate, InvalidDeployment, Resources, alarms, bucket, check, dashboard, function,
    http_api, in_stack, refer, rest_api, sub,
};
use crate::node::{Node, list, map, text};
use crate::{ApiKind, Deployment, Guard, IamPolicy, NotificationTarget, Reads};

/// The article's deployment as a template for `sam deploy`: buckets with CORS, lifecycle and policy, a queue for new objects,
/// the function with its role and log, the API with its authorizer and with CORS on its own errors, alarms and a dashboard.
///
/// The bucket's name is the one that is signed for, so a stack with these buckets exists once.
///
/// # Errors
/// [`InvalidDeployment`].
///
/// ```
/// use upsign_core::CorsOrigins;
/// use upsign_documents::{Guard, Deployment, ApiAuthorizer, sam_template};
/// # use upsign_core::Target;
/// # use upsign_policy::*;
/// # let policy = UploadPolicy::builder(
/// #     Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?),
/// #     KeyTemplate::parse("articles/{id}.{ext}", &[])?,
/// #     Bodyless::Refuse,
/// # ).content(ContentRules::new(["image/jpeg"])?).size(SizeLimit::up_to(1 << 20)?).build()?;
/// let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// let mut tokens = ApiAuthorizer::default();
/// tokens.user_pool = Some("ap-southeast-1_AbCdEf123".into());
/// let template = sam_template(&Deployment::new([policy], origins).with_api_authorizer(tokens), &Guard::RECOMMENDED)?;
/// assert!(template.to_yaml().starts_with("AWSTemplateFormatVersion: \"2010-09-09\"\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sam_template(
    deployment: &Deployment,
    guards: &[Guard],
) -> Result<CloudFormationTemplate, InvalidDeployment> {
    check(deployment)?;
    let deployment = &in_stack(deployment);
    let (api, events) = match deployment.api {
        ApiKind::Rest => (rest_api::api(deployment)?, rest_api::events(deployment)),
        ApiKind::Http => (http_api::api(deployment)?, http_api::events(deployment)),
    };
    let mut resources: Resources = bucket::buckets(deployment, guards)?;
    resources.extend(api);
    resources.extend(function::function(deployment, events));
    if deployment.watched {
        resources.extend(alarms::alarms(deployment));
        resources.push(dashboard::dashboard(deployment));
    }
    let mut members = vec![
        ("AWSTemplateFormatVersion", text("2010-09-09")),
        ("Transform", list(["AWS::Serverless-2016-10-31"])),
        ("Description", text("Uploads straight to S3, granted by a function. Made by upsign documents sam.")),
        ("Parameters", function::parameters(deployment)),
    ];
    if deployment.watched {
        let topic = Node::List(vec![refer("AlarmTopic"), text("")]);
        let has_topic = Node::List(vec![map([("Fn::Equals", topic)])]);
        members.push(("Conditions", map([("HasAlarmTopic", map([("Fn::Not", has_topic)]))])));
    }
    members.push(("Resources", Node::Map(resources)));
    members.push(("Outputs", outputs(deployment)));
    Ok(CloudFormationTemplate(map(members)))
}

/// The alarms and the dashboard of [`sam_template`] alone, as resources to put into a template of your own. They refer to its
/// `UploadsBucket`, `GetUploadUrlFunction`, `UploadApi` and `UploadsDeadLetters`, and to its parameter `AlarmTopic`.
///
/// # Errors
/// [`InvalidDeployment`].
pub fn monitoring_template(deployment: &Deployment) -> Result<CloudFormationTemplate, InvalidDeployment> {
    check(deployment)?;
    let mut resources = alarms::alarms(deployment);
    resources.push(dashboard::dashboard(deployment));
    Ok(CloudFormationTemplate(map([("Resources", Node::Map(resources))])))
}

/// How uploads are read: for CloudFront the distributions, their access control and the buckets' policies, as resources
/// that refer to `UploadsBucket`; for presigned reads the statements of the signing role.
///
/// # Errors
/// [`InvalidDeployment`].
pub fn cloudfront_template(deployment: &Deployment) -> Result<CloudFormationTemplate, InvalidDeployment> {
    check(deployment)?;
    if deployment.reads != Reads::CloudFront {
        return Ok(CloudFormationTemplate(IamPolicy::for_deployment(deployment).to_node()));
    }
    Ok(CloudFormationTemplate(map([("Resources", Node::Map(bucket::reading(&in_stack(deployment))?))])))
}

fn outputs(deployment: &Deployment) -> Node {
    let stage = match deployment.api {
        ApiKind::Rest => format!("/{}", rest_api::STAGE),
        ApiKind::Http => String::new(),
    };
    let suffix = "${AWS::URLSuffix}";
    let url =
        format!("https://${{UploadApi}}.execute-api.${{AWS::Region}}.{suffix}{stage}{}", deployment.path);
    let value = |what: &str, value: Node| map([("Description", text(what)), ("Value", value)]);
    let mut members = vec![
        ("UploadUrl".to_owned(), value("Where grants are asked for, by POST", sub(url))),
        (
            "FunctionArn".into(),
            value("The function that grants", super::attribute(function::FUNCTION, "Arn")),
        ),
    ];
    if deployment.notify == NotificationTarget::Queue {
        members.push(("QueueUrl".into(), value("Where new objects are told of", refer("UploadsQueue"))));
    }
    if deployment.reads == Reads::CloudFront {
        for index in 0..deployment.buckets().len() {
            let name = bucket::named("Distribution", index);
            let domain = super::attribute(&name, "DomainName");
            members.push((format!("{name}Domain"), value("Where uploads are read", domain)));
        }
    }
    Node::Map(members)
}
