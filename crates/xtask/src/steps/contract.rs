//! Tests `upsign serve` against the OpenAPI description that it derives from its configuration: schemathesis sends requests that
//! the description allows and requests that it does not, and compares every response with the description.

use std::path::Path;
use std::process::Command;

use super::common::{BUCKET, json_output, start_json, text, upload_config, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, failure, own, run, scratch};
use crate::servers::ministack;

/// A second and a third route, which have every member of a request that the first one lacks.
const ROUTES: &str = r#"
[route.photos]
key = "photos/{sub}/{id}.{ext}"
types = ["image/jpeg", "image/png"]
max_size = "5 MiB"
bodyless = "refuse"
checksums = ["sha256", "crc32c"]
require_checksum = true
client_metadata = ["title"]
client_tags = true

[route.documents]
method = "post"
no_overwrite = false
key = "documents/{id}-{filename}"
types = ["text/plain", "application/json"]
min_size = "10 bytes"
max_size = "1 MiB"
bodyless = "refuse"
disposition = "from-client"
"#;

/// Routes whose files are uploaded in parts: above 1 MiB or if the client asks for it, and always, also files of unknown size. The
/// links of the description lead from a grant to the calls that continue its upload.
const PARTS: &str = r#"
[route.videos]
key = "videos/{sub}/{id}.{ext}"
types = ["video/mp4"]
max_size = "1 TiB"
bodyless = "refuse"
multipart = "auto"
multipart_above = "1 MiB"
checksums = ["sha256", "crc32"]

[route.recordings]
key = "recordings/{sub}/{id}"
types = ["video/webm"]
max_size = "1 GiB"
bodyless = "refuse"
multipart = "always"
size_bound = "max"

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]
"#;

/// Routes whose uploads are confirmed, inspected and copied to their final key, read and deleted, of which a request can list several.
const CONFIRMED: &str = r#"
[route.photos]
key = "photos/{sub}/{id}.{ext}"
pending_key = "pending/photos/{sub}/{id}.{ext}"
types = ["image/jpeg", "image/png"]
max_size = "5 MiB"
bodyless = "refuse"
confirm = true
inspect = "magic"
delete = true
max_files = 3

[route.notes]
method = "post"
no_overwrite = false
key = "notes/{sub}/{id}"
types = ["text/plain"]
max_size = "1 MiB"
bodyless = "refuse"
confirm = true

[deployment]
reads = "presigned"

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]
"#;

/// The contracts of other clients, and routes that serve them: forms and free parts for Uppy, and the others with `PUT`.
const DIALECTS: &str = r#"
[route.forms]
key = "forms/{sub}/{id}.{ext}"
types = ["image/jpeg", "image/png", "text/plain"]
max_size = "1 GiB"
bodyless = "refuse"
method = "post"
no_overwrite = false
multipart = "auto"

[route.blobs]
key = "blobs/{sub}/{id}.{ext}"
types = ["image/jpeg", "text/plain"]
max_size = "5 MiB"
bodyless = "refuse"
checksums = ["md5"]
confirm = true

[route.lfs]
key = "lfs/{sha256}"
shared_content = "danger"
types = "any"
max_size = "1 GiB"
bodyless = "refuse"
checksums = ["sha256"]
require_checksum = true
confirm = true

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]
"#;

/// Stands above all sections.
const ALL_DIALECTS: &str =
    "dialects = [\"uppy\", \"companion\", \"better-upload\", \"active-storage\", \"git-lfs\"]\n";

/// The bucket needs no CORS configuration, because no browser takes part.
const CORS: &str =
    r#"{"CORSRules": [{"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://app.example.com"]}]}"#;

pub(super) fn schemathesis(context: &Context) -> Result<(), StepError> {
    let tools = &context.tools;
    let python = tools.python("python")?;
    let schemathesis = tools.http_python("schemathesis")?;
    let upsign = context.build.upsign()?;
    let aws = ministack(tools)?;
    let mut pool = Command::new(python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    let one_route = upload_config(&aws.endpoint, "https://app.example.com", &pool)?;
    let token = text(&pool, "access_token")?;
    let cors = scratch("contract-bucket")?.join("cors.json");
    std::fs::write(&cors, CORS).map_err(failure)?;
    let mut bucket = Command::new(tools.python("python")?);
    run(with_credentials(bucket.arg(own("tools/bucket.py")).args([&aws.endpoint, BUCKET]).arg(cors)))?;
    let configurations = [
        ("one-route", one_route.clone()),
        ("three-routes", format!("{one_route}{ROUTES}")),
        ("parts", format!("{one_route}{PARTS}")),
        ("dialects", format!("{ALL_DIALECTS}{one_route}{DIALECTS}")),
        ("confirmed", one_route + CONFIRMED),
    ];
    for (name, config) in configurations {
        compare(&upsign, &schemathesis, name, &config, token)?;
    }
    Ok(())
}

/// Runs the service with a configuration and compares it with the description that it prints.
fn compare(upsign: &Path, schemathesis: &Path, name: &str, config: &str, token: &str) -> Result<(), Failure> {
    let folder = scratch(&format!("contract-{name}"))?;
    std::fs::write(folder.join("upsign.toml"), config).map_err(failure)?;
    let mut print = Command::new(upsign);
    let description = json_output(print.args(["serve", "--print-openapi"]).current_dir(&folder))?;
    std::fs::write(folder.join("openapi.json"), description.to_string()).map_err(failure)?;
    let mut serve = Command::new(upsign);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--json"]).current_dir(&folder);
    // The variable of a secret that the file does not name would be a mistake.
    if config.contains("UPSIGN_TOKEN_SECRET") {
        serve.env("UPSIGN_TOKEN_SECRET", "the secret of the contract test, 32 bytes or more");
    }
    let (_serve, ready) = start_json(with_credentials(&mut serve))?;

    let mut command = Command::new(schemathesis);
    command.arg("--config-file").arg(own("tools/schemathesis.toml")).args(["run", "openapi.json"]);
    command.args(["--url", text(&ready, "listening")?]);
    command.arg("--header").arg(format!("Authorization: Bearer {token}"));
    // A fixed seed and no database: every run sends the same requests and leaves no files behind.
    // The other configurations are for the paths of the API's own contract. Here, a request without `route`, which the description
    // of a named route forbids, is one for the unnamed route.
    if name == "dialects" {
        command.args(["--exclude-path-regex", "^/(upload-url|uploads)"]);
    }
    command.args(["--max-examples", "200", "--seed", "1", "--generation-database", "none", "--no-color"]);
    run(command.current_dir(&folder))
}
