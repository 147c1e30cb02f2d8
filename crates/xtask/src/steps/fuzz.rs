//! Random bytes at everything that reads what a stranger wrote: `crates/fuzz`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use super::Ended;
use crate::process::{Failure, root, run};
use crate::tools::Tools;

const SECONDS: u32 = 10;
const TARGETS: [&str; 10] = [
    "token",
    "token_header",
    "token_claims",
    "jwks",
    "presign",
    "encoder",
    "endpoint",
    "resource",
    "post_policy",
    "key_template",
];

pub(crate) fn each_target(tools: &Tools) -> Result<(), Ended> {
    let program = tools.cargo_fuzz()?;
    run(&mut fuzz(&program, "build"))?;
    let seeds = root().join("target/fuzz-seeds");
    plant(&seeds)?;
    for target in TARGETS {
        let found = root().join("target/fuzz-corpus").join(target);
        fs::create_dir_all(&found).map_err(told)?;
        fs::create_dir_all(seeds.join(target)).map_err(told)?;
        let mut command = fuzz(&program, "run");
        command.arg(target).arg(found).arg(seeds.join(target)).arg("--");
        command.arg(format!("-max_total_time={SECONDS}")).args(["-max_len=16384", "-print_final_stats=1"]);
        let log = seeds.join(format!("{target}.log"));
        run(command.stderr(fs::File::create(&log).map_err(told)?))
            .map_err(|why| format!("{target}: {why}\n{}", found_by(&log)))?;
        let inputs = executed(&fs::read_to_string(&log).map_err(told)?)?;
        println!("{target}: {inputs} inputs in {SECONDS} s");
    }
    Ok(())
}

/// What libFuzzer says of the input it stopped at. It goes into the report: the folder may not outlive the run.
fn found_by(log: &Path) -> String {
    let log = fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let told: Vec<&str> = log.lines().skip_while(|line| !line.contains("panicked at")).take(40).collect();
    told.join("\n")
}

/// How many inputs a run has tried, of which a few are no run.
fn executed(log: &str) -> Result<u64, Failure> {
    let told = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let inputs = told.and_then(|number| number.trim().parse().ok()).unwrap_or(0);
    if inputs < 1_000 { Err(format!("only {inputs} inputs were tried")) } else { Ok(inputs) }
}

/// Sanitizers are flags of the unstable compiler, which the stable one has too.
fn fuzz(program: &Path, what: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).env_remove("CARGO_TARGET_DIR").env("RUSTC_BOOTSTRAP", "1");
    command.arg(what).args(["--fuzz-dir", "crates/fuzz", "--target-dir", "target/fuzz"]);
    command
}

/// Where fuzzing begins: the cases of the corpora.
fn plant(seeds: &Path) -> Result<(), Failure> {
    drop(fs::remove_dir_all(seeds));
    let mut planted = 0;
    for token in texts("jwt_attack.json", "token")? {
        plant_one(seeds, "token", planted, token.as_bytes())?;
        for (target, part) in ["token_header", "token_claims"].into_iter().zip(token.split('.')) {
            let json = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
            plant_one(seeds, target, planted, &json)?;
        }
        planted += 1;
    }
    for document in texts("jwks_documents.json", "body")? {
        plant_one(seeds, "jwks", planted, document.as_bytes())?;
        planted += 1;
    }
    for template in texts("key_policy.json", "template")? {
        plant_one(seeds, "key_template", planted, template.as_bytes())?;
        planted += 1;
    }
    let endpoints = ["https://s3.us-east-1.amazonaws.com", "http://[::1]:9000/a%20b/", "http://127.0.0.1:80"];
    let arns = [
        "arn:aws:s3:us-west-2:123456789012:accesspoint/myap",
        "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/myap",
        "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
        "article-images-bucket",
    ];
    for arn in arns {
        planted += 1;
        plant_one(seeds, "resource", planted, arn.as_bytes())?;
    }
    endpoints.iter().try_for_each(|endpoint| {
        planted += 1;
        plant_one(seeds, "endpoint", planted, endpoint.as_bytes())
    })
}

fn plant_one(seeds: &Path, target: &str, number: usize, bytes: &[u8]) -> Result<(), Failure> {
    let folder = seeds.join(target);
    fs::create_dir_all(&folder).map_err(told)?;
    fs::write(folder.join(number.to_string()), bytes).map_err(told)
}

/// A member of every case, or of its `input`, where it is text.
fn texts(corpus: &str, member: &str) -> Result<Vec<String>, Failure> {
    let path: PathBuf = root().join("crates/upsign-testing/vectors").join(corpus);
    let corpus: Value = serde_json::from_slice(&fs::read(path).map_err(told)?).map_err(told)?;
    let cases = corpus.get("cases").and_then(Value::as_array).ok_or("no cases")?;
    let found = cases.iter().filter_map(|case| {
        let input = case.get("input").and_then(|input| input.get(member));
        case.get(member).or(input)?.as_str().map(str::to_owned)
    });
    Ok(found.collect())
}

fn told(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}
