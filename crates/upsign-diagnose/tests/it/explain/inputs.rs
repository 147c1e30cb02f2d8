//! The notations of the input, and what is refused.

use upsign_diagnose::{Explanation, Subject, Timestamp};

use super::{NOW, SIGNATURE, corpus, explain, url};

fn explained_form(text: &str) -> Explanation {
    let subject = Subject::read(text.as_bytes()).unwrap();
    assert!(matches!(subject, Subject::Form(_)));
    Explanation::of(&subject, "2024-03-01T00:00:00Z".parse::<Timestamp>().unwrap())
}

#[test]
fn every_notation_of_a_form_is_the_same_form() {
    let case = corpus("js_presigned_post.jsonl")
        .into_iter()
        .find(|case| case["expected"]["fields"].is_object())
        .unwrap();
    let (address, fields) =
        (case["expected"]["url"].as_str().unwrap(), case["expected"]["fields"].as_object().unwrap());
    let pairs: Vec<(&String, &str)> =
        fields.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect();
    let json = serde_json::json!({"url": address, "fields": fields}).to_string();
    let expected = explained_form(&json);
    let inputs: String = pairs
        .iter()
        .map(|(name, value)| {
            let value = value.replace('&', "&amp;").replace('"', "&quot;");
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n  ")
        })
        .collect();
    let options: String = pairs.iter().map(|(name, value)| format!("-F '{name}={value}' \\\n ")).collect();
    let long: String = pairs
        .iter()
        .map(|(name, value)| format!(" --form-string \"{name}={}\"", value.replace('$', "\\$")))
        .collect();
    for text in [
        serde_json::json!({"uploadUrl": address, "method": "POST", "fields": fields}).to_string(),
        serde_json::json!({"url": address, "fields": pairs}).to_string(),
        format!(
            "<form action=\"{address}\" method=post enctype='multipart/form-data'>\n  {inputs}<INPUT type=file name=file></form>"
        ),
        format!("curl {options} -F file=@a.jpg {address}"),
        format!("curl{long} -F file=@a.jpg '{address}'"),
    ] {
        let found = explained_form(&text);
        let names = |it: &Explanation| {
            it.required.iter().map(|it| (it.name.clone(), it.value.clone())).collect::<Vec<_>>()
        };
        assert_eq!(
            (names(&found), &found.oddities, &found.address),
            (names(&expected), &expected.oddities, &expected.address),
            "{text}"
        );
    }
    // Without an address, the bucket is that of the policy.
    let bare = explained_form(&serde_json::to_string(fields).unwrap());
    assert_eq!((&bare.bucket, &bare.location), (&expected.bucket, &None));
}

/// "Copy as cURL" of a browser has the fields in the body, and addresses in other options.
#[test]
fn a_form_that_a_browser_copied_is_explained() {
    let copied = include_str!("../recorded/chromium/extra.bash.txt");
    let form = explained_form(copied);
    assert_eq!(
        (form.bucket.as_ref().unwrap().as_str(), form.key.as_ref().unwrap().as_str()),
        ("my-bucket", "a/${filename}")
    );
    let codes: Vec<_> = form.oddities.iter().map(upsign_diagnose::Oddity::code).collect();
    assert!(codes.contains(&"field-without-condition"), "{codes:?}");
    let url = "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1767226200&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D";
    let command = format!("curl '{url}' -e 'https://app.example.com/' -b 'a=b' -T a.jpg");
    assert!(
        matches!(Subject::read(command.as_bytes()), Ok(Subject::Url(it)) if it.url.bucket() == Some("b"))
    );
}

#[test]
fn answers_and_commands_with_a_url_state_its_headers() {
    let url = url().text();
    for text in [
        serde_json::json!({"uploadUrl": url, "method": "PUT", "headers": {"Content-Type": "image/jpeg"}})
            .to_string(),
        serde_json::json!({"url": url, "method": "PUT", "headers": [["content-type", "image/jpeg"]]})
            .to_string(),
        format!("curl -T a.jpg -H 'Content-Type: image/jpeg' '{url}'"),
        format!("curl -X PUT --header \"content-type: image/jpeg\" --data-binary @a.jpg \"{url}\""),
    ] {
        let explained = explain(&text);
        let header = explained.required.iter().find(|it| it.name.as_str() == "content-type").unwrap();
        assert_eq!(header.value.as_ref().unwrap().as_str(), "image/jpeg", "{text}");
        assert_eq!(explained.method.as_deref(), Some("PUT"), "{text}");
    }
    for text in [format!("  {url}\n"), format!("\"{url}\""), format!("<{url}>"), format!("\u{feff}{url}")] {
        assert!(explain(&text).oddities.is_empty(), "{text}");
    }
}

