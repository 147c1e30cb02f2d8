//! The section `[deployment]`: every value, what is invalid, and what contradicts what.

use upsign_config::Config;
use upsign_documents::{ApiKind, CodeLocation, Guard, NotificationTarget, Reads};

use crate::good::FULL;

/// Returns the complete file with these lines of `[deployment]`. The first of them is line 23.
pub(crate) fn with(lines: &str) -> String {
    format!("{FULL}[deployment]\n{lines}")
}

pub(crate) fn read(text: &str) -> Config {
    Config::read("upsign.toml", text, |_| None).unwrap()
}

/// Returns the problems of the file, one in a line.
fn problems(text: &str) -> Vec<String> {
    match Config::read("upsign.toml", text, |_| None) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().iter().map(ToString::to_string).collect(),
    }
}

const EVERYTHING: &str = r#"
api = "alb"
account = "123456789012"
code = "s3://releases/upsign/1.0.0.zip"
variables = { RUST_LOG = "info" }
table = "uploads"
signing_role = "arn:aws:iam::123456789012:role/signer"
reserved_concurrency = 10
log_retention = 365
tracing = true
monitoring = false
listener_arn = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/a/50dc6c495c0c9188/f2f7dc8efc522ab2"
versioned = false
guards = ["tls", "scanned"]
scanner_role = "arn:aws:iam::123456789012:role/scanner"
reads = "cloudfront"
distribution_arn = "arn:aws:cloudfront::123456789012:distribution/E1A2B3C4D5E6F7"
notify = "queue"
queue_arn = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"

[deployment.expire]
"pending/" = 1
"tmp/" = 7

[cloudfront]
public_reads = true
"#;

#[test]
fn every_value_of_the_section_is_part_of_the_deployment() {
    let config = read(&with(EVERYTHING));
    let values = config.deployment_config();
    assert_eq!(values.api, ApiKind::LoadBalancer);
    assert_eq!(values.expire, [("pending/".to_owned(), 1), ("tmp/".to_owned(), 7)]);
    assert_eq!(values.variables, [("RUST_LOG".to_owned(), "info".to_owned())]);
    assert_eq!((values.reserved_concurrency, values.log_retention), (Some(10), Some(365)));
    assert_eq!((values.tracing, values.monitoring, values.versioned), (Some(true), Some(false), Some(false)));
    assert_eq!(values.table.as_deref(), Some("uploads"));
    assert_eq!(values.signing_role.as_ref().unwrap().as_str(), "arn:aws:iam::123456789012:role/signer");
    assert_eq!(values.scanner_role.as_ref().unwrap().as_str(), "arn:aws:iam::123456789012:role/scanner");
    let object = CodeLocation::Object { bucket: "releases".into(), key: "upsign/1.0.0.zip".into() };
    assert_eq!(values.code, Some(object));
    let deployment = config.deployment();
    assert_eq!(deployment.api(), ApiKind::LoadBalancer);
    assert_eq!(deployment.account().unwrap().as_str(), "123456789012");
    assert_eq!(deployment.reads(), Reads::CloudFront);
    assert_eq!(deployment.notification_target(), NotificationTarget::Queue);
    assert_eq!(deployment.guards(), [Guard::Tls, Guard::Scanned]);
    assert_eq!(deployment.queue_arn(), Some("arn:aws:sqs:ap-southeast-1:123456789012:uploads"));
    assert!(deployment.distribution_arn().unwrap().ends_with("/E1A2B3C4D5E6F7"));
    let gateway = "api = \"http\"\nthrottle_rate = 5\nthrottle_burst = 7\naccess_logs = false\ncode = \"function.zip\"\n";
    let config = read(&with(gateway));
    let values = config.deployment_config();
    assert_eq!((values.throttle_rate, values.throttle_burst), (Some(5), Some(7)));
    assert_eq!(values.access_logs, Some(false));
    assert_eq!(values.code, Some(CodeLocation::Local("function.zip".into())));
}

