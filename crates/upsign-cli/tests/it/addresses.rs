//! Where uploads go: what `check`, `serve` and `presign` say about store, host, region and endpoint.

use crate::run::{Finished, upsign};

fn config(bucket: &str) -> String {
    format!(
        "[bucket]\nname = \"uploads\"\n{bucket}\n\n[upload]\nkey = \"a/{{id}}.{{ext}}\"\ntypes = [\"image/png\"]\n\
         max_size = \"1 MiB\"\nbodyless = \"refuse\"\n\n[cors]\norigins = [\"https://app.example.com\"]\n"
    )
}

const R2: &str = "endpoint = \"https://0123456789abcdef.r2.cloudflarestorage.com\"";
const R2_HOST: &str = "uploads.0123456789abcdef.r2.cloudflarestorage.com";

#[test]
fn check_shows_the_store_and_the_url_of_an_object() {
    let run =
        upsign(&["check"]).file("upsign.toml", &config(R2)).variable("AWS_REGION", "us-east-1").output();
    let shown = run.exits(0).stdout();
    assert!(shown.contains("uploads in auto"), "{shown}");
    assert!(shown.contains("Cloudflare R2 (r2, by the host of the endpoint)"), "{shown}");
    assert!(shown.contains(&format!("https://{R2_HOST}/a/")), "{shown}");
    let run = upsign(&["check", "--json"]).file("upsign.toml", &config(R2)).output();
    let route = &run.exits(0).json()["routes"][0];
    assert_eq!(route["provider"], "r2");
    let url = format!("https://{R2_HOST}/{}", route["key"].as_str().unwrap());
    assert_eq!(route["objectUrl"], url);
}

#[test]
fn print_config_shows_the_store_and_the_host() {
    let text = config(R2)
        + "[auth]\nuser_pool = \"eu-west-1_AbCdEf123\"\nclient_ids = [\"abc\"]\ntoken_use = \"id\"\n";
    let run =
        upsign(&["serve", "--print-config"]).file("upsign.toml", &text).variable("AWS_REGION", "us-east-1");
    let printed = run.credentials().output().exits(0).stdout();
    let line = format!("#   upload: https://{R2_HOST}, Cloudflare R2 (r2, by the host of the endpoint)");
    assert!(printed.contains(&line), "{printed}");
    assert!(!printed.contains("us-east-1"), "{printed}");
}

#[test]
fn assumed_features_are_a_warning_of_check() {
    let bucket = "region = \"x\"\nendpoint = \"https://s3.example.com\"";
    let run = upsign(&["check", "--deny-warnings"]).file("upsign.toml", &config(bucket)).output();
    run.exits(1).has_message("it is assumed to support if_none_match, as AWS does");
    let declared = format!("{bucket}\n[bucket.can]\nif_none_match = true");
    let run = upsign(&["check"]).file("upsign.toml", &config(&declared)).output();
    assert!(!run.exits(0).stderr().contains("assumed"), "{}", run.stderr());
}

fn presign(arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    let arguments = [&["presign", "a.jpg", "--bucket=uploads", "--json"], arguments].concat();
    let run = upsign(&arguments).credentials();
    variables.iter().fold(run, |run, (name, value)| run.variable(name, value)).output()
}

#[test]
fn presign_judges_endpoint_and_region_together() {
    let aws = ("AWS_REGION", "eu-central-1");
    let do_ = "--endpoint-url=https://fra1.digitaloceanspaces.com";
    for (arguments, variables, start) in [
        (&[][..], &[aws][..], "https://uploads.s3.eu-central-1.amazonaws.com/a.jpg?"),
        (&[do_], &[aws], "https://fra1.digitaloceanspaces.com/uploads/a.jpg?"),
        (&[do_, "--addressing=virtual"], &[], "https://uploads.fra1.digitaloceanspaces.com/a.jpg?"),
        (&[], &[aws, ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")], "http://127.0.0.1:4566/uploads/a.jpg?"),
        (
            &[],
            &[aws, ("AWS_ENDPOINT_URL", "http://a"), ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000")],
            "http://127.0.0.1:9000/uploads/a.jpg?",
        ),
        (
            &[],
            &[aws, ("AWS_ENDPOINT_URL", "http://a"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
            "https://uploads.s3.eu-central-1.amazonaws.com/a.jpg?",
        ),
        (
            &["--endpoint-url=https://uploads.example.com", "--addressing=bucket-is-host"],
            &[aws],
            "https://uploads.example.com/a.jpg?",
        ),
    ] {
        let run = presign(arguments, variables);
        let url = run.exits(0).json()["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with(start), "{url}");
        let region = if arguments.contains(&do_) { "%2Ffra1%2F" } else { "%2Feu-central-1%2F" };
        assert!(url.contains(region), "{url}");
    }
}

#[test]
fn presign_refuses_what_cannot_work() {
    let r2 = "--endpoint-url=https://acct.r2.cloudflarestorage.com";
    for (arguments, problem, help) in [
        (&[][..], "--region is missing", ""),
        (&[r2, "--region=us-east-1"], "\"us-east-1\" is no region of Cloudflare R2", "one of auto, wnam"),
        (
            &["--endpoint-url=https://fra1.digitaloceanspaces.com", "--region=nyc3"],
            "--region: is \"nyc3\", but the endpoint is that of \"fra1\"",
            "write --region fra1",
        ),
        (
            &["--endpoint-url=https://acct.r2.cloudflarestorage.com/uploads"],
            "already contains the bucket",
            "write --endpoint-url https://acct.r2.cloudflarestorage.com",
        ),
        (
            &["--endpoint-url=https://photos.nyc3.digitaloceanspaces.com", "--addressing=bucket-is-host"],
            "names the bucket \"photos\", but the bucket is uploads",
            "write --endpoint-url https://nyc3.digitaloceanspaces.com",
        ),
        (
            &["--endpoint-url=https://photos.nyc3.digitaloceanspaces.com"],
            "names the bucket \"photos\", but the bucket is uploads",
            "write --endpoint-url https://nyc3.digitaloceanspaces.com",
        ),
        (
            &["--endpoint-url=https://nyc3.digitaloceanspaces.com", "--addressing=bucket-is-host"],
            "is the host of the store, not that of the bucket",
            "leave --addressing out",
        ),
        (
            &["--region=x", "--addressing=bucket-is-host"],
            "--endpoint-url is missing",
            "the bucket's own host",
        ),
        (
            &["--endpoint-url=https://nyc3.digitaloceanspaces.com", "--signature=goog4-hmac"],
            "DigitalOcean Spaces does not accept signatures of Google Cloud Storage",
            "leave --signature out",
        ),
        (&["--region=x", "--endpoint-url=http://node.1"], "must be an IPv4 address", ""),
    ] {
        presign(arguments, &[]).exits(2).has_message(problem).has_message(help);
    }
}
