//! Lifecycle and notification configurations in the JSON and the XML of S3's API, as AWS answers them: what is not understood is
//! listed as not compared.

use upsign_documents::{CorsDocument, DeployedFile, LifecycleDocument, LifecycleRule, NotificationDocument};

use crate::policies::deployment;

const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";

/// Returns the differences and what was not compared.
fn compared(text: &str) -> (Vec<String>, Vec<String>) {
    let deployment = deployment().with_queue_arn(QUEUE);
    let file = DeployedFile::read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let comparison = file.compare(&deployment, &deployment.buckets()[0]).unwrap();
    // What was not compared is listed in the part itself, which would be equal otherwise.
    assert_eq!(comparison.parts().len(), 1, "{text}: {comparison:?}");
    let uncompared = comparison.uncompared().map(|it| it.name().to_owned()).collect();
    (comparison.differences().map(ToString::to_string).collect(), uncompared)
}

/// Checks that nothing differs, and that exactly this was not compared.
#[track_caller]
fn leaves(text: &str, names: &[&str]) {
    let (differences, uncompared) = compared(text);
    assert_eq!(differences, [""; 0], "{text}");
    assert_eq!(uncompared, names, "{text}");
}

/// The rule that the deployment needs.
const ABORT: &str = r#"{"ID": "upsign-incomplete", "Status": "Enabled", "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}"#;