#[test]
fn deployment_without_the_section_has_the_defaults() {
    let deployment = read(FULL).deployment();
    assert_eq!(deployment.api(), ApiKind::Rest);
    assert_eq!(deployment.reads(), Reads::None);
    assert_eq!(deployment.notification_target(), NotificationTarget::Queue);
    assert_eq!(deployment.guards(), Guard::RECOMMENDED);
    assert!(deployment.account().is_none() && deployment.queue_arn().is_none());
    assert_eq!(deployment.routes().len(), 1);
    assert!(deployment.routes()[0].name().is_none());
    assert_eq!(deployment.origins().list().len(), 1);
}

#[test]
fn routes_keep_their_names_and_the_days_until_they_are_moved() {
    let route = "\n[route.avatars]\nkey = \"avatars/{id}\"\ntypes = [\"image/png\"]\nmax_size = 1000\nbodyless = \"refuse\"\ninfrequent_after = 60\n";
    let config = read(&format!("{FULL}{route}"));
    assert_eq!(config.routes()[1].infrequent_after, Some(60));
    let deployment = config.deployment();
    let found: Vec<_> =
        deployment.routes().iter().map(|route| (route.name(), route.infrequent_access_after())).collect();
    assert_eq!(found, [(None, None), (Some("avatars"), Some(60))]);
}

#[test]
fn variables_override_the_section() {
    let variables = [
        ("UPSIGN_DEPLOYMENT_API", "http"),
        ("UPSIGN_DEPLOYMENT_EXPIRE", "pending/=1, tmp/=7"),
        ("UPSIGN_DEPLOYMENT_GUARDS", "tls,acl"),
        ("UPSIGN_DEPLOYMENT_VARIABLES", "A_1=x,B_2=y=z"),
        ("UPSIGN_INFREQUENT_AFTER", "90"),
    ];
    let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|it| it.1.to_owned());
    let config = Config::read("upsign.toml", &with("api = \"url\"\n"), variable).unwrap();
    let values = config.deployment_config();
    assert_eq!(values.api, ApiKind::Http);
    assert_eq!(values.expire, [("pending/".to_owned(), 1), ("tmp/".to_owned(), 7)]);
    assert_eq!(values.guards.as_deref(), Some(&[Guard::Tls, Guard::Acl][..]));
    assert_eq!(values.variables.len(), 2);
    assert_eq!(config.routes()[0].infrequent_after, Some(90));
    assert_eq!(config.effective_value("deployment.api"), Some(("\"http\"", "UPSIGN_DEPLOYMENT_API")));
    assert_eq!(config.effective_value("upload.max_size"), Some(("\"10 MiB\"", "upsign.toml:10")));
    assert_eq!(config.effective_value("deployment.reads"), None);
    let secret =
        |name: &str| (name == "UPSIGN_DEPLOYMENT_VARIABLES").then(|| "DB_PASSWORD=hunter2".to_owned());
    let error = Config::read("upsign.toml", FULL, secret).unwrap_err().to_string();
    assert!(
        error.starts_with("UPSIGN_DEPLOYMENT_VARIABLES: deployment.variables: a secret must not be"),
        "{error}"
    );
    assert!(!error.contains("hunter2"), "{error}");
    let wrong = |name: &str| (name == "UPSIGN_DEPLOYMENT_EXPIRE").then(|| "pending/".to_owned());
    let error = Config::read("upsign.toml", FULL, wrong).unwrap_err().to_string();
    assert!(error.starts_with("UPSIGN_DEPLOYMENT_EXPIRE: deployment.expire: must be name=number"), "{error}");
}

