//! Options of `upsign documents` that replace values of the file: they are checked like the file, and noted.

use crate::run::{CONFIG, upsign};

const SCANNER: &str = "arn:aws:iam::123456789012:role/scanner";
const LISTENER: &str =
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2";

/// Runs `upsign documents` with the file that `init` writes, without examples.
fn documents(arguments: &[&str]) -> crate::run::Finished {
    upsign(&[&["documents"], arguments].concat()).file("upsign.toml", CONFIG).output()
}

#[test]
fn options_are_checked_like_the_file() {
    for (arguments, message) in [
        (&["sam", "--variable", "AWS_REGION=x"][..], "--variable: AWS_REGION is set by Lambda"),
        (&["sam", "--variable", "A=b"], "--variable: \"A\" is not the name of a variable"),
        (
            &["sam", "--variable", "UPSIGN_AUTH_SOURCE=authorizer"],
            "--variable: UPSIGN_AUTH_SOURCE overrides auth.source in the function only, and not in the documents",
        ),
        (
            &["terraform", "--variable", "UPSIGN_BUCKET=other-images"],
            "--variable: UPSIGN_BUCKET overrides bucket.name in the function only",
        ),
        (&["sam", "--scanner-role", SCANNER], "--scanner-role: has an effect only with the guard scanned"),
        (&["sam", "--listener-arn", LISTENER], "--listener-arn: has an effect only with api = \"alb\""),
        (
            &["sam", "--api", "alb", "--listener-arn", LISTENER],
            "--listener-arn: is in us-east-1, but the bucket is in ap-southeast-1",
        ),
        (
            &["notification", "--queue-arn", "arn:aws:sqs:us-east-1:123456789012:q"],
            "--queue-arn: is in us-east-1, but the bucket is in ap-southeast-1",
        ),
        (
            &["iam", "--signing-role", "arn:aws-cn:iam::123456789012:role/s"],
            "--signing-role: is in the partition aws-cn",
        ),
        (&["iam", "--table", "a"], "--table: \"a\": the name of a DynamoDB table has 3 to 255"),
        (&["lifecycle", "--pending", "=1"], "--pending: an empty prefix would delete every object"),
        (&["lifecycle", "--pending", "p/=0"], "--pending: the days of \"p/\" must be from 1"),
        (&["bucket-policy", "--guard", "tsl"], "--guard: \"tsl\" is not a guard"),
    ] {
        documents(arguments).exits(2).has_message(message);
    }
}

#[test]
fn variables_of_the_shell_are_noted_because_the_function_lacks_them() {
    let note = "note: the variable UPSIGN_TOKEN_USE sets auth.token_use = \"id\", for this command only: the function reads";
    for arguments in
        [&["documents", "sam"][..], &["documents", "terraform"], &["documents", "cors"], &["check"]]
    {
        let run = upsign(arguments).file("upsign.toml", CONFIG);
        run.variable("UPSIGN_TOKEN_USE", "id")
            .variable("AWS_REGION", "eu-west-1")
            .output()
            .exits(0)
            .has_message(note);
        let run = upsign(arguments).file("upsign.toml", CONFIG).output();
        assert!(!run.exits(0).stderr().contains("the variable"), "{}", run.stderr());
    }
}

#[test]
fn prefix_of_the_uploads_that_expires_is_warned_about() {
    let expected = "every upload of [upload] is deleted after 1 day";
    for document in ["lifecycle", "sam", "terraform"] {
        documents(&[document, "--pending", "articles/=1"]).exits(0).has_message(expected);
    }
}

#[test]
fn guards_that_are_left_out_are_named() {
    let expected = "note: --guard none applies to this command only: the configuration does not set deployment.guards; tls, tls12, sigv4 are left out";
    let run = documents(&["sam", "--guard", "none"]);
    assert!(run.exits(0).stderr().lines().any(|line| line == expected), "{}", run.stderr());
    let kept = documents(&["sam", "--guard", "none", "--guard", "tls"]);
    assert!(kept.exits(0).stderr().contains("; tls12, sigv4 are left out"), "{}", kept.stderr());
}