fn with_rule(rule: &str) -> String {
    format!(r#"{{"Rules": [{ABORT}, {rule}]}}"#)
}

#[test]
fn lifecycle_rules_that_are_not_understood_are_not_compared() {
    leaves(&format!(r#"{{"Rules": [{ABORT}]}}"#), &[]);
    let expires = r#""Expiration": {"Days": 1}"#;
    for members in [
        &format!(r#""Filter": {{"And": {{"Prefix": "articles/", "ObjectSizeGreaterThan": 1}}}}, {expires}"#)
            [..],
        &format!(r#""Filter": {{"Tag": {{"Key": "a", "Value": "b"}}}}, {expires}"#),
        &format!(r#""Filter": {{"ObjectSizeGreaterThan": 1}}, {expires}"#),
        r#""Filter": {}, "Expiration": {"Date": "2030-01-01T00:00:00Z"}"#,
        r#""Filter": {}, "NoncurrentVersionTransitions": [{"NoncurrentDays": 0, "StorageClass": "GLACIER"}]"#,
        r#""Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}"#,
        r#""Filter": {}, "ActionOfALaterYear": {"Days": 1}"#,
    ] {
        leaves(&with_rule(&format!(r#"{{"ID": "x", "Status": "Enabled", {members}}}"#)), &["lifecycle"]);
        // A disabled rule does nothing.
        leaves(&with_rule(&format!(r#"{{"ID": "x", "Status": "Disabled", {members}}}"#)), &[]);
    }
}

#[test]
fn lifecycle_rules_beside_one_that_is_not_understood_are_compared() {
    let tag = r#"{"ID": "x", "Status": "Enabled", "Filter": {"Tag": {"Key": "a", "Value": "b"}},
        "Expiration": {"Days": 1}}"#;
    // The second one is in the older form, and has no id.
    for filter in [r#""Filter": {"Prefix": ""}"#, r#""Filter": {}"#, r#""Prefix": """#] {
        let expires = format!(r#"{{"Status": "Enabled", {filter}, "Expiration": {{"Days": 1}}}}"#);
        let (differences, uncompared) = compared(&with_rule(&expires));
        assert!(differences[0].starts_with("objects under any prefix expire after 1 day"), "{differences:?}");
        assert_eq!(uncompared, [""; 0]);
        let (differences, uncompared) = compared(&with_rule(&format!("{tag}, {expires}")));
        assert!(differences[0].starts_with("objects under any prefix expire after 1 day"), "{differences:?}");
        assert_eq!(uncompared, ["lifecycle"]);
    }
}

#[test]
fn minimum_size_for_transitions_is_compared_with_the_default_of_aws() {
    for (size, names) in [("all_storage_classes_128K", &[][..]), ("varies_by_storage_class", &["lifecycle"])]
    {
        let size = format!(r#""TransitionDefaultMinimumObjectSize": "{size}""#);
        leaves(&format!(r#"{{{size}, "Rules": [{ABORT}]}}"#), names);
        let rules = ABORT.replace("\"ID\"", "\"Id\"").replace(r#""Filter": {"Prefix": ""},"#, "");
        leaves(&format!(r#"{{"LifecycleConfiguration": {{{size}, "Rules": [{rules}]}}}}"#), names);
    }
}

#[test]
fn notifications_to_topics_and_functions_are_not_compared() {
    let filter = r#""Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "articles/"}]}}"#;
    // AWS answers `Prefix`, and generates an id for a configuration without one.
    let queue = format!(
        r#""QueueConfigurations": [{{"QueueArn": "{QUEUE}", "Events": ["s3:ObjectCreated:Put"], {filter}}}]"#
    );
    leaves(&format!("{{{queue}}}"), &[]);
    let function = r#""LambdaFunctionConfigurations": [{"LambdaFunctionArn": "arn:aws:lambda:ap-southeast-1:9:function:x",
        "Events": ["s3:ObjectCreated:*"]}]"#;
    let topic = r#""TopicConfigurations": [{"TopicArn": "arn:aws:sns:ap-southeast-1:9:x", "Events": ["s3:ObjectCreated:*"]}]"#;
    for other in [function, topic, r#""DestinationOfALaterYear": [{"Events": ["s3:ObjectCreated:*"]}]"#] {
        leaves(&format!("{{{queue}, {other}}}"), &["notification"]);
    }
    let suffix = queue.replace("]}}}]", r#", {"Name": "Suffix", "Value": ".jpg"}]}}}]"#);
    leaves(&format!("{{{suffix}}}"), &["notification"]);
    for alone in [function, topic] {
        let (differences, uncompared) = compared(&format!("{{{alone}}}"));
        assert_eq!((differences.len(), uncompared), (1, vec!["notification".to_owned()]), "{differences:?}");
    }
    let (differences, uncompared) = compared(&format!("{{{queue}, \"EventBridgeConfiguration\": {{}}}}"));
    assert!(differences[0].starts_with("EventBridge receives events"), "{differences:?}");
    assert_eq!(uncompared, [""; 0]);
}

/// Writes the elements with the prefix of a namespace.
#[cfg(feature = "xml")]
fn prefixed(xml: &str) -> String {
    let opened = xml.replace("</", "\0").replace('<', "<s3:").replace('\0', "</s3:");
    opened.replace("xmlns=", "xmlns:s3=")
}

#[cfg(feature = "xml")]
#[test]
fn xml_is_read_with_comments_and_prefixes() {
    let deployment = deployment();
    let bucket = &deployment.buckets()[0];
    for xml in [
        CorsDocument::for_bucket(&deployment, bucket).unwrap().to_xml(),
        LifecycleDocument::for_bucket(&deployment, bucket).to_xml(),
        NotificationDocument::for_bucket(&deployment, bucket, QUEUE).unwrap().to_xml(),
    ] {
        for text in [
            xml.clone(),
            prefixed(&xml),
            format!("<!-- by hand -->{xml}"),
            format!("<?xml version=\"1.0\"?>\n<!-- a > b -->\n{}<!-- end -->", prefixed(&xml)),
            xml.replace("><", ">\n  <!-- here --><").replace("<Prefix></Prefix>", "<Prefix/>"),
            xml.replace("<Filter><Prefix></Prefix></Filter>", "<Filter/>"),
            xml.replace("articles/", "<![CDATA[articles]]>&#47;"),
        ] {
            leaves(&text, &[]);
        }
        assert!(DeployedFile::read(&format!("{xml}{xml}")).is_err());
        assert!(DeployedFile::read(&xml[..xml.len() - 5]).is_err());
    }
}

#[cfg(feature = "xml")]
#[test]
fn elements_that_are_not_understood_are_not_compared() {
    let deployment = deployment();
    let bucket = &deployment.buckets()[0];
    let lifecycle = LifecycleDocument::for_bucket(&deployment, bucket).to_xml();
    for members in [
        "<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter><Expiration><Days>1</Days></Expiration>",
        "<Filter/><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>",
    ] {
        let rule =
            format!("<Rule><ID>x</ID><Status>Enabled</Status>{members}</Rule></LifecycleConfiguration>");
        let text = lifecycle.replace("</LifecycleConfiguration>", &rule);
        leaves(&text, &["lifecycle"]);
        leaves(&prefixed(&text), &["lifecycle"]);
    }
    let notification = NotificationDocument::for_bucket(&deployment, bucket, QUEUE).unwrap().to_xml();
    let function =
        "<CloudFunctionConfiguration><CloudFunction>arn</CloudFunction></CloudFunctionConfiguration></Not";
    leaves(&notification.replace("</Not", function), &["notification"]);
}

#[test]
fn texts_that_look_like_numbers_are_read_as_texts() {
    let mut rule = LifecycleRule::default();
    rule.id = "1".into();
    rule.prefix = "2024".into();
    rule.expire_after = Some(1);
    let mut more = rule.clone();
    more.id = "2".into();
    more.prefix = "<läden> & co/".into();
    let document = LifecycleDocument::new([rule, more]);
    let mut forms = vec![document.to_json(), document.to_cloudformation()];
    if cfg!(feature = "xml") {
        forms.push(document.to_xml());
    }
    for text in forms {
        let (differences, uncompared) = compared(&text);
        let expire = |it: &&String| it.contains("expire after 1 day");
        assert_eq!(differences.iter().filter(expire).count(), 2, "{text}: {differences:?}");
        assert_eq!(uncompared, [""; 0], "{text}");
    }
}
