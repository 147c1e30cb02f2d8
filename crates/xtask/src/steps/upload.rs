//! Uploads 1 GiB with `upsign upload` and with `curl -T`, side by side, to the embedded S3 server and to SeaweedFS.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::common::{BUCKET, json_output, start_json, text, upload_config, with_credentials};
use super::{Context, StepError};
use crate::build::binary;
use crate::process::{Failure, cargo, failure, own, run, scratch};
use crate::servers::{ACCESS_KEY, SECRET_KEY, ministack, seaweedfs};

const BYTES: u64 = 1 << 30;
/// Uploads with each program, in turn.
const ROUNDS: usize = 3;
/// The share of curl's speed that `upsign upload` has to reach.
const MIN_RATIO: f64 = 0.9;
/// The largest resident memory of `upsign upload -j 4`.
const MAX_KIB: u64 = 64 << 10;

/// A store, and the API that signs uploads to it.
struct Place {
    name: &'static str,
    api: String,
    token: String,
    endpoint: String,
    region: String,
    access_key: String,
    secret_key: String,
}

/// What a program needed for an upload.
struct Measured {
    time: Duration,
    /// Peak of the resident memory.
    kib: u64,
}

pub(super) fn throughput(context: &Context) -> Result<(), StepError> {
    run(cargo().args(["build", "--locked", "--release", "-p", "upsign-cli"]))?;
    let upsign = binary("release", "upsign");
    let folder = scratch("upload")?;
    let file = folder.join("file.bin");
    write_file(&file)?;
    let mut failures = embedded(&upsign, &folder)?;
    failures.extend(seaweed(context, &upsign, &folder)?);
    std::fs::remove_file(&file).map_err(failure)?;
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ").into()) }
}

/// The policy of the route, for any store.
const UPLOAD: &str = r#"key = "files/{id}"
types = ["application/octet-stream"]
max_size = "5 GiB"
bodyless = "refuse"
multipart = "always"
"#;

fn embedded(upsign: &Path, folder: &Path) -> Result<Vec<Failure>, Failure> {
    let config = format!(
        "[bucket]\nname = \"{BUCKET}\"\nregion = \"us-east-1\"\n[upload]\n{UPLOAD}[auth]\nuser_pool = \"us-east-1_AbCdEf123\"\n\
         client_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\ntoken_use = \"access\"\n[cors]\norigins = [\"https://app.example.com\"]\n"
    );
    std::fs::write(folder.join("upsign.toml"), config).map_err(failure)?;
    let mut dev = Command::new(upsign);
    dev.args(["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"]).current_dir(folder);
    let (_dev, ready) = start_json(&mut dev)?;
    let keys = ready.get("s3Credentials").unwrap_or(&Value::Null);
    let token = Command::new("curl").args(["-sSf", text(&ready, "token")?]).output().map_err(failure)?;
    measure(
        upsign,
        folder,
        &Place {
            name: "embedded",
            api: text(&ready, "api")?.to_owned(),
            token: String::from_utf8_lossy(&token.stdout).trim().to_owned(),
            endpoint: text(&ready, "s3")?.to_owned(),
            region: text(keys, "region")?.to_owned(),
            access_key: text(keys, "accessKeyId")?.to_owned(),
            secret_key: text(keys, "secretAccessKey")?.to_owned(),
        },
    )
}

fn seaweed(context: &Context, upsign: &Path, folder: &Path) -> Result<Vec<Failure>, StepError> {
    let python = context.tools.python("python")?;
    let (weed, pools) = (seaweedfs(&context.tools)?, ministack(&context.tools)?);
    let mut pool = Command::new(&python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&pools.endpoint)))?;
    let config = upload_config(&pools.endpoint, "https://app.example.com", &pool)?;
    let bucket = format!("endpoint = \"{}\"", pools.endpoint);
    let config =
        config.replacen(&bucket, &format!("endpoint = \"{}\"\nprovider = \"seaweedfs\"", weed.endpoint), 1);
    let (before, rest) = config.split_once("[upload]\n").ok_or("no section [upload]".to_owned())?;
    let (_, after) = rest.split_once("[auth]\n").ok_or("no section [auth]".to_owned())?;
    let config = format!("{before}[upload]\n{UPLOAD}[auth]\n{after}[token]\nkeys = [\"env:TOKEN_SECRET\"]\n");
    std::fs::write(folder.join("upsign.toml"), config).map_err(failure)?;
    std::fs::write(
        folder.join("cors.json"),
        r#"{"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]}"#,
    )
    .map_err(failure)?;
    let mut bucket = Command::new(&python);
    bucket.arg(own("tools/bucket.py")).args([weed.endpoint.as_str(), BUCKET]).arg(folder.join("cors.json"));
    run(with_credentials(&mut bucket))?;
    let mut serve = Command::new(upsign);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(folder);
    serve.env("TOKEN_SECRET", "a secret of this test, with 32 bytes or more");
    let (_serve, ready) = start_json(with_credentials(&mut serve))?;
    Ok(measure(
        upsign,
        folder,
        &Place {
            name: "SeaweedFS",
            api: text(&ready, "listening")?.to_owned(),
            token: text(&pool, "access_token")?.to_owned(),
            endpoint: weed.endpoint.clone(),
            region: "us-east-1".to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
        },
    )?)
}

