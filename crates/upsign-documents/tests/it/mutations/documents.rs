//! Single documents in every form, and mutants of their XML.

use serde_json::Value;
use upsign_documents::{CorsDocument, Deployment, IamPolicy, LifecycleDocument, NotificationDocument};

const BUCKET: &str = "article-images-bucket";
const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";

/// Returns the documents of the first bucket in their forms of JSON.
pub(super) fn in_json(deployment: &Deployment) -> Vec<(&'static str, Value)> {
    let bucket = &deployment.buckets()[0];
    let cors = CorsDocument::for_bucket(deployment, bucket).unwrap();
    let lifecycle = LifecycleDocument::for_bucket(deployment, bucket);
    let notification = NotificationDocument::for_bucket(deployment, bucket, QUEUE).unwrap();
    let role = IamPolicy::for_deployment(deployment);
    let policy =
        IamPolicy::for_bucket(deployment, bucket, Some("arn:aws:cloudfront::1:distribution/E")).unwrap();
    let queue = IamPolicy::for_queue(&bucket.arn(), "123456789012", QUEUE);
    let texts = vec![
        ("cors", cors.to_json()),
        ("cors of the console", cors.to_console_json()),
        ("cors of CloudFormation", cors.to_cloudformation()),
        ("cors of Terraform", cors.to_terraform_json(BUCKET)),
        ("lifecycle", lifecycle.to_json()),
        ("lifecycle of CloudFormation", lifecycle.to_cloudformation()),
        ("lifecycle of Terraform", lifecycle.to_terraform_json(BUCKET)),
        ("notification", notification.to_json()),
        ("notification of CloudFormation", notification.to_cloudformation()),
        ("notification of Terraform", notification.to_terraform_json(BUCKET)),
        ("role", role.to_json()),
        ("role of Terraform", role.to_terraform_json_role_policy("uploads")),
        ("bucket policy", policy.to_json()),
        ("bucket policy of Terraform", policy.to_terraform_json_bucket_policy(BUCKET)),
        ("queue policy", queue.to_json()),
    ];
    texts.into_iter().map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect()
}

/// Returns the documents in XML.
pub(super) fn in_xml(deployment: &Deployment) -> Vec<(&'static str, String)> {
    let bucket = &deployment.buckets()[0];
    vec![
        ("cors", CorsDocument::for_bucket(deployment, bucket).unwrap().to_xml()),
        ("lifecycle", LifecycleDocument::for_bucket(deployment, bucket).to_xml()),
        ("notification", NotificationDocument::for_bucket(deployment, bucket, QUEUE).unwrap().to_xml()),
    ]
}

/// Returns mutants of XML: without each element, and with other texts. Each has the changed element.
pub(super) fn xml_mutants(xml: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (start, _) in xml.match_indices('<').filter(|(at, _)| *at > 0 && !xml[at + 1..].starts_with('/')) {
        let name = xml[start + 1..].split(['>', ' ']).next().unwrap();
        let close = format!("</{name}>");
        let Some(end) = xml[start..].find(&close).map(|at| start + at + close.len()) else { continue };
        // An empty prefix is the same as none.
        if !["<Prefix></Prefix>", "<Filter><Prefix></Prefix></Filter>"].contains(&&xml[start..end]) {
            out.push((format!("no {name}"), format!("{}{}", &xml[..start], &xml[end..])));
        }
        let inner = &xml[start + name.len() + 2..end - close.len()];
        let changed = match inner {
            inner if inner.contains('<') => continue,
            "Enabled" => "Disabled".to_owned(),
            "true" => "false".to_owned(),
            inner if inner.parse::<u32>().is_ok() => format!("{inner}7"),
            _ => "*".to_owned(),
        };
        let changed_xml = format!("{}<{name}>{changed}{}", &xml[..start], &xml[end - close.len()..]);
        out.push((format!("{name} = {changed}"), changed_xml));
    }
    out
}
