//! What `upsign check`, `upsign serve` and `upsign documents sam` say last: the next step that works, or how many errors there
//! are.

use crate::run::{CONFIG, Finished, upsign};

/// Returns the last line of a report.
fn last(run: &Finished) -> String {
    run.stdout().lines().last().unwrap_or_default().to_owned()
}

fn valid() -> String {
    CONFIG.replace("\"allow\"", "\"refuse\"").replace("article-images-bucket", "images-of-acme")
}

fn untouched() -> String {
    upsign(&["init", "-"]).output().stdout()
}

#[test]
fn check_names_the_command_that_serves_this_file() {
    let run = upsign(&["check", "--config", "my api.toml"]).file("my api.toml", &valid()).output();
    run.exits(0);
    assert_eq!(last(&run), "next: upsign serve --config 'my api.toml'");
    let run = upsign(&["check", "--config=new.toml"]).file("new.toml", &untouched()).output();
    assert!(last(&run).ends_with("then: upsign check --config new.toml"), "{}", last(&run));
}

#[test]
fn check_of_a_deployment_names_the_commands_that_print_its_stack() {
    let file = format!("{}[deployment]\napi = \"http\"\n", valid());
    let run = upsign(&["check", "--config", "staging.toml"]).file("staging.toml", &file).output();
    let expected = "next: upsign documents sam --config staging.toml > template.yaml, or upsign documents terraform --config \
                    staging.toml > main.tf; on your own server: upsign serve --config staging.toml";
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    assert!(words(&run.exits(0).stdout()).ends_with(expected), "{}", run.stdout());
}

#[test]
fn module_is_followed_by_the_steps_to_an_uploaded_file() {
    let file = format!("{}[deployment]\napi = \"url\"\nreserved_concurrency = 5\n", valid());
    let run =
        upsign(&["documents", "terraform", "--config", "staging.toml"]).file("staging.toml", &file).output();
    let (module, steps) = (run.exits(0).stdout(), run.stderr());
    for variable in ["package", "architecture"] {
        assert!(module.contains(&format!("variable \"{variable}\"")), "{module}");
    }
    assert!(module.contains("output \"upload_url\""), "{module}");
    for step in [
        "with the module in main.tf",
        "--include upsign.toml:staging.toml",
        "terraform init",
        "url=$(terraform output -raw upload_url)",
    ] {
        assert!(steps.contains(step), "{step}: {steps}");
    }
}

/// Whether the file describes its deployment or not, the function would not start.
#[test]
fn stack_without_its_token_secret_is_followed_by_a_warning_and_the_client() {
    let multipart = "[token]\nkeys = [\"env:UPSIGN_TOKEN_SECRET\"]\n";
    let open =
        valid().replace("bodyless = \"refuse\"", "bodyless = \"refuse\"\nmultipart = \"always\"") + multipart;
    for file in [open.clone(), format!("{open}[deployment]\napi = \"http\"\n")] {
        for document in ["sam", "terraform"] {
            let run = upsign(&["documents", document]).file("upsign.toml", &file).output();
            let steps = run.exits(0).stderr();
            let warnings = steps.matches("does not have the variable UPSIGN_TOKEN_SECRET").count();
            assert_eq!(warnings, 1, "{document}: {steps}");
            assert!(steps.contains(" upsign upload --api \"$url\" "), "{document}: {steps}");
            assert!(!steps.contains(".uploadUrl"), "{document}: {steps}");
        }
    }
}

#[test]
fn check_does_not_recommend_a_server_that_would_refuse_to_start() {
    let (open, rest) = valid().split_once("[auth]").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let without_auth =
        open + rest.split_once("[cors]").map(|(_, rest)| "[cors]".to_owned() + rest).unwrap().as_str();
    let run = upsign(&["check"]).file("upsign.toml", &without_auth).output();
    run.exits(0);
    assert_eq!(last(&run), "next: deploy behind a gateway, or add [auth], then: upsign serve");
    let text = valid().replace("\nids = [", "\nclient_may_supply = [\"article_id\"]\nids = [");
    let run = upsign(&["check"]).file("upsign.toml", &text).output();
    run.exits(0);
    assert!(last(&run).ends_with("or remove client_may_supply, then: upsign serve"), "{}", last(&run));
    // Only the function gets the events that identify these callers.
    let (before, after) = valid().split_once("[auth]").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let after = after.split_once("[cors]").unwrap().1;
    let iam =
        format!("{before}[auth]\nsource = \"iam\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\n[cors]{after}");
    let run = upsign(&["check"]).file("upsign.toml", &iam).output();
    let expected = "next: upsign documents sam > template.yaml, or upsign documents terraform > main.tf";
    assert_eq!(last(run.exits(0)), expected);
}

