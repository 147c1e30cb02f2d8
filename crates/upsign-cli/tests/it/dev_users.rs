//! `upsign dev --user`: users with chosen groups, scopes and claims.

use serde_json::{Value, json};

use crate::dev::{ROUTES, client, dev_with_arguments, dev_with_config};
use crate::run::{Serving, upsign};

/// Requests an upload URL with the token of a user, and returns the status and the answer.
fn request(server: &Serving, user: &str, body: &Value) -> (u16, Value) {
    let token = client().get(format!("{}?user={user}", server.url("token"))).send().unwrap();
    assert_eq!(token.status(), 200, "{user}");
    let request =
        client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token.text().unwrap());
    let answer = request.json(body).send().unwrap();
    (answer.status().as_u16(), answer.json().unwrap())
}

const USERS: [&str; 16] = [
    "--user=alice",
    "--group=editors",
    "--group=staff",
    "--scope=uploads/write",
    "--claim=custom:tenant=acme",
    "--user=bob",
    "--user=carol",
    "--group=staff",
    "--group=members",
    "--claim=sub=carol-1",
    "--user=dan",
    "--group=staff",
    "--group=authors",
    "--scope",
    "uploads/write",
    "--claim=custom:tenant:=7",
];

#[test]
fn users_have_the_chosen_groups_scopes_and_claims_and_no_others() {
    // Without a required checksum.
    let text = ROUTES.replace("require_checksum = true\n", "").replace("per_minute = 4", "per_minute = 60");
    let server = dev_with_arguments(&text, &USERS);
    let document = json!({"contentType": "application/pdf", "contentLength": 5});
    let avatar = json!({"route": "avatars", "contentType": "image/png", "contentLength": 7});
    for (user, body, expected) in [
        ("alice", &document, Ok("acme/editors/")),
        ("alice", &avatar, Err(403)),
        ("bob", &document, Err(403)),
        ("bob", &avatar, Err(403)),
        ("carol", &document, Err(403)),
        ("carol", &avatar, Ok("avatars/carol-1/")),
        ("dan", &document, Ok("7/authors/")),
    ] {
        let (status, answer) = request(&server, user, body);
        match expected {
            Ok(prefix) => {
                let key = answer["key"].as_str().unwrap_or_default();
                assert!(key.starts_with(prefix), "{user}: {status} {answer}");
            }
            Err(expected) => {
                assert_eq!((status, answer.get("uploadUrl")), (expected, None), "{user}: {answer}");
            }
        }
    }
    assert_eq!(
        server.ready["users"][0],
        json!({"name": "alice", "groups": ["editors", "staff"], "scopes": ["uploads/write"], "claims": {"custom:tenant": "acme"}}),
    );
    let errors = server.terminate_and_read("errors");
    for line in [
        "groups editors, staff; scopes uploads/write; claims custom:tenant=acme",
        "no groups, scopes or claims",
        "custom:tenant:=7",
    ] {
        assert!(errors.contains(line), "{line} is not in: {errors}");
    }
    assert!(!errors.contains("gets no upload URL"), "{errors}");
}

/// Without `--user`, there is one user for every route, and one who shows a denial.
#[test]
fn restricted_routes_have_a_user_who_may_not_use_them() {
    let server = dev_with_config(ROUTES);
    let avatar = json!({"route": "avatars", "contentType": "image/png", "contentLength": 7});
    assert_eq!(request(&server, "alice", &avatar).0, 200);
    let (status, answer) = request(&server, "bob", &avatar);
    assert_eq!((status, answer.get("uploadUrl")), (403, None), "{answer}");
    let names: Vec<&Value> =
        server.ready["users"].as_array().unwrap().iter().map(|user| &user["name"]).collect();
    assert_eq!(names, ["alice", "bob"]);
    // The policy of the demo has no restriction, so every user may upload.
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    assert_eq!(server.ready["users"].as_array().unwrap().len(), 1);
    let answer = client().get(format!("{}?user=bob", server.url("token"))).send().unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.text().unwrap()),
        (404, "there is no user of this name: the users are alice\n".to_owned())
    );
}

#[test]
fn routes_that_no_user_may_use_are_reported() {
    let server = dev_with_arguments(ROUTES, &["--user=kim", "--group=staff"]);
    let errors = server.terminate_and_read("errors");
    assert!(
        errors.contains("avatars: kim gets no upload URL: the token has none of the route's groups"),
        "{errors}"
    );
}

#[test]
fn options_without_a_user_are_refused() {
    let run = upsign(&["dev", "--group=editors"]).output();
    run.exits(2).has_message(
        "--group editors needs a --user in front of it, for example: --user alice --group editors",
    );
    upsign(&["dev", "--user=a", "--claim=tenant"])
        .output()
        .exits(2)
        .has_message("expected NAME=TEXT or NAME:=JSON");
}
