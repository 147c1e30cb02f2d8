//! The help of the command: its commands in groups, its examples, and its width.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upsign::{Clock, SystemClock};
use upsign_testing::tokens::TestIssuer;

use crate::run::{CONFIG, Serving, upsign};

/// Returns the help of a command, which `arguments` select.
fn help(arguments: &[&str], flag: &str) -> String {
    let run = upsign(&[arguments, &[flag]].concat()).output();
    run.exits(0);
    run.stdout()
}

/// Lists all commands, by the arguments that select them. `help` lists them again, so it is left out.
fn commands() -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for name in names(&help(&[], "--help")) {
        let below = names(&help(&[&name], "--help"));
        all.push(vec![name.clone()]);
        all.extend(below.into_iter().map(|document| vec![name.clone(), document]));
    }
    all
}

/// Returns the names in the lists of commands: lines that start with two spaces and a word, below a title.
fn names(help: &str) -> Vec<String> {
    let titles = ["Commands:", "Start here:", "Deploy:", "Try and debug:", "Tools:"];
    let mut names = Vec::new();
    let mut is_list = false;
    for line in help.lines() {
        if !line.starts_with(' ') {
            is_list = titles.contains(&line);
            continue;
        }
        let name = line.strip_prefix("  ").filter(|rest| is_list && !rest.starts_with(' '));
        names.extend(name.and_then(|name| name.split(' ').next()).map(str::to_owned));
    }
    names.retain(|name| name != "help");
    names
}

fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with("  "));
    let text = lines.map(str::trim).collect::<Vec<_>>().join("\n").replace("\\\n", "");
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn commands_are_listed_in_groups_with_those_to_start_with_first() {
    let help = help(&[], "--help");
    assert_eq!(names(&help).iter().take(5).collect::<Vec<_>>(), ["init", "check", "serve", "dev", "demo"]);
    assert_eq!(help.matches("Print the help of a command").count(), 1);
    for title in ["Start here:", "Deploy:", "Try and debug:", "Tools:", "Options:", "Exit codes:"] {
        assert!(help.lines().any(|line| line == title), "{title}: {help}");
    }
}

#[test]
fn short_help_has_no_batch_formats_and_fits_the_width() {
    for command in commands() {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let short = help(&command, "-h");
        assert!(!short.contains("Lines of --batch"), "{command:?}: {short}");
        assert!(!short.contains("\"id\""), "{command:?}: {short}");
        assert!(short.lines().all(|line| line.chars().count() <= 100), "{command:?}: {short}");
        assert!(short.contains("Global options:"), "{command:?}: {short}");
    }
    assert!(help(&["verify"], "--help").contains("Lines of --batch --signature-only"));
}

#[test]
fn narrow_help_continues_below_the_text() {
    let run = upsign(&["--help"]).variable("COLUMNS", "60").output();
    let text = run.exits(0).stdout();
    let list =
        text.lines().skip_while(|line| *line != "Start here:").take_while(|line| *line != "Exit codes:");
    for line in list {
        assert!(line.chars().count() <= 60, "{line}");
    }
    assert!(
        text.contains(
            "  serve        Run the upload API (POST /upload-url) from\n               upsign.toml\n"
        ),
        "{text}"
    );
}

#[test]
fn batch_formats_fit_the_width() {
    for width in [60, 100] {
        for command in ["key", "presign", "post", "verify", "jwks", "identity"] {
            let run = upsign(&[command, "--help"]).variable("COLUMNS", &width.to_string()).output();
            let text = run.exits(0).stdout();
            let batch = text.lines().skip_while(|line| !line.starts_with("Lines of --batch"));
            for line in batch {
                // Words are not broken.
                let is_word = line.split_whitespace().count() == 1;
                assert!(is_word || line.chars().count() <= width, "{command}, {width}: {line}");
            }
        }
    }
    let run = upsign(&["key", "--help"]).variable("COLUMNS", "60").output();
    let continued = "\n  id                   optional  any JSON value; the answer\n                                 repeats it\n";
    assert!(run.stdout().contains(continued), "{}", run.stdout());
}

#[test]
fn missing_command_is_answered_with_the_groups_also_with_json() {
    let grouped = upsign(&[]).output();
    let run = upsign(&["--json"]).output();
    assert_eq!(run.exits(2).json()["error"]["message"], "a command is missing");
    assert_eq!(run.stderr(), grouped.stderr());
    assert!(run.stderr().contains("Start here:\n  init "), "{}", run.stderr());
    let run = upsign(&["documents", "--json"]).output();
    run.exits(2).has_message("Usage: upsign documents").has_message("  bucket-policy ");
}

