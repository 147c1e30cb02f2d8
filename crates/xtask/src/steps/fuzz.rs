//! Runs the fuzz targets of `crates/fuzz`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{Context, StepError};
use crate::process::{Failure, failure, root, run};

/// Minimum number of inputs of a run, so that a target that stops early or blocks does not pass.
const MIN_INPUTS: u64 = 1_000;

/// Runs each target for ten seconds, without a sanitizer: no crate of the workspace has unsafe code, and uninstrumented memory
/// accesses leave time for three to five times as many inputs.
pub(super) fn short(context: &Context) -> Result<(), StepError> {
    each_target(context, 10, "none")
}

/// Runs each target for ten minutes, with AddressSanitizer for the unsafe code of dependencies.
pub(super) fn long(context: &Context) -> Result<(), StepError> {
    each_target(context, 600, "address")
}

fn each_target(context: &Context, seconds: u32, sanitizer: &str) -> Result<(), StepError> {
    let program = context.tools.cargo_subcommand("cargo-fuzz")?;
    run(&mut cargo_fuzz(&program, "build", sanitizer))?;
    let seeds = root().join("target/fuzz-seeds");
    write_seeds(&seeds)?;
    for target in targets()? {
        let corpus = root().join("target/fuzz-corpus").join(&target);
        fs::create_dir_all(&corpus).map_err(failure)?;
        fs::create_dir_all(seeds.join(&target)).map_err(failure)?;
        let mut command = cargo_fuzz(&program, "run", sanitizer);
        command.env("FUZZ_TARGET", &target).arg("all").arg(corpus).arg(seeds.join(&target)).arg("--");
        command.arg(format!("-max_total_time={seconds}")).args(["-max_len=16384", "-print_final_stats=1"]);
        let log = seeds.join(format!("{target}.log"));
        run(command.stderr(fs::File::create(&log).map_err(failure)?))
            .map_err(|failure| format!("{target}: {failure}\n{}", panic_of(&log)))?;
        let inputs = executed(&fs::read_to_string(&log).map_err(failure)?)?;
        println!("{target}: {inputs} inputs in {seconds} s");
    }
    Ok(())
}

/// Returns the names of the targets, one for each module in `crates/fuzz/src/targets`.
fn targets() -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("crates/fuzz/src/targets")).map_err(failure)? {
        let file = entry.map_err(failure)?.file_name();
        names.extend(
            file.to_string_lossy().strip_suffix(".rs").filter(|name| *name != "mod").map(str::to_owned),
        );
    }
    names.sort();
    Ok(names)
}

/// Returns the panic message and the input from libFuzzer's log. They go into the report, because the folder with the log
/// may not outlive the run.
fn panic_of(log: &Path) -> String {
    let log = fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().skip_while(|line| !line.contains("panicked at")).take(40).collect();
    lines.join("\n")
}

/// Returns how many inputs libFuzzer ran.
fn executed(log: &str) -> Result<u64, Failure> {
    let count = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let inputs = count.and_then(|count| count.trim().parse().ok()).unwrap_or(0);
    if inputs < MIN_INPUTS { Err(format!("only {inputs} inputs were run")) } else { Ok(inputs) }
}

/// Returns a call of cargo-fuzz. Its compiler flags for coverage and sanitizers are unstable; `RUSTC_BOOTSTRAP` makes the stable
/// compiler accept them.
fn cargo_fuzz(program: &Path, subcommand: &str, sanitizer: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).env_remove("CARGO_TARGET_DIR").env("RUSTC_BOOTSTRAP", "1");
    command.arg(subcommand).args([
        "--fuzz-dir",
        "crates/fuzz",
        "--target-dir",
        "target/fuzz",
        "--sanitizer",
        sanitizer,
    ]);
    command
}