#[test]
fn denied_warnings_have_no_next_step_but_the_repair() {
    let text = valid().replace("\"refuse\"", "\"allow\"");
    let run = upsign(&["check", "--deny-warnings"]).file("upsign.toml", &text).output();
    run.exits(1).has_message("error: 1 warning, and --deny-warnings is set");
    assert!(!run.stdout().contains("next:"), "{}", run.stdout());
    let run = upsign(&["check", "--deny-warnings"]).file("upsign.toml", &untouched()).output();
    assert!(run.exits(1).stdout().contains("next: 5 values are still examples"), "{}", run.stdout());
}

#[test]
fn failing_runs_end_with_the_number_of_errors_or_the_repair() {
    let serve = ["serve", "--listen=127.0.0.1:0", "--config=new.toml"];
    let run = upsign(&serve).credentials().file("new.toml", &untouched()).output();
    let end = "\n\n5 values are still examples: change the lines marked CHANGE, then: upsign check --config new.toml\n";
    assert!(run.exits(2).stderr().ends_with(end), "{}", run.stderr());
    let text = valid().replace("10 MiB", "ten").replace("\"access\"", "\"acces\"");
    let run = upsign(&["check"]).file("upsign.toml", &text).output();
    assert!(run.exits(2).stderr().ends_with("\n\n2 errors\n"), "{}", run.stderr());
    let text = valid().replace("10 MiB", "ten");
    let run = upsign(&["check"]).file("upsign.toml", &text).output();
    assert!(!run.exits(2).stderr().contains("1 error"), "{}", run.stderr());
}

#[test]
fn serve_shows_where_an_application_is_needed() {
    let text = valid().replace("\nids = [", "\nclient_may_supply = [\"article_id\"]\nids = [");
    let run = upsign(&["serve", "--listen=127.0.0.1:0"]).credentials().file("upsign.toml", &text).output();
    run.exits(2)
        .has_message("error: upload.client_may_supply: requires an application that checks who may use an id")
        .has_message("--> upsign.toml:8:")
        .has_message("help: remove client_may_supply, or embed the library");
}

#[test]
fn quiet_check_and_init_print_results_only() {
    let run = upsign(&["-q", "check"]).file("upsign.toml", &valid()).output();
    run.exits(0);
    assert_eq!((run.stdout().as_str(), run.stderr().as_str()), ("1 route, no warnings\n", ""));
    let run = upsign(&["-q", "init"]).output();
    run.exits(0);
    assert_eq!(run.stdout(), "wrote upsign.toml\n");
}

/// Returns the template and the notes of `upsign documents sam`.
fn sam(deployment: &str) -> (String, String) {
    let file = format!("{}\n[deployment]\n{deployment}\n", valid());
    let run = upsign(&["documents", "sam"]).file("upsign.toml", &file).output();
    run.exits(0);
    (run.stdout(), run.stderr())
}

/// The commands use the outputs, the parameters and the file name that the template has.
#[test]
fn steps_after_a_sam_template_fit_it() {
    for api in ["rest", "http", "url"] {
        let (template, steps) = sam(&format!("api = \"{api}\""));
        assert!(template.contains("\n  UploadUrl:\n"), "{template}");
        assert!(steps.contains("OutputKey=='UploadUrl'"), "{steps}");
        assert!(template.contains("CodeUri: target/lambda/bootstrap/bootstrap.zip\n"), "{template}");
        assert!(
            steps.contains(" --lambda-dir target/lambda") && steps.contains("named bootstrap"),
            "{steps}"
        );
        let needs_role = template.contains("CreateApiGatewayLogRole:");
        assert_eq!(steps.contains("CreateApiGatewayLogRole=true"), needs_role, "{api}: {steps}");
        assert_eq!(needs_role, api == "rest");
        let architecture = !steps.contains("Architecture=x86_64") || template.contains("\n  Architecture:\n");
        assert!(architecture, "{template}");
    }
    let listener = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/lb/1a/2b";
    let (template, steps) = sam(&format!("api = \"alb\"\nlistener_arn = \"{listener}\""));
    assert!(
        !template.contains("UploadUrl:") && steps.contains("url=https://$LOAD_BALANCER/upload-url"),
        "{steps}"
    );
}

#[test]
fn quiet_sam_prints_the_template_only() {
    let run = upsign(&["-q", "documents", "sam"]).file("upsign.toml", &valid()).output();
    run.exits(0);
    assert_eq!(run.stderr(), "");
}
