//! The life of an upload after its bytes are in, with a page in a browser, `upsign serve`, an S3 server and a receiver of webhooks: once
//! confirmed by its client, and once by the events of the bucket, with a queue for them and one for the webhooks.

use std::process::{Command, Stdio};

use super::common::{json_output, with_credentials};
use super::{Context, StepError};
use crate::process::{failure, free_port, own, root, run, scratch};
use crate::servers::ministack;

const PHOTO: &str = "crates/upsign-cli/assets/demo.jpg";

/// Runs it with `upsign serve`.
pub(super) fn with_server(context: &Context) -> Result<(), StepError> {
    let tools = &context.tools;
    let chromium = tools.chromium()?;
    let node = tools.node()?;
    let python = tools.python("python")?;
    let upsign = context.build.upsign()?;
    let aws = ministack(tools)?;
    let origin = format!("http://127.0.0.1:{}", free_port()?);

    let folder = scratch("whole")?;
    let mut pool = Command::new(&python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    let described = folder.join("pool.json");
    std::fs::write(&described, pool.to_string()).map_err(failure)?;

    for script in ["tools/whole.py", "tools/whole_events.py"] {
        let mut whole = Command::new(&python);
        whole.arg(own(script)).arg(&aws.endpoint).arg(&upsign).arg(&origin).arg(&folder);
        whole.arg(root().join(PHOTO)).arg(node.get_program()).arg(own("browser/whole.mjs"));
        // The modules of node, which the step's own command has in its environment.
        let modules = node.get_envs().filter_map(|(name, value)| Some((name, value?)));
        whole.envs(modules).env("CHROMIUM", &chromium);
        let input = std::fs::File::open(&described).map_err(failure)?;
        run(with_credentials(&mut whole).stdin(Stdio::from(input)))?;
    }
    Ok(())
}
