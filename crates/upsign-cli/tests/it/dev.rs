//! `upsign dev`: the page, its endpoints, and the hosts and origins that may call them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::run::{Serving, eventually, upsign};

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// Signs in with the user of the embedded pool and returns the access token.
pub(crate) fn token(config: &Value) -> String {
    let pool = &config["pool"];
    let request = json!({
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": pool["clientId"],
        "AuthParameters": {"USERNAME": pool["username"], "PASSWORD": pool["password"]},
    });
    let answer = client()
        .post(pool["endpoint"].as_str().unwrap())
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
        .header("content-type", "application/x-amz-json-1.1")
        .body(request.to_string())
        .send()
        .unwrap();
    let answer: Value = answer.json().unwrap();
    answer["AuthenticationResult"]["AccessToken"].as_str().unwrap().to_owned()
}

#[test]
fn the_page_can_sign_in_upload_and_read_back() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let (http, page) = (client(), server.url("page"));
    for (path, content_type) in [("", "text/html"), ("app.js", "text/javascript"), ("style.css", "text/css")]
    {
        let answer = http.get(format!("{page}{path}")).send().unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(content_type));
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    }
    let config: Value = http.get(format!("{page}dev/config.json")).send().unwrap().json().unwrap();
    let token = token(&config);
    let body = json!({"contentType": "image/jpeg", "contentLength": 5});
    let grant: Value = http
        .post(format!("{page}upload-url"))
        .bearer_auth(&token)
        .json(&body)
        .send()
        .unwrap()
        .json()
        .unwrap();
    let mut put = http.put(grant["uploadUrl"].as_str().unwrap()).body("hello");
    for (name, value) in grant["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert_eq!(put.send().unwrap().status(), 200);
    let read = http.post(format!("{page}dev/read")).bearer_auth(&token).json(&json!({"key": grant["key"]}));
    let read: Value = read.send().unwrap().json().unwrap();
    assert_eq!(http.get(read["url"].as_str().unwrap()).send().unwrap().text().unwrap(), "hello");
    let unauthenticated = http.post(format!("{page}dev/read")).json(&json!({"key": grant["key"]}));
    assert_eq!(unauthenticated.send().unwrap().status(), 401);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn foreign_hosts_and_origins_are_rejected() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let page = server.url("page");
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"] {
        let answer = client().get(format!("{page}dev/config.json")).header("host", host).send().unwrap();
        assert_eq!(answer.status(), 421, "{host}");
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = client().post(format!("{page}upload-url")).header("origin", origin).send().unwrap();
        assert_eq!(answer.status(), 403, "{origin}");
    }
    upsign(&["dev", "--listen=0.0.0.0:0"]).output().exits(2).has_message("this machine only");
}

/// Browsers leave the default port out of `Host` and `Origin`.
#[test]
fn port_80_works() {
    match std::net::TcpListener::bind("127.0.0.1:80") {
        Ok(listener) => drop(listener),
        // The port is in use, or needs privileges that this machine does not give.
        Err(_) => return,
    }
    let server = upsign(&["dev", "--listen=127.0.0.1:80", "--json"]).serving();
    for host in ["127.0.0.1", "localhost", "127.0.0.1:80"] {
        let answer = client().get("http://127.0.0.1/dev/config.json").header("host", host).send().unwrap();
        assert_eq!(answer.status(), 200, "{host}");
    }
    let config: Value = client().get("http://127.0.0.1/dev/config.json").send().unwrap().json().unwrap();
    let request = client().post("http://127.0.0.1/upload-url").bearer_auth(token(&config));
    let answer = request.header("origin", "http://localhost").send().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], "http://localhost");
    let foreign =
        client().post("http://127.0.0.1/upload-url").header("origin", "http://127.0.0.1:8080").send();
    assert_eq!(foreign.unwrap().status(), 403);
    assert_eq!(server.terminate(), 0);
}

/// Starts `upsign dev --config` with this file.
fn dev_with_config(text: &str) -> Serving {
    let run = upsign(&["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"]);
    run.file("upsign.toml", text).errors_to("errors").serving()
}

