//! `upsign check`: the summary of the deployment, of the signing role and of what is demanded of callers.

use serde_json::json;

use crate::run::{CONFIG, upsign};

const ROUTE: &str = r#"
[route.avatars]
key = "avatars/{sub}/{id}"
types = ["image/png"]
max_size = "1 MiB"
bodyless = "refuse"
infrequent_after = 60
groups = ["editors", "staff"]
scopes = ["avatars/write"]
"#;

const DEPLOYMENT: &str = r#"
[deployment]
api = "url"
reserved_concurrency = 5
reads = "presigned"
notify = "event-bridge"
guards = ["tls", "acl"]
versioned = false
expire = { "tmp/" = 1 }
log_retention = 7
tracing = true
monitoring = false
code = "s3://releases/upsign.zip"
variables = { RUST_LOG = "debug" }
"#;

/// Returns the lines that `check` prints, without leading spaces.
fn lines(config: &str) -> Vec<String> {
    let run = upsign(&["check"]).file("upsign.toml", config).variable("COLUMNS", "300").output();
    run.exits(0).stdout().lines().map(|line| line.trim_start().to_owned()).collect()
}

#[track_caller]
fn assert_has(lines: &[String], name: &str, value: &str) {
    let expected = format!("{name:<12} {value}");
    assert!(lines.contains(&expected), "{expected:?} is not in {lines:#?}");
}

#[test]
fn check_prints_the_default_deployment() {
    let lines = lines(CONFIG);
    assert_has(&lines, "host", "article-images-bucket.s3.ap-southeast-1.amazonaws.com");
    assert_has(&lines, "may", "s3:PutObject on arn:aws:s3:::article-images-bucket/articles/*/raw/*.*");
    assert_has(&lines, "api", "REST API");
    assert_has(
        &lines,
        "auth source",
        "the function verifies tokens: the authorizer of a REST API accepts access tokens only if it demands scopes; for an authorizer, set scopes in [auth], or in every route; with token_use = \"id\", none are needed",
    );
    assert_has(&lines, "limit", "50 requests per second, 100 at once");
    assert_has(&lines, "reads", "not through this deployment");
    assert_has(&lines, "notify", "an SQS queue");
    assert_has(&lines, "guards", "tls, tls12, sigv4");
    assert_has(&lines, "versions", "kept");
    assert_has(&lines, "logs", "kept for 30 days, with an access log of the API");
    assert_has(&lines, "monitoring", "alarms and a dashboard");
}

#[test]
fn check_prints_every_value_of_the_deployment() {
    let scoped = CONFIG.replace(
        "token_use = \"access\"",
        "token_use = \"access\"\nscopes = [\"uploads/write\", \"uploads/admin\"]\ngroups = [\"members\"]",
    );
    let lines = lines(&format!("{scoped}{ROUTE}{DEPLOYMENT}"));
    assert_has(&lines, "groups", "members");
    assert_has(&lines, "scopes", "one of uploads/write, uploads/admin");
    assert_has(&lines, "groups", "one of editors, staff");
    assert_has(&lines, "scopes", "avatars/write");
    assert_has(&lines, "storage", "STANDARD_IA after 60 days");
    assert_has(&lines, "api", "function URL");
    assert_has(
        &lines,
        "auth source",
        "the function verifies tokens: a function URL has no authorizer for tokens; for an authorizer, set api = \"rest\" or \"http\" in [deployment]",
    );
    assert_has(&lines, "limit", "5 instances of the function");
    assert_has(
        &lines,
        "reads",
        "presigned GET URLs, which the service signs for confirmed uploads, and else a function of your own",
    );
    assert_has(&lines, "notify", "EventBridge");
    assert_has(&lines, "guards", "tls, acl");
    assert_has(&lines, "versions", "not kept");
    assert_has(&lines, "expire", "tmp/ after 1 day");
    assert_has(&lines, "logs", "kept for 7 days, with traces in X-Ray");
    assert_has(&lines, "monitoring", "none");
    assert_has(&lines, "code", "s3://releases/upsign.zip");
    assert_has(&lines, "variables", "RUST_LOG");
    let reads = lines.iter().find(|line| line.starts_with("may") && line.contains("s3:GetObject"));
    assert!(reads.is_some_and(|line| line.contains("/avatars/")), "{lines:#?}");
}

