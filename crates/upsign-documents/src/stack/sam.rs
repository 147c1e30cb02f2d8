//! The template.

use super::{
    InvalidSystem, Resources, Template, alarms, bucket, check, dashboard, function, http_api, in_stack,
    refer, rest_api, sub,
};
use crate::node::{Node, list, map, text};
use crate::{ApiKind, Guard, IamPolicy, Notify, Reads, System};

/// The article's system as a template for `sam deploy`: buckets with CORS, lifecycle and policy, a queue for new objects,
/// the function with its role and log, the API with its authorizer and with CORS on its own errors, alarms and a dashboard.
///
/// The bucket's name is the one that is signed for, so a stack with these buckets exists once.
///
/// # Errors
/// [`InvalidSystem`].
///
/// ```
/// use upsign_documents::{CorsOrigins, Guard, System, Tokens, sam};
/// # use upsign_core::Target;
/// # use upsign_policy::*;
/// # let policy = UploadPolicy::builder(
/// #     Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?),
/// #     KeyTemplate::parse("articles/{id}.{ext}", &[])?,
/// #     Bodyless::Refuse,
/// # ).content(ContentRules::of(["image/jpeg"])?).size(SizeLimit::up_to(1 << 20)?).build()?;
/// let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// let mut tokens = Tokens::default();
/// tokens.user_pool = Some("ap-southeast-1_AbCdEf123".into());
/// let template = sam(&System::new([policy], origins).with_tokens(tokens), &Guard::USUAL)?;
/// assert!(template.to_yaml().starts_with("AWSTemplateFormatVersion: \"2010-09-09\"\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sam(system: &System, guards: &[Guard]) -> Result<Template, InvalidSystem> {
    check(system)?;
    let system = &in_stack(system);
    let (api, events) = match system.api {
        ApiKind::Rest => (rest_api::api(system)?, rest_api::events(system)),
        ApiKind::Http => (http_api::api(system)?, http_api::events(system)),
    };
    let mut resources: Resources = bucket::buckets(system, guards)?;
    resources.extend(api);
    resources.extend(function::function(system, events));
    if system.watched {
        resources.extend(alarms::alarms(system));
        resources.push(dashboard::dashboard(system));
    }
    let mut members = vec![
        ("AWSTemplateFormatVersion", text("2010-09-09")),
        ("Transform", list(["AWS::Serverless-2016-10-31"])),
        ("Description", text("Uploads straight to S3, granted by a function. Made by upsign documents sam.")),
        ("Parameters", function::parameters(system)),
    ];
    if system.watched {
        let topic = Node::List(vec![refer("AlarmTopic"), text("")]);
        let has_topic = Node::List(vec![map([("Fn::Equals", topic)])]);
        members.push(("Conditions", map([("HasAlarmTopic", map([("Fn::Not", has_topic)]))])));
    }
    members.push(("Resources", Node::Map(resources)));
    members.push(("Outputs", outputs(system)));
    Ok(Template(map(members)))
}

/// The alarms and the dashboard of [`sam`] alone, as resources to put into a template of your own. They refer to its
/// `UploadsBucket`, `GetUploadUrlFunction`, `UploadApi` and `UploadsDeadLetters`, and to its parameter `AlarmTopic`.
///
/// # Errors
/// [`InvalidSystem`].
pub fn watch_template(system: &System) -> Result<Template, InvalidSystem> {
    check(system)?;
    let mut resources = alarms::alarms(system);
    resources.push(dashboard::dashboard(system));
    Ok(Template(map([("Resources", Node::Map(resources))])))
}

/// How uploads are read: for CloudFront the distributions, their access control and the buckets' policies, as resources
/// that refer to `UploadsBucket`; for presigned reads the statements of the signing role.
///
/// # Errors
/// [`InvalidSystem`].
pub fn reads_template(system: &System) -> Result<Template, InvalidSystem> {
    check(system)?;
    if system.reads != Reads::CloudFront {
        return Ok(Template(IamPolicy::for_system(system).to_node()));
    }
    Ok(Template(map([("Resources", Node::Map(bucket::reading(&in_stack(system))?))])))
}

fn outputs(system: &System) -> Node {
    let stage = match system.api {
        ApiKind::Rest => format!("/{}", rest_api::STAGE),
        ApiKind::Http => String::new(),
    };
    let suffix = "${AWS::URLSuffix}";
    let url = format!("https://${{UploadApi}}.execute-api.${{AWS::Region}}.{suffix}{stage}{}", system.path);
    let value = |what: &str, value: Node| map([("Description", text(what)), ("Value", value)]);
    let mut members = vec![
        ("UploadUrl".to_owned(), value("Where grants are asked for, by POST", sub(url))),
        (
            "FunctionArn".into(),
            value("The function that grants", super::attribute(function::FUNCTION, "Arn")),
        ),
    ];
    if system.notify == Notify::Queue {
        members.push(("QueueUrl".into(), value("Where new objects are told of", refer("UploadsQueue"))));
    }
    if system.reads == Reads::CloudFront {
        for index in 0..system.buckets().len() {
            let name = bucket::named("Distribution", index);
            let domain = super::attribute(&name, "DomainName");
            members.push((format!("{name}Domain"), value("Where uploads are read", domain)));
        }
    }
    Node::Map(members)
}
