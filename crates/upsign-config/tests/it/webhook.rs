//! `[webhook]`: the keys, their problems and warnings, and what a program opens with them.

use upsign_config::{Config, OutboxConfig, TokenSecretSource, WarningCode};

const PROCESS: &str = "[server]\nsingle_process = true\n[webhook]\nurl = \"https://app.example.com/hook\"\n\
                       secrets = [\"env:WEBHOOK_SECRET\"]\noutbox = \"process\"";
const SQS: &str = "[webhook]\nurl = \"https://app.example.com/hook\"\nsecrets = [\"env:WEBHOOK_SECRET\"]\noutbox = \"sqs\"\n\
                   queue_url = \"https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks\"";

fn file(upload: &str, sections: &str) -> String {
    format!(
        "[bucket]\nname = \"uploads\"\nregion = \"eu-west-1\"\n[upload]\nkey = \"a/{{id}}\"\ntypes = [\"image/jpeg\"]\n\
         max_size = \"1 MiB\"\nbodyless = \"refuse\"\n{upload}\n[cors]\norigins = [\"https://app.example.com\"]\n{sections}\n"
    )
}

fn read(sections: &str) -> Result<Config, String> {
    let text = file("confirm = true", sections);
    Config::read("upsign.toml", &text, |_| None).map_err(|error| error.to_string())
}