#[track_caller]
fn check(input: &[u8], code: &str, part: &str) {
    let error = Subject::read(input).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(part), "{error}");
    assert!(!error.to_string().contains(&SIGNATURE[8..]), "{error}");
}

#[test]
fn other_inputs_are_refused_with_what_to_do() {
    let url = url().text();
    check(b"", "empty", "pass the presigned URL");
    check(b"  \n", "empty", "pass the presigned URL");
    check(b"\x89PNG\r\n\x1a\n\0\0\0", "binary", "not a file to upload");
    check(b"\xff\xd8\xff\xe0\0\x10JFIF", "binary", "0x00");
    check("caf\u{e9}".as_bytes(), "scheme", "begins with https://");
    check(b"caf\xe9", "binary", "0xe9 at offset 3");
    check(&vec![b'a'; Subject::MAX_BYTES + 1], "too-long", "262144");
    check(format!("https://a.b/{}", "k".repeat(40_000)).as_bytes(), "too-long", "32768");
    check(b"s3://bucket/key", "scheme", "s3://bucket/key");
    check(b"bucket.s3.amazonaws.com/key?X-Amz-Signature=1", "scheme", "begins with https://");
    check(b"https://example.com/", "unsigned", "no signature");
    check(
        b"https://abc.supabase.co/storage/v1/object/upload/sign/a?token=eyJhbGciOi",
        "unsigned",
        "no signature",
    );
    check(b"https://a.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256", "truncated", "quote the URL");
    check(url.split_once("&X-Amz-Signature").unwrap().0.as_bytes(), "truncated", "X-Amz-Signature is absent");
    check(url.replace("HMAC-SHA256", "HMAC-SHA512").as_bytes(), "algorithm", "AWS4-HMAC-SHA512");
    check(url.replace('&', "&amp;").as_bytes(), "html-escaped", "&amp;");
    check(url.replace('&', "\\u0026").as_bytes(), "json-escaped", "u0026");
    check(url.replace("/a/", "/a b/").as_bytes(), "white-space", "%20");
    check(url.replace("&X-Amz-Date", "\n&X-Amz-Date").as_bytes(), "white-space", "one line");
    check(url.replace("https://", "https://user:pass@").as_bytes(), "user-info", "user name");
    check(url.replace("examplebucket.s3.eu-central-1.amazonaws.com", "").as_bytes(), "host", "no valid host");
    check(b"{\"url\":", "json", "cannot be read");
    check(b"{}", "other-json", "uploadUrl");
    check(b"[1,2]", "other-json", "uploadUrl");
    check(b"{\"log\":{\"entries\":[]}}", "har", "upsign diagnose");
    check(b"{\"method\":\"MULTIPART\",\"uploadToken\":\"AQ\"}", "multipart", "parts");
    check(b"{\"url\":\"https://example.com/\"}", "unsigned", "no signature");
    check(b"{\"fields\":{\"key\":\"a\"}}", "unsigned", "no signature");
    check(b"{\"policy\":\"e30=\"}", "unsigned", "no signature");
    let form = |policy: &str| {
        format!(
            "{{\"fields\":{{\"x-amz-algorithm\":\"AWS4-HMAC-SHA256\",\"x-amz-signature\":\"1\"{policy}}}}}"
        )
    };
    check(form("").as_bytes(), "truncated", "policy is absent");
    check(form(",\"policy\":\"%%\"").as_bytes(), "policy-encoding", "base64");
    check(form(",\"policy\":\"e30=\"").as_bytes(), "policy-document", "conditions");
    check(form("").replace("x-amz-signature", "x").as_bytes(), "truncated", "x-amz-signature");
    check(b"<form action=\"https://a.b/\"></form>", "html", "<input>");
    check(b"curl -v", "curl", "neither a URL");
}

/// 200 MB are not read to the end to be refused: the caller stops after [`Subject::MAX_BYTES`].
#[test]
fn the_start_of_a_large_file_is_enough_to_refuse_it() {
    let mut start = vec![b'a'; Subject::MAX_BYTES + 1];
    start[1000] = 0;
    check(&start, "binary", "offset 1000");
    assert!(explain(&url().text()).oddities.is_empty());
    assert_eq!(NOW.len(), 20);
}
