//! `upsign documents`.

use crate::run::{CONFIG, upsign};

#[test]
fn cors_and_iam_documents_follow_the_policy() {
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", CONFIG).output();
    cors.exits(0);
    let rule = &cors.json()["CORSRules"][0];
    assert_eq!(rule["AllowedOrigins"], serde_json::json!(["https://app.example.com"]));
    assert_eq!(rule["AllowedMethods"], serde_json::json!(["PUT"]));
    assert_eq!(rule["AllowedHeaders"], serde_json::json!(["content-type", "if-none-match"]));

    let iam = upsign(&["documents", "iam"]).file("upsign.toml", CONFIG).output();
    iam.exits(0);
    let statement = &iam.json()["Statement"][0];
    assert_eq!(statement["Action"], "s3:PutObject");
    assert!(!iam.stdout().contains("PutObjectAcl"));
    let resource = statement["Resource"].as_str().unwrap();
    assert!(resource.starts_with("arn:aws:s3:::article-images-bucket/articles/*/raw/*"), "{resource}");
}

#[test]
fn an_invalid_configuration_exits_with_2() {
    let run = upsign(&["documents", "cors"]).file("upsign.toml", &CONFIG.replace("10 MiB", "ten")).output();
    run.exits(2).has_message("upload.max_size");
    let run = upsign(&["documents", "cors", "--config", "other.toml"]).output();
    run.exits(2).has_message("cannot read other.toml");
    upsign(&["documents", "cors"]).output().exits(2).has_message("no upsign.toml");
}

const SECOND: &str = r#"
[route.avatars]
key = "avatars/{sub}/{id}"
types = ["image/png"]
max_size = "1 MiB"
bodyless = "refuse"

[route.forms]
key = "forms/{id}"
types = ["image/png"]
max_size = "1 MiB"
bodyless = "refuse"
method = "post"
no_overwrite = false
"#;

#[test]
fn routes_into_one_bucket_are_combined_into_one_document() {
    let config = format!("{CONFIG}{SECOND}");
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", &config).output();
    cors.exits(0);
    let rules = &cors.json()["CORSRules"];
    assert_eq!(rules[0]["AllowedMethods"], serde_json::json!(["PUT"]));
    assert_eq!(rules[1]["AllowedMethods"], serde_json::json!(["POST"]));
    let iam = upsign(&["documents", "iam"]).file("upsign.toml", &config).output();
    assert_eq!(iam.exits(0).json()["Statement"][0]["Resource"].as_array().unwrap().len(), 3);
}

#[test]
fn every_document_is_generated_in_every_format() {
    let queue = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";
    for arguments in [
        "cors --format console",
        "cors --format xml",
        "cors --format cloudformation",
        "cors --format terraform",
        "cors --format terraform-json",
        "cors --preset article",
        "iam --role runtime --table uploads",
        "iam --role worker --queue-arn arn:aws:sqs:ap-southeast-1:123456789012:q --format terraform",
        "bucket-policy --guard tls --guard signature-age --format terraform-json",
        "bucket-policy --guard scanned --scanner-role arn:aws:iam::123456789012:role/scanner",
        "lifecycle --pending pending/=1 --infrequent-after 60 --format xml",
        &format!("notification --queue-arn {queue} --format terraform"),
        &format!("notification --queue-arn {queue} --format queue-policy --account 123456789012"),
        "notification --notify event-bridge",
        "reads --reads cloudfront",
        "reads --reads presigned",
        "cloudwatch",
        "sam --format json --code s3://code/zip --unwatched",
        "sam --api http --reads cloudfront",
        "terraform",
        "terraform --api http",
        "terraform --api url --reads presigned",
    ] {
        let arguments: Vec<&str> = ["documents"].into_iter().chain(arguments.split_whitespace()).collect();
        let mut command = upsign(&arguments).file("upsign.toml", CONFIG);
        if arguments.contains(&"cloudfront") {
            command = command.variable("UPSIGN_CLOUDFRONT_PUBLIC_KEYS", READ_KEY);
        }
        let run = command.output();
        run.exits(0);
        assert!(run.stdout().lines().count() >= 1, "{arguments:?}");
    }
}