/// Checks the one problem of a file: its key, and parts of its message and help.
#[track_caller]
fn check(sections: &str, key: &str, parts: &[&str]) {
    let line = read(sections).unwrap_err();
    assert_eq!(line.lines().count(), 1, "{line}");
    for part in [&*format!(" {key}: ")].iter().chain(parts) {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[test]
fn outboxes_are_read() {
    let config = read(PROCESS).unwrap();
    let webhook = config.webhook().unwrap();
    assert_eq!((&*webhook.url, &webhook.outbox), ("https://app.example.com/hook", &OutboxConfig::Process));
    assert_eq!(webhook.secrets, [TokenSecretSource::Env("WEBHOOK_SECRET".into())]);
    let region = |sections: &str| match &read(sections).unwrap().webhook().unwrap().outbox {
        OutboxConfig::Sqs { region, .. } => region.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(region(SQS), "eu-central-1");
    let emulator = "http://127.0.0.1:4566/000000000000/q";
    assert_eq!(
        region(&SQS.replace("https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks", emulator)),
        "eu-west-1"
    );
    assert!(read("").unwrap().webhook().is_none());
}

#[test]
fn every_value_is_mandatory() {
    for (line, key, example) in [
        ("url = \"https://app.example.com/hook\"\n", "webhook.url", "add url = "),
        (
            "secrets = [\"env:WEBHOOK_SECRET\"]\n",
            "webhook.secrets",
            "add secrets = [\"env:UPSIGN_WEBHOOK_SECRET\"]",
        ),
        ("outbox = \"sqs\"\n", "webhook.outbox", "add outbox = \"sqs\""),
        (
            "queue_url = \"https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks\"",
            "webhook.queue_url",
            "add queue_url",
        ),
    ] {
        assert!(SQS.contains(line), "{line}");
        check(&SQS.replacen(line, "", 1), key, &[example]);
    }
}

#[test]
fn values_that_contradict_others_are_reported() {
    check(
        &PROCESS.replace("true", "false"),
        "webhook.outbox",
        &["loses those of a process", "add single_process = true"],
    );
    let both = format!("{PROCESS}\nqueue_url = \"https://sqs.eu-central-1.amazonaws.com/1/q\"");
    check(
        &both,
        "webhook.queue_url",
        &["only with outbox = \"sqs\"", "write outbox = \"sqs\", or remove queue_url"],
    );
    let unconfirmed = Config::read("upsign.toml", &file("", SQS), |_| None).unwrap_err().to_string();
    assert!(
        unconfirmed.contains("webhook.url: has an effect only with uploads that are confirmed"),
        "{unconfirmed}"
    );
}

#[test]
fn urls_need_tls_or_lead_to_this_machine() {
    let with = |url: &str| read(&SQS.replace("https://app.example.com/hook", url));
    for url in ["http://127.0.0.1:8080/hook", "http://localhost", "http://[::1]:1/x", "https://a.example?x=1"]
    {
        assert!(with(url).is_ok(), "{url}");
    }
    for url in [
        "http://app.example.com/hook",
        "http://localhost.example.com",
        "app.example.com",
        "https://",
        "https:///x",
        "",
    ] {
        assert!(with(url).unwrap_err().contains("webhook.url: must be a URL with https"), "{url}");
    }
}

#[test]
fn pasted_secrets_are_neither_accepted_nor_repeated() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let pasted = read(&SQS.replace("env:WEBHOOK_SECRET", secret)).unwrap_err();
    assert!(pasted.contains("webhook.secrets: item 1 is not `env:NAME`"), "{pasted}");
    assert!(pasted.contains("write secrets = [\"env:UPSIGN_WEBHOOK_SECRET\"]"), "{pasted}");
    let variable = |name: &str| (name == "UPSIGN_WEBHOOK_SECRETS").then(|| secret.to_owned());
    let of_variable =
        Config::read("upsign.toml", &file("confirm = true", SQS), variable).unwrap_err().to_string();
    assert!(of_variable.contains("set UPSIGN_WEBHOOK_SECRETS=env:UPSIGN_WEBHOOK_SECRET"), "{of_variable}");
    for message in [pasted, of_variable] {
        assert!(!message.contains("MfKQ9"), "{message}");
    }
    check(
        &SQS.replace("[\"env:WEBHOOK_SECRET\"]", "[]"),
        "webhook.secrets",
        &["is empty", "write secrets = "],
    );
}

#[test]
fn functions_on_lambda_need_a_queue_and_their_secrets() {
    let warnings = |sections: &str| -> Vec<String> {
        // The stack has the queue of its region.
        let config = read(&sections.replace("sqs.eu-central-1", "sqs.eu-west-1")).unwrap();
        config.warnings_if_deployed().iter().map(ToString::to_string).collect()
    };
    let managed = "secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhooks-AbCdEf";
    let of_manager = SQS.replace("env:WEBHOOK_SECRET", managed);
    for without in ["", &of_manager] {
        assert_eq!(warnings(without), Vec::<String>::new());
    }
    let of_file = SQS.replace("env:WEBHOOK_SECRET", "file:/run/webhook");
    for (sections, parts) in [
        (
            PROCESS,
            ["webhook.outbox: a function on Lambda runs as several processes", "write outbox = \"sqs\""],
        ),
        (SQS, ["webhook.secrets: the generated function", "does not have the variable WEBHOOK_SECRET"]),
        (&of_file, ["does not have the file /run/webhook", "write \"secretsmanager:ARN\""]),
    ] {
        let warnings = warnings(sections);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(parts.iter().all(|part| warnings[0].contains(part)), "{parts:?}: {warnings:?}");
    }
}

#[test]
fn function_may_send_to_the_queue() {
    let role = |sections: &str| {
        upsign_documents::IamPolicy::for_runtime(&read(sections).unwrap().deployment()).to_json()
    };
    assert!(role(SQS).contains("arn:aws:sqs:eu-central-1:123456789012:webhooks"), "{}", role(SQS));
    assert!(!role(PROCESS).contains("sqs:"));
}

#[cfg(feature = "webhooks")]
mod open {
    use std::sync::Arc;

    use upsign_config::Webhooks;
    use upsign_core::{Credentials, CredentialsSource};

    use super::*;

    fn open(sections: &str, secret: &str, credentials: bool) -> Result<Option<Webhooks>, String> {
        let config = read(sections).unwrap();
        let credentials = credentials.then(|| {
            Arc::new(Credentials::long_term("AKIDEXAMPLE", "secret").unwrap()) as Arc<dyn CredentialsSource>
        });
        let load = async |source: &TokenSecretSource| source.read(|_| Some(secret.to_owned()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(config.open_webhook(load, credentials)).map_err(|error| error.to_string())
    }

    #[test]
    fn webhooks_are_opened_with_what_they_need() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert!(open("", secret, false).unwrap().is_none());
        assert!(open(PROCESS, secret, false).unwrap().unwrap().in_process.is_some());
        assert!(open(SQS, "", true).unwrap().unwrap().in_process.is_none());
        for (sections, secret, message) in [
            (SQS, secret, "webhook.outbox: SQS needs credentials of AWS"),
            (PROCESS, "short", "webhook.secrets: item 1 is not a secret of the form whsec_BASE64"),
            (PROCESS, "", "webhook.secrets: item 1"),
        ] {
            assert_eq!(open(sections, secret, false).unwrap_err(), message);
        }
    }

    #[test]
    fn queue_is_opened_without_secrets() {
        let open = |sections: &str, credentials: Option<Credentials>| {
            let credentials = credentials.map(|it| Arc::new(it) as Arc<dyn CredentialsSource>);
            let opened = read(sections).unwrap().open_webhook_queue(credentials);
            opened.map(|announcer| announcer.is_some()).map_err(|error| error.to_string())
        };
        let credentials = || Some(Credentials::long_term("AKIDEXAMPLE", "secret").unwrap());
        assert_eq!(open("", None), Ok(false));
        assert_eq!(open(SQS, credentials()), Ok(true));
        assert_eq!(open(SQS, None).unwrap_err(), "webhook.outbox: SQS needs credentials of AWS");
        assert!(open(PROCESS, credentials()).unwrap_err().contains("write outbox = \"sqs\" and queue_url"));
    }
}

#[test]
fn queue_from_which_no_function_of_the_stack_delivers_is_a_warning() {
    let queue = |region: &str, account: &str| {
        SQS.replace("eu-central-1", region).replace("123456789012", account)
            + "\n[deployment]\naccount = \"123456789012\""
    };
    let found = |sections: &str| {
        let all = read(sections).unwrap();
        let of_queue = all.warnings().iter().filter(|it| it.code == WarningCode::WebhookNotDeployed);
        of_queue.map(ToString::to_string).collect::<Vec<_>>()
    };
    for (sections, place) in [
        (queue("eu-central-1", "123456789012"), "it is in eu-central-1, and the stack in eu-west-1"),
        (queue("eu-west-1", "210987654321"), "it is in 210987654321, and the stack in 123456789012"),
    ] {
        let warnings = found(&sections);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        for part in ["webhook.queue_url", "nothing of the generated stack delivers", place, "deliver = true"]
        {
            assert!(warnings[0].contains(part), "{part}: {warnings:?}");
        }
        // The server delivers.
        assert!(found(&sections.replace("[deployment]", "deliver = true\n[deployment]")).is_empty());
        assert!(!read(&sections).unwrap().deployment().has_deliverer());
    }
    assert!(found(&queue("eu-west-1", "123456789012")).is_empty());
    let any_account =
        queue("eu-west-1", "210987654321").replace("account = \"123456789012\"", "api = \"http\"");
    assert!(found(&any_account).is_empty());
}
