//! The functions of a stack that take messages from queues: when a stack has them, what their roles permit, and what Lambda calls
//! them with.

use serde_json::{Value, json};
use upsign_core::CorsOrigins;
use upsign_documents::{
    Affected, ApiKind, CodeLocation, ComparedPart, Deployment, IamPolicy, NotificationTarget, Severity,
    sam_template, terraform_module,
};
use upsign_policy::{ConfirmationOptions, Gate, KeyTemplate, StorageOptions, UploadPolicy};

use crate::apis::{assert_has_lines, blocks, template};
use crate::confirmed_stacks;
use crate::policies::{pending, strict};
use crate::stacks::{compare, lines};

const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:webhooks";
const WEBHOOK_SECRET: &str =
    "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:upsign/webhooks-AbCdEf";

/// Returns a policy whose objects are below `pending/` until an event confirms them by their claim.
fn claimed(key: &str) -> UploadPolicy {
    let template = KeyTemplate::parse(&format!("pending/{key}"), &[]).unwrap();
    let options = ConfirmationOptions::new().with_confirm(true).with_claim(true).with_delete(true);
    strict(key).confirmation(options.with_gate(Gate::Pending(template))).build().unwrap()
}

/// Returns a policy whose keys prove which upload they are of.
fn sealed(key: &str) -> UploadPolicy {
    let options = ConfirmationOptions::new().with_confirm(true).with_delete(true).with_gate(Gate::Tag);
    strict(key).confirmation(options).build().unwrap()
}

/// Returns a deployment whose stack has both functions.
pub(crate) fn deployment() -> Deployment {
    let routes = [claimed("files/{id}"), sealed("tagged/{id:sealed}"), strict("other/{id}").build().unwrap()];
    Deployment::new(routes, CorsOrigins::listed(["https://app.example.com".parse().unwrap()]))
        .with_api(ApiKind::FunctionUrl)
        .with_token_secret(crate::multipart_stacks::SECRET)
        .with_quota_table("upsign-quota", None)
        .with_webhook_queue(QUEUE)
        .with_webhook_secret(WEBHOOK_SECRET)
}

fn with_routes(routes: impl IntoIterator<Item = UploadPolicy>) -> Deployment {
    Deployment::new(routes, CorsOrigins::listed([]))
}

#[test]
fn stack_has_a_consumer_if_an_event_is_enough_for_a_route() {
    let open = || strict("a/{id}").build().unwrap();
    let unproven = || pending("a/{id}");
    for (deployment, expected) in [
        (with_routes([claimed("a/{id}")]), true),
        (with_routes([open(), sealed("b/{id:sealed}")]), true),
        (with_routes([open()]), false),
        (with_routes([strict("a/{id:sealed}").build().unwrap()]), false),
        (with_routes([unproven()]), false),
        (with_routes([unproven()]).with_webhook_queue(QUEUE), true),
        (with_routes([claimed("a/{id}")]).with_notification_target(NotificationTarget::EventBridge), false),
        (with_routes([claimed("a/{id}")]).with_notification_target(NotificationTarget::None), false),
    ] {
        assert_eq!(deployment.has_consumer(), expected, "{:?}", deployment.routes());
        let resources = template(&deployment)["Resources"].clone();
        assert_eq!(resources.get("ConfirmUploadsFunction").is_some(), expected);
        let module = terraform_module(&deployment).unwrap().to_hcl();
        assert_eq!(module.contains("aws_lambda_event_source_mapping\" \"consumer\""), expected);
    }
}

