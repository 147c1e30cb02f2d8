//! `lambda BOOTSTRAP` measures the size, cold start and warm latency of a Lambda function next to a function that does nothing.
#![expect(clippy::print_stdout, reason = "a measurement prints its result")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use upsign_bench_runtimes::{RuntimeApi, median, sibling_program};

/// The number of cold starts of each function.
const COLD_STARTS: usize = 40;
/// The number of warm invocations of each function.
const WARM_INVOCATIONS: usize = 1000;

const VARIABLES: [(&str, &str); 14] = [
    ("AWS_REGION", "ap-southeast-1"),
    ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "a-session-token-that-is-shorter-than-real-ones"),
    ("ARTICLE_IMAGES_BUCKET", "article-images-bucket"),
    ("UPSIGN_KEY", "articles/{article_id}/raw/{id}.{ext}"),
    ("UPSIGN_IDS", "article_id"),
    ("UPSIGN_TYPES", "image/jpeg,image/png,image/webp"),
    ("UPSIGN_MAX_SIZE", "10 MiB"),
    ("UPSIGN_BODYLESS", "allow"),
    ("UPSIGN_ORIGINS", "https://app.example.com"),
    ("UPSIGN_USER_POOL", "ap-southeast-1_AbCdEf123"),
    ("UPSIGN_CLIENT_IDS", "client-1"),
    // The Cognito authorizer of a REST API accepts exactly these tokens, so the function takes its claims.
    ("UPSIGN_TOKEN_USE", "id"),
];

fn event() -> String {
    let claims = json!({
        "sub": "alice", "aud": "client-1", "token_use": "id", "exp": "4102444800", "iat": "1700000000",
        "iss": "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123",
    });
    json!({
        "version": "2.0", "routeKey": "POST /upload-url", "rawPath": "/upload-url", "rawQueryString": "",
        "headers": {"authorization": "Bearer x.y.z", "host": "api.example.com"},
        "requestContext": {
            "accountId": "123456789012", "apiId": "a", "domainName": "api.example.com", "domainPrefix": "api",
            "requestId": "id", "routeKey": "POST /upload-url", "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_u64,
            "authorizer": {"jwt": {"claims": claims, "scopes": null}},
            "http": {"method": "POST", "path": "/upload-url", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "x"},
        },
        "isBase64Encoded": false,
    })
    .to_string()
}

/// Returns the milliseconds from the start of the process to its first response.
async fn cold_start(program: &Path, variables: &[(&str, &str)]) -> Result<f64, Box<dyn std::error::Error>> {
    let mut api = RuntimeApi::start().await?;
    let since = Instant::now();
    let mut child = api.spawn(program, variables)?;
    let invoked = api.invoke(&event(), since).await;
    child.kill()?;
    child.wait()?;
    let (body, elapsed) = invoked.ok_or("the function did not respond within 20 seconds")?;
    let response: Value = serde_json::from_slice(&body)?;
    if response.get("statusCode").and_then(Value::as_u64) != Some(200) {
        return Err(format!("expected a response with statusCode 200, got {response}").into());
    }
    Ok(elapsed.as_secs_f64() * 1e3)
}

/// Returns the median of the milliseconds per invocation of a running function.
async fn warm_latency(program: &Path, variables: &[(&str, &str)]) -> Result<f64, Box<dyn std::error::Error>> {
    let mut api = RuntimeApi::start().await?;
    let mut child = api.spawn(program, variables)?;
    let mut latencies = Vec::new();
    for _ in 0..WARM_INVOCATIONS {
        let (_, elapsed) = api
            .invoke(&event(), Instant::now())
            .await
            .ok_or("the function did not respond within 20 seconds")?;
        latencies.push(elapsed.as_secs_f64() * 1e3);
    }
    child.kill()?;
    child.wait()?;
    Ok(median(latencies))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let function = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: lambda BOOTSTRAP")?;
    let trivial = sibling_program("trivial");
    // The credentials in the environment of a function have no expiry; the service requires an assumption.
    let assume = [("UPSIGN_UNKNOWN_EXPIRY", "assume"), ("UPSIGN_ASSUME_FOR", "1h")];
    let variables = [&VARIABLES[..], &assume].concat();
    let (mut function_starts, mut trivial_starts) = (Vec::new(), Vec::new());
    for _ in 0..COLD_STARTS {
        trivial_starts.push(cold_start(&trivial, &[]).await?);
        function_starts.push(cold_start(&function, &variables).await?);
    }
    let (function_cold, trivial_cold) = (median(function_starts), median(trivial_starts));
    let megabytes = |path: &Path| Ok::<_, std::io::Error>(std::fs::metadata(path)?.len() as f64 / 1e6);
    println!("{:<28} {:>10} {:>14} {:>14}", "", "size", "cold, median", "warm, median");
    for (name, path, cold, warm) in [
        ("upsign, example function", &function, function_cold, warm_latency(&function, &variables).await?),
        ("lambda_http, empty function", &trivial, trivial_cold, warm_latency(&trivial, &[]).await?),
    ] {
        println!("{name:<28} {:>7.2} MB {cold:>11.2} ms {warm:>11.3} ms", megabytes(path)?);
    }
    let ratio = function_cold / trivial_cold;
    println!("cold start: {ratio:.2} times that of the empty function ({COLD_STARTS} starts of each)");
    Ok(())
}