#[test]
fn invalid_values_are_reported_at_their_place_with_what_to_write() {
    for (lines, expected) in [
        (
            "api = \"htpp\"",
            "23:7: deployment.api: must be \"rest\", \"http\", \"url\" or \"alb\", not \"htpp\" (write api = \"http\")",
        ),
        (
            "account = \"1234-5678-9012\"",
            "23:11: deployment.account: \"1234-5678-9012\": an AWS account ID has twelve digits, as in 123456789012 (write account = \"123456789012\")",
        ),
        (
            "account = 123456789012",
            "23:11: deployment.account: must be a string in quotes, not a number (write account = \"123456789012\")",
        ),
        (
            "account = \"12\"",
            "23:11: deployment.account: \"12\": an AWS account ID has twelve digits, as in 123456789012 (`aws sts get-caller-identity --query Account --output text` prints it)",
        ),
        (
            "reads = true",
            "23:9: deployment.reads: must be \"none\", \"presigned\" or \"cloudfront\", not true",
        ),
        (
            "notify = \"eventbridge\"",
            "23:10: deployment.notify: must be \"none\", \"queue\" or \"event-bridge\", not \"eventbridge\" (write notify = \"event-bridge\")",
        ),
        (
            "guards = [\"tls\", \"signature_age\"]",
            "23:18: deployment.guards: \"signature_age\" is not a guard (write guards = [\"tls\", \"signature-age\"])",
        ),
        (
            "guards = [\"none\"]",
            "23:11: deployment.guards: \"none\" is not a guard (for no guards, write guards = [])",
        ),
        (
            "guards = [\"firewall\"]",
            "23:11: deployment.guards: \"firewall\" is not a guard (the guards are tls, tls12, ",
        ),
        (
            "guards = [\"tls\", \"tls\"]",
            "23:18: deployment.guards: \"tls\" is listed twice (remove one of them)",
        ),
        (
            "expire = { \"pending/\" = 0 }",
            "23:12: deployment.expire: the days of \"pending/\" must be from 1 to 2147483647, not 0 (S3 deletes expired objects once a day",
        ),
        (
            "expire = { \"pending/\" = \"1\" }",
            "23:25: deployment.expire: the value of `pending/` must be a whole number without quotes, not a string (write expire = { \"pending/\" = 1 })",
        ),
        (
            "expire = { \"\" = 1 }",
            "23:12: deployment.expire: an empty prefix would delete every object of the bucket",
        ),
        (
            "expire = { \"/pending/\" = 1 }",
            "23:12: deployment.expire: \"/pending/\" matches no key: keys do not begin with / (write \"pending/\" instead)",
        ),
        (
            "expire = { \"pending/*\" = 1 }",
            "23:12: deployment.expire: \"pending/*\" matches no key: a prefix has no wildcards (write \"pending/\" instead)",
        ),
        (
            "expire = [\"pending/\"]",
            "23:10: deployment.expire: must be a table of whole numbers, not a list (write expire = { \"pending/\" = 1 })",
        ),
        ("table = \"arn:aws:dynamodb:eu-west-1:123456789012:table/uploads\"", "(write table = \"uploads\")"),
        (
            "signing_role = \"signer\"",
            "23:16: deployment.signing_role: \"signer\": the ARN of an IAM role has the form arn:aws:iam::123456789012:role/NAME, without wildcards (`aws iam get-role",
        ),
        (
            "queue_arn = \"uploads\"",
            "23:13: deployment.queue_arn: \"uploads\": write the ARN of an SQS queue, as in arn:aws:sqs:",
        ),
        (
            "reads = \"cloudfront\"\ndistribution_arn = \"E1\"",
            "24:20: deployment.distribution_arn: \"E1\": write the ARN of a CloudFront distribution",
        ),
        (
            "code = \"s3://bucket\"",
            "23:8: deployment.code: \"s3://bucket\": write the bucket and the key of the zip file",
        ),
        (
            "variables = { AWS_REGION = \"eu-west-1\" }",
            "23:15: deployment.variables: AWS_REGION is set by Lambda, and cannot be set to another value (remove it)",
        ),
        (
            "variables = { \"a b\" = \"x\" }",
            "23:15: deployment.variables: \"a b\" is not the name of a variable",
        ),
        (
            "variables = { DB_PASSWORD = \"x\" }",
            "deployment.variables: secrets must not be stored in this file",
        ),
        (
            "variables = { UPSIGN_MAX_SIZE = \"500 MiB\" }",
            "23:15: deployment.variables: UPSIGN_MAX_SIZE overrides upload.max_size in the function only, and not in the documents (remove it, and change upload.max_size)",
        ),
        (
            "variables = { RUST_LOG = \"info\", ARTICLE_IMAGES_BUCKET = \"other-images\" }",
            "23:34: deployment.variables: ARTICLE_IMAGES_BUCKET overrides bucket.name in the function only",
        ),
        (
            "variables = { UPSIGN_AUTH_SOURCE = \"token\" }",
            "23:15: deployment.variables: UPSIGN_AUTH_SOURCE overrides auth.source in the function only",
        ),
        (
            "variables = { UPSIGN_MAX_SISE = \"500 MiB\" }",
            "23:15: deployment.variables: UPSIGN_MAX_SISE is an unknown variable",
        ),
        (
            "signing_role = \"arn:aws-cn:iam::123456789012:role/signer\"",
            "23:16: deployment.signing_role: is in the partition aws-cn, but ap-southeast-1 is in aws",
        ),
        (
            "throttle_rate = 0",
            "23:17: deployment.throttle_rate: must be from 1 to 2147483647, not 0 (0 would refuse every request",
        ),
        (
            "reserved_concurrency = 0",
            "23:24: deployment.reserved_concurrency: must be from 1 to 2147483647, not 0 (0 would stop the function",
        ),
        (
            "log_retention = 31",
            "23:17: deployment.log_retention: logs cannot be kept for 31 days: use 1, 3, 5, 7, 14, 30, 60, ",
        ),
        ("log_retention = 9999", "(write log_retention = 3653)"),
        ("regions = [\"eu-west-1\"]", "23:1: deployment.regions: unknown key"),
        ("monitored = true", "(did you mean `monitoring`?)"),
    ] {
        let found = problems(&with(&format!("{lines}\n")));
        assert_eq!(found.len(), 1, "{lines}: {found:#?}");
        assert!(found[0].contains(expected), "{}\nexpected: {expected}", found[0]);
        assert!(found[0].starts_with("upsign.toml:2"), "{}", found[0]);
    }
}