#[test]
fn stack_has_the_queue_of_webhooks_if_it_is_one_of_its_account_and_region() {
    let far = "arn:aws:sqs:us-east-1:123456789012:webhooks";
    let account = |id: &str| deployment().with_account(id.parse().unwrap());
    for (deployment, expected) in [
        (deployment(), true),
        (account("123456789012"), true),
        (account("210987654321"), false),
        (deployment().with_webhook_queue(far), false),
        (with_routes([strict("a/{id}").build().unwrap()]).with_webhook_queue(QUEUE), false),
    ] {
        assert_eq!(deployment.has_deliverer(), expected);
        let resources = template(&deployment)["Resources"].clone();
        for name in
            ["WebhookQueue", "WebhookDeadLetters", "DeliverWebhooksFunction", "WebhookDeadLettersAlarm"]
        {
            assert_eq!(resources.get(name).is_some(), expected, "{name}");
        }
    }
    // The role may send to the queue of the stack, or to the other one.
    let role = |deployment: &Deployment| template(deployment)["Resources"]["UploadRole"].to_string();
    assert!(role(&deployment()).contains(r#"{"Fn::GetAtt":["WebhookQueue","Arn"]}"#));
    assert!(role(&deployment().with_webhook_queue(far)).contains(far));
}

#[test]
fn lambda_calls_each_function_with_its_queue_and_deletes_only_what_succeeded() {
    let resources = template(&deployment())["Resources"].clone();
    for (name, queue, function, batch) in [
        ("ConfirmUploadsSource", "UploadsQueue", "ConfirmUploadsFunction", 5),
        ("DeliverWebhooksSource", "WebhookQueue", "DeliverWebhooksFunction", 1),
    ] {
        let expected = json!({
            "EventSourceArn": {"Fn::GetAtt": [queue, "Arn"]},
            "FunctionName": {"Ref": function},
            "BatchSize": batch,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        });
        assert_eq!(resources[name]["Properties"], expected, "{name}");
        // <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
        let seconds =
            |resource: &str, property: &str| resources[resource]["Properties"][property].as_u64().unwrap();
        assert!(seconds(queue, "VisibilityTimeout") >= 6 * seconds(function, "Timeout"), "{name}");
    }
    let dead = |queue: &str| resources[queue]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"].clone();
    assert_eq!(dead("WebhookQueue"), json!({"Fn::GetAtt": ["WebhookDeadLetters", "Arn"]}));
    assert_eq!(resources["WebhookQueue"]["Properties"]["QueueName"], "webhooks");
    let mapping = &blocks(&deployment(), "aws_lambda_event_source_mapping")[0];
    assert_has_lines(
        mapping,
        &[
            "event_source_arn = aws_sqs_queue.uploads.arn",
            "function_response_types = [\"ReportBatchItemFailures\"]",
            "depends_on = [aws_iam_role_policy.consumer]",
        ],
    );
}

#[test]
fn fifo_queue_of_webhooks_has_a_fifo_dead_letter_queue() {
    let resources = template(&deployment().with_webhook_queue(&format!("{QUEUE}.fifo")))["Resources"].clone();
    for queue in ["WebhookQueue", "WebhookDeadLetters"] {
        assert_eq!(resources[queue]["Properties"]["FifoQueue"], true, "{queue}");
    }
    assert!(resources["UploadsQueue"]["Properties"].get("FifoQueue").is_none());
}

#[test]
fn functions_that_announce_are_told_the_queue_of_the_stack() {
    let named =
        deployment().with_environment_variable("UPSIGN_WEBHOOK_QUEUE_URL", "https://sqs.example.com/1/other");
    let far = deployment().with_webhook_queue("arn:aws:sqs:us-east-1:123456789012:webhooks");
    let queue = json!({"Ref": "WebhookQueue"});
    for (deployment, expected) in [(deployment(), Some(&queue)), (named, Some(&queue)), (far, None)] {
        let resources = template(&deployment)["Resources"].clone();
        for name in ["GetUploadUrlFunction", "ConfirmUploadsFunction"] {
            let variables = &resources[name]["Properties"]["Environment"]["Variables"];
            assert_eq!(variables.get("UPSIGN_WEBHOOK_QUEUE_URL"), expected, "{name}");
        }
    }
    let functions = blocks(&deployment(), "aws_lambda_function");
    for function in &functions[..2] {
        assert_has_lines(function, &["UPSIGN_WEBHOOK_QUEUE_URL = aws_sqs_queue.webhooks.url"]);
    }
}

#[test]
fn every_function_has_an_alarm_on_its_errors() {
    let resources = template(&deployment())["Resources"].clone();
    for (alarm, function) in [
        ("FunctionErrorsAlarm", "GetUploadUrlFunction"),
        ("ConfirmUploadsErrorsAlarm", "ConfirmUploadsFunction"),
        ("DeliverWebhooksErrorsAlarm", "DeliverWebhooksFunction"),
    ] {
        let alarm = &resources[alarm]["Properties"];
        assert_eq!([&alarm["Namespace"], &alarm["MetricName"]], ["AWS/Lambda", "Errors"]);
        assert_eq!(alarm["Dimensions"], json!([{"Name": "FunctionName", "Value": {"Ref": function}}]));
        assert_eq!(alarm["Threshold"], 0);
    }
    let alone =
        template(&confirmed_stacks::of(ApiKind::Rest, "https://app.example.com"))["Resources"].clone();
    for name in ["ConfirmUploadsErrorsAlarm", "DeliverWebhooksErrorsAlarm"] {
        assert!(alone.get(name).is_none(), "{name}");
    }
}

/// Returns the statements as `Sid: actions on resources`.
fn rights(policy: &IamPolicy) -> Vec<String> {
    let statement = |it: &upsign_documents::IamStatement| {
        let resources: Vec<String> = it.resources().iter().map(|arn| short(arn).to_owned()).collect();
        format!("{}: {} on {}", it.sid(), it.actions().join(" "), resources.join(" "))
    };
    policy.statements().iter().map(statement).collect()
}

/// Returns the last part of an ARN.
fn short(arn: &str) -> &str {
    arn.splitn(6, ':').last().unwrap()
}

#[test]
fn consumer_may_only_confirm() {
    let own = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";
    let bucket = "article-images-bucket";
    let files = format!("{bucket}/pending/files/* {bucket}/files/*");
    let expected = [
        "TakeMessages: sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes on uploads".to_owned(),
        format!("PromoteUploads: s3:PutObject on {bucket}/files/*"),
        format!("DiscardObjects: s3:DeleteObject s3:DeleteObjectVersion on {files}"),
        format!("TagInspected: s3:GetObjectVersionTagging s3:PutObjectVersionTagging on {bucket}/tagged/*"),
        format!("ReadUploads: s3:GetObject s3:GetObjectVersion on {files} {bucket}/tagged/*"),
        format!("ListForNotFound: s3:ListBucket on {bucket}"),
        "CountUploads: dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:Query on \
         table/upsign-quota"
            .to_owned(),
        "SendWebhooks: sqs:SendMessage on webhooks".to_owned(),
        format!("ReadTokenSecrets: secretsmanager:GetSecretValue on {}", short(crate::multipart_stacks::SECRET)),
    ];
    assert_eq!(rights(&IamPolicy::for_consumer(&deployment(), own)), expected);
    // What proves nothing is only looked at.
    let unproven = with_routes([pending("files/{id}"), strict("other/{id}").build().unwrap()]);
    let expected = [
        expected[0].clone(),
        format!("ReadUploads: s3:GetObject s3:GetObjectVersion on {files}"),
        format!("ListForNotFound: s3:ListBucket on {bucket}"),
    ];
    assert_eq!(rights(&IamPolicy::for_consumer(&unproven, own)), expected);
    let signer = deployment().with_signing_role("arn:aws:iam::123456789012:role/signer");
    let rights = rights(&IamPolicy::for_consumer(&signer, own));
    assert_eq!(rights[1], "BecomeTheSigner: sts:AssumeRole on role/signer");
    assert!(rights.iter().all(|it| !it.contains("s3:")), "{rights:?}");
}

#[test]
fn consumer_uses_the_keys_with_which_objects_are_copied() {
    let encrypted = |policy: UploadPolicy, key: &str| {
        let key = upsign_policy::KmsKey::CustomerManaged(key.parse().unwrap());
        let storage = StorageOptions::new().encryption(upsign_policy::Encryption::Kms(key));
        let options = policy.confirmation().clone();
        strict(policy.template().as_ref()).storage(storage).confirmation(options).build().unwrap()
    };
    let key = |digit: char| format!("0b1c2d3e-4f56-7890-abcd-ef012345678{digit}");
    let deployment = with_routes([
        encrypted(claimed("files/{id}"), &key('1')),
        encrypted(sealed("tagged/{id:sealed}"), &key('2')),
        encrypted(strict("other/{id}").build().unwrap(), &key('3')),
    ]);
    let rights = rights(&IamPolicy::for_consumer(&deployment, QUEUE));
    let keys: Vec<&String> = rights.iter().filter(|it| it.contains("kms:")).collect();
    let expected = [
        format!("EncryptUploads: kms:GenerateDataKey kms:Decrypt on key/{}", key('1')),
        format!("EncryptUploads2: kms:Decrypt on key/{}", key('2')),
    ];
    assert_eq!(keys, expected.iter().collect::<Vec<_>>());
}

#[test]
fn deliverer_may_only_take_messages_and_read_its_secrets() {
    let expected = [
        "TakeMessages: sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes on webhooks",
        "ReadWebhookSecrets: secretsmanager:GetSecretValue on secret:upsign/webhooks-AbCdEf",
    ];
    assert_eq!(rights(&IamPolicy::for_deliverer(&deployment(), QUEUE)), expected);
    let resources = template(&deployment())["Resources"].clone();
    let role = resources["DeliverWebhooksRole"]["Properties"].to_string();
    assert!(!role.contains("s3:") && !role.contains(crate::multipart_stacks::SECRET), "{role}");
    let others = [&resources["UploadRole"], &resources["ConfirmUploadsRole"]];
    assert!(others.iter().all(|role| !role.to_string().contains(WEBHOOK_SECRET)));
}

#[test]
fn policy_of_the_bucket_lets_the_consumer_read_what_is_not_confirmed() {
    let roles = |template: &Value| {
        let policy = &template["Resources"]["UploadsBucketPolicy"]["Properties"]["PolicyDocument"];
        let statements = policy["Statement"].as_array().unwrap().iter();
        let gates = statements.filter(|it| it["Condition"].get("ArnNotLike").is_some());
        gates.map(|it| it["Condition"]["ArnNotLike"]["aws:PrincipalArn"].clone()).collect::<Vec<_>>()
    };
    let both = json!([{"Fn::GetAtt": ["UploadRole", "Arn"]}, {"Fn::GetAtt": ["ConfirmUploadsRole", "Arn"]}]);
    assert_eq!(roles(&template(&deployment())), [both.clone(), both.clone(), both]);
    let alone = confirmed_stacks::of(ApiKind::Rest, "https://app.example.com");
    assert!(roles(&template(&alone)).iter().all(|it| it.get("Fn::GetAtt").is_some()));
}

#[test]
fn code_of_each_function_has_its_place() {
    let uri = |deployment: &Deployment, name: &str| {
        template(deployment)["Resources"][name]["Properties"]["CodeUri"].clone()
    };
    let (consumer, deliverer) = ("ConfirmUploadsFunction", "DeliverWebhooksFunction");
    assert_eq!(uri(&deployment(), consumer), "target/lambda/consumer/bootstrap.zip");
    assert_eq!(uri(&deployment(), deliverer), "target/lambda/deliverer/bootstrap.zip");
    let object = |key: &str| CodeLocation::Object { bucket: "code".into(), key: key.into() };
    let elsewhere = deployment().with_consumer_code(object("c.zip")).with_deliverer_code(object("d.zip"));
    assert_eq!(uri(&elsewhere, consumer), json!({"Bucket": "code", "Key": "c.zip"}));
    assert_eq!(uri(&elsewhere, deliverer), json!({"Bucket": "code", "Key": "d.zip"}));
    let functions = blocks(&deployment(), "aws_lambda_function");
    for (function, package) in functions.iter().zip(["package", "consumer_package", "deliverer_package"]) {
        let file = format!("filename = var.{package}");
        assert_has_lines(function, &[file.as_str()]);
    }
    let module = terraform_module(&deployment()).unwrap().to_hcl();
    assert!(module.contains("variable \"deliverer_package\""), "{module}");
}

/// The severity of a difference, what it breaks, and its text.
type Effect = (Severity, Option<Affected>, String);

/// Changes the stack, and returns what its comparison reports of `part`.
fn changed(part: &str, change: impl FnOnce(&mut Value)) -> Vec<Effect> {
    let mut stack = template(&deployment());
    change(&mut stack["Resources"]);
    let comparison = compare(&deployment(), &stack.to_string());
    assert!(!comparison.agrees(), "{}", lines(&comparison));
    let parts = comparison.parts().iter().filter(|it| it.name() == part);
    let differences = parts.flat_map(ComparedPart::differences);
    differences.map(|it| (it.severity(), it.affected(), it.to_string())).collect()
}

#[test]
fn difference_of_a_queue_or_of_its_function_breaks_processing_and_no_uploads() {
    let remove = |name: &'static str| {
        move |resources: &mut Value| {
            resources.as_object_mut().unwrap().remove(name).unwrap();
        }
    };
    let set = |name: &'static str, property: &'static str, value: Value| {
        move |resources: &mut Value| resources[name]["Properties"][property] = value
    };
    let rows = [
        ("queue", changed("queue", remove("WebhookQueue"))),
        ("name", changed("queue", set("WebhookQueue", "QueueName", json!("other")))),
        ("visibility", changed("queue", set("UploadsQueue", "VisibilityTimeout", json!(30)))),
        ("source", changed("event sources", remove("ConfirmUploadsSource"))),
        (
            "batches",
            changed("event sources", set("ConfirmUploadsSource", "FunctionResponseTypes", json!([]))),
        ),
        ("function", changed("function", remove("DeliverWebhooksFunction"))),
        ("handler", changed("function", set("ConfirmUploadsFunction", "Handler", json!("other")))),
        ("role", changed("role", set("ConfirmUploadsRole", "Policies", json!([])))),
    ];
    for (name, found) in rows {
        let broken: Vec<_> = found.iter().filter(|(severity, ..)| *severity == Severity::Broken).collect();
        assert!(!broken.is_empty(), "{name}: {found:?}");
        assert!(
            broken.iter().all(|(_, affected, _)| *affected == Some(Affected::Processing)),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn function_that_signs_is_not_taken_for_another_one() {
    let found = changed("role", |resources| resources["UploadRole"]["Properties"]["Policies"] = json!([]));
    assert!(found.iter().any(|(_, affected, _)| *affected == Some(Affected::Uploads)), "{found:?}");
    let found = changed("function", |resources| {
        resources.as_object_mut().unwrap().remove("GetUploadUrlFunction").unwrap();
    });
    assert!(found.iter().any(|(_, affected, _)| *affected == Some(Affected::Uploads)), "{found:?}");
}

#[test]
fn template_is_the_same_without_confirmed_routes_whatever_is_told_about_webhooks() {
    let plain = || with_routes([strict("a/{id}").build().unwrap()]);
    let told =
        plain().with_webhook_secret(WEBHOOK_SECRET).with_consumer_code(CodeLocation::Local("x".into()));
    assert_eq!(sam_template(&plain()).unwrap(), sam_template(&told).unwrap());
    assert_eq!(terraform_module(&plain()).unwrap(), terraform_module(&told).unwrap());
}
