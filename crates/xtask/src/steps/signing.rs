//! Runs the signing and token benchmarks, and the signing benchmark again without the SHA extensions of the processor.
//!
//! The second run shows how the signers compare on processors without these extensions. Processor and programs are the same,
//! except for the SHA-256 code:
//!
//! - `sha2` 0.11 is built with its portable code (`--cfg sha2_backend="soft"`), as its documentation describes;
//! - `sha2` 0.10, which two of the other crates use, is built with its feature `force-soft`: `benches/Cargo.toml` enables
//!   it for the same flag;
//! - AWS-LC reads `OPENSSL_ia32cap` at start. The value clears bit 29 of EBX of CPUID leaf 7, the SHA extensions, and
//!   leaves AVX2 and BMI2 on. (Elsewhere than on x86-64, AWS-LC keeps its SHA code.)

use super::{Context, StepError};
use crate::build::target;
use crate::process::{cargo, run};

const PORTABLE_SHA2: &str = "--cfg sha2_backend=\"soft\"";
const AWS_LC_WITHOUT_SHA: &str = ":~0x20000000";

pub(super) fn both_tables(context: &Context) -> Result<(), StepError> {
    // A peer whose tools cannot be installed is left out of the comparison.
    drop((context.tools.node(), context.tools.python("python")));
    let mut bench = cargo();
    bench.args(["bench", "--locked", "-p", "upsign-benches", "--bench", "signing", "--bench", "tokens"]);
    run(&mut bench)?;

    println!("\nwithout the SHA extensions of the processor:");
    let mut flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    flags = format!("{flags} {PORTABLE_SHA2}");
    let mut bench = cargo();
    bench.args(["bench", "--locked", "-p", "upsign-benches", "--bench", "signing", "--target-dir"]);
    // A separate directory: other flags would make cargo rebuild everything in the usual one.
    bench.arg(target().join("portable-sha2"));
    bench.env("RUSTFLAGS", flags.trim()).env("OPENSSL_ia32cap", AWS_LC_WITHOUT_SHA);
    Ok(run(&mut bench)?)
}

/// Prints how long HAR files of 10 MiB take.
pub(super) fn diagnose(_: &Context) -> Result<(), StepError> {
    Ok(run(cargo().args(["bench", "--locked", "-p", "upsign-diagnose", "--bench", "har"]))?)
}
