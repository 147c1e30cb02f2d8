//! Mutants of what is next to a document: members and attributes of its resource, sections and blocks of its file, and members
//! of the answer of AWS that holds it. None of them may be ignored.

use serde_json::{Value, json};
use upsign_documents::{CorsDocument, Deployment, IamPolicy, LifecycleDocument};

use super::writers;

const BUCKET: &str = "article-images-bucket";
const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";

/// A file with the name of the change that it has.
pub(super) type Changed = (String, String);

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Returns templates and modules with one resource, which agree with the deployment.
pub(super) fn single_resources(deployment: &Deployment) -> Vec<(&'static str, Value)> {
    let bucket = &deployment.buckets()[0];
    let role = IamPolicy::for_deployment(deployment);
    let policy =
        IamPolicy::for_bucket(deployment, bucket, Some("arn:aws:cloudfront::1:distribution/E")).unwrap();
    let queue = IamPolicy::for_queue(&bucket.arn(), "123456789012", QUEUE);
    let cors = CorsDocument::for_bucket(deployment, bucket).unwrap();
    let lifecycle = LifecycleDocument::for_bucket(deployment, bucket);
    let resource = |kind: &str, properties: Value| json!({"Resources": {"Only": {"Type": kind, "Properties": properties}}});
    let document = |policy: &IamPolicy| parsed(&policy.to_json());
    vec![
        (
            "bucket policy",
            resource("AWS::S3::BucketPolicy", json!({"Bucket": BUCKET, "PolicyDocument": document(&policy)})),
        ),
        (
            "policy of a role",
            resource(
                "AWS::IAM::RolePolicy",
                json!({"RoleName": "uploads", "PolicyName": "uploads", "PolicyDocument": document(&role)}),
            ),
        ),
        (
            "role",
            resource(
                "AWS::IAM::Role",
                json!({"Policies": [{"PolicyName": "uploads", "PolicyDocument": document(&role)}]}),
            ),
        ),
        (
            "queue policy",
            resource("AWS::SQS::QueuePolicy", json!({"Queues": [QUEUE], "PolicyDocument": document(&queue)})),
        ),
        ("module with cors", parsed(&cors.to_terraform_json(BUCKET))),
        ("module with lifecycle", parsed(&lifecycle.to_terraform_json(BUCKET))),
        ("module with a bucket policy", parsed(&policy.to_terraform_json_bucket_policy(BUCKET))),
        ("module with a policy of a role", parsed(&role.to_terraform_json_role_policy("uploads"))),
    ]
}

/// Writes a document in both forms of its language.
fn written(name: &str, document: &Value) -> Vec<Changed> {
    let other = match document.get("Resources") {
        Some(_) => writers::yaml(document),
        None => writers::hcl(document),
    };
    vec![(name.to_owned(), document.to_string()), (format!("{name}, as YAML or HCL"), other)]
}

/// Returns mutants of a template or a module with one resource.
pub(super) fn of_resource(document: &Value) -> Vec<Changed> {
    let mut out = Vec::new();
    let (attributes, members) = if document.get("Resources").is_some() { CLOUDFORMATION } else { TERRAFORM };
    let mut change = |name: &str, edit: &dyn Fn(&mut Value)| {
        let mut copy = document.clone();
        edit(&mut copy);
        out.extend(written(name, &copy));
    };
    for (name, value) in attributes {
        change(name, &|copy| resource(copy)[*name] = parsed(value));
    }
    for (name, value) in members {
        change(name, &|copy| properties(copy)[*name] = parsed(value));
    }
    for place in ["Bucket", "bucket"] {
        if !properties(&mut document.clone())[place].is_string() {
            continue;
        }
        let expression = if place == "Bucket" { json!({"Ref": "Target"}) } else { json!("${var.target}") };
        change("bucket of a parameter", &|copy| properties(copy)[place] = expression.clone());
        change("another bucket", &|copy| properties(copy)[place] = json!("evil-bucket"));
        change("no bucket", &|copy| drop(properties(copy).as_object_mut().unwrap().remove(place)));
    }
    out
}

