//! What `upsign check` says about dialects: the routes that serve them, what the others lack, and those that no route serves.

use serde_json::json;

use crate::run::{CONFIG, upsign};

/// A route for Uppy, in addition to the one of the file, which is for `PUT`.
const FORMS: &str = "\n[route.forms]\nkey = \"forms/{sub}/{id}.{ext}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\n\
                     bodyless = \"refuse\"\nmethod = \"post\"\nno_overwrite = false\n";

fn file(dialects: &str, routes: &str) -> String {
    format!("dialects = [{dialects}]\n{CONFIG}{routes}")
}

#[test]
fn routes_of_a_dialect_are_listed_with_what_the_others_lack() {
    let found = upsign(&["check"]).file("upsign.toml", &file("\"uppy\"", FORMS)).output();
    let text = found.exits(0).stdout();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("clients of other services dialect uppy for [route.forms] not for [upload]:"),
        "{text}"
    );
    let json = upsign(&["check", "--json"]).file("upsign.toml", &file("\"uppy\"", FORMS)).output().json();
    let routes = &json["dialects"][0]["routes"];
    assert_eq!(routes[1], json!({"route": "forms", "serves": true}));
    assert!(routes[0]["lacks"].as_str().unwrap().contains("method = \"post\""), "{routes}");
    let plain = upsign(&["check", "--json"]).file("upsign.toml", CONFIG).output().json();
    assert_eq!(plain.get("dialects"), None);
}

#[test]
fn dialect_that_no_route_serves_is_an_error() {
    for command in [&["check"][..], &["serve", "--listen=127.0.0.1:0"], &["serve", "--print-openapi"]] {
        let run = upsign(command).file("upsign.toml", &file("\"uppy\"", "")).credentials().output();
        run.exits(2).has_message("uppy").has_message("method = \"post\"");
    }
    let check = upsign(&["check"]).file("upsign.toml", &file("\"uppy\"", "")).output();
    check.has_message("upsign.toml:1").has_message("remove \"uppy\" from dialects");
}

/// A client whose URL is that of the base path expects the unnamed route, or the only one that serves the dialect.
#[test]
fn route_of_git_lfs_with_the_name_of_the_base_path_is_an_error() {
    let lfs = |name: &str| {
        format!(
            "\n[route.{name}]\nkey = \"{name}/{{sha256}}\"\nshared_content = \"danger\"\ntypes = \"any\"\nmax_size = \"1 MiB\"\n\
             checksums = [\"sha256\"]\nrequire_checksum = true\nconfirm = true\nbodyless = \"refuse\"\n"
        )
    };
    let photos = "\n[route.game]\nkey = \"game/{id}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n";
    let of = |base: &str, routes: &[&str]| {
        let (before, auth) = CONFIG.split_once("[upload]").unwrap();
        let auth = auth.split_once("\n[").map_or("", |(_, rest)| rest);
        let auth = if auth.is_empty() { String::new() } else { format!("[{auth}") };
        format!("dialects = [\"git-lfs\"]\nserver.base_path = \"{base}\"\n{before}{auth}{}", routes.concat())
    };
    for (base, routes, is_refused) in [
        ("/game", [lfs("art"), photos.to_owned()], true),
        ("/api", [lfs("art"), photos.to_owned()], false),
        ("/game", [lfs("art"), lfs("game")], false),
    ] {
        let routes = routes.each_ref().map(String::as_str);
        for command in ["check", "serve"] {
            let arguments: &[&str] =
                if command == "check" { &["check"] } else { &["serve", "--print-openapi"] };
            let run = upsign(arguments).file("upsign.toml", &of(base, &routes)).credentials().output();
            if is_refused {
                run.exits(2).has_message("/game/info/lfs").has_message("choose another base path");
            } else {
                run.exits(0);
            }
        }
    }
}

/// What was generated before a dialect was switched on does not serve its clients.
#[test]
fn deployed_gateways_and_buckets_without_what_a_dialect_needs_are_found() {
    let before = format!("{CONFIG}{FORMS}");
    let now = file("\"uppy\"", FORMS);
    let against = |name: &str, arguments: &[&str], made_of: &str| {
        let made = upsign(arguments).file("upsign.toml", made_of).output().exits(0).stdout();
        upsign(&["check", "--against", name]).file("upsign.toml", &now).file(name, &made).output()
    };
    let (stack, cors): (&[&str], &[&str]) =
        (&["documents", "sam", "--format", "json"], &["documents", "cors"]);
    let location = "the response header `Location` is not exposed to https://app.example.com";
    let rows = [
        ("template.json", stack, "UploadApi.DefinitionBody.paths./uppy/sign.post"),
        ("template.json", stack, location),
        ("cors.json", cors, location),
    ];
    for (name, arguments, missing) in rows {
        let found = against(name, arguments, &before);
        let text = found.exits(1).stdout();
        assert!(text.contains(missing), "{missing} is not in {text}");
        against(name, arguments, &now).exits(0);
    }
}