/// Every example of every command runs: in a new folder with the files that it names, and with servers on this machine in
/// place of AWS.
#[test]
fn examples_of_every_command_run() {
    let stack = Stack::start();
    let mut failures = Vec::new();
    let mut run = |command: &[String], lines: &[String]| {
        let folder = tempfile::tempdir().unwrap();
        for line in lines {
            stack.write_files(folder.path(), line);
            if let Err(error) = stack.run(folder.path(), line) {
                failures.push(format!("{command:?}: {line}: {error}"));
            }
        }
    };
    run(&[], &examples(&help(&[], "--help")));
    for command in commands() {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let (long, short) = (examples(&help(&arguments, "--help")), examples(&help(&arguments, "-h")));
        assert!(!long.is_empty(), "{command:?} has no example");
        assert_eq!(long, short, "{command:?}");
        run(&command, &long);
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// What the examples need: `upsign dev` as the user pool, and a program `aws` that answers like a bucket with the generated CORS
/// configuration.
struct Stack {
    _dev: Serving,
    /// The API of the examples of `upsign upload`.
    uploads: Serving,
    /// The store of the examples of `upsign probe`.
    store: crate::probe::Store,
    tools: tempfile::TempDir,
    config: String,
    verifier: String,
    /// A token of the embedded pool, and its keys.
    of_pool: (String, String),
    /// A token of the issuer that an example names, and its keys.
    of_openid: (String, String),
    event: String,
    cors: String,
    /// The answer of `upsign presign --json`, and its URL.
    grant: (String, String),
}

impl Stack {
    fn start() -> Self {
        let dev = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let page = dev.url("page");
        let settings: Value = http.get(format!("{page}dev/config.json")).send().unwrap().json().unwrap();
        let token = crate::dev::token(&settings);
        let client = settings["issuers"][0]["clientId"].as_str().unwrap();
        let issuer = format!("{}/local_upsign", settings["issuers"][0]["endpoint"].as_str().unwrap());
        let jwks = format!("{issuer}/.well-known/jwks.json");
        let auth = format!("issuer = \"{issuer}\"\njwks_uri = \"{jwks}\"\ndanger_http_keys = true");
        let config = CONFIG.replace("bodyless = \"allow\"", "bodyless = \"refuse\"");
        let verifier = config
            .replace("user_pool = \"ap-southeast-1_AbCdEf123\"", &auth)
            .replace("3n4b5urk1ft4fl3mg5e62d9ado", client);
        let event = json!({
            "httpMethod": "POST", "headers": {}, "requestContext": {"authorizer": {"claims": {
                "sub": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "token_use": "access",
                "client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
                "iss": "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123", "username": "alice", "exp": "4102444800",
            }}},
        });
        let keys = http.get(jwks).send().unwrap().text().unwrap();
        let cors = upsign(&["documents", "cors"]).file("upsign.toml", &config).output();
        let (cors, tools) = (cors.exits(0).stdout(), tempfile::tempdir().unwrap());
        let place = ["--bucket=my-bucket", "--region=eu-central-1", "--content-type=image/jpeg", "--json"];
        let grant = upsign(&[&["presign", "photos/cat.jpg"], &place[..]].concat()).credentials().output();
        let url = grant.exits(0).json()["url"].as_str().unwrap().to_owned();
        let grant = (grant.stdout(), url);
        let aws = tools.path().join("aws");
        fs::write(
            &aws,
            "#!/bin/sh\ncase \"$2\" in get-*) cat cors.json ;; put-*) test -s cors.json ;; esac\n",
        )
        .unwrap();
        fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
        let issuer = TestIssuer::custom("https://id.example.com");
        let openid =
            issuer.access_token("alice", "web").without_claim("token_use").claim("aud", "upload-api");
        let of_openid = (openid.sign(SystemClock.now()), issuer.jwks());
        let event = event.to_string();
        let uploads = crate::upload::server();
        let of_pool = (token, keys);
        let store = crate::probe::Store::start();
        Self { _dev: dev, uploads, store, tools, config, verifier, of_pool, of_openid, event, cors, grant }
    }

    /// Writes the files that examples name. A token is verified with the keys of the embedded pool, which a server refuses.
    fn write_files(&self, folder: &Path, line: &str) {
        let write = |name: &str, text: &[u8]| fs::write(folder.join(name), text).unwrap();
        let fetches = line.starts_with("upsign verify") || line.starts_with("upsign jwks");
        let config = if fetches { &self.verifier } else { &self.config };
        if line.starts_with("upsign init &&") || line == "upsign init" {
            drop(fs::remove_file(folder.join("upsign.toml")));
        } else {
            write("upsign.toml", config.as_bytes());
        }
        let (token, keys) = if line.contains("--provider oidc") { &self.of_openid } else { &self.of_pool };
        write("token.txt", token.as_bytes());
        write("keys.json", keys.as_bytes());
        write("event.json", self.event.as_bytes());
        write("cors.json", self.cors.as_bytes());
        write("grant.json", self.grant.0.as_bytes());
        write("url.txt", self.grant.1.as_bytes());
        let answer = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
        write("answer.xml", answer.as_bytes());
        let host = "my-bucket.s3.eu-central-1.amazonaws.com";
        let verbose = format!(
            "> PUT /photos/cat.jpg HTTP/1.1\n> Host: {host}\n> \n< HTTP/1.1 403 Forbidden\n< \n{answer}\n"
        );
        write("curl.txt", verbose.as_bytes());
        let har = json!({"log": {"version": "1.2", "entries": [{
            "startedDateTime": "2026-01-01T00:01:00Z",
            "request": {"method": "PUT", "url": self.grant.1, "headers": [{"name": "Host", "value": host}], "bodySize": 5},
            "response": {"status": 403, "headers": [], "content": {"text": answer}},
        }]}});
        write("upload.har", har.to_string().as_bytes());
        write("photo.jpg", include_bytes!("../../assets/demo.jpg"));
        write("film.mp4", &[7; 100_000]);
        fs::create_dir_all(folder.join("photos")).unwrap();
        write("photos/a.jpg", b"a");
    }

    /// Runs a line of an example with a shell. A server is ended when it listens.
    fn run(&self, folder: &Path, line: &str) -> Result<(), String> {
        let is_server = ["upsign dev", "upsign serve"].iter().any(|server| line.starts_with(server))
            && !line.contains("--print-config");
        // Fixed ports may be in use.
        let mut line = line.replace(":8080", ":0").replace(":8081", ":0").replace(":9090", ":0");
        line = line.replace("https://api.example.com", &self.uploads.url("api"));
        line = line.replace("http://127.0.0.1:9000", &self.store.endpoint());
        if line.starts_with("upsign preflight") {
            // The page of the embedded API may call it.
            line = line.replace("http://localhost:5173", self.uploads.url("page").trim_end_matches('/'));
        }
        if line.starts_with("upsign dev") && !line.contains("--listen") {
            line.push_str(" --listen 127.0.0.1:0");
        }
        if line.contains("--provider oidc") {
            line.push_str(" --jwks keys.json");
        }
        if is_server {
            line = format!("exec {line}");
        }
        let program = Path::new(env!("CARGO_BIN_EXE_upsign")).parent().unwrap();
        let path = format!("{}:{}:/usr/bin:/bin", self.tools.path().display(), program.display());
        let errors = folder.join("errors.txt");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).current_dir(folder).env_clear().env("PATH", path);
        shell.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        shell.env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        shell.env("UPSIGN_LISTEN", "127.0.0.1:0").env("URL", &self.grant.1);
        shell.env("UPSIGN_TOKEN", crate::upload::token(&self.uploads));
        shell.env("XDG_STATE_HOME", folder.join("state"));
        shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&errors).unwrap());
        let mut child = shell.spawn().unwrap();
        if is_server {
            end_when_listening(&mut child, &errors)?;
        }
        let status = child.wait().unwrap();
        if status.success() { Ok(()) } else { Err(fs::read_to_string(&errors).unwrap()) }
    }
}