#[test]
fn variables_that_no_key_has_are_allowed() {
    let config = read(&with(
        "variables = { UPSIGN_LOG_FORMAT = \"json\", AWS_ENDPOINT_URL_S3 = \"http://127.0.0.1:9000\" }\n",
    ));
    assert_eq!(config.deployment_config().variables.len(), 2);
}

#[test]
fn kms_key_of_another_region_than_its_bucket_is_refused() {
    let encrypted = |region: &str| {
        let key = format!("arn:aws:kms:{region}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab");
        let lines = format!("encryption = \"kms\"\nkms_key = \"{key}\"\nbodyless =");
        problems(&FULL.replacen("bodyless =", &lines, 1))
    };
    assert!(encrypted("ap-southeast-1").is_empty());
    let found = encrypted("us-east-1").join("\n");
    assert!(
        found.contains("upload.kms_key: is in us-east-1, but the bucket is in ap-southeast-1"),
        "{found}"
    );
}

#[test]
fn scopes_of_id_tokens_are_refused() {
    let id = FULL.replace("token_use = \"access\"", "token_use = \"id\"");
    assert!(problems(&id).is_empty(), "{id}");
    for (before, key) in [("token_use =", "auth.scopes"), ("bodyless =", "upload.scopes")] {
        let found = problems(&id.replacen(before, &format!("scopes = [\"a\"]\n{before}"), 1)).join("\n");
        assert!(
            found.contains(&format!("{key}: token_use is \"id\", and id tokens have no scopes")),
            "{found}"
        );
    }
    let own_claim =
        id.replacen("token_use =", "scopes = [\"a\"]\nscopes_claim = \"permissions\"\ntoken_use =", 1);
    assert!(problems(&own_claim).is_empty(), "{own_claim}");
}