/// Requests an upload URL with the token of `/dev/token`, sends `length` bytes as the answer says, and returns the answer.
#[track_caller]
fn upload(server: &Serving, body: &Value, length: usize) -> Value {
    let http = client();
    let token = http.get(server.url("token")).send().unwrap().text().unwrap();
    let answer = http.post(format!("{}upload-url", server.url("page"))).bearer_auth(token).json(body).send();
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().unwrap());
    let grant: Value = answer.json().unwrap();
    assert_eq!(grant["method"], "PUT");
    let mut put = http.put(grant["uploadUrl"].as_str().unwrap()).body(vec![b'a'; length]);
    for (name, value) in grant["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    let stored = put.send().unwrap();
    assert_eq!(stored.status(), 200, "{}", stored.text().unwrap());
    grant
}

#[test]
fn untouched_init_file_can_be_tried() {
    let run = upsign(&["init", "-"]).output();
    run.exits(0);
    let server = dev_with_config(&run.stdout());
    let grant = upload(&server, &json!({"contentType": "image/jpeg", "contentLength": 5}), 5);
    assert!(grant["key"].as_str().unwrap().starts_with("articles/"), "{grant}");
    assert!(grant["uploadUrl"].as_str().unwrap().starts_with(&server.url("s3")), "{grant}");
    // `bodyless = "refuse"`, in contrast to the demo.
    let token = client().get(server.url("token")).send().unwrap().text().unwrap();
    let answer = client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token).send();
    assert_eq!(answer.unwrap().status(), 400);
    let config: Value =
        client().get(format!("{}dev/config.json", server.url("page"))).send().unwrap().json().unwrap();
    assert_eq!(config["policy"]["types"], json!(["image/jpeg", "image/png", "image/webp"]));
    let errors = server.terminate_and_read("errors");
    assert!(errors.contains("replaced") && !errors.contains("warning"), "{errors}");
    assert!(errors.contains("buckets of the same names in the embedded S3 server"), "{errors}");
}

/// Runs a command of a POSIX shell with the tested `upsign` in the path.
fn shell(command: &str, folder: &std::path::Path) -> std::process::Output {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_upsign")).parent().unwrap();
    let command = format!("PATH='{}':$PATH\n{command}", binary.display());
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &command]).current_dir(folder).output().unwrap()
}

/// The commands that are printed at the start work as they are: the request, the upload that follows it, and the verification
/// of a token.
#[test]
fn printed_commands_work() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let init = upsign(&["init", "-"]).output().stdout();
    let document = init.replace("\"image/jpeg\", \"image/png\", \"image/webp\"", "\"application/pdf\"");
    let document = document.replace("# disposition", "disposition");
    let id_token = init.replace("token_use = \"access\"", "token_use = \"id\"");
    for config in [None, Some(init), Some(document), Some(id_token)] {
        let server = match &config {
            None => upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).errors_to("errors").serving(),
            Some(text) => dev_with_config(text),
        };
        // The lines are written by another thread, the command last.
        eventually(|| server.read("errors").trim_end().ends_with("'UPLOAD_URL'"));
        let printed = server.read("errors");
        let folder = tempfile::tempdir().unwrap();
        let (_, rest) = printed.split_once("of the pool:\n").unwrap();
        let (verify, _) = rest.split_once("next:").unwrap();
        let output = shell(verify, folder.path());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.contains("valid"), "{verify}: {errors}");
        let (_, rest) = printed.split_once("terminal:\n").unwrap();
        let (request, rest) = rest.split_once("then PUT").unwrap();
        let grant: Value = serde_json::from_slice(&shell(request, folder.path()).stdout).unwrap();
        let url = grant["uploadUrl"].as_str().unwrap();
        let put = rest.lines().last().unwrap().replace("UPLOAD_URL", url);
        std::fs::write(folder.path().join("FILE"), vec![b'a'; 123_456]).unwrap();
        let stored = shell(&put.replace("curl", "curl -s -w %{http_code}"), folder.path()).stdout;
        assert_eq!(String::from_utf8_lossy(&stored), "200", "{put}");
        let (_, rest) = printed.split_once("in place of KEY:\n").unwrap();
        let read = rest.lines().next().unwrap().replace("KEY", grant["key"].as_str().unwrap());
        let read: Value = serde_json::from_slice(&shell(&read, folder.path()).stdout).unwrap();
        let stored = client().get(read["url"].as_str().unwrap()).send().unwrap().bytes().unwrap();
        assert_eq!(stored.len(), 123_456);
        // Without a header, S3's answer is long. The log names the header.
        let bare = shell(&format!("curl -s --upload-file FILE '{url}'"), folder.path()).stdout;
        assert!(String::from_utf8_lossy(&bare).contains("SignatureDoesNotMatch"));
        eventually(|| server.read("errors").contains("signed headers were not sent"));
        let errors = server.read("errors");
        assert!(errors.contains("if-none-match") && !errors.contains(url), "{errors}");
        std::fs::write(folder.path().join("FILE"), "another size").unwrap();
        shell(&put, folder.path());
        eventually(|| server.read("errors").contains("was the URL issued for this size and type?"));
        assert!(server.read("errors").contains("content_length=\"12\""), "{}", server.read("errors"));
    }
}

