//! `upsign dev`: the commands that it prints at its start work as they are.

use serde_json::Value;

use crate::dev::{ROUTES, client, dev_with_arguments, dev_with_config};
use crate::run::{eventually, upsign};

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
        let stored = shell(&put, folder.path()).stdout;
        assert_eq!(String::from_utf8_lossy(&stored), "200\n", "{put}");
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

/// Tokens of every issuer are verified with options that describe it: Cognito or not, discovered or not, another algorithm.
#[test]
fn printed_verifications_work_for_every_issuer() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let keycloak = crate::dev_issuers::keycloak();
    let keys_at = keycloak.replace("[auth]", "[auth]\njwks_uri = \"https://id.example.com/certs\"");
    let id_tokens =
        keycloak.replace("token_use = \"access\"", "token_use = \"id\"").replace("scopes = [\"write\"]", "");
    for (text, issuers) in [
        (crate::dev_issuers::SEVERAL, &["pool shop:", "issuer staff:"][..]),
        (&keycloak, &["issuer:"]),
        (&keys_at, &["issuer:"]),
        (&id_tokens, &["issuer:"]),
    ] {
        let server = dev_with_config(text);
        eventually(|| server.read("errors").contains("next:"));
        let printed = server.read("errors");
        let folder = tempfile::tempdir().unwrap();
        for issuer in issuers {
            let (_, rest) = printed.split_once(&format!("To verify a token of the {issuer}\n")).unwrap();
            let command = rest.lines().take(3).collect::<Vec<_>>().join("\n");
            let output = shell(&command, folder.path());
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && errors.contains("valid"), "{command}: {errors}");
            assert!(!errors.contains("not checked"), "{command}: {errors}");
        }
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
    // The last command shows a denial.
    eventually(|| {
        let printed = server.read("errors");
        printed.matches("to see a denial").count() == 2 && printed.trim_end().ends_with("}'")
    });
    let printed = server.read("errors");
    let (_, rest) = printed.split_once("terminal:\n").unwrap();
    let (document, avatar) = rest.split_once("\navatars:\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("FILE"), vec![b'a'; 123_456]).unwrap();
    let (read_it, _) = printed.split_once("   To look into").unwrap();
    let read = read_it.lines().last().unwrap();
    // The bucket of the first request, which is not the first one in alphabetical order.
    assert!(printed.contains("s3 ls --recursive s3://documents-bucket\n"), "{printed}");
    let unknown: Value = serde_json::from_slice(&shell(read, folder.path()).stdout).unwrap();
    assert!(unknown["detail"].as_str().unwrap().contains("no route of this name"), "{unknown}");
    for (commands, route) in [(document, "upload"), (avatar, "avatars")] {
        let (request, _) = commands.split_once("then PUT").unwrap();
        let grant: Value = serde_json::from_slice(&shell(request, folder.path()).stdout).unwrap();
        let put = commands.lines().rfind(|line| line.ends_with("'UPLOAD_URL'")).unwrap();
        let put = put.replace("UPLOAD_URL", grant["uploadUrl"].as_str().unwrap());
        let stored = shell(&put, folder.path()).stdout;
        assert_eq!(String::from_utf8_lossy(&stored), "200\n", "{put}");
        // The routes have different buckets, so the command that reads names the route.
        let read = read.replace("KEY", grant["key"].as_str().unwrap()).replace("ROUTE", route);
        let read: Value = serde_json::from_slice(&shell(&read, folder.path()).stdout).unwrap();
        let object = client().get(read["url"].as_str().unwrap()).send().unwrap();
        assert_eq!((object.status().as_u16(), object.bytes().unwrap().len()), (200, 123_456));
    }
    for commands in [document, avatar] {
        let (_, denied) = commands.split_once("to see a denial, of bob (").unwrap();
        let (_, command) = denied.split_once("):\n").unwrap();
        let answer: Value = serde_json::from_slice(&shell(command, folder.path()).stdout).unwrap();
        assert_eq!(answer["status"], 403, "{command}: {answer}");
    }
}

/// The token is in another header, the second issuer has a name of its own, and users are chosen.
#[test]
fn printed_commands_follow_the_token_header_and_name_users_and_issuers() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let text = crate::dev_issuers::SEVERAL
        .replace("name = \"shop\"", "name = \"shop\"\ntoken_header = \"x-upload-token\"");
    let server = dev_with_arguments(&text, &["--user=a b", "--user=kim", "--group=editors"]);
    eventually(|| {
        let printed = server.read("errors");
        printed.contains("with a token of the issuer staff:") && printed.trim_end().ends_with("}'")
    });
    let printed = server.read("errors");
    let folder = tempfile::tempdir().unwrap();
    let (_, rest) = printed.split_once("terminal:\n").unwrap();
    let (granted, rest) = rest.split_once("then PUT").unwrap();
    let (_, rest) = rest.split_once("to see a denial, of a b (no groups, scopes or claims):\n").unwrap();
    let (denied, staff) = rest.split_once("with a token of the issuer staff:\n").unwrap();
    for (command, part, status) in [
        (granted, "user=kim'", "200"),
        (denied, "?user=a+b'", "403"),
        (staff, "user=kim&issuer=staff'", "200"),
    ] {
        assert!(command.contains(part) && command.contains("\"x-upload-token: Bearer $(curl"), "{command}");
        let answer = shell(&command.replace("'\\n'", "' %{http_code}'"), folder.path()).stdout;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.trim_end().ends_with(status), "{command}: {answer}");
    }
}

/// The fields of a form are those of the answer, so one command requests and uploads.
#[test]
fn printed_form_is_sent_in_one_command() {
    let has = |program: &str| std::process::Command::new(program).arg("--version").output().is_ok();
    if !has("curl") || !has("jq") {
        return;
    }
    let text =
        ROUTES.replace("require_checksum = true\n", "").replace("encryption = \"kms\"", "method = \"post\"");
    let server = dev_with_config(&text);
    eventually(|| server.read("errors").matches("to see a denial").count() == 2);
    let printed = server.read("errors");
    let (_, rest) = printed.split_once("in one command, with jq:\n").unwrap();
    let (command, _) = rest.split_once("to see a denial").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("FILE"), vec![b'a'; 123_456]).unwrap();
    let output = shell(command, folder.path());
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "204", "{command}");
}