/// Writes the first inputs of each target: cases of the test corpora, and [`ADDITIONAL_SEEDS`].
fn write_seeds(folder: &Path) -> Result<(), Failure> {
    drop(fs::remove_dir_all(folder));
    let mut seeds = Seeds { folder, count: 0 };
    for token in texts("jwt_attack.json", "token")? {
        seeds.write("token", token.as_bytes())?;
        seeds.write("issuers", token.as_bytes())?;
        for (target, part) in ["token_header", "token_claims"].into_iter().zip(token.split('.')) {
            seeds.write(target, &BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default())?;
        }
    }
    let state = root().join("crates/upsign-client/tests/it/golden/state.ndjson");
    seeds.write("client_state", &fs::read(state).map_err(failure)?)?;
    for token in texts("upload_tokens.json", "token")? {
        seeds.write("upload_token", token.as_bytes())?;
        // The payload, between version and key id and the signature.
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        seeds.write("upload_token", bytes.get(9..bytes.len().saturating_sub(32)).unwrap_or_default())?;
    }
    for receipt in texts("receipts.json", "text")? {
        seeds.write("receipt", receipt.as_bytes())?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(receipt).unwrap_or_default();
        seeds.write("receipt", bytes.get(9..bytes.len().saturating_sub(32)).unwrap_or_default())?;
    }
    for document in texts("jwks_documents.json", "body")? {
        seeds.write("jwks", document.as_bytes())?;
        seeds.write("issuers", format!("a.b.c\n{document}").as_bytes())?;
    }
    for template in texts("key_policy.json", "template")? {
        seeds.write("key_template", template.as_bytes())?;
    }
    for name in texts("key_policy.json", "filename")? {
        seeds.write("file_name", name.as_bytes())?;
        let body = serde_json::json!({"contentType": "image/png", "contentLength": 1000, "fileName": name});
        seeds.write("body", body.to_string().as_bytes())?;
    }
    for content_type in texts("key_policy.json", "content_type")? {
        seeds.write("content_type", content_type.as_bytes())?;
        let body = serde_json::json!({"contentType": content_type, "contentLength": 1000});
        seeds.write("body", body.to_string().as_bytes())?;
    }
    for case in cases("lambda_events.json")? {
        let event = match case.get("event_raw").and_then(Value::as_str) {
            Some(raw) => raw.to_owned(),
            None => case.get("event").unwrap_or(&Value::Null).to_string(),
        };
        for target in ["event", "lambda_event"] {
            seeds.write(target, event.as_bytes())?;
        }
    }
    for name in ["s3", "sns", "eventbridge"] {
        let messages = root().join(format!("crates/upsign-events/tests/fixtures/{name}.jsonl"));
        for message in fs::read_to_string(messages).map_err(failure)?.lines() {
            seeds.write("notification", message.as_bytes())?;
        }
    }
    let bodies = root().join("crates/upsign-http/tests/it/golden/session_bodies.txt");
    for line in fs::read_to_string(bodies).map_err(failure)?.lines() {
        let mut fields = line.splitn(3, ' ');
        let (call, body) = (fields.next().unwrap_or_default(), fields.nth(1).unwrap_or_default());
        if matches!(call, "parts" | "complete") {
            seeds.write(&format!("{call}_body"), body.as_bytes())?;
        }
    }
    let broken = root().join("crates/upsign-cli/tests/it/broken");
    for entry in fs::read_dir(broken).map_err(failure)? {
        let file = entry.map_err(failure)?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            seeds.write("config", &fs::read(file).map_err(failure)?)?;
        }
    }
    for corpus in ["boto3_presigned_url.jsonl", "js_presigned_url.jsonl", "boto3_presigned_post.jsonl"] {
        for case in lines(corpus)?.iter().step_by(8) {
            let Some(expected) = case.get("expected") else { continue };
            let url = expected.get("url").and_then(Value::as_str).unwrap_or_default();
            let input = if expected.get("fields").is_some() { expected.to_string() } else { url.to_owned() };
            seeds.write("explain", input.as_bytes())?;
        }
    }
    // A whole HAR is longer than -max_len, so its uploads are inputs of their own.
    for browser in ["chromium", "firefox"] {
        let records = root().join("crates/upsign-diagnose/tests/it/recorded").join(browser);
        for entry in fs::read_dir(records).map_err(failure)? {
            let file = entry.map_err(failure)?.path();
            let text = fs::read_to_string(&file).map_err(failure)?;
            match file.extension().is_some_and(|extension| extension == "har") {
                true => seed_har(&mut seeds, &text)?,
                false => seeds.write("curl_text", text.as_bytes())?,
            }
        }
    }
    for (target, text) in ADDITIONAL_SEEDS {
        seeds.write(target, text.as_bytes())?;
    }
    Ok(())
}