/// Every route has its request and its upload, and a route for groups a command that shows a denial.
#[test]
fn each_route_has_commands_that_work() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    // Without a required checksum, which is an example in the printed commands, and without `[limit]`.
    let text = ROUTES.replace("require_checksum = true\n", "");
    let (text, _) = text.split_once("[limit]").unwrap();
    let server = dev_with_config(text);
    // The last line is the command that shows the denial.
    eventually(|| server.read("errors").contains("\nupsign key --config"));
    let printed = server.read("errors");
    let (_, rest) = printed.split_once("terminal:\n").unwrap();
    let (document, avatar) = rest.split_once("\navatars:\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("upsign.toml"), text).unwrap();
    std::fs::write(folder.path().join("FILE"), vec![b'a'; 123_456]).unwrap();
    let (read_it, _) = printed.split_once("   To verify").unwrap();
    let read = read_it.lines().last().unwrap();
    for (commands, route) in [(document, "upload"), (avatar, "avatars")] {
        let (request, _) = commands.split_once("then PUT").unwrap();
        let grant: Value = serde_json::from_slice(&shell(request, folder.path()).stdout).unwrap();
        let put = commands.lines().rfind(|line| line.ends_with("'UPLOAD_URL'")).unwrap();
        let put = put.replace("UPLOAD_URL", grant["uploadUrl"].as_str().unwrap());
        let stored = shell(&put.replace("curl", "curl -s -w %{http_code}"), folder.path()).stdout;
        assert_eq!(String::from_utf8_lossy(&stored), "200", "{put}");
        // The routes have different buckets, so the command that reads names the route.
        let read = read.replace("KEY", grant["key"].as_str().unwrap()).replace("ROUTE", route);
        let read: Value = serde_json::from_slice(&shell(&read, folder.path()).stdout).unwrap();
        let object = client().get(read["url"].as_str().unwrap()).send().unwrap();
        assert_eq!((object.status().as_u16(), object.bytes().unwrap().len()), (200, 123_456));
    }
    let (_, denied) = avatar.split_once("to see a denial").unwrap();
    let command = denied.lines().nth(1).unwrap();
    let start = "upsign key --config upsign.toml --route avatars --content-type ";
    assert!(command.starts_with(start), "{command}");
    let output = shell(command, folder.path());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && errors.contains("route-forbidden"), "{command}: {errors}");
    assert!(!document.contains("denial"), "the default route is for scopes: {document}");
}

#[test]
fn the_log_lists_the_routes_after_a_request_for_an_unknown_one() {
    let server = dev_with_config(ROUTES);
    let token = client().get(server.url("token")).send().unwrap().text().unwrap();
    let body = json!({"route": "film", "contentType": "image/png", "contentLength": 5});
    let answer = client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token).json(&body);
    let answer = answer.send().unwrap();
    assert_eq!(answer.status(), 400);
    assert!(!answer.text().unwrap().contains("avatars"));
    let reason = "the requested route does not exist: the routes are avatars, and the one without a name";
    let errors = server.terminate_and_read("errors");
    assert!(errors.contains(reason), "{errors}");
}

/// The page says photo only if the policy is about photos: until it is loaded, and without scripts, there are files.
#[test]
fn the_page_itself_is_about_files() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let html = client().get(server.url("page")).send().unwrap().text().unwrap();
    assert!(html.contains("Upload a file") && html.contains("Try to cheat"), "{html}");
    assert!(!html.to_lowercase().contains("photo<") && !html.contains("accept="), "{html}");
}

