//! `upsign explain`: URLs and forms for people and as JSON, against a configuration, and what is refused.

use serde_json::{Value, json};

use crate::run::{CONFIG, Finished, upsign};

const SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
const AT: &str = "--at=2026-01-01T00:05:00Z";

/// A URL whose bucket is that of the example configuration.
fn url(key: &str) -> String {
    format!(
        "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/{key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAY34FZKBOKMUTVV7A%2F20260101%2Fap-southeast-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Security-Token=IQoJb3JpZ2luCanarySessionToken%2B%2F&X-Amz-Signature={SIGNATURE}"
    )
}

#[track_caller]
fn has_no_secret(run: &Finished) {
    for text in [run.stdout(), run.stderr()] {
        assert!(!text.contains(SIGNATURE.get(8..).unwrap()) && !text.contains("CanarySession"), "{text}");
    }
}

#[test]
fn a_url_is_explained_for_people() {
    for run in [
        upsign(&["explain", &url("a%20b.jpg"), AT]).output(),
        upsign(&["explain", "-", AT]).output_for_input(&url("a%20b.jpg")),
        upsign(&["explain", "url.txt", AT]).file("url.txt", &url("a%20b.jpg")).output(),
    ] {
        run.exits(0);
        let text = run.stdout();
        for line in [
            "a URL for PUT a b.jpg\n",
            "   bucket       article-images-bucket, signed for ap-southeast-1\n",
            "   store        Amazon S3, ap-southeast-1, virtual-hosted\n",
            "   signed by    ASIAY34FZKBOKMUTVV7A: temporary credentials of the account 609629065308, with a session token\n",
            "   valid        for 10 min more, until 2026-01-01T00:15:00Z; signed at 2026-01-01T00:00:00Z\n",
            "   send         content-type: as it was signed; the URL does not contain the value\n",
            "   not bound    the size is not bound",
            "(token-may-end-earlier)\n",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        has_no_secret(&run);
    }
}

#[test]
fn a_url_that_a_store_would_refuse_exits_with_1() {
    let run = upsign(&["explain", &url("a.jpg"), "--at=2026-01-01T01:15:00Z"]).output();
    run.exits(1);
    assert!(
        run.stdout().contains("fails: the URL expired 1 h ago, at 2026-01-01T00:15:00Z (expired)\n    fix: "),
        "{}",
        run.stdout()
    );
    assert!(
        run.stdout().contains(
            "   valid        expired 1 h ago, at 2026-01-01T00:15:00Z; signed at 2026-01-01T00:00:00Z\n"
        ),
        "{}",
        run.stdout()
    );
    has_no_secret(&run);
}

/// A URL of another service has no key, and one that ends a multipart upload has no method.
#[test]
fn first_lines_say_what_is_known() {
    let of = |change: fn(String) -> String| upsign(&["explain", &change(url("a.jpg")), AT]).output().stdout();
    let api = of(|url| url.replace("article-images-bucket.s3.", "abc.execute-api.").replace("/a.jpg", "/"));
    assert!(api.starts_with("a URL for https://abc.execute-api.ap-southeast-1.amazonaws.com/\n"), "{api}");
    let end = of(|url| url.replace("content-type%3Bhost", "host") + "&uploadId=abc");
    assert!(end.starts_with("a URL that completes, aborts or lists the multipart upload of a.jpg"), "{end}");
}

#[test]
fn json_has_the_members_of_the_manual() {
    let run = upsign(&["explain", &url("a.jpg"), AT, "--json"]).output();
    run.exits(0);
    let explained = run.json();
    let members: Vec<&str> = explained.as_object().unwrap().keys().map(String::as_str).collect();
    let manual = include_str!("../../../upsign/src/manual/howto/explain.rs");
    for member in &members {
        assert!(manual.contains(&format!("`{member}`")), "the manual does not describe {member}");
    }
    assert_eq!(explained["state"], "valid");
    assert_eq!(explained["seconds"], 600);
    assert_eq!(
        explained["bindings"][0],
        json!({"part": "size", "bound": "no", "sentence": "the size is not bound: the store accepts up to its own maximum (5 GB at S3)"})
    );
    assert_eq!(explained["oddities"][0]["code"], "token-may-end-earlier");
    assert_eq!(explained["oddities"][0]["owner"], "configuration");
    has_no_secret(&run);
}

#[test]
fn a_configuration_tells_whose_url_it_is() {
    let id = "01234567-89ab-7def-8123-456789abcdef";
    let with_config = |key: &str| -> Value {
        let arguments = ["explain", &url(key), AT, "--json", "--config=my.toml"];
        upsign(&arguments).file("my.toml", CONFIG).output().json()["config"].clone()
    };
    let found = with_config(&format!("articles/{id}/raw/{id}.jpg"));
    assert_eq!((&found["result"], &found["route"]), (&json!("route"), &json!("upload")));
    assert_eq!(found["parts"]["articleId"], id);
    let unmet: Vec<&Value> = found["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["met"] == false)
        .map(|rule| &rule["rule"])
        .collect();
    assert!(unmet.contains(&&json!("size")), "{unmet:?}");
    assert_eq!(with_config("other/a.jpg"), json!({"result": "other-key", "routes": ["upload"]}));

    let text = upsign(&["explain", &url(&format!("articles/{id}/raw/{id}.jpg")), AT, "--config=my.toml"])
        .file("my.toml", CONFIG)
        .output();
    assert!(
        text.exits(0).stdout().contains("   upsign.toml  the route upload issues such keys\n"),
        "{}",
        text.stdout()
    );
    upsign(&["explain", &url("a"), "--config=absent.toml"])
        .output()
        .exits(2)
        .has_message("there is no such file");
}

#[test]
fn what_presign_and_post_print_is_explained() {
    let place = ["--bucket=abc", "--region=us-east-1", "--at=2026-01-01T00:00:00Z"];
    let presigned =
        upsign(&[&["presign", "a.jpg", "--content-type=image/jpeg", "--json"], &place[..]].concat())
            .credentials()
            .output();
    let explained = upsign(&["explain", "-", AT]).output_for_input(&presigned.stdout());
    assert!(
        explained.exits(0).stdout().contains("   send         content-type: image/jpeg\n"),
        "{}",
        explained.stdout()
    );
    for options in [&["--json"][..], &[]] {
        let arguments = [&["post", "a.jpg", "--max-size=10 MiB"][..], &place[..], options].concat();
        let form = upsign(&arguments).credentials().output();
        let explained = upsign(&["explain", "-", AT]).output_for_input(&form.stdout());
        assert!(
            explained.exits(0).stdout().contains("a form that uploads a.jpg\n"),
            "{}",
            explained.stdout()
        );
        assert!(
            explained.stdout().contains("the file must have 0 to 10485760 bytes")
                || explained.stdout().contains("to 10485760 bytes")
        );
    }
}

#[test]
fn a_key_cannot_control_the_terminal() {
    let run = upsign(&["explain", &url("a%1B%5B2Jb%E2%80%AEc"), AT]).output();
    assert!(!run.stdout().contains(['\u{1b}', '\u{202e}']), "{:?}", run.stdout());
    assert!(run.stdout().contains("a\\u{1b}[2Jb\\u{202e}c"), "{}", run.stdout());
}

#[test]
fn other_inputs_are_refused() {
    for (input, part) in [
        ("https://example.com/a.jpg", "is not presigned"),
        ("absent.txt", "there is no such file"),
        ("a.s3.amazonaws.com/k?X-Amz-Signature=1", "begins with https://"),
        ("https://a.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256", "quote the URL"),
    ] {
        let run = upsign(&["explain", input]).output();
        run.exits(2).has_message(part);
        assert_eq!(run.stdout(), "");
    }
    let json = upsign(&["explain", "https://example.com/", "--json"]).output();
    assert_eq!(json.exits(2).json()["error"]["code"], "input-unsigned");
    let binary = upsign(&["explain", "a.jpg"]).file("a.jpg", "\u{1}\u{2}").output();
    binary.exits(2).has_message("a.jpg: the input is not text: it contains the byte 0x01 at offset 0");
    let large = upsign(&["explain", "-"]).output_for_input(&"a".repeat(1 << 20));
    large.exits(2).has_message("more than 262144 bytes");
}
