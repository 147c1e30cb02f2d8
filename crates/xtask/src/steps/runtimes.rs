//! Benchmarks of the runtimes. They print figures; those without a stated bound have no limits to fail.

use std::process::Command;

use super::{Context, StepError};
use crate::build::binary;
use crate::process::{Failure, cargo, run};

/// Measures requests per second of `upsign serve` and of the same endpoint in other languages.
pub(super) fn load(context: &Context) -> Result<(), StepError> {
    // A server whose tools cannot be installed is left out of the comparison.
    drop((context.tools.node_peers(), context.tools.http_python("uvicorn")));
    measure("load")
}

/// Measures the server at four times its capacity and under a flood of invalid tokens. It has bounds.
pub(super) fn overload(_: &Context) -> Result<(), StepError> {
    measure("overload")
}

/// Measures the start of `upsign serve` with 10,000 routes. It has a bound.
pub(super) fn start(_: &Context) -> Result<(), StepError> {
    measure("start")
}

/// Runs a measurement of `upsign serve`. The servers run on the first processor, one after the other; the clients run on the
/// second.
fn measure(program: &str) -> Result<(), StepError> {
    build_for_deployment("upsign-cli")?;
    build_for_deployment("upsign-bench-runtimes")?;
    let mut measurement = Command::new("taskset");
    measurement.args(["-c", "1"]).arg(binary("dist", program)).arg(binary("dist", "upsign"));
    Ok(run(measurement.env("TOKIO_WORKER_THREADS", "1"))?)
}

/// Measures size, cold start and warm responses of the Lambda function.
pub(super) fn lambda(_: &Context) -> Result<(), StepError> {
    // Built separately: in one build, each package would also get the features of the other.
    build_for_deployment("upsign-bench-runtimes")?;
    // The function behind an authorizer. The default features also verify tokens, with a TLS client.
    run(cargo().args([
        "build",
        "--profile",
        "dist",
        "--locked",
        "-p",
        "example-lambda",
        "--no-default-features",
    ]))?;
    Ok(run(Command::new(binary("dist", "lambda")).arg(binary("dist", "bootstrap")))?)
}

fn build_for_deployment(package: &str) -> Result<(), Failure> {
    run(cargo().args(["build", "--profile", "dist", "--locked", "-p", package]))
}