/// Pages on this machine that `[cors]` lists may call the API, the pool and the bucket, but not the routes of the page.
#[test]
fn listed_pages_of_this_machine_may_upload() {
    const PAGE: &str = "http://localhost:5173";
    let text =
        ROUTES.replace("\"https://app.example.com\"", &format!("\"https://app.example.com\", \"{PAGE}\""));
    let server = dev_with_config(&text);
    let (http, page) = (client(), server.url("page"));
    let preflight = |url: &str, origin: &str, method: &str, headers: &str| {
        let request = http.request(reqwest::Method::OPTIONS, url).header("origin", origin);
        let request = request.header("access-control-request-method", method);
        request.header("access-control-request-headers", headers).send().unwrap()
    };
    let api = format!("{page}upload-url");
    let answer = preflight(&api, PAGE, "POST", "authorization,content-type");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-origin"]),
        (204, &PAGE.parse().unwrap())
    );
    let token = http.get(server.url("token")).send().unwrap().text().unwrap();
    let avatar = json!({"route": "avatars", "contentType": "image/png", "contentLength": 7});
    let answer = http.post(&api).bearer_auth(&token).header("origin", PAGE).json(&avatar).send().unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-origin"]),
        (200, &PAGE.parse().unwrap())
    );
    let grant: Value = answer.json().unwrap();
    let url = grant["uploadUrl"].as_str().unwrap();
    for headers in ["content-type,if-none-match", "content-type,if-none-match,x-amz-checksum-sha256"] {
        let answer = preflight(url, PAGE, "PUT", headers);
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["access-control-allow-origin"]),
            (200, &PAGE.parse().unwrap())
        );
    }
    assert_eq!(preflight(url, PAGE, "GET", "").status(), 403);
    assert_eq!(preflight(url, "https://app.example.com", "PUT", "content-type").status(), 403);
    let config: Value = http.get(format!("{page}dev/config.json")).send().unwrap().json().unwrap();
    let pool = config["pool"]["endpoint"].as_str().unwrap();
    let answer = preflight(pool, PAGE, "POST", "content-type,x-amz-target");
    assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);

    // Nothing else is for that page, and no other page may use the API.
    for path in ["dev/token", "dev/config.json", "dev/read", "", "app.js", "upload-url/"] {
        let answer = http.get(format!("{page}{path}")).header("origin", PAGE).send().unwrap();
        assert_eq!(answer.status(), 403, "{path}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
    }
    for origin in
        ["https://app.example.com", "http://localhost:5174", "http://localhost:5173.evil.example", "null"]
    {
        let answer = preflight(&api, origin, "POST", "authorization");
        assert_eq!(answer.status(), 403, "{origin}");
    }
    let rebound = http.post(&api).header("origin", PAGE).header("host", "localhost:5173").send().unwrap();
    assert_eq!(rebound.status(), 421);
    let errors = server.terminate_and_read("errors");
    assert!(errors.contains("those on this machine: http://localhost:5173"), "{errors}");
}

#[test]
fn rejected_pages_of_this_machine_are_told_how_to_be_admitted() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let post = |origin: &str| {
        let request = client().post(format!("{}upload-url", server.url("page"))).header("origin", origin);
        let answer = request.send().unwrap();
        assert_eq!(answer.status(), 403, "{origin}");
        answer.text().unwrap()
    };
    assert!(post("http://localhost:5173").contains("add \"http://localhost:5173\" to origins in [cors]"));
    assert_eq!(post("https://evil.example"), "this server accepts requests from its own page only\n");
}

const ROUTES: &str = r#"
[bucket]
name = "documents-bucket"
region = "eu-central-1"

[upload]
key = "{claim:custom:tenant}/{group}/{id}.{ext}"
types = ["application/pdf"]
max_size = "1 MiB"
bodyless = "refuse"
key_groups = ["editors", "authors"]
scopes = ["uploads/write"]
require_checksum = true
checksums = ["sha256"]
encryption = "kms"

[route.avatars]
bucket = "avatars-bucket"
key = "avatars/{sub}/{id}.{ext}"
types = ["image/*"]
max_size = "1 MiB"
bodyless = "refuse"
groups = ["members", "authors"]

[auth]
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["first-client", "second-client"]
token_use = "access"
groups = ["staff"]

[cors]
origins = ["https://app.example.com"]

[limit]
per_minute = 4
"#;

