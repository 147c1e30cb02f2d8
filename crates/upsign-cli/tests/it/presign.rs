//! `upsign presign` for one request.

use crate::run::upsign;

const ARGUMENTS: [&str; 9] = [
    "presign",
    "test.txt",
    "--operation=get",
    "--bucket=examplebucket",
    "--region=us-east-1",
    "--expires-in=86400",
    "--at=2013-05-24T00:00:00Z",
    "--endpoint-url=https://s3.example.com",
    "--json",
];

#[test]
fn the_same_arguments_give_the_same_url() {
    let run = upsign(&ARGUMENTS).credentials().output();
    run.exits(0);
    let presigned = run.json();
    assert_eq!(presigned["method"], "GET");
    assert_eq!(presigned["expires_at"], "2013-05-25T00:00:00Z");
    let url = presigned["url"].as_str().unwrap();
    assert!(
        url.starts_with("https://s3.example.com/examplebucket/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"),
        "{url}"
    );
    assert_eq!(upsign(&ARGUMENTS).credentials().output().json()["url"], url);
}

#[test]
fn signed_headers_are_listed() {
    let arguments = [
        "presign",
        "a.jpg",
        "--bucket=abc",
        "--region=us-east-1",
        "--content-type=image/jpeg",
        "--content-length=7",
        "-H",
        "If-None-Match: *",
        "--json",
    ];
    let run = upsign(&arguments).credentials().output();
    run.exits(0);
    let headers =
        serde_json::json!([["content-length", "7"], ["content-type", "image/jpeg"], ["if-none-match", "*"]]);
    assert_eq!(run.json()["headers"], headers);
}

#[test]
fn times_sizes_and_buckets_are_understood_as_people_write_them() {
    let base = ["presign", "a.jpg", "--region=us-east-1", "--json", "--at=2026-01-01T00:00:00Z"];
    let run = |more: &[&str]| {
        let run = upsign(&[&base[..], more].concat()).credentials().output();
        run.exits(0).json()
    };
    let expected = run(&["--bucket=abc", "--expires-in=3600", "--content-length=10485760"]);
    for lifetime in ["1h", "60m", "60 min", "3600s"] {
        let expires = format!("--expires-in={lifetime}");
        assert_eq!(run(&["--bucket=s3://abc/", &expires, "--content-length=10 MiB"]), expected, "{lifetime}");
    }
    assert_eq!(run(&["--bucket=arn:aws:s3:::abc"])["expires_at"], "2026-01-01T00:15:00Z");
    let now = upsign(&["presign", "a.jpg", "--bucket=abc", "--region=us-east-1", "--at", "now"]);
    now.credentials().output().exits(0);
    let post = ["post", "a.jpg", "--bucket=abc", "--region=us-east-1", "--json", "--at=2026-01-01T00:00:00Z"];
    let run = upsign(&[&post[..], &["--expires-in=1h", "--max-size=10 MiB"]].concat()).credentials().output();
    assert_eq!(run.exits(0).json()["expires_at"], "2026-01-01T01:00:00Z");
}

#[test]
fn invalid_options_exit_with_2() {
    let base = ["presign", "a.jpg", "--bucket=abc", "--region=us-east-1"];
    let with = |more: &[&str]| upsign(&[&base[..], more].concat()).credentials().output();
    upsign(&base).output().exits(2).has_message("AWS_ACCESS_KEY_ID");
    let too_long = with(&["--expires-in=8 days"]);
    too_long
        .exits(2)
        .has_message("--expires-in: must be at most 7 days, not 8 days\nhelp: write --expires-in 7d");
    with(&["--expires-in=0"]).exits(2).has_message("must be at least 1 second, not 0");
    with(&["-H", "host: evil"]).exits(2).has_message("`host`");
    with(&["-H", "nocolon"]).exits(2).has_message("colon");
    with(&["--expires-in=1 huor"])
        .exits(2)
        .has_message("write seconds (900) or a number with a unit (15m, 1h");
    with(&["--content-length=big"])
        .exits(2)
        .has_message("write bytes (10485760) or a number with a unit (10 MiB)");
    with(&["--at=tomorrow"]).exits(2).has_message("2026-01-31T23:59:59Z");
    #[cfg(not(feature = "sdk"))]
    with(&["--backend=aws-sdk"]).exits(2).has_message("--features sdk");
    upsign(&["presign", "s3://abc/a.jpg", "--bucket=abc", "--region=us-east-1"])
        .output()
        .exits(2)
        .has_message("write the key alone: a.jpg, and the bucket as --bucket abc");
    upsign(&["presign", "../x", "--bucket=abc", "--region=us-east-1"]).output().exits(2);
    upsign(&["presign", "a.jpg", "--bucket=abc"]).credentials().output().exits(2).has_message("--region");
}

#[test]
fn likely_mistakes_are_warned_of() {
    let presign = |more: &[&str]| {
        let run =
            upsign(&[&["presign", "a.jpg", "--bucket=abc", "-q"], more].concat()).credentials().output();
        run.exits(0);
        run.stderr()
    };
    assert_eq!(presign(&["--region=eu-central-1", "--content-type=image/jpeg"]), "");
    assert_eq!(
        presign(&["--region=eu-cental-1"]),
        "warning: --region: \"eu-cental-1\" is no region of AWS that this version knows: did you mean \"eu-central-1\"?\n"
    );
    assert_eq!(presign(&["--region=auto", "--endpoint-url=https://s3.example.com"]), "", "another store");
    assert_eq!(
        presign(&["--region=eu-central-1", "--content-type=jpeg"]),
        "warning: --content-type: \"jpeg\" is not a content type: write image/jpeg\n"
    );
}

#[test]
fn expired_credentials_are_refused_with_the_time() {
    let error =
        "error: the credentials expired at 2020-01-01T00:00:00Z (AWS_CREDENTIAL_EXPIRATION)\nhelp: renew";
    let presign = ["presign", "a.jpg", "--bucket=abc", "--region=us-east-1"];
    let config = crate::run::CONFIG;
    for arguments in [&presign[..], &["serve", "--listen=127.0.0.1:0"]] {
        let run = upsign(arguments).file("upsign.toml", config).credentials();
        let run = run.variable("AWS_SESSION_TOKEN", "x");
        run.variable("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")
            .output()
            .exits(2)
            .has_message(error);
    }
    // They were valid at the time for which the URL is signed.
    let run = upsign(&[&presign[..], &["--at=2019-12-31T00:00:00Z"]].concat()).credentials();
    let run = run.variable("AWS_SESSION_TOKEN", "x");
    run.variable("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z").output().exits(0);
}