#[test]
fn options_that_do_not_fit_are_refused_with_a_hint() {
    for (arguments, message) in [
        ("bucket-policy --guard x", "--guard: \"x\" is not a guard"),
        ("bucket-policy --guard no-overwrite", "no route signs if-none-match for every request"),
        ("bucket-policy --guard account", "needs the AWS account ID"),
        (
            "bucket-policy --guard scanned",
            "--guard: the guard scanned needs scanner_role, the only role that may tag objects as clean",
        ),
        (
            "bucket-policy --guard scanned --scanner-role arn:aws:iam::123456789012:role/*",
            "without wildcards",
        ),
        ("bucket-policy --reads cloudfront", "help: add public_keys = "),
        ("notification", "queue_arn is missing: which queue receives the notifications?"),
        ("iam --role worker", "queue_arn is missing: which queue does the worker read?"),
        ("iam --role worker", "set queue_arn in [deployment], or pass --queue-arn arn:aws:sqs:"),
        ("sam --api alb", "add listener_arn = \"arn:aws:elasticloadbalancing:"),
        ("notification --notify none", "set notify = \"queue\" or \"event-bridge\" in [deployment]"),
        ("iam --confirm", "unexpected argument '--confirm'"),
        ("cors --multipart browser", "unexpected argument '--multipart'"),
        ("sam --scope uploads/write", "unexpected argument '--scope'"),
        ("lifecycle --pending x", "must be PREFIX=DAYS"),
        ("cors --bucket other", "say --bucket article-images-bucket"),
        ("reads", "--reads presigned or --reads cloudfront"),
        ("bucket-policy --account 12", "twelve digits"),
        ("iam --role worker --queue-arn q", "write the ARN of an SQS queue, as in arn:aws:sqs:"),
        ("notification --queue-arn foo", "write the ARN of an SQS queue, as in arn:aws:sqs:"),
        (
            "bucket-policy --reads cloudfront --distribution-arn E1",
            "write the ARN of a CloudFront distribution, as in arn:aws:cloudfront:",
        ),
        ("iam --signing-role signer", "the ARN of an IAM role has the form arn:aws:iam:"),
        ("lifecycle --infrequent-after 5", "after 30 days at the earliest, not after 5"),
        (
            "lifecycle --infrequent-after x",
            "--infrequent-after: must be a whole number of at least 0, not \"x\"",
        ),
    ] {
        let arguments: Vec<&str> = ["documents"].into_iter().chain(arguments.split_whitespace()).collect();
        upsign(&arguments).file("upsign.toml", CONFIG).output().exits(2).has_message(message);
    }
    let warned = upsign(&["documents", "bucket-policy", "--guard", "auth-type"]);
    warned
        .file("upsign.toml", CONFIG)
        .output()
        .exits(0)
        .has_message("stops uploads to these keys by the AWS CLI");
}

/// Returns the long options of a document that replace values of `[deployment]`.
fn deployment_options(document: &str) -> Vec<String> {
    let help = upsign(&["documents", document, "--help"]).output().stdout();
    let section = help.lines().skip_while(|line| *line != "In place of [deployment] in upsign.toml:").skip(1);
    let section = section.take_while(|line| line.is_empty() || line.starts_with(' '));
    section
        .filter_map(|line| line.trim_start().strip_prefix("--")?.split(' ').next().map(str::to_owned))
        .collect()
}

const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:q";
const LISTENER: &str = "--listener-arn arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2";