#[test]
fn days_until_uploads_are_moved_are_at_least_30() {
    for (days, expected) in [
        (
            "29",
            "upload.infrequent_after: S3 moves objects to STANDARD_IA after 30 days at the earliest, not after 29 (write infrequent_after = 30)",
        ),
        ("9999999999", "upload.infrequent_after: must be at most 2147483647 days, not 9999999999"),
    ] {
        let text = FULL.replacen("bodyless", &format!("infrequent_after = {days}\nbodyless"), 1);
        let found = problems(&text);
        assert!(found.len() == 1 && found[0].contains(expected), "{found:#?}");
    }
    let stored =
        FULL.replacen("bodyless", "infrequent_after = 30\nstorage_class = \"GLACIER_IR\"\nbodyless", 1);
    let found = problems(&stored);
    assert!(
        found[0].contains("cannot move objects to STANDARD_IA that are stored as GLACIER_IR"),
        "{found:#?}"
    );
}

#[test]
fn values_that_contradict_each_other_are_reported_with_what_to_do() {
    let queue = "queue_arn = \"arn:aws:sqs:ap-southeast-1:123456789012:uploads\"";
    let elsewhere = "queue_arn = \"arn:aws:sqs:eu-west-1:123456789012:uploads\"";
    let distribution = "distribution_arn = \"arn:aws:cloudfront::123456789012:distribution/E1\"";
    let listener = "listener_arn = \"arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/a/50dc/f2f7\"";
    let scanner = "scanner_role = \"arn:aws:iam::123456789012:role/scanner\"";
    for (lines, expected) in [
        (
            format!("notify = \"none\"\n{queue}"),
            "deployment.queue_arn: has an effect only with notify = \"queue\" (write notify = \"queue\", or remove queue_arn)",
        ),
        (
            format!("notify = \"event-bridge\"\n{queue}"),
            "deployment.queue_arn: has an effect only with notify = \"queue\"",
        ),
        (
            elsewhere.to_owned(),
            "deployment.queue_arn: is in eu-west-1, but the bucket is in ap-southeast-1: a bucket notifies queues of its own region only",
        ),
        (
            distribution.to_owned(),
            "deployment.distribution_arn: has an effect only with reads = \"cloudfront\" (write reads = \"cloudfront\", or remove distribution_arn)",
        ),
        (
            format!("reads = \"presigned\"\n{distribution}"),
            "deployment.distribution_arn: has an effect only with reads = \"cloudfront\"",
        ),
        (
            listener.to_owned(),
            "deployment.listener_arn: has an effect only with api = \"alb\" (write api = \"alb\", or remove listener_arn)",
        ),
        ("api = \"alb\"".to_owned(), "deployment.listener_arn: missing (add listener_arn = "),
        (
            "guards = [\"tls\", \"scanned\"]".to_owned(),
            "23:18: deployment.guards: the guard scanned needs scanner_role, the only role that may tag objects as clean (add scanner_role = ",
        ),
        (
            scanner.to_owned(),
            "deployment.scanner_role: has an effect only with the guard scanned (add \"scanned\" to guards, or remove scanner_role)",
        ),
        (
            "api = \"url\"\nthrottle_rate = 5".to_owned(),
            "deployment.throttle_rate: a function URL has no limit of requests per second (remove it; reserved_concurrency",
        ),
        (
            "api = \"url\"\naccess_logs = true".to_owned(),
            "deployment.access_logs: a function URL writes no access log",
        ),
        (
            "account_regional_buckets = true\naccount = \"123456789012\"".to_owned(),
            "3:8: bucket.name: account_regional_buckets is true, and the name of such a bucket ends with -123456789012-ap-southeast-1-an (write name = \"article-images-bucket-123456789012-ap-southeast-1-an\"",
        ),
    ] {
        let found = problems(&with(&format!("{lines}\n")));
        assert_eq!(found.len(), 1, "{lines}: {found:#?}");
        assert!(found[0].contains(expected), "{}\nexpected: {expected}", found[0]);
    }
    let named = with("account_regional_buckets = true\n").replacen(
        "article-images-bucket",
        "images-123456789012-ap-southeast-1-an",
        1,
    );
    assert_eq!(problems(&named), [""; 0]);
}

