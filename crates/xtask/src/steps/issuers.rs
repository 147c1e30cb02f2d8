//! Signs callers in at real issuers over HTTP, and asks `upsign serve` for upload URLs with their tokens: oidc-provider in several
//! shapes, and two emulators of Cognito. The uploads go to an S3 server that checks signatures.

use std::process::Command;

use serde_json::{Value, json};

use super::common::{BUCKET, json_output, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, failure, own, run, scratch};
use crate::servers::{Server, cognito_local, ministack};

/// Names and addresses of the issuers' certificate. The third one is known to the proxy of `issuers/cases/networks.mjs` only.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "id.example.test"];

pub(super) fn sign_in(context: &Context) -> Result<(), StepError> {
    let tools = &context.tools;
    let mut node = tools.issuers_node()?;
    let python = tools.python("python")?;
    let upsign = context.build.upsign()?;
    let (aws, local) = (ministack(tools)?, cognito_local(tools)?);

    let folder = scratch("issuers")?;
    run(Command::new(&python).arg(own("tools/certificates.py")).arg(&folder).args(NAMES))?;
    std::fs::write(
        folder.join("cors.json"),
        r#"{"CORSRules": [{"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["PUT"]}]}"#,
    )
    .map_err(failure)?;
    let mut bucket = Command::new(&python);
    bucket.arg(own("tools/bucket.py")).args([aws.endpoint.as_str(), BUCKET]).arg(folder.join("cors.json"));
    run(with_credentials(&mut bucket))?;
    let pool = |server: &Server| -> Result<Value, Failure> {
        let mut pool = Command::new(&python);
        let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&server.endpoint)))?;
        Ok(json!({"endpoint": server.endpoint, "pool": pool}))
    };
    let pools = json!({"ministack": pool(&aws)?, "cognito-local": pool(&local)?});

    node.arg(own("issuers/run.mjs")).arg(pools.to_string()).arg(&folder);
    node.env("UPSIGN", upsign).env("SCRATCH", &folder).env("S3_ENDPOINT", &aws.endpoint);
    // The client trusts the certificate of the issuers. The services get it with SSL_CERT_FILE.
    node.env("NODE_EXTRA_CA_CERTS", folder.join("ca.pem"));
    for variable in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        node.env_remove(variable).env_remove(variable.to_lowercase());
    }
    Ok(run(with_credentials(&mut node))?)
}