#[test]
fn each_option_of_a_document_changes_it() {
    let config = format!("{CONFIG}{SECOND}");
    let arguments = |option: &str| match option {
        "account" => "--account 123456789012 --guard account",
        "reads" => "--reads presigned",
        "notify" => "--notify event-bridge",
        "unversioned" => "--unversioned --pending pending/=1",
        "pending" => "--pending pending/=1",
        "infrequent-after" => "--infrequent-after 60",
        "table" => "--table uploads",
        "signing-role" => "--role runtime --signing-role arn:aws:iam::123456789012:role/signer",
        "scanner-role" => "--guard scanned --scanner-role arn:aws:iam::123456789012:role/scanner",
        "guard" => "--guard none",
        "api" => "--api http",
        "code" => "--code s3://code/function.zip",
        "variable" => "--variable NAME=value",
        "unwatched" => "--unwatched",
        "listener-arn" => LISTENER,
        _ => "",
    };
    let print = |document: &str, arguments: &str| {
        let all = ["documents"].into_iter().chain(document.split(' ')).chain(arguments.split_whitespace());
        let run = upsign(&all.collect::<Vec<_>>()).file("upsign.toml", &config).output();
        run.exits(0).stdout()
    };
    for (document, base, more) in [
        ("cors", "cors", ""),
        ("iam", "iam --role runtime", ""),
        (
            "bucket-policy",
            "bucket-policy",
            "--distribution-arn arn:aws:cloudfront::123456789012:distribution/E1",
        ),
        ("lifecycle", "lifecycle", ""),
        ("notification", "notification --queue-arn arn:aws:sqs:ap-southeast-1:123456789012:q", ""),
        ("reads", "reads --reads presigned", ""),
        ("cloudwatch", "cloudwatch", ""),
        ("sam", "sam", ""),
        ("terraform", "terraform", ""),
    ] {
        let before = print(base, "");
        let options = deployment_options(document);
        assert_eq!(options.is_empty(), document == "cors", "{document}");
        for option in options {
            let mut with = arguments(&option).replace("--role runtime ", "");
            match (document, &*option) {
                ("sam" | "terraform", "signing-role") => {}
                ("sam" | "terraform", "unversioned") => with = "--unversioned".into(),
                ("iam", "unversioned") => {
                    let worker = |more| {
                        print(
                            &format!(
                                "iam --role worker --queue-arn arn:aws:sqs:ap-southeast-1:123456789012:q{more}"
                            ),
                            "",
                        )
                    };
                    assert_ne!(worker(""), worker(" --unversioned"));
                    continue;
                }
                ("bucket-policy", "reads") => with = format!("--reads cloudfront {more}"),
                ("reads", "reads") => continue,
                ("reads", "unversioned") => with = "--unversioned".into(),
                ("iam", "queue-arn") => {
                    let worker = |queue| print(&format!("iam --role worker --queue-arn {queue}"), "");
                    assert_ne!(worker(QUEUE), worker(&format!("{QUEUE}-2")));
                    continue;
                }
                ("iam", "account") => {
                    let table = "iam --role runtime --table uploads";
                    assert_ne!(print(table, ""), print(table, "--account 123456789012"));
                    continue;
                }
                ("bucket-policy", "distribution-arn") => {
                    let cloudfront = "bucket-policy --reads cloudfront";
                    assert_ne!(print(cloudfront, more), print(cloudfront, &format!("{more}X")));
                    continue;
                }
                ("notification", "queue-arn") => {
                    assert_ne!(print("notification", &format!("--queue-arn {QUEUE}-2")), before);
                    continue;
                }
                ("notification", "notify") => {
                    // A queue has no effect with EventBridge.
                    assert_ne!(print("notification", &with), before);
                    continue;
                }
                ("sam" | "terraform", "listener-arn") => with = format!("--api alb {with}"),
                ("notification", "account") => {
                    let queue = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";
                    let queue = format!("notification --format queue-policy --queue-arn {queue}");
                    assert!(print(&queue, "--account 123456789012").contains("123456789012"));
                    continue;
                }
                _ => {}
            }
            assert!(!with.is_empty(), "{document}: --{option}");
            assert_ne!(print(base, &with), before, "{document}: --{option}");
        }
    }
}

/// Returns what a document prints on standard output and standard error, with these lines of `[deployment]`.
fn deployed(arguments: &str, lines: &str) -> (String, String) {
    let config = format!("{CONFIG}\n[deployment]\n{lines}\n");
    let arguments: Vec<&str> = ["documents"].into_iter().chain(arguments.split_whitespace()).collect();
    let run = upsign(&arguments).file("upsign.toml", &config).output();
    run.exits(0);
    (run.stdout(), run.stderr())
}

