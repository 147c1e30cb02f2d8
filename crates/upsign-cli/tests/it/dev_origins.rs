//! `upsign dev`: the hosts and origins that may use the services.

use serde_json::{Value, json};

use crate::dev::{ROUTES, client, dev_with_arguments, dev_with_config, token};
use crate::run::upsign;

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
    let pool = config["issuers"][0]["endpoint"].as_str().unwrap();
    let answer = preflight(pool, PAGE, "POST", "content-type,x-amz-target");
    assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);

    // Nothing else is for that page, and no other page may use the API.
    for path in ["dev/token", "dev/config.json", "dev/read", "", "app.js"] {
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
    assert!(errors.contains("from [cors] those on this machine: http://localhost:5173"), "{errors}");
}

/// With `*` as the port, `[cors]` lists the pages of every port: for the API, the pool and the bucket alike.
#[test]
fn pages_of_every_port_may_upload_if_they_are_listed() {
    let text =
        ROUTES.replace("\"https://app.example.com\"", "\"https://*.example.com\", \"http://localhost:*\"");
    let server = dev_with_config(&text);
    let (http, page) = (client(), server.url("page"));
    assert_eq!(server.ready["origins"], json!(["http://localhost:*"]));
    let preflight = |url: &str, origin: &str, method: &str| {
        let request = http.request(reqwest::Method::OPTIONS, url).header("origin", origin);
        request.header("access-control-request-method", method).send().unwrap()
    };
    let config: Value = http.get(format!("{page}dev/config.json")).send().unwrap().json().unwrap();
    let token = http.get(server.url("token")).send().unwrap().text().unwrap();
    let avatar = json!({"route": "avatars", "contentType": "image/png", "contentLength": 7});
    let api = format!("{page}upload-url");
    let grant = http.post(&api).bearer_auth(&token).header("origin", "http://localhost:5173").json(&avatar);
    let grant: Value = grant.send().unwrap().json().unwrap();
    let bucket = grant["uploadUrl"].as_str().unwrap();
    let pool = config["issuers"][0]["endpoint"].as_str().unwrap();
    for (url, method) in [(&*api, "POST"), (bucket, "PUT"), (pool, "POST")] {
        for (origin, is_allowed) in [
            ("http://localhost:5173", true),
            ("http://localhost:1", true),
            ("http://localhost", false),
            ("http://localhost.evil.example:1", false),
            ("http://127.0.0.1:5173", false),
            ("https://pr-7.example.com", false),
        ] {
            let answer = preflight(url, origin, method);
            let allowed = answer.headers().get("access-control-allow-origin");
            assert_eq!(allowed.is_some_and(|allowed| allowed == origin), is_allowed, "{url} {origin}");
        }
    }
    let foreign = http.get(server.url("token")).header("origin", "http://localhost:5173").send().unwrap();
    assert_eq!(foreign.status(), 403);
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
    assert!(post("http://localhost:5173").contains("start it with --origin http://localhost:5173"));
    assert_eq!(post("https://evil.example"), "this server accepts requests from its own page only\n");
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
    for (query, status, text) in [
        ("?user=bob", 404, "the users are alice"),
        ("?x", 400, "has the parameters user and issuer only"),
        ("?user=alice&user=alice", 400, "each once"),
        ("?user=%zz", 404, "the users are alice"),
        ("?", 200, "eyJ"),
        ("?user=alice", 200, "eyJ"),
        ("?issuer=staff", 404, "no issuer of this name"),
    ] {
        let answer = client().get(format!("{url}{query}")).send().unwrap();
        assert_eq!(answer.status(), status, "{query}");
        let body = answer.text().unwrap();
        assert!(body.contains(text), "{query}: {body}");
    }
    let preflight = client()
        .request(reqwest::Method::OPTIONS, &url)
        .header("origin", "http://127.0.0.1:1")
        .header("access-control-request-method", "GET");
    assert_eq!(preflight.send().unwrap().status(), 403);
    assert_eq!(client().post(&url).send().unwrap().status(), 405);
}

/// `--origin` admits a page of another port: to the API, the bucket, the pool, and the tokens of users.
#[test]
fn admitted_pages_may_upload_and_get_tokens() {
    const PAGE: &str = "http://localhost:5173";
    let server =
        dev_with_arguments(ROUTES, &["--origin", PAGE, "--user=kim", "--group=members", "--group=staff"]);
    let (http, page) = (client(), server.url("page"));
    let get = |path: &str, origin: &str| {
        let request =
            http.get(format!("{page}{path}")).header("origin", origin).header("sec-fetch-site", "same-site");
        request.send().unwrap()
    };
    let answer = get("dev/token?user=kim", PAGE);
    assert_eq!(answer.status(), 200);
    assert_eq!(
        (&answer.headers()["access-control-allow-origin"], &answer.headers()["vary"]),
        (&PAGE.parse().unwrap(), &"origin".parse().unwrap())
    );
    let token = answer.text().unwrap();
    let avatar = json!({"route": "avatars", "contentType": "image/png", "contentLength": 7});
    let post = |origin: &str| {
        let request = http.post(format!("{page}upload-url")).bearer_auth(&token).header("origin", origin);
        request.json(&avatar).send().unwrap()
    };
    let answer = post(PAGE);
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-origin"]),
        (200, &PAGE.parse().unwrap())
    );
    let grant: Value = answer.json().unwrap();
    let preflight = |url: &str, origin: &str, method: &str, headers: &str| {
        let request = http.request(reqwest::Method::OPTIONS, url).header("origin", origin);
        let request = request.header("access-control-request-method", method);
        request.header("access-control-request-headers", headers).send().unwrap().status().as_u16()
    };
    let url = grant["uploadUrl"].as_str().unwrap();
    assert_eq!(preflight(url, PAGE, "PUT", "content-type,if-none-match"), 200);
    let pool = server.url("pool");
    assert_eq!(preflight(&pool, PAGE, "POST", "content-type,x-amz-target"), 204);

    // Nothing else is for that page, and nothing is for other pages.
    for path in ["dev/config.json", "dev/read", "", "app.js"] {
        assert_eq!(get(path, PAGE).status(), 403, "{path}");
    }
    for origin in [
        "http://localhost:5174",
        "http://127.0.0.1:5173",
        "https://app.example.com",
        "https://localhost:5173",
        "null",
    ] {
        assert_eq!(get("dev/token", origin).status(), 403, "{origin}");
        assert_eq!(post(origin).status(), 403, "{origin}");
        assert_eq!(preflight(url, origin, "PUT", "content-type"), 403, "{origin}");
    }
    assert_eq!(server.ready["origins"], json!([PAGE]));
}

/// A page of another machine is admitted to the API only if the file lists it too, and never gets tokens.
#[test]
fn origins_of_other_machines_must_be_listed() {
    let arguments =
        |origin| ["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json", "--origin", origin];
    let refused = upsign(&arguments("https://other.example")).file("upsign.toml", ROUTES).output();
    refused.exits(2).has_message("--origin https://other.example is not a page on this machine");
    upsign(&arguments("http://localhost:5173/")).file("upsign.toml", ROUTES).output().exits(2);

    const LISTED: &str = "https://app.example.com";
    let server = dev_with_arguments(ROUTES, &["--origin", LISTED]);
    let page = server.url("page");
    let request =
        client().request(reqwest::Method::OPTIONS, format!("{page}upload-url")).header("origin", LISTED);
    let request = request.header("access-control-request-method", "POST");
    assert_eq!(request.send().unwrap().status(), 204);
    let token = client().get(server.url("token")).header("origin", LISTED).send().unwrap();
    assert_eq!(token.status(), 403);
}