/// Uploads with both programs in turn, and prints a line. Returns what is worse than it may be.
fn measure(upsign: &Path, folder: &Path, place: &Place) -> Result<Vec<Failure>, Failure> {
    let (mut ours, mut curls) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        curls.push(curl(upsign, folder, place, round)?);
        let mut command = Command::new(upsign);
        command.args(["upload", "file.bin", "-j", "4", "--no-state", "--quiet"]).current_dir(folder);
        ours.push(timed(command.env("UPSIGN_API", &place.api).env("UPSIGN_TOKEN", &place.token))?);
    }
    let kib = ours.iter().map(|it| it.kib).max().unwrap_or_default();
    let (our_speed, curl_speed) = (median_speed(&ours), median_speed(&curls));
    let (name, ratio, mib) = (place.name, our_speed / curl_speed, kib as f64 / 1024.0);
    println!(
        "{name}: upsign upload -j 4: {our_speed:.0} MiB/s with at most {mib:.1} MiB; curl -T: {curl_speed:.0} MiB/s; ratio {ratio:.2}"
    );
    let mut failures = Vec::new();
    if ratio < MIN_RATIO {
        failures.push(format!("{name}: {ratio:.2} of curl's speed, at least {MIN_RATIO} expected"));
    }
    if kib > MAX_KIB {
        failures.push(format!("{name}: {kib} KiB of memory, at most {MAX_KIB} expected"));
    }
    Ok(failures)
}

/// Uploads the file with curl and a presigned URL.
fn curl(upsign: &Path, folder: &Path, place: &Place, round: usize) -> Result<Measured, Failure> {
    let mut presign = Command::new(upsign);
    presign.arg("presign").arg(format!("curl/{round}.bin")).args([
        "--operation=put",
        "--expires-in=1h",
        "--json",
    ]);
    presign.args(["--bucket", BUCKET, "--region", &place.region, "--endpoint-url", &place.endpoint]);
    presign.env("AWS_ACCESS_KEY_ID", &place.access_key).env("AWS_SECRET_ACCESS_KEY", &place.secret_key);
    let signed = json_output(&mut presign)?;
    let mut command = Command::new("curl");
    command.args(["-sSf", "-H", "Expect:", "-T", "file.bin", text(&signed, "url")?]).current_dir(folder);
    timed(command.stdout(Stdio::null()))
}

/// Runs a program to its end, and watches its memory.
fn timed(command: &mut Command) -> Result<Measured, Failure> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().map_err(failure)?;
    let mut kib = 0;
    loop {
        kib = kib.max(peak_kib(&child));
        match child.try_wait().map_err(failure)? {
            Some(status) if status.success() => return Ok(Measured { time: start.elapsed(), kib }),
            Some(status) => return Err(format!("{:?} ended with {status}", command.get_program())),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Returns the peak of the resident memory so far, or 0 where `/proc` does not exist.
fn peak_kib(child: &Child) -> u64 {
    let status =
        std::fs::read_to_string(PathBuf::from(format!("/proc/{}/status", child.id()))).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Returns the median speed in MiB per second.
fn median_speed(runs: &[Measured]) -> f64 {
    let mut seconds: Vec<f64> = runs.iter().map(|run| run.time.as_secs_f64()).collect();
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(seconds.len() / 2).copied().unwrap_or(f64::INFINITY);
    (BYTES >> 20) as f64 / median
}

fn write_file(path: &Path) -> Result<(), Failure> {
    let mut file = File::create(path).map_err(failure)?;
    let mut state = 1_u64;
    for _ in 0..BYTES >> 20 {
        let mut block = Vec::with_capacity(1 << 20);
        while block.len() < 1 << 20 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            block.extend_from_slice(&state.to_le_bytes());
        }
        file.write_all(&block).map_err(failure)?;
    }
    Ok(())
}