#[test]
fn values_of_the_file_need_no_options() {
    for (document, lines, options) in [
        ("lifecycle", "expire = { \"pending/\" = 1 }", "--pending pending/=1"),
        ("bucket-policy", "guards = [\"tls\", \"tls12\", \"sigv4\", \"acl\"]", "--guard acl"),
        ("bucket-policy", "guards = []", "--guard none"),
        ("iam", "reads = \"presigned\"", "--reads presigned"),
        (
            "iam --role runtime",
            "table = \"uploads\"\naccount = \"123456789012\"",
            "--table uploads --account 123456789012",
        ),
        (
            "notification",
            "queue_arn = \"arn:aws:sqs:ap-southeast-1:123456789012:q\"",
            "--queue-arn arn:aws:sqs:ap-southeast-1:123456789012:q",
        ),
        ("notification", "notify = \"event-bridge\"", "--notify event-bridge"),
        (
            "sam",
            "api = \"http\"\nmonitoring = false\nversioned = false",
            "--api http --unwatched --unversioned",
        ),
        (
            "sam",
            "code = \"s3://code/f.zip\"\nvariables = { A_B = \"c\" }",
            "--code s3://code/f.zip --variable A_B=c",
        ),
    ] {
        let (by_option, notes) = deployed(&format!("{document} {options}"), "");
        assert!(notes.contains("note: --"), "{document} {options}: {notes}");
        let (by_file, notes) = deployed(document, lines);
        assert_eq!(by_file, by_option, "{document} {lines}");
        assert!(!notes.contains("note: --"), "{document} {lines}: {notes}");
        // The same value again is no change.
        if !options.contains("--pending") && !options.contains("--guard") && !options.contains("--variable") {
            let (both, notes) = deployed(&format!("{document} {options}"), lines);
            assert!(both == by_file && !notes.contains("note: --"), "{document} {options}: {notes}");
        }
    }
}

#[test]
fn options_that_override_the_file_say_so() {
    let (_, notes) = deployed("iam --reads presigned", "reads = \"none\"");
    let line = CONFIG.lines().count() + 3;
    let expected =
        format!("note: --reads presigned overrides deployment.reads = \"none\" (upsign.toml:{line})");
    assert!(notes.lines().any(|note| note == expected), "{notes}\nexpected: {expected}");
    let (policy, notes) = deployed("bucket-policy --guard acl", "guards = [\"tls\"]");
    assert!(
        notes.contains("note: --guard acl adds to deployment.guards = [\"tls\"] (upsign.toml:"),
        "{notes}"
    );
    assert!(policy.contains("OnlyTls") && !policy.contains("OnlySigV4"), "{policy}");
    let (_, notes) = deployed("iam --reads presigned", "");
    let expected = "note: --reads presigned applies to this command only: the configuration does not set deployment.reads";
    assert!(notes.lines().any(|note| note == expected), "{notes}");
    // A prefix of the file gets other days, in place of a second rule.
    let (rules, _) =
        deployed("lifecycle --pending pending/=7", "expire = { \"pending/\" = 1, \"tmp/\" = 2 }");
    let rules: serde_json::Value = serde_json::from_str(&rules).unwrap();
    let days = |prefix: &str| -> Vec<u64> {
        let rules = rules["Rules"].as_array().unwrap().iter();
        let rules = rules.filter(|rule| rule["Filter"]["Prefix"] == prefix);
        rules.filter_map(|rule| rule["Expiration"]["Days"].as_u64()).collect()
    };
    assert_eq!((days("pending/"), days("tmp/")), (vec![7], vec![2]), "{rules}");
    let quiet =
        upsign(&["--quiet", "documents", "iam", "--account", "123456789012"]).file("upsign.toml", CONFIG);
    assert_eq!(quiet.output().exits(0).stderr(), "");
}

#[test]
fn authorizer_follows_the_configuration() {
    let scoped =
        CONFIG.replace("token_use = \"access\"", "token_use = \"access\"\nscopes = [\"uploads/write\"]");
    assert_ne!(scoped, CONFIG);
    let sam = |config: &str, options: &[&str]| {
        upsign(&[&["documents", "sam"], options].concat()).file("upsign.toml", config).output()
    };
    let with = sam(&scoped, &[]);
    let template = with.exits(0).stdout();
    assert!(template.contains("uploads/write") && !template.contains("aws.cognito.signin"), "{template}");
    let without = sam(CONFIG, &[]);
    let notes = without.exits(0).stderr();
    let expected = "note: the function verifies tokens itself, without an authorizer: the authorizer of a REST API accepts access tokens only if it demands scopes; for an authorizer, set scopes in [auth], or in every route";
    assert!(notes.lines().any(|note| note.starts_with(expected)), "{notes}");
    let explicit = scoped.replace("scopes = [", "source = \"authorizer\"\nscopes = [");
    sam(&explicit, &[]).exits(0);
    sam(&explicit, &["--api", "url"])
        .exits(2)
        .has_message("auth.source: a function URL has no authorizer for tokens")
        .has_message("set api = \"rest\" or \"http\" in [deployment]");
    let (before, rest) = CONFIG.split_once("[auth]").unwrap();
    let rest = rest.split_once("[cors]").map(|(_, rest)| rest);
    let open = format!("{before}{}", rest.map(|rest| format!("[cors]{rest}")).unwrap_or_default());
    sam(&open, &[]).exits(2).has_message("upsign.toml has no section [auth]");
}