/// Writes the uploads of a HAR, and a HAR of them.
fn seed_har(seeds: &mut Seeds<'_>, text: &str) -> Result<(), Failure> {
    let har: Value = serde_json::from_str(text).map_err(failure)?;
    let entries =
        har.pointer("/log/entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let url = |entry: &Value| entry.pointer("/request/url").map(Value::to_string).unwrap_or_default();
    let uploads: Vec<Value> =
        entries.iter().filter(|entry| url(entry).contains("amazonaws")).cloned().collect();
    for upload in &uploads {
        seeds.write("har", upload.to_string().as_bytes())?;
    }
    seeds.write("har", serde_json::json!({"log": {"entries": uploads}}).to_string().as_bytes())
}

/// Seeds of targets for which there is no corpus, or in addition to it.
const ADDITIONAL_SEEDS: [(&str, &str); 26] = [
    (
        "body",
        r#"{"contentType":"image/jpeg","contentLength":48213,"checksum":{"sha256":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}"#,
    ),
    ("body", r#"{"contentType":"image/png","contentLength":1e3,"metadata":{"a":"b"},"tags":{"c":"d"}}"#),
    (
        "body",
        r#"{"contentType":"image/png","contentLength":7,"multipart":true,"checksumAlgorithm":"crc64nvme"}"#,
    ),
    (
        "complete_body",
        r#"{"uploadToken":"AQ","parts":[{"partNumber":1,"etag":"\"9b2c\"","checksum":"NSRBwg=="},{"partNumber":2,"etag":"9b2d"}],"checksum":{"crc32":"NSRBwg=="}}"#,
    ),
    (
        "parts_body",
        r#"{"uploadToken":"AQ","partNumbers":[1,2,10000],"contentLengths":[8388608,8388608,7],"checksums":["NSRBwg==",null,null]}"#,
    ),
    ("content_type", "text/plain; charset=\"utf-8\""),
    ("endpoint", "https://s3.us-east-1.amazonaws.com"),
    ("endpoint", "http://[::1]:9000/a%20b/"),
    ("endpoint", "http://127.0.0.1:80"),
    ("forwarded", "6.6.6.6\n198.51.100.1, 10.2.3.4"),
    ("forwarded", "[2001:db8::1]:4711, ::ffff:10.0.0.1, nonsense"),
    // The payload names the issuer whose keys follow.
    (
        "issuers",
        concat!(
            "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwOi8vaWQuaW50ZXJuYWwvcmVhbG1zL21haW4iLCJhdWQiOiJhcGkifQ.AA\n",
            r#"{"keys":[{"kty":"RSA","kid":"a","e":"AQAB","n":"AQAB"}]}"#
        ),
    ),
    (
        "lambda_event",
        r#"{"version":"2.0","rawPath":"/upload-url","rawQueryString":"a=b","cookies":["a=b"],"headers":{"authorization":"Bearer x.y.z","host":"a:443","content-type":"application/json"},"requestContext":{"domainName":"a.lambda-url.b.on.aws","http":{"method":"POST"}},"body":"{\"contentType\":\"image/png\",\"contentLength\":7}"}"#,
    ),
    (
        "lambda_event",
        r#"{"path":"/upload-url","httpMethod":"POST","multiValueHeaders":{"authorization":["Bearer x.y.z"]},"multiValueQueryStringParameters":{"a":["b"]},"requestContext":{"elb":{}},"body":"e30=","isBase64Encoded":true}"#,
    ),
    // The first byte selects the sender and the member: the `Host` header of a load balancer, and the body of a REST API.
    ("lambda_event", "\u{1}[::1]:99999"),
    ("lambda_event", ",eyJjb250ZW50VHlwZSI6ImltYWdlL3BuZyJ9"),
    ("resource", "arn:aws:s3:us-west-2:123456789012:accesspoint/myap"),
    ("resource", "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/myap"),
    ("resource", "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap"),
    ("resource", "article-images-bucket"),
    ("file_name", "photo.jpg"),
    (
        "serialized",
        r#"{"target":{"bucket":"article-images-bucket","region":"ap-southeast-1"},"operation":{"name":"UploadPart","partNumber":7,"uploadId":"u"},"key":"a/b.jpg","headers":{"content-type":"image/jpeg"},"query":[["versionId","3"]],"expiresIn":900,"shortCredentials":"clamp"}"#,
    ),
    (
        "serialized",
        r#"{"method":"PUT","url":"https://h/k?s","headers":{"a":"1"},"expiresAt":"2026-01-01T00:00:00Z","expiryPrecision":"exact"}"#,
    ),
    (
        "serialized",
        r#"{"target":{"bucket":"abc","region":"auto","endpoint":"http://localhost:9000","addressing":"virtual"},"key":{"startsWith":"a/"},"length":{"min":1,"max":10},"expiresIn":60,"fields":[["acl","private"]],"conditions":[{"name":"Content-Type","startsWith":"image/"}],"style":"js","shortCredentials":"refuse"}"#,
    ),
    (
        "serialized",
        r#"{"url":"https://h/","fields":[["key","a"]],"expiresAt":"2026-01-01T00:00:00Z","expiryPrecision":"upper-bound"}"#,
    ),
    (
        "serialized",
        r#"{"issuer":"https://issuer.example","subject":"alice","groups":["g"],"scopes":[],"claims":{"custom:tenant":"acme"}}"#,
    ),
];

/// The folder with a subfolder of seeds for each target.
struct Seeds<'a> {
    folder: &'a Path,
    count: usize,
}

impl Seeds<'_> {
    fn write(&mut self, target: &str, bytes: &[u8]) -> Result<(), Failure> {
        let folder = self.folder.join(target);
        fs::create_dir_all(&folder).map_err(failure)?;
        self.count += 1;
        fs::write(folder.join(self.count.to_string()), bytes).map_err(failure)
    }
}

fn cases(corpus: &str) -> Result<Vec<Value>, Failure> {
    let path: PathBuf = root().join("crates/upsign-testing/vectors").join(corpus);
    let mut corpus: Value = serde_json::from_slice(&fs::read(path).map_err(failure)?).map_err(failure)?;
    match corpus.get_mut("cases").map(Value::take) {
        Some(Value::Array(cases)) => Ok(cases),
        _ => Err("the corpus has no cases".into()),
    }
}

/// Reads a corpus with one case per line.
fn lines(corpus: &str) -> Result<Vec<Value>, Failure> {
    let path = root().join("crates/upsign-testing/vectors").join(corpus);
    let text = fs::read_to_string(path).map_err(failure)?;
    text.lines().map(|line| serde_json::from_str(line).map_err(failure)).collect()
}

/// Returns a text member of every case, or of its `input`.
fn texts(corpus: &str, member: &str) -> Result<Vec<String>, Failure> {
    let found = cases(corpus)?.into_iter().filter_map(|case| {
        let input = case.get("input").and_then(|input| input.get(member));
        case.get(member).or(input)?.as_str().map(str::to_owned)
    });
    Ok(found.collect())
}
