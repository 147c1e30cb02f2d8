//! Tests in a real browser: the page of `upsign dev`, and what browsers do with the content types that a range can grant. Files as
//! people have them are in `browser_files`.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use upsign_policy::{ContentRules, ContentType};

use super::common::{start_json, text};
use super::{Context, StepError, browser_files};
use crate::process::{Failure, failure, free_port, own, root, run, scratch};

/// Configurations whose policies take no photos: by PUT on a named route, with groups, claims and a required checksum; by form,
/// which cannot prevent that an object is replaced; and on a route whose sample is sent in parts, where the forbidden uploads have URLs of
/// their own. With each, the uploads that it forbids.
const CONFIGS: [(&str, &[&str]); 3] = [
    (
        "[route.documents]\nkey = \"{claim:custom:tenant}/{group}/{id}.{ext}\"\ngroups = [\"editors\"]\n\
         checksums = [\"sha256\"]\nrequire_checksum = true",
        &["type", "size", "twice", "key"],
    ),
    ("[upload]\nkey = \"files/{id}.{ext}\"\nmethod = \"post\"", &["type", "size", "key"]),
    (
        "[upload]\nkey = \"files/{id}.{ext}\"\nmultipart = \"auto\"\nmultipart_above = \"1 KiB\"",
        &["type", "size", "twice", "key"],
    ),
];

/// The rest of these configurations.
const COMMON: &str = "types = [\"application/pdf\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n\
    [bucket]\nname = \"documents-bucket\"\nregion = \"eu-central-1\"\n\
    [auth]\nuser_pool = \"eu-central-1_AbCdEf123\"\nclient_ids = [\"client\"]\ntoken_use = \"id\"\n\
    [cors]\norigins = [\"https://app.example.com\"]\n";

/// Two issuers of different kinds, a form and a PUT, and another header for the token.
pub(super) const CHOICE: &str = r#"
[bucket]
name = "documents-bucket"
region = "eu-central-1"

[upload]
key = "documents/{issuer}/{claim:custom:tenant}/{id}.{ext}"
types = ["application/pdf"]
max_size = "1 MiB"
bodyless = "refuse"
method = "post"
groups = ["editors"]
scopes = ["write"]

[route.avatars]
bucket = "avatars-bucket"
key = "avatars/{issuer}/{sub}/{id}.{ext}"
types = ["image/*"]
max_size = "2 MiB"
bodyless = "refuse"

[[auth]]
name = "shop"
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["shop-client"]
token_use = "access"
token_header = "x-upload-token"

[[auth]]
name = "staff"
provider = "oidc"
issuer = "https://id.example.com/realms/staff"
audiences = ["upload-api"]
token_use = "access"
algorithms = ["ES256"]
groups_claim = { claim = "realm_access.roles", form = "json" }

[cors]
origins = ["https://app.example.com"]
"#;

/// The users for these routes: one who may use both, and one who has no group.
pub(super) const USERS: [&str; 5] =
    ["--user=alice", "--group=editors", "--scope=write", "--claim=custom:tenant=acme", "--user=bob"];