#[test]
fn terraform_module_is_printed_in_json() {
    for arguments in [&["terraform", "--format", "json"][..], &["--json", "terraform"]] {
        let module = upsign(&[&["documents"], arguments].concat()).file("upsign.toml", CONFIG).output();
        assert!(module.exits(0).json()["resource"]["aws_lambda_function"].is_object());
    }
    documents(&["--json", "terraform", "--format", "hcl"]).exits(2).has_message("--format hcl does not");
}

#[test]
fn terraform_module_says_that_it_does_not_use_the_code() {
    let file = format!("{CONFIG}\n[deployment]\ncode = \"s3://releases/upsign.zip\"\n");
    let module = upsign(&["documents", "terraform"]).file("upsign.toml", &file).output();
    module.exits(0).has_message("is not used: the variable `package` of the module names the zip file");
}

#[test]
fn stacks_say_what_the_authorizer_needs() {
    let id = CONFIG.replace("token_use = \"access\"", "token_use = \"id\"");
    let pool = upsign(&["documents", "sam"]).file("upsign.toml", &id).output();
    pool.exits(0)
        .has_message("in the account of the stack; if it is in another one, set auth.source = \"token\"");
    let pool = CONFIG.lines().find(|line| line.starts_with("user_pool")).unwrap();
    let issuer = "issuer = \"https://idp.example.com\"\njwks_uri = \"https://keys.example.net/jwks.json\"";
    let http = format!("{}\n[deployment]\napi = \"http\"\n", CONFIG.replace(pool, issuer));
    let run = upsign(&["documents", "terraform"]).file("upsign.toml", &http).output();
    run.exits(0)
        .has_message("https://idp.example.com/.well-known/openid-configuration names, not auth.jwks_uri");
}

#[test]
fn grants_that_the_packaged_function_does_not_use_are_warned_about() {
    let public = "[cloudfront]\npublic_reads = true\n";
    let file = |reads: &str| {
        let section = if reads == "cloudfront" { public } else { "" };
        format!("{CONFIG}\n[deployment]\nreads = \"{reads}\"\ntable = \"uploads\"\n{section}")
    };
    for (reads, expected) in [
        ("presigned", "the role may read every upload, which only a function of your own uses"),
        (
            "cloudfront",
            "anybody who knows the key of an upload can read it through the CloudFront distribution",
        ),
    ] {
        for command in [&["check"][..], &["documents", "sam"], &["documents", "terraform"]] {
            let run = upsign(command).file("upsign.toml", &file(reads)).output();
            run.exits(0).has_message(expected).has_message("the function of upsign-lambda uses no table");
            assert_eq!(run.stderr().matches(expected).count(), 1, "{}", run.stderr());
        }
    }
}

#[test]
fn documents_of_two_stores_are_those_of_the_store_that_takes_them() {
    let other = "\n[route.archive]\nbucket = \"archive\"\nregion = \"auto\"\nprovider = \"r2\"\nendpoint = \"https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com\"\nkey = \"archive/{id}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n";
    let file = format!("{CONFIG}{other}");
    let policy = upsign(&["documents", "bucket-policy"]).file("upsign.toml", &file).output();
    assert!(policy.exits(0).stdout().contains("article-images-bucket"));
    upsign(&["documents", "cors"]).file("upsign.toml", &file).output().exits(2).has_message("say --bucket");
}

#[test]
fn store_that_the_function_cannot_sign_for_is_warned_about_once() {
    let store = "region = \"us-east-1\"\nprovider = \"minio\"\nendpoint = \"https://minio.example.com:9000\"";
    let minio = CONFIG.replace("region = \"ap-southeast-1\"", store);
    for document in ["sam", "terraform"] {
        let run = upsign(&["documents", document]).file("upsign.toml", &minio).output();
        let count = run.exits(0).stderr().matches("credentials of its role").count();
        assert_eq!(count, 1, "{}", run.stderr());
    }
}
