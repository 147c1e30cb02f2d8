//! Comparison of documents that a store does not take, or takes in another form than S3.

use upsign_core::{CorsOrigins, Provider, Target};
use upsign_documents::{
    CorsDocument, Deployment, DeploymentRoute, FoundDocuments, IamPolicy, LifecycleDocument,
};
use upsign_policy::{Bodyless, UploadPolicy};

use crate::policies::{origins, strict, two_step_policy};
use crate::stacks::{compare, lines};

fn at_google() -> Deployment {
    let route = DeploymentRoute::new(strict("a/{id}").build().unwrap()).with_provider(Provider::Gcs);
    Deployment::new([route], origins())
}

fn google_json(deployment: &Deployment) -> String {
    CorsDocument::for_bucket(deployment, &deployment.buckets()[0]).unwrap().to_google_json().unwrap()
}

#[test]
fn cors_rules_of_google_cloud_storage_are_read_back() {
    let deployment = at_google();
    let rules = google_json(&deployment);
    for text in [rules.clone(), format!("{{\"cors_config\": {rules}}}"), format!("{{\"cors\": {rules}}}")] {
        let comparison = compare(&deployment, &text);
        assert!(comparison.agrees(), "{}", lines(&comparison));
        let names: Vec<&str> = comparison.parts().iter().map(upsign_documents::ComparedPart::name).collect();
        assert_eq!(names, ["cors"]);
    }
    for (right, wrong, line) in [
        (
            "https://app.example.com",
            "https://old.example.com",
            "PUT from https://app.example.com is not allowed",
        ),
        ("https://app.example.com", "*", "the origin `*` is allowed"),
        ("\"content-type\",", "", "the header `content-type` is not allowed"),
        ("\"content-type\",", "\"content-type\", \"x-other\",", "x-other"),
        ("\"ETag\",", "", "ETag"),
        ("\"x-goog-generation\"", "\"x-goog-hash\"", "x-goog-generation"),
        ("\"PUT\"", "\"PUT\", \"DELETE\"", "DELETE"),
    ] {
        let changed = rules.replacen(right, wrong, 1);
        assert_ne!(changed, rules, "{right}");
        let reported = lines(&compare(&deployment, &changed));
        assert!(reported.contains(line), "{line}: {reported}");
    }
    for wrong in [rules.replace("maxAgeSeconds", "maxAge"), rules.replace("ETag", "*")] {
        assert!(FoundDocuments::read(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn document_in_the_form_of_another_store_is_not_compared() {
    let deployment = at_google();
    let cors = CorsDocument::for_bucket(&deployment, &deployment.buckets()[0]).unwrap();
    let reported = lines(&compare(&deployment, &cors.to_json()));
    assert!(
        reported.contains("not compared: cors: no CORS configuration can be written for Google"),
        "{reported}"
    );
    let at_aws = Deployment::new([strict("a/{id}").build().unwrap()], origins());
    let reported = lines(&compare(&at_aws, &google_json(&deployment)));
    assert!(reported.contains("not compared: cors.form: it is in the form of Google"), "{reported}");
    let role = IamPolicy::for_policy(&two_step_policy()).to_json();
    assert!(lines(&compare(&deployment, &role)).contains("not compared: role"));
}

/// An empty document agrees with a bucket that needs none, but S3 has no such document for directory buckets.
#[test]
fn documents_that_directory_buckets_lack_are_not_compared() {
    let target = Target::aws("abc--euc1-az1--x-s3".parse().unwrap(), "eu-central-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, "a/{id}.{ext}".parse().unwrap(), Bodyless::Refuse);
    let policy = policy.content_types(["image/jpeg"]).max_size(1).build().unwrap();
    let deployment = Deployment::new([policy], CorsOrigins::listed([]));
    for (text, part) in [
        (r#"{"CORSRules": []}"#, "cors"),
        (r#"{"NotificationConfiguration": {"QueueConfigurations": []}}"#, "notification"),
        (
            r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}"#,
            "bucket policy",
        ),
    ] {
        let comparison = compare(&deployment, text);
        assert!(!comparison.agrees(), "{text}");
        let reported = lines(&comparison);
        assert!(reported.contains(&format!("not compared: {part}: no ")), "{text}: {reported}");
    }
    let bucket = &deployment.buckets()[0];
    let lifecycle = LifecycleDocument::for_bucket(&deployment, bucket).to_json();
    assert!(compare(&deployment, &lifecycle).agrees());
}