#[test]
fn check_prints_the_permissions_of_both_roles() {
    let role = "signing_role = \"arn:aws:iam::123456789012:role/signer\"\ntable = \"uploads\"\naccount = \"123456789012\"";
    let lines = lines(&format!("{CONFIG}\n[deployment]\n{role}\n"));
    let position = |line: &str| lines.iter().position(|known| known == line).unwrap();
    let signer = position("signing role (arn:aws:iam::123456789012:role/signer)");
    let put = position("may          s3:PutObject on arn:aws:s3:::article-images-bucket/articles/*/raw/*.*");
    let function = position("role of the function");
    let assume = position("may          sts:AssumeRole on arn:aws:iam::123456789012:role/signer");
    assert!(signer < put && put < function && function < assume, "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("may") && line.contains("table/uploads")), "{lines:#?}");
}

/// What `documents` cannot generate is an error of `check` already.
#[test]
fn check_fails_where_no_stack_can_be_generated() {
    let text = CONFIG.replace("[upload]\n", "[upload]\nacl = \"public-read\"\n");
    let file = format!("{text}\n[deployment]\nreads = \"cloudfront\"\n[cloudfront]\npublic_reads = true\n");
    for arguments in [&["check"][..], &["documents", "sam"], &["documents", "terraform"]] {
        let run = upsign(arguments).file("upsign.toml", &file).output();
        run.exits(2).has_message(
            "the bucket article-images-bucket cannot be created as configured: a route sets the ACL",
        );
    }
    let run = upsign(&["check"]).file("upsign.toml", &file).output();
    run.has_message("--> upsign.toml:");
    // Without the section, the file may be that of a server with a bucket of its own.
    upsign(&["check"]).file("upsign.toml", &text).output().exits(0);
}

#[test]
fn uploads_that_expire_are_a_choice_that_is_not_denied() {
    let text = CONFIG.replace("\"allow\"", "\"refuse\"");
    let file = format!("{text}\n[deployment]\nexpire = {{ \"articles/\" = 1 }}\n");
    let run = upsign(&["check", "--deny-warnings"]).file("upsign.toml", &file).output();
    run.exits(0).has_message("every upload of [upload] is deleted after 1 day");
}

#[test]
fn check_has_the_deployment_in_json() {
    let scoped =
        CONFIG.replace("token_use = \"access\"", "token_use = \"access\"\nscopes = [\"uploads/write\"]");
    let run = upsign(&["--json", "check"]).file("upsign.toml", &format!("{scoped}{ROUTE}")).output();
    let report = run.exits(0).json();
    let deployment = &report["deployment"];
    assert_eq!((&deployment["api"], &deployment["authSource"]), (&json!("rest"), &json!("authorizer")));
    assert_eq!(deployment["scopes"], json!(["uploads/write"]));
    assert_eq!(
        deployment["authSourceReason"],
        "the authorizer lets through every token that [auth] accepts, because token_use is \"access\" and every caller needs a scope; the function compares the claims again"
    );
    assert_eq!(deployment["guards"], json!(["tls", "tls12", "sigv4"]));
    assert_eq!((&deployment["reads"], &deployment["notify"]), (&json!("none"), &json!("queue")));
    assert_eq!(deployment["throttle"], json!({"rate": 50, "burst": 100}));
    assert_eq!(deployment["signingRole"][0]["actions"], json!(["s3:PutObject"]));
    assert_eq!(deployment["functionRole"], deployment["signingRole"]);
    let [upload, avatars] = [0, 1].map(|index| &report["routes"][index]);
    assert_eq!(upload["host"], "article-images-bucket.s3.ap-southeast-1.amazonaws.com");
    assert_eq!(
        (&avatars["infrequentAfterDays"], &avatars["scopes"]),
        (&json!(60), &json!(["avatars/write"]))
    );
    assert_eq!(report["callers"]["issuers"][0]["scopes"], json!(["uploads/write"]));
}

#[test]
fn check_prints_no_deployment_on_aws_for_another_store() {
    let store = "region = \"us-east-1\"\nprovider = \"minio\"\nendpoint = \"https://minio.example.com:9000\"";
    let minio = CONFIG.replace("region = \"ap-southeast-1\"", store);
    let report = upsign(&["--json", "check"]).file("upsign.toml", &minio).output().exits(0).json();
    assert!(report.get("deployment").is_none(), "{report}");
    assert_eq!(report["routes"][0]["host"], "minio.example.com:9000/article-images-bucket");
    let lines = lines(&minio);
    assert!(
        !lines.iter().any(|line| line.starts_with("deployment") || line.starts_with("signing role")),
        "{lines:#?}"
    );
}

#[test]
fn function_for_another_store_has_no_buckets_on_aws() {
    let store = "region = \"us-east-1\"\nprovider = \"minio\"\nendpoint = \"https://minio.example.com:9000\"";
    let minio = CONFIG.replace("region = \"ap-southeast-1\"", store);
    let lines = lines(&format!("{minio}\n[deployment]\napi = \"http\"\n"));
    assert_has(&lines, "may", "nothing on AWS");
    assert_has(&lines, "api", "HTTP API");
    for name in ["reads", "notify", "guards", "versions"] {
        assert!(!lines.iter().any(|line| line.split_whitespace().next() == Some(name)), "{name}: {lines:#?}");
    }
}

#[test]
fn repair_commands_do_not_repeat_what_the_file_sets() {
    let file = format!("{CONFIG}\n[deployment]\nguards = [\"tls\", \"acl\"]\nreads = \"presigned\"\n");
    let policy = upsign(&["documents", "bucket-policy", "--guard", "none", "--guard", "sigv4"])
        .file("upsign.toml", CONFIG)
        .output()
        .stdout();
    let compared = |options: &[&str]| {
        let run = upsign(&[&["check", "--json", "--against", "policy.json"], options].concat());
        let report = run.file("upsign.toml", &file).file("policy.json", &policy).output().exits(1).json();
        report["repair"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(compared(&[]), "upsign documents bucket-policy > bucket-policy.json");
    assert_eq!(compared(&["--reads", "presigned"]), "upsign documents bucket-policy > bucket-policy.json");
    let other = compared(&["--reads", "none", "--guard", "signature-age"]);
    assert_eq!(
        other,
        "upsign documents bucket-policy --reads none --guard signature-age > bucket-policy.json"
    );
}

#[test]
fn check_prints_the_conditions_of_permissions() {
    let encrypted = CONFIG.replace(
        "bodyless = \"allow\"",
        "bodyless = \"refuse\"\nencryption = \"kms\"\nkms_key = \"alias/uploads\"",
    );
    assert_ne!(encrypted, CONFIG);
    let lines = lines(&encrypted);
    let condition = lines.iter().find(|line| line.starts_with("if kms:ResourceAliases "));
    assert!(condition.is_some_and(|line| line.ends_with(" alias/uploads")), "{lines:#?}");
    let report = upsign(&["--json", "check"]).file("upsign.toml", &encrypted).output().exits(0).json();
    assert!(report["deployment"]["functionRole"].to_string().contains("kms:ResourceAliases"), "{report}");
}

#[test]
fn json_has_every_value_that_the_text_has() {
    let file = format!("{CONFIG}{ROUTE}{DEPLOYMENT}");
    let report = upsign(&["--json", "check"]).file("upsign.toml", &file).output().exits(0).json();
    let expected = json!({
        "api": "url", "reservedConcurrency": 5, "reads": "presigned", "notify": "event-bridge", "guards": ["tls", "acl"],
        "versioned": false, "accountRegionalBuckets": false, "expire": {"tmp/": 1}, "logRetentionDays": 7, "accessLog": false,
        "tracing": true, "monitoring": false, "code": "s3://releases/upsign.zip", "variables": ["RUST_LOG"], "scopes": [],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&report["deployment"][name], value, "{name}");
    }
}

/// Returns the configuration with another section `[auth]`.
fn with_auth(auth: &str) -> String {
    let (before, rest) = CONFIG.split_once("[auth]").unwrap();
    let (_, after) = rest.split_once("\n[").unwrap();
    format!("{before}[auth]\n{auth}\n[{after}")
}

const LAMBDA: &str =
    "source = \"lambda-authorizer\"\nissuer = \"https://id.example.com\"\nsubject_claim = \"userId\"";
const IAM: &str = "source = \"iam\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"";

#[test]
fn check_prints_what_identifies_callers_without_tokens() {
    let lambda = lines(&with_auth(LAMBDA));
    let source = "a Lambda authorizer of the API identifies callers: auth.source = \"lambda-authorizer\"";
    assert_has(&lambda, "auth source", source);
    assert!(lambda.iter().any(|line| line.contains("AuthorizerFunctionArn")), "{lambda:#?}");
    let iam = lines(&with_auth(IAM));
    assert_has(
        &iam,
        "auth source",
        "the API verifies signatures with IAM credentials: auth.source = \"iam\"",
    );
    assert!(iam.iter().any(|line| line.contains("permit execute-api:Invoke")), "{iam:#?}");
    let json = upsign(&["check", "--json"]).file("upsign.toml", &with_auth(IAM)).output().exits(0).json();
    assert_eq!(json["deployment"]["authSource"], "iam");
}

#[test]
fn check_and_documents_refuse_an_api_that_cannot_identify_the_callers() {
    let config = format!("{}\n[deployment]\napi = \"url\"\n", with_auth(LAMBDA));
    for arguments in [&["check"][..], &["documents", "sam"]] {
        let run = upsign(arguments).file("upsign.toml", &config).output();
        let error = run.stderr();
        assert!(error.contains("auth.source: a function URL has no Lambda authorizer"), "{error}");
        assert!(error.contains("set api = \"rest\" or \"http\" in [deployment]"), "{error}");
    }
    // An option decides in place of the file.
    let run = upsign(&["documents", "sam", "--api", "alb"]).file("upsign.toml", &with_auth(IAM)).output();
    assert!(run.stderr().contains("a load balancer does not verify signatures"), "{}", run.stderr());
}

/// The private half of the public key, for these tests only, and what `openssl pkey -pubout` prints of it.
const PRIVATE_KEY: &str = include_str!("../../../upsign-testing/tests/uploads/cloudfront-ecdsa.pem");
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXiqltw8ks1rT3Ubx7bxwXq+6fSZi
J1MIuZGPfSFAegmQqDPji1ZYzO9cXCnmQI3g7CVjjlWvifmnh7YrOZx7Ng==
-----END PUBLIC KEY-----";

/// `check` compares the key that signs URLs of CloudFront with the public keys, and says what it cannot compare.
#[test]
fn check_compares_the_key_of_cloudfront() {
    let text = CONFIG.replace("[upload]\n", "[upload]\nconfirm = true\n");
    let other = PUBLIC_KEY.replace("Xiqltw8k", "Xiqltw8l");
    let file = |keys: &[&str]| {
        let keys: Vec<String> = keys.iter().map(|key| format!("\"\"\"\n{key}\n\"\"\"")).collect();
        format!(
            "{text}\n[token]\nkeys = [\"env:UPSIGN_TOKEN_SECRET\"]\n[deployment]\nreads = \"cloudfront\"\n\
             [cloudfront]\nprivate_key = \"file:key.pem\"\npublic_keys = [{}]\n",
            keys.join(", ")
        )
    };
    let check = |keys: &[&str], private_key: &str| {
        upsign(&["check"])
            .file("upsign.toml", &file(keys))
            .file("key.pem", private_key)
            .variable("UPSIGN_TOKEN_SECRET", "0123456789abcdef0123456789abcdef")
            .output()
    };
    let fits = check(&[PUBLIC_KEY, &other], PRIVATE_KEY);
    assert!(
        fits.exits(0).stdout().contains("ecdsa, the private half of the first of public_keys"),
        "{}",
        fits.stdout()
    );
    assert!(fits.stdout().contains("`upsign serve` needs cloudfront.domain"), "{}", fits.stdout());
    check(&[&other, PUBLIC_KEY], PRIVATE_KEY).exits(0).has_message("belongs to item 2 of public_keys");
    check(&[&other], PRIVATE_KEY).exits(0).has_message("belongs to none of cloudfront.public_keys");
    check(&[PUBLIC_KEY], "no key").exits(0).has_message("the key must be one PEM block");
    let absent = upsign(&["check"]).file("upsign.toml", &file(&[PUBLIC_KEY])).output();
    assert!(
        absent.exits(0).stdout().contains("not compared with public_keys: the file"),
        "{}",
        absent.stdout()
    );
}