#[test]
fn user_has_the_groups_scopes_and_claims_that_routes_require() {
    let server = dev_with_config(ROUTES);
    let checksum = BASE64.encode(Sha256::digest(b"aaaaa"));
    let document = json!({
        "contentType": "application/pdf", "contentLength": 5, "checksum": {"sha256": checksum},
    });
    let grant = upload(&server, &document, 5);
    let key = grant["key"].as_str().unwrap();
    assert!(key.starts_with("example/editors/") && key.ends_with(".pdf"), "{key}");
    assert!(grant["uploadUrl"].as_str().unwrap().contains("/documents-bucket/"), "{grant}");
    let avatar = json!({"route": "avatars", "contentType": "image/png", "contentLength": 7});
    let grant = upload(&server, &avatar, 7);
    assert!(grant["uploadUrl"].as_str().unwrap().contains("/avatars-bucket/avatars/"), "{grant}");
    // The limits of the file apply.
    upload(&server, &avatar, 7);
    upload(&server, &avatar, 7);
    let token = client().get(server.url("token")).send().unwrap().text().unwrap();
    let fifth = client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token).json(&avatar);
    assert_eq!(fifth.send().unwrap().status(), 429);
    let errors = server.terminate_and_read("errors");
    for part in ["upload, avatars", "uploads/write", "custom:tenant", "upload.encryption"] {
        assert!(errors.contains(part), "{part} is not in: {errors}");
    }
    assert!(!errors.contains("gets no upload URL"), "{errors}");
}

/// A route without a name is not required, and ID tokens are accepted if the file says so.
#[test]
fn id_tokens_and_named_routes_can_be_tried() {
    let text = ROUTES.replace("token_use = \"access\"", "token_use = \"id\"");
    let (bucket, rest) = text.split_once("[upload]").unwrap();
    let (_, named) = rest.split_once("[route.avatars]").unwrap();
    let server = dev_with_config(&format!("{bucket}[route.avatars]{named}"));
    let config: Value =
        client().get(format!("{}dev/config.json", server.url("page"))).send().unwrap().json().unwrap();
    assert_eq!((&config["route"], &config["pool"]["token"]), (&"avatars".into(), &"IdToken".into()));
    upload(&server, &json!({"route": "avatars", "contentType": "image/png", "contentLength": 7}), 7);
}

#[test]
fn invalid_configurations_are_refused_as_by_check() {
    let text = ROUTES.replace("max_size", "max_sise");
    let arguments = |command| ["--json", command, "--config=upsign.toml"];
    let checked = upsign(&arguments("check")).file("upsign.toml", &text).output();
    let tried = upsign(&arguments("dev")).file("upsign.toml", &text).output();
    tried.exits(2).has_message("max_sise");
    assert_eq!((tried.stdout(), tried.stderr()), (checked.stdout(), checked.stderr()));
    upsign(&["dev", "--config=absent.toml"]).output().exits(2).has_message("upsign init absent.toml");
}

#[test]
fn settings_that_the_embedded_bucket_refuses_are_named() {
    let text = ROUTES.replace("encryption = \"kms\"", "acl = \"public-read\"");
    let run = upsign(&["--json", "dev", "--config=upsign.toml"]).file("upsign.toml", &text).output();
    run.exits(2).has_message("upload.acl");
    assert_eq!(run.json()["error"]["key"], "upload.acl");
    assert_eq!(run.json()["error"]["code"], "unsupported-by-store");
}

#[test]
fn token_is_not_readable_by_other_origins() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let (url, page) = (server.url("token"), server.url("page"));
    let own = page.trim_end_matches('/');
    let get = |name: &str, value: &str| client().get(&url).header(name, value).send().unwrap();
    for (name, value, status) in [
        ("host", "evil.example", 421),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://127.0.0.1:1", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "none", 200),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", own, 200),
    ] {
        let answer = get(name, value);
        assert_eq!(answer.status(), status, "{name}: {value}");
        let headers = answer.headers().clone();
        assert!(!headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{headers:?}");
        assert_eq!(answer.text().unwrap().starts_with("eyJ"), status == 200);
    }
    let headers = get("accept", "*/*").headers().clone();
    for (name, value) in [
        ("content-type", "text/plain; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(headers[name], value);
    }
    for (query, status) in [("?user=bob", 400), ("?x", 400), ("?", 200)] {
        let answer = client().get(format!("{url}{query}")).send().unwrap();
        assert_eq!(answer.status(), status, "{query}");
        assert_eq!(answer.text().unwrap().contains("no query parameters"), status == 400);
    }
    let preflight = client()
        .request(reqwest::Method::OPTIONS, &url)
        .header("origin", "http://127.0.0.1:1")
        .header("access-control-request-method", "GET");
    assert_eq!(preflight.send().unwrap().status(), 403);
    assert_eq!(client().post(&url).send().unwrap().status(), 405);
}