#[test]
fn guard_that_denies_what_a_route_signs_is_a_contradiction() {
    let guards = "guards = [\"tls\", \"encryption\"]\n";
    let found = problems(&with(guards));
    let expected = "upsign.toml:23:18: deployment.guards: the guard encryption does not fit the bucket article-images-bucket: \
                    the default route requests no encryption (set encryption in [upload], or remove the guard encryption)";
    assert_eq!(found, [expected]);
    let encrypted = with(guards).replacen("[upload]\n", "[upload]\nencryption = \"s3\"\n", 1);
    let found = problems(&encrypted);
    let help = "(write bodyless = \"refuse\" in [upload], or remove the guard encryption)";
    assert!(found.len() == 1 && found[0].ends_with(help), "{found:#?}");
    let encrypted = encrypted.replacen("bodyless = \"allow\"", "bodyless = \"refuse\"", 1);
    assert_eq!(problems(&encrypted), [""; 0]);
    let avatars = "bucket = \"acme-avatars\"\nregion = \"ap-southeast-1\"\nkey = \"a/{id}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"";
    let found = problems(&format!("{encrypted}[route.avatars]\n{avatars}\n"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].contains("does not fit the bucket acme-avatars: the route avatars requests no encryption (set encryption in [route.avatars], "),
        "{}",
        found[0]
    );
}

#[test]
fn settings_of_aws_are_refused_for_another_store() {
    let minio = FULL.replacen(
        "region = \"ap-southeast-1\"",
        "region = \"us-east-1\"\nprovider = \"minio\"\nendpoint = \"https://minio.example.com\"",
        1,
    );
    for (line, expected) in [
        ("notify = \"queue\"", "deployment.notify: minio sends no notifications to SQS (remove notify)"),
        ("reads = \"cloudfront\"", "deployment.reads: minio does not let a CloudFront distribution read"),
        ("guards = [\"tls\"]", "deployment.guards: minio does not enforce guards"),
        (
            "signing_role = \"arn:aws:iam::123456789012:role/s\"",
            "deployment.signing_role: minio does not know roles",
        ),
    ] {
        let found = problems(&format!("{minio}[deployment]\n{line}\n"));
        assert!(found.len() == 1 && found[0].contains(expected), "{found:#?}");
    }
    // Without `provider`, the endpoint may be that of an emulator of AWS.
    let emulator = minio.replacen("provider = \"minio\"\n", "", 1);
    assert_eq!(problems(&format!("{emulator}[deployment]\nnotify = \"queue\"\n")), [""; 0]);
}

#[test]
fn possible_values_of_the_schema_are_the_names_of_the_options() {
    let schema = upsign_config::schema();
    let listed = |key: &str| {
        let values = &schema["properties"]["deployment"]["properties"][key]["enum"];
        serde_json::from_value::<Vec<String>>(values.clone()).unwrap()
    };
    assert_eq!(listed("api"), ApiKind::ALL.map(ApiKind::name));
    assert_eq!(listed("reads"), Reads::ALL.map(Reads::name));
    assert_eq!(listed("notify"), NotificationTarget::ALL.map(NotificationTarget::name));
}
