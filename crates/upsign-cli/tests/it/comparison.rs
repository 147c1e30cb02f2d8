//! `upsign check --against` and `--live`.

use crate::run::{CONFIG, upsign};

#[test]
fn check_explains_how_an_outdated_document_differs() {
    let old = CONFIG.replace("bodyless", "no_overwrite = false\nbodyless");
    let before = upsign(&["documents", "cors", "--format", "xml"]).file("upsign.toml", &old).output();
    before.exits(0);
    let check = |name: &str, text: &str| {
        let run = upsign(&["check", "--json", "--against", name]);
        run.file("upsign.toml", CONFIG).file(name, text).output()
    };
    let run = check("cors.xml", &before.stdout());
    let difference = &run.exits(1).json()["differences"][0];
    assert_eq!((&difference["severity"], &difference["breaks"]), (&"breaking".into(), &"uploads".into()));
    let description = "the header `if-none-match` is not allowed for PUT from https://app.example.com";
    assert_eq!(difference["what"], description);
    for (arguments, name) in [
        (&["documents", "cors", "--format", "terraform-json"][..], "cors.tf.json"),
        (&["documents", "cors", "--format", "terraform"], "cors.tf"),
        (&["documents", "iam"], "iam.json"),
        (&["documents", "bucket-policy", "--format", "terraform-json"], "policy.tf.json"),
        (&["documents", "bucket-policy", "--format", "terraform"], "policy.tf"),
        (&["documents", "lifecycle"], "lifecycle.json"),
        (&["documents", "sam", "--format", "json"], "template.json"),
        (&["documents", "sam"], "template.yaml"),
        (&["documents", "terraform"], "main.tf"),
    ] {
        let made = upsign(arguments).file("upsign.toml", CONFIG).output();
        let run = check(name, &made.exits(0).stdout());
        if name.ends_with(".tf") && !cfg!(feature = "hcl") {
            run.exits(2)
                .has_message("this build does not read HCL")
                .has_message("--path crates/upsign-cli --features hcl");
            continue;
        }
        run.exits(0);
        let counts = serde_json::json!({"breaking": 0, "wider": 0, "cosmetic": 0, "narrower": 0});
        let mut report = run.json();
        let parts = report.as_object_mut().unwrap().remove("parts").unwrap();
        let equal = |part: &serde_json::Value| part["verdict"] == "equal" && part["file"] == name;
        assert!(parts.as_array().unwrap().iter().all(equal), "{parts}");
        let is_whole = ["sam", "terraform"].contains(&arguments[1]);
        assert_eq!(parts.as_array().unwrap().len() > 10, is_whole, "{parts}");
        let expected = serde_json::json!(
            {"stack": is_whole, "differences": [], "uncompared": [], "counts": counts, "repair": []}
        );
        assert_eq!(report, expected, "{name}");
    }
    let run = upsign(&["documents", "check"]).file("upsign.toml", CONFIG).output();
    run.exits(2).has_message("pass --against FILE or --live");
    check("x.json", "{}").exits(2).has_message("no CORS, IAM, bucket policy");
    check("cors.json", r#"{"CORSRules":[{"AllowedOrigins":[],"AllowedMethods":["PUT"]}]}"#).exits(2);
}

#[test]
fn a_comparison_ends_with_a_verdict_and_the_commands_that_repair_it() {
    let old = CONFIG.replace("bodyless", "no_overwrite = false\nbodyless");
    let before = upsign(&["documents", "cors"]).file("upsign.toml", &old).output().stdout();
    let check = |name: &str, text: &str, more: &[&str]| {
        let run = upsign(&[&["check", "--against", name], more].concat());
        run.file("upsign.toml", CONFIG).file(name, text).output()
    };
    let run = check("cors now.json", &before, &["--table", "uploads"]);
    let expected = "\
cors now.json: cors ✗

breaks uploads: cors now.json: the header `if-none-match` is not allowed for PUT from https://app.example.com
    uploads must send this header, so the browser's preflight fails

1 difference: 1 breaking, 0 wider, 0 cosmetic, 0 narrower
To repair:
  upsign documents cors > cors.json
  aws s3api put-bucket-cors --bucket article-images-bucket --cors-configuration file://cors.json
";
    assert_eq!(run.exits(1).stdout(), expected);
    let agree = check(
        "cors.json",
        &upsign(&["documents", "cors"]).file("upsign.toml", CONFIG).output().stdout(),
        &[],
    );
    assert_eq!(
        agree.exits(0).stdout(),
        "cors.json: cors ✓\n\n0 differences: cors in use agrees with upsign.toml; nothing else was compared\n"
    );
    let template = upsign(&["documents", "sam", "--json"]).file("upsign.toml", &old).output().stdout();
    let run = check("template.json", &template, &["--json"]);
    let repair = run.exits(1).json()["repair"].clone();
    assert_eq!(repair[0], "upsign documents sam --format json > template.json");
    assert!(repair[1].as_str().unwrap().starts_with("sam deploy --template-file template.json"), "{repair}");
}

#[test]
fn an_origin_that_the_configuration_does_not_list_is_wider() {
    let listed = r#""https://app.example.com""#;
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", CONFIG).output().stdout();
    let deployed =
        cors.replace(listed, &format!(r#"{listed}, "https://evil.example", "http://localhost:3000""#));
    let run = upsign(&["check", "--against", "deployed.json"]).file("upsign.toml", CONFIG);
    let expected = "\
deployed.json: cors ✗

wider: deployed.json: the origin `https://evil.example` is allowed
    upsign.toml does not list it: its pages can use a URL that leaks to them
wider: deployed.json: the origin `http://localhost:3000` is allowed
    upsign.toml does not list it: its pages can use a URL that leaks to them

2 differences: 0 breaking, 2 wider, 0 cosmetic, 0 narrower
To repair:
  upsign documents cors > cors.json
  aws s3api put-bucket-cors --bucket article-images-bucket --cors-configuration file://cors.json
";
    assert_eq!(run.file("deployed.json", &deployed).output().exits(1).stdout(), expected);
}

/// Returns the SAM template of [`CONFIG`] in YAML.
fn template() -> String {
    upsign(&["documents", "sam"]).file("upsign.toml", CONFIG).output().exits(0).stdout()
}

#[test]
fn every_part_of_a_stack_is_named_with_its_result() {
    let open = template().replace("BlockPublicPolicy: true", "BlockPublicPolicy: false");
    let run = upsign(&["check", "--against", "template.yaml"]).file("upsign.toml", CONFIG);
    let report = run.file("template.yaml", &open).output().exits(1).stdout();
    let first = report.lines().next().unwrap();
    assert!(
        first.starts_with("template.yaml: bucket ✓  bucket policy ✓  public access ✗  ownership ✓"),
        "{report}"
    );
    let end = "\
wider: template.yaml: UploadsBucket.PublicAccessBlockConfiguration.BlockPublicPolicy is false, not true
    an ACL or a policy can make the bucket or its objects public

1 difference: 0 breaking, 1 wider, 0 cosmetic, 0 narrower
To repair:
  upsign documents sam > template.yaml
  sam deploy --template-file template.yaml --stack-name uploads --resolve-s3 \\
    --capabilities CAPABILITY_IAM --region ap-southeast-1
";
    assert!(report.ends_with(end), "{report}");
}

#[test]
fn what_was_not_compared_fails_unless_it_is_accepted_by_name() {
    let more = template().replace("Outputs:\n", "  Topic:\n    Type: AWS::SNS::Topic\nOutputs:\n");
    let check = |options: &[&str]| {
        let run = upsign(&[&["check", "--against", "template.yaml"], options].concat());
        run.file("upsign.toml", CONFIG).file("template.yaml", &more).output()
    };
    let report = check(&[]).exits(1).stdout();
    let end = "\
not compared: template.yaml: Topic
    the generated stack has no such AWS::SNS::Topic

0 differences: 0 breaking, 0 wider, 0 cosmetic, 0 narrower; 1 not compared
To accept what was not compared: --allow-uncompared NAME, once for each name.
";
    assert!(report.ends_with(end), "{report}");
    // It stays in the report, because it still was not compared.
    let allowed = check(&["--allow-uncompared", "Topic"]).exits(0).stdout();
    assert!(allowed.contains("other resources ? (allowed)"), "{allowed}");
    assert!(allowed.contains("not compared, allowed: template.yaml: Topic"), "{allowed}");
    assert!(
        allowed.ends_with("the stack in use agrees with upsign.toml; 1 not compared, as allowed\n"),
        "{allowed}"
    );
    let json = check(&["--allow-uncompared", "Topic", "--json"]).exits(0).json();
    assert_eq!(json["uncompared"][0]["allowed"], true, "{json}");
    check(&["--allow-uncompared", "Topic", "--allow-uncompared", "Other"])
        .exits(2)
        .has_message("--allow-uncompared Other names nothing that was not compared");
}

/// A template of somebody else is not replaced, because deploying the generated one would delete its resources.
#[test]
fn repair_keeps_what_a_template_has_in_addition() {
    let foreign = "\
Resources:
  Topic:
    Type: AWS::SNS::Topic
  Website:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: article-images-bucket
";
    let run = upsign(&["check", "--against", "foreign.yaml"]).file("upsign.toml", CONFIG);
    let report = run.file("foreign.yaml", foreign).output().exits(1).stdout();
    for text in [
        "To repair:\n  upsign documents sam > sam-generated.yaml\n  diff -u foreign.yaml sam-generated.yaml\n",
        "foreign.yaml has more than upsign generates (Topic). It is not replaced",
    ] {
        assert!(report.contains(text), "{report}");
    }
    assert!(!report.contains("sam deploy") && !report.contains("> foreign.yaml"), "{report}");
    // It has no API, so nothing of an API is equal.
    assert!(!report.contains("authorizer ✓") && !report.contains("throttling ✓"), "{report}");
}

#[test]
fn folder_stands_for_the_files_of_its_module() {
    let module = upsign(&["documents", "terraform"]).file("upsign.toml", CONFIG).output().exits(0).stdout();
    let (variables, resources): (Vec<&str>, Vec<&str>) =
        module.split_inclusive("\n}\n").partition(|block| !block.contains("resource \""));
    let (variables, resources) = (variables.concat(), resources.concat());
    let check = |path: &str, resources: &str| {
        let run = upsign(&["check", "--against", path]).file("upsign.toml", CONFIG);
        run.file("module/main.tf", resources).file("module/variables.tf", &variables).output()
    };
    if !cfg!(feature = "hcl") {
        return;
    }
    check("module", &resources).exits(0);
    check("module/variables.tf", &resources).exits(2).has_message("pass the files with the resources too");
    let open = resources.replace("block_public_policy     = true", "block_public_policy     = false");
    assert_ne!(open, resources);
    let report = check("module", &open).exits(1).stdout();
    assert!(
        report.contains("module/main.tf, module/variables.tf are one module, so none of them is replaced"),
        "{report}"
    );
}

#[test]
fn a_template_without_a_configuration_is_described() {
    let foreign = "\
Resources:
  Files:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: files-of-others
      CorsConfiguration:
        CorsRules:
          - AllowedOrigins: ['*']
            AllowedMethods: [PUT]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: '*', Action: 'sts:AssumeRole'}]
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']
      Policies:
        - PolicyName: all
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {Effect: Allow, Action: 's3:*', Resource: '*'}
              - {Effect: Allow, Action: 'logs:PutLogEvents', Resource: !Sub 'arn:aws:logs:${AWS::Region}:${AWS::AccountId}:*'}
  Url:
    Type: AWS::Lambda::Url
    Properties: {AuthType: NONE, TargetFunctionArn: x}
  Topic:
    Type: AWS::SNS::Topic
";
    let run = upsign(&["check", "--against", "template.yaml"]).file("template.yaml", foreign).output();
    let report = run.exits(2).has_message("upsign init").stdout();
    for text in [
        "files-of-others",
        "s3:* on *",
        "pages of every origin may send requests",
        "a role may do s3:*",
        "public access to Files is not blocked",
        "the function URL of Url needs no authorization",
        "Role has the managed policy arn:aws:iam::aws:policy/AdministratorAccess",
        "everyone may assume the role Role",
        "${AWS::Region}:${AWS::AccountId}",
        "not judged: Topic (AWS::SNS::Topic)",
    ] {
        assert!(report.contains(text), "{report}");
    }
}

#[test]
fn members_that_are_not_understood_are_not_compared() {
    let made = |name: &str, format: &str| {
        let run = upsign(&["documents", name, "--format", format]).file("upsign.toml", CONFIG);
        run.output().exits(0).stdout()
    };
    let with = |member: &str| {
        let lifecycle = made("lifecycle", "json");
        lifecycle.replacen('{', &format!("{{{member},"), 1)
    };
    let tag = r#""Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Tag": {"Key": "a", "Value": "b"}}, "Expiration": {"Days": 1}}, "#;
    let function = r#"{"LambdaFunctionConfigurations": [{"LambdaFunctionArn": "arn:aws:lambda:ap-southeast-1:9:function:x", "Events": ["s3:ObjectCreated:*"]}]}"#;
    let xml = format!("<!-- by hand -->{}", made("lifecycle", "xml"));
    for (text, uncompared, code) in [
        (with(r#""TransitionDefaultMinimumObjectSize": "all_storage_classes_128K""#), None, 0),
        (with(r#""TransitionDefaultMinimumObjectSize": "varies_by_storage_class""#), Some("lifecycle"), 1),
        (made("lifecycle", "json").replacen("\"Rules\": [", tag, 1), Some("lifecycle"), 1),
        (function.to_owned(), Some("notification"), 1),
        (xml.clone(), None, 0),
        (xml.replace("<Status>", "<Later/><Status>"), Some("lifecycle"), 1),
    ] {
        let run = upsign(&["check", "--json", "--against", "doc"]).file("upsign.toml", CONFIG);
        let report = run.file("doc", &text).output().exits(code).json();
        assert_eq!(report["uncompared"][0]["name"].as_str(), uncompared, "{text}: {report}");
    }
}

#[test]
fn unreadable_documents_are_described() {
    for (text, message) in [
        ("{\"CORSRules\":[", "doc.json:1: the JSON ends too early"),
        ("{\"CORSRules\":[}", "doc.json:1: the JSON is invalid"),
    ] {
        let run =
            upsign(&["check", "--against", "doc.json"]).file("upsign.toml", CONFIG).file("doc.json", text);
        run.output().exits(2).has_message(message);
    }
    for (id, name) in [("", "rule 2"), ("\"ID\": \"uploads\", ", "rule 2 (ID \"uploads\")")] {
        let rule = r#"{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}"#;
        let text =
            format!(r#"{{"CORSRules": [{rule}, {{{id}"AllowedOrigins": ["*"], "AllowedMethods": []}}]}}"#);
        let run = upsign(&["check", "--against", "doc.json"]).file("upsign.toml", CONFIG);
        run.file("doc.json", &text)
            .output()
            .exits(2)
            .has_message(&format!("{name} is invalid: a CORS rule needs at least one method"))
            .has_message(
                "help: add AllowedMethods to it, for example [\"PUT\"]; `upsign documents cors` prints",
            );
    }
    // `aws s3api get-bucket-cors > doc.json` leaves an empty file if the bucket has no rules.
    let empty =
        upsign(&["check", "--against", "cors.json"]).file("upsign.toml", CONFIG).file("cors.json", "\n");
    empty
        .output()
        .exits(2)
        .has_message("the file cors.json is empty: `aws s3api get-bucket-cors` prints nothing for a bucket without CORS rules")
        .has_message("upsign documents cors > cors-new.json")
        .has_message(
            "aws s3api put-bucket-cors --bucket article-images-bucket --cors-configuration file://cors-new.json",
        );
    let live = upsign(&["documents", "check", "--live"]).file("upsign.toml", CONFIG).output();
    if !cfg!(feature = "live") {
        live.exits(2)
            .has_message("--features live")
            .has_message("get-bucket-cors --bucket article-images-bucket");
    }
    let two = format!(
        "{CONFIG}[route.raw]\nbucket = \"raw-bucket\"\nkey = \"r/{{id}}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n"
    );
    let run = upsign(&["documents", "cors"]).file("upsign.toml", &two).output();
    run.exits(2)
        .has_message("upsign.toml has 2 buckets: say --bucket article-images-bucket or --bucket raw-bucket");
}

/// Returns the report of a comparison of `name`, which holds `text`, with these options.
fn compared(text: &str, options: &str, code: i32) -> String {
    let arguments = ["check", "--against", "bp.json"].into_iter().chain(options.split_whitespace());
    let run = upsign(&arguments.collect::<Vec<_>>()).file("upsign.toml", CONFIG).file("bp.json", text);
    run.output().exits(code).stdout()
}

#[test]
fn denials_of_outdated_requests_break_nothing_and_are_not_removed_silently() {
    let policy = upsign(&["documents", "bucket-policy"]).file("upsign.toml", CONFIG).output().stdout();
    // A guard that is compared with comes in addition to the default ones.
    let report = compared(&policy, "--guard signature-age", 1);
    assert!(!report.contains("OnlyTls") && !report.contains("narrower:"), "{report}");
    assert!(report.contains("1 difference: 0 breaking, 1 wider, 0 cosmetic, 0 narrower"), "{report}");

    let report = compared(&policy, "--guard none", 0);
    let expected = "\
bp.json: bucket policy ✓ (narrower)

narrower: bp.json: s3:* on arn:aws:s3:::article-images-bucket is denied (OnlyTls)
    this statement only denies requests over plain HTTP; uploads use HTTPS
";
    assert!(report.starts_with(expected), "{report}");
    let end = "\
6 differences: 0 breaking, 0 wider, 0 cosmetic, 6 narrower
There is nothing to repair: the documents in use only deny more than the generated ones.
";
    assert!(report.ends_with(end), "{report}");

    let report = compared(&policy, "--guard none --guard signature-age", 1);
    let end = "\
To repair:
  upsign documents bucket-policy --guard none --guard signature-age > bucket-policy.json
  aws s3api put-bucket-policy --bucket article-images-bucket --policy file://bucket-policy.json
This removes what the document in use denies in addition (OnlyTls, OnlyTls12, OnlySigV4); to keep what a guard denies, add --guard tls --guard tls12 --guard sigv4.
";
    assert!(report.ends_with(end), "{report}");
    let json: serde_json::Value =
        serde_json::from_str(&compared(&policy, "--guard none --guard signature-age --json", 1)).unwrap();
    assert_eq!(json["removes"], serde_json::json!(["OnlyTls", "OnlyTls12", "OnlySigV4"]));
    assert_eq!(json["counts"]["narrower"], 6);
}

#[test]
fn a_missing_permission_to_read_breaks_reads() {
    let role = upsign(&["documents", "iam"]).file("upsign.toml", CONFIG).output().stdout();
    let report = compared(&role, "--reads presigned", 1);
    for action in ["s3:GetObject", "s3:GetObjectVersion"] {
        assert!(report.contains(&format!("breaks reads: bp.json: {action} on ")), "{report}");
    }
    assert!(!report.contains("breaks uploads"), "{report}");
}

/// Both names of the command take the same options.
#[test]
fn documents_check_takes_the_guards_of_check() {
    let init = upsign(&["init", "-"]).output().stdout();
    let cors = upsign(&["documents", "cors"]).file("upsign.toml", &init).output().stdout();
    for command in [&["check"][..], &["documents", "check"]] {
        let options = ["--against", "cors.json", "--guard", "acl"];
        let run = upsign(&[command, &options].concat()).file("upsign.toml", &init).file("cors.json", &cors);
        run.output().exits(0);
    }
}

#[test]
fn cors_rules_of_google_cloud_storage_are_repaired_with_its_own_command() {
    let config = CONFIG.replace("[bucket]\n", "[bucket]\nprovider = \"gcs\"\nsignature = \"goog4-hmac\"\n");
    let rules = upsign(&["documents", "cors"]).file("upsign.toml", &config).output().exits(0).stdout();
    let check = |rules: &str| {
        let run = upsign(&["check", "--against", "cors.json"]).file("upsign.toml", &config);
        run.file("cors.json", rules).output()
    };
    check(&rules).exits(0);
    let report = check(&rules.replace("\"PUT\"", "\"POST\"")).exits(1).stdout();
    let command = "gcloud storage buckets update gs://article-images-bucket --cors-file=cors-new.json";
    assert!(report.contains(command), "{report}");
}