#[test]
fn options_that_change_nothing_are_hidden_and_refused() {
    assert_eq!(deployment_options("cloudwatch"), ["api", "notify"]);
    assert_eq!(deployment_options("lifecycle"), ["unversioned", "pending", "infrequent-after"]);
    let run = upsign(&["documents", "cloudwatch", "--table", "t"]).file("upsign.toml", CONFIG).output();
    run.exits(2).has_message("--table <NAME> changes nothing in this document");
    let run = upsign(&["check", "--table", "t"]).file("upsign.toml", CONFIG).output();
    run.exits(2).has_message("--table <NAME> changes nothing without --against or --live");
    assert!(!upsign(&["documents", "cors", "--help"]).output().stdout().contains("--account"));
}

#[test]
fn the_help_shows_examples_within_100_columns() {
    let run = upsign(&["documents", "--help"]).output();
    run.exits(0);
    for part in ["put-bucket-cors", "bucket-policy", "exit code 1", "Several routes into one bucket"] {
        assert!(run.stdout().contains(part), "{part}");
    }
    assert!(run.stdout().lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn completions_are_printed_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let run = upsign(&["completions", shell]).output();
        run.exits(0);
        assert!(run.stdout().contains("upsign"));
    }
}

const READ_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXiqltw8ks1rT3Ubx7bxwXq+6fSZi
J1MIuZGPfSFAegmQqDPji1ZYzO9cXCnmQI3g7CVjjlWvifmnh7YrOZx7Ng==
-----END PUBLIC KEY-----";

/// What no template can contain is said by every command that prints a stack with it.
#[test]
fn key_policy_for_cloudfront_is_demanded_by_every_command() {
    let encrypted = CONFIG.replace("[upload]", "[upload]\nencryption = \"kms\"\nkms_key = \"alias/uploads\"");
    assert_ne!(encrypted, CONFIG);
    let config = format!(
        "{encrypted}\n[deployment]\nreads = \"cloudfront\"\n[cloudfront]\npublic_keys = [\"\"\"\n{READ_KEY}\n\"\"\"]\n"
    );
    for command in
        [&["documents", "sam"][..], &["documents", "terraform"], &["documents", "reads"], &["check"]]
    {
        let run = upsign(command).file("upsign.toml", &config).output();
        let text = format!("{}{}", run.exits(0).stdout(), run.stderr())
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            text.contains("its key policy must permit the CloudFront distribution to decrypt"),
            "{command:?}: {text}"
        );
    }
    let reads = upsign(&["documents", "reads"]).file("upsign.toml", &config).output();
    assert!(reads.stderr().contains("CloudFrontMayDecrypt") && reads.stdout().contains("OnlyTls12"));
    let managed = config.replace("kms_key = \"alias/uploads\"\n", "");
    let run = upsign(&["documents", "sam"]).file("upsign.toml", &managed).output();
    run.exits(2).has_message("the key aws/s3, whose policy nobody can change");
}

#[test]
fn arns_that_a_stack_does_not_use_are_noted() {
    let config = format!(
        "{CONFIG}\n[deployment]\nreads = \"cloudfront\"\nqueue_arn = \"arn:aws:sqs:ap-southeast-1:123456789012:uploads\"\n\
         distribution_arn = \"arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE\"\n\
         signing_role = \"arn:aws:iam::123456789012:role/signer\"\n[cloudfront]\npublic_reads = true\n"
    );
    for kind in ["sam", "terraform"] {
        let run = upsign(&["documents", kind]).file("upsign.toml", &config).output();
        let run = run.exits(0);
        run.has_message(
            "note: queue_arn = \"arn:aws:sqs:ap-southeast-1:123456789012:uploads\" is not used here",
        );
        run.has_message("note: distribution_arn = ");
        run.has_message("the trust policy of this role must name the role of the function");
    }
}