/// Waits until a server has printed where it listens, and sends it SIGTERM.
fn end_when_listening(child: &mut Child, errors: &Path) -> Result<(), String> {
    let start = Instant::now();
    loop {
        let text = fs::read_to_string(errors).unwrap();
        if text.contains("listening") || text.contains("open http://") {
            break;
        }
        if child.try_wait().unwrap().is_some() || start.elapsed() > Duration::from_secs(30) {
            drop(child.kill());
            return Err(format!("the server does not listen: {text}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // The signal handlers are installed before the line is printed.
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    Ok(())
}

#[test]
fn long_version_names_the_features_of_the_build() {
    let version = concat!("upsign ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(upsign(&["-V"]).output().exits(0).stdout(), version);
    let long = upsign(&["--version"]).output().exits(0).stdout();
    let rest = long.strip_prefix(version).unwrap();
    let (included, missing) =
        rest.strip_prefix("features: ").unwrap().split_once("\nnot included: ").unwrap();
    for (name, is_included) in [
        ("chain", cfg!(feature = "chain")),
        ("hcl", cfg!(feature = "hcl")),
        ("live", cfg!(feature = "live")),
        ("sdk", cfg!(feature = "sdk")),
    ] {
        assert_eq!((included.contains(name), missing.contains(name)), (is_included, !is_included), "{long}");
    }
    assert_eq!(upsign(&["--version", "-v"]).output().stdout(), long);
}
