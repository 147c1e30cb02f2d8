//! `start UPSIGN` measures how long `upsign serve` takes from its start to its first line, with one route and with 10,000. It
//! fails if 10,000 routes take more than a second.
#![expect(clippy::print_stdout, reason = "a measurement prints its result")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use upsign_bench_runtimes::{
    AnyError, ServerProcess, add_routes, config, median, scratch_folder, start_pool, with_credentials,
};

/// The number of starts of which the median counts.
const STARTS: usize = 9;
/// The number of routes with a bound, and the bound.
const ROUTES: usize = 10_000;
const BOUND: Duration = Duration::from_secs(1);

/// Returns the seconds until the server is ready.
fn start(upsign: &Path, folder: &Path) -> Result<f64, AnyError> {
    let mut command = Command::new(upsign);
    command.args(["serve", "--listen=127.0.0.1:0", "--json"]).current_dir(folder).stderr(Stdio::null());
    let began = Instant::now();
    let server = ServerProcess::start(with_credentials(&mut command))?;
    let elapsed = began.elapsed().as_secs_f64();
    server.usage()?;
    Ok(elapsed)
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let upsign = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: start UPSIGN")?;
    let pool = start_pool().await?;
    let folder = scratch_folder("start-run")?;
    let mut slow = false;
    for routes in [1, ROUTES] {
        let mut text = config(&pool, &pool.jwks_url(), 900);
        add_routes(&mut text, routes);
        std::fs::write(folder.join("upsign.toml"), text)?;
        let starts = (0..STARTS).map(|_| start(&upsign, &folder)).collect::<Result<Vec<_>, _>>()?;
        let longest = starts.iter().copied().fold(0.0, f64::max);
        let median = median(starts);
        println!(
            "start with {routes:>6} routes: {:>6.1} ms, longest of {STARTS}: {:>6.1} ms",
            median * 1e3,
            longest * 1e3
        );
        slow |= routes == ROUTES && median > BOUND.as_secs_f64();
    }
    if slow { Err(format!("a start with {ROUTES} routes takes more than {BOUND:?}").into()) } else { Ok(()) }
}