/// Attributes of a resource, and members of its properties.
type Additions = (&'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

const CLOUDFORMATION: Additions = (
    &[
        ("Condition", "\"Never\""),
        ("CreationPolicy", "{}"),
        ("DeletionPolicy", "\"Delete\""),
        ("UpdatePolicy", "{}"),
        ("UpdateReplacePolicy", "\"Delete\""),
        ("Unknown", "1"),
    ],
    &[
        (
            "AssumeRolePolicyDocument",
            "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"sts:AssumeRole\"}]}",
        ),
        ("Fn::Transform", "{\"Name\": \"AWS::Include\"}"),
        ("Groups", "[\"everyone\"]"),
        ("ManagedPolicyArns", "[\"arn:aws:iam::aws:policy/AdministratorAccess\"]"),
        ("PermissionsBoundary", "\"arn:aws:iam::aws:policy/AdministratorAccess\""),
        ("Unknown", "{}"),
        ("Users", "[\"root\"]"),
    ],
);

const TERRAFORM: Additions = (
    &[
        ("count", "0"),
        ("count", "\"${var.count}\""),
        ("dynamic", "{\"cors_rule\": {\"for_each\": [\"*\"], \"content\": {\"allowed_origins\": [\"*\"]}}}"),
        ("for_each", "{}"),
        ("lifecycle", "{\"ignore_changes\": \"all\"}"),
        ("provider", "\"aws.elsewhere\""),
        ("provisioner", "{\"local-exec\": {\"command\": \"true\"}}"),
        ("region", "\"us-east-1\""),
        ("transition_default_minimum_object_size", "\"varies_by_storage_class\""),
        ("unknown", "{}"),
    ],
    &[],
);

/// Returns the only resource of a template or a module.
fn resource(document: &mut Value) -> &mut Value {
    if document.get("Resources").is_some() {
        return &mut document["Resources"]["Only"];
    }
    let kinds = document["resource"].as_object_mut().unwrap();
    let named = kinds.values_mut().next().unwrap().as_object_mut().unwrap();
    named.values_mut().next().unwrap()
}

fn properties(document: &mut Value) -> &mut Value {
    if document.get("Resources").is_some() {
        &mut resource(document)["Properties"]
    } else {
        resource(document)
    }
}

/// Returns mutants of a file, whether it is a whole stack or not: sections and blocks that it did not have.
pub(super) fn of_file(document: &Value) -> Vec<Changed> {
    let is_template = document.get("Resources").is_some();
    let sections: &[(&str, Value)] = &if is_template {
        vec![
            ("Globals", json!({"Function": {"Layers": ["arn:aws:lambda:ap-southeast-1:1:layer:x:1"]}})),
            ("Hooks", json!({"Hook": {"Type": "AWS::CodeDeploy::BlueGreen"}})),
            ("Transform", json!(["AWS::Serverless-2016-10-31", "Macro"])),
            ("Unknown", json!({})),
        ]
    } else {
        vec![
            ("action", json!({"aws_lambda_invoke": {"uploads": {"config": {}}}})),
            ("ephemeral", json!({"aws_secretsmanager_secret_version": {"uploads": {"secret_id": "x"}}})),
            ("future", json!({"uploads": {"open": true}})),
            ("module", json!({"more": {"source": "./more"}})),
            ("provider", json!({"aws": {"region": "us-east-1"}})),
            ("provider", json!({"aws": {"region": "${var.region}"}})),
            ("provider", json!({"aws": {"alias": "elsewhere", "region": "ap-southeast-1"}})),
            ("provider", json!({"aws": {"assume_role": {"role_arn": "arn:aws:iam::999999999999:role/x"}}})),
            ("locals", json!([{"name": "a"}, {"name": "b"}])),
            ("terraform", json!({"required_providers": {"aws": {"source": "evil/aws"}}})),
        ]
    };
    let changed = sections.iter().flat_map(|(name, value)| {
        let mut copy = document.clone();
        copy[*name] = value.clone();
        written(name, &copy)
    });
    changed.collect()
}

/// Returns answers of AWS that hold the policy of the role, and something else.
pub(super) fn of_answers(deployment: &Deployment) -> Vec<Changed> {
    let policy = parsed(&IamPolicy::for_deployment(deployment).to_json());
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    let twice = policy.to_string().replacen("\"Action\":", "\"Action\":\"s3:*\",\"Action\":", 1);
    let encoded = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22*%22%7D%5D%7D";
    let answers = [
        ("attached policies", json!({"PolicyDocument": policy, "AttachedPolicies": [{"PolicyArn": arn}]})),
        (
            "details of a role",
            json!({"RoleDetailList": [{
                "RoleName": "x", "RolePolicyList": [{"PolicyName": "u", "PolicyDocument": policy}],
                "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": arn}],
            }]}),
        ),
        ("encoded policy", json!({"Inline": policy, "PolicyDocument": encoded})),
        ("members that appear twice in a text", json!({"Policy": twice})),
        ("invalid text", json!({"Inline": policy, "Policy": "{\"Statement\": ["})),
        ("incomplete list", json!({"PolicyDocument": policy, "IsTruncated": true, "Marker": "x"})),
        ("groups", json!([policy, {"GroupPolicyList": ["x"]}])),
        (
            "boundary",
            json!({"PolicyDocument": policy, "PermissionsBoundary": {"PermissionsBoundaryArn": arn}}),
        ),
    ];
    answers.into_iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect()
}