pub(super) fn dev_page(context: &Context) -> Result<(), StepError> {
    browser_files::corpora(context)?;
    browser_files::recordings(context)?;
    photos(context)?;
    diagnoses(context)?;
    preflights(context)?;
    choice(context)?;
    wildcard_origins(context)?;
    quarantine(context)?;
    let file = scratch("dev-config")?.join("upsign.toml");
    for (route, forbidden) in CONFIGS {
        fs::write(&file, format!("{route}\n{COMMON}")).map_err(failure)?;
        let mut dev = Command::new(context.build.upsign()?);
        let dev = dev.args(["dev", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&file);
        let (_dev, ready) = start_json(dev)?;
        let mut node = context.tools.node()?;
        node.arg(own("browser/dev_config.mjs")).arg(text(&ready, "page")?).args(forbidden);
        run(node.env("CHROMIUM", context.tools.chromium()?))?;
    }
    Ok(())
}

/// Chooses users, issuers and routes on the page, and uses the API from a page of another port.
fn choice(context: &Context) -> Result<(), StepError> {
    let file = scratch("dev-choice")?.join("upsign.toml");
    fs::write(&file, CHOICE).map_err(failure)?;
    let port = free_port()?;
    let mut dev = Command::new(context.build.upsign()?);
    dev.args(["dev", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&file).args(USERS);
    let (_dev, ready) = start_json(dev.args(["--origin", &format!("http://127.0.0.1:{port}")]))?;
    let mut node = context.tools.node()?;
    node.arg(own("browser/dev_choice.mjs")).arg(text(&ready, "page")?).arg(port.to_string());
    node.arg(root().join("target/screenshots"));
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}

/// Uploads from pages below a domain and of every port, which the configuration admits with a `*`, and from others.
fn wildcard_origins(context: &Context) -> Result<(), StepError> {
    let file = scratch("dev-origins")?.join("upsign.toml");
    let port = free_port()?;
    let listed = format!("\"http://*.preview.localhost:{port}\", \"http://localhost:*\"");
    let common = COMMON.replace("\"https://app.example.com\"", &listed);
    fs::write(&file, format!("[upload]\nkey = \"files/{{sub}}/{{id}}.{{ext}}\"\n{common}"))
        .map_err(failure)?;
    let mut dev = Command::new(context.build.upsign()?);
    let (_dev, ready) =
        start_json(dev.args(["dev", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&file))?;
    let mut node = context.tools.node()?;
    node.arg(own("browser/wildcard_origins.mjs")).arg(text(&ready, "api")?).arg(text(&ready, "token")?);
    node.arg(port.to_string());
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}

/// Uploads photos through the page of `upsign dev` without a configuration.
fn photos(context: &Context) -> Result<(), StepError> {
    let chromium = context.tools.chromium()?;
    let mut node = context.tools.node()?;
    let mut dev = Command::new(context.build.upsign()?);
    let (_dev, ready) = start_json(dev.args(["dev", "--listen", "127.0.0.1:0", "--json"]))?;
    node.arg(own("browser/dev_page.mjs")).arg(text(&ready, "page")?);
    node.arg(root().join("crates/upsign-cli/assets/demo.jpg")).arg(root().join("target/screenshots"));
    Ok(run(node.env("CHROMIUM", chromium))?)
}

/// Lets uploads fail on the page of `upsign dev`, and reads its diagnoses.
fn diagnoses(context: &Context) -> Result<(), StepError> {
    let upsign = context.build.upsign()?;
    let mut node = context.tools.node()?;
    let mut dev = Command::new(&upsign);
    let (_dev, ready) = start_json(dev.args(["dev", "--listen", "127.0.0.1:0", "--json"]))?;
    node.arg(own("browser/dev_diagnosis.mjs")).arg(text(&ready, "page")?);
    node.arg(root().join("crates/upsign-cli/assets/demo.jpg")).arg(root().join("target/screenshots"));
    node.arg(upsign);
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}

/// Compares the preflights of `upsign preflight` with those of the browser.
fn preflights(context: &Context) -> Result<(), StepError> {
    let mut node = context.tools.node()?;
    node.arg(own("browser/preflights.mjs")).arg(context.build.upsign()?);
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}

/// A route whose objects are inspected before they are moved to their final key.
const QUARANTINE: &str = "[upload]\nkey = \"photos/{sub}/{id}.{ext}\"\npending_key = \"pending/{sub}/{id}.{ext}\"\n\
    confirm = true\ninspect = \"magic\"\n";

/// Uploads a photo, and a web page that is called a photo, to a route that inspects what it receives.
fn quarantine(context: &Context) -> Result<(), StepError> {
    let file = scratch("dev-quarantine")?.join("upsign.toml");
    let common = COMMON.replace("application/pdf", "image/jpeg");
    let keys = "[token]\nkeys = [\"env:UPSIGN_TOKEN_SECRET\"]\n";
    fs::write(&file, format!("{QUARANTINE}{common}{keys}")).map_err(failure)?;
    let mut dev = Command::new(context.build.upsign()?);
    let (_dev, ready) =
        start_json(dev.args(["dev", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&file))?;
    let mut node = context.tools.node()?;
    node.arg(own("browser/dev_confirm.mjs")).arg(text(&ready, "page")?);
    node.arg(root().join("crates/upsign-cli/assets/demo.jpg")).arg(root().join("target/screenshots"));
    Ok(run(node.env("CHROMIUM", context.tools.chromium()?))?)
}

/// Types that a range includes only if their objects become attachments.
const SAVED_TYPES: [&str; 4] = ["chemical/x-pdb", "application/x-new", "image/x-new", "text/x-new"];

pub(super) fn content_types(context: &Context) -> Result<(), StepError> {
    let chromium = context.tools.chromium()?;
    let mut node = context.tools.node()?;
    let rules = ContentRules::new(["*/*"]).map_err(failure)?;
    let with_charset = ContentRules::inert_types().map(|name| format!("{name};charset=utf-8"));
    let all = ContentRules::inert_types().map(str::to_owned).chain(with_charset);
    let granted = |name: &String| name.parse().is_ok_and(|parsed: ContentType| rules.allows(&parsed));
    let inline: Vec<String> = all.filter(granted).collect();
    let types = json!({ "inline": inline, "saved": SAVED_TYPES });
    node.arg(own("browser/types.mjs")).arg(types.to_string()).arg(cloudfront_headers()?.to_string());
    node.arg(root().join("crates/upsign-cli/assets/demo.jpg"));
    Ok(run(node.env("CHROMIUM", chromium))?)
}

/// Returns the response headers that the generated stacks add, from the golden file of a template.
fn cloudfront_headers() -> Result<Value, Failure> {
    let file = root().join("crates/upsign-documents/tests/it/golden/stacks/read-access.json");
    let template: Value =
        serde_json::from_str(&fs::read_to_string(&file).map_err(failure)?).map_err(failure)?;
    let headers =
        "/Resources/DistributionHeaders/Properties/ResponseHeadersPolicyConfig/SecurityHeadersConfig";
    let policy = "/ContentSecurityPolicy/ContentSecurityPolicy";
    let headers = template.pointer(headers).ok_or_else(|| format!("{} has no {headers}", file.display()))?;
    let policy = headers.pointer(policy).ok_or_else(|| format!("{} has no {policy}", file.display()))?;
    Ok(json!({ "X-Content-Type-Options": "nosniff", "Content-Security-Policy": policy }))
}
