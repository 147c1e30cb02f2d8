//! `[events]` and `webhook.deliver`: the keys, their problems and warnings, and the permissions that follow.

use upsign_config::Config;
use upsign_documents::IamPolicy;

const EVENTS: &str = "[events]\nqueue_url = \"https://sqs.eu-central-1.amazonaws.com/123456789012/uploads\"";
const WEBHOOK: &str = "[webhook]\nurl = \"https://app.example.com/hook\"\nsecrets = [\"env:WEBHOOK_SECRET\"]\noutbox = \"sqs\"\n\
                       queue_url = \"https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks\"";

fn read(upload: &str, sections: &str) -> Result<Config, String> {
    let text = format!(
        "[bucket]\nname = \"uploads\"\nregion = \"eu-west-1\"\n[upload]\nkey = \"a/{{id}}\"\ntypes = [\"image/jpeg\"]\n\
         max_size = \"1 MiB\"\nbodyless = \"refuse\"\n{upload}\n[token]\nkeys = [\"env:TOKEN\"]\n[cors]\n\
         origins = [\"https://app.example.com\"]\n{sections}\n"
    );
    Config::read("upsign.toml", &text, |_| None).map_err(|error| error.to_string())
}

/// Checks the one problem of a file: its key, and parts of its message and help.
#[track_caller]
fn check(upload: &str, sections: &str, key: &str, parts: &[&str]) {
    let line = read(upload, sections).unwrap_err();
    assert_eq!(line.lines().count(), 1, "{line}");
    for part in [&*format!(" {key}: ")].iter().chain(parts) {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

const PROVEN: &str = "confirm = true\nclaim = true";

#[test]
fn queue_is_read_with_its_region() {
    let config = read(PROVEN, EVENTS).unwrap();
    let events = config.events().unwrap();
    assert_eq!(&*events.queue_url, "https://sqs.eu-central-1.amazonaws.com/123456789012/uploads");
    assert_eq!(events.region.as_str(), "eu-central-1");
    let emulator = "[events]\nqueue_url = \"http://127.0.0.1:4566/000000000000/uploads\"";
    assert_eq!(read(PROVEN, emulator).unwrap().events().unwrap().region.as_str(), "eu-west-1");
    assert!(read(PROVEN, "").unwrap().events().is_none());
}

#[test]
fn problems_are_reported() {
    check(PROVEN, "[events]", "events.queue_url", &["add queue_url = \"https://sqs.REGION"]);
    check(
        "",
        EVENTS,
        "events.queue_url",
        &["only with uploads that are confirmed", "add confirm = true to a route, or remove [events]"],
    );
    let same = EVENTS.replace("uploads\"", "webhooks\"");
    check(PROVEN, &format!("{WEBHOOK}\n{same}"), "events.queue_url", &["is the queue of [webhook]"]);
    for url in [
        "",
        "uploads",
        "arn:aws:sqs:eu-central-1:123456789012:uploads",
        "https://sqs.eu-central-1.amazonaws.com/uploads",
        "http://sqs.example.com/1/uploads",
        "https://sqs.eu-central-1.amazonaws.com/1/2/3",
        "https://user@sqs.eu-central-1.amazonaws.com/1/2",
    ] {
        let events = format!("[events]\nqueue_url = \"{url}\"");
        check(
            PROVEN,
            &events,
            "events.queue_url",
            &["is not the URL of a queue", "REGION.amazonaws.com/ACCOUNT/NAME"],
        );
        let webhook = WEBHOOK.replace("https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks", url);
        check(PROVEN, &webhook, "webhook.queue_url", &["is not the URL of a queue"]);
    }
}

#[test]
fn events_that_confirm_nothing_are_a_warning() {
    let warns = |upload: &str, sections: &str| {
        let config = read(upload, sections).unwrap();
        config.warnings().iter().any(|it| it.to_string().contains("events confirm nothing"))
    };
    assert!(warns("confirm = true", EVENTS));
    assert!(!warns("confirm = true", ""));
    assert!(!warns(PROVEN, EVENTS));
    // With webhooks, pending objects that expire are announced.
    let pending = "confirm = true\npending_key = \"pending/{id}\"";
    assert!(warns(pending, EVENTS));
    assert!(!warns(pending, &format!("{WEBHOOK}\n{EVENTS}")));
}

#[test]
fn function_on_lambda_does_not_read_the_section() {
    let config = read(PROVEN, EVENTS).unwrap();
    let warnings: Vec<String> = config.warnings_if_deployed().iter().map(ToString::to_string).collect();
    let part = "events.queue_url: a function on Lambda does not read [events]";
    assert!(warnings.iter().any(|line| line.contains(part)), "{warnings:?}");
}

#[test]
fn webhooks_are_delivered_where_the_file_says_so() {
    let deliver =
        |line: &str| read(PROVEN, &format!("{WEBHOOK}\n{line}")).unwrap().webhook().unwrap().deliver;
    assert_eq!((deliver(""), deliver("deliver = false"), deliver("deliver = true")), (false, false, true));
    let process = format!("[server]\nsingle_process = true\n{WEBHOOK}\ndeliver = true");
    let process = process.replace("outbox = \"sqs\"", "outbox = \"process\"");
    let queue = "queue_url = \"https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks\"\n";
    check(
        PROVEN,
        &process.replace(queue, ""),
        "webhook.deliver",
        &["only with outbox = \"sqs\"", "remove it"],
    );
}

/// The role of a server may read exactly the queues that it polls.
#[test]
fn server_may_take_messages_from_its_queues_only() {
    let polled = |sections: &str| -> Vec<String> {
        let policy = IamPolicy::for_server(&read(PROVEN, sections).unwrap().deployment());
        let mut statements = policy.statements().iter();
        let found = statements.find(|it| it.actions().iter().any(|action| action.contains("ReceiveMessage")));
        let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"];
        assert!(found.is_none_or(|it| it.actions() == actions));
        found.map_or_else(Vec::new, |it| it.resources().to_vec())
    };
    let (uploads, webhooks) =
        ("arn:aws:sqs:eu-central-1:123456789012:uploads", "arn:aws:sqs:eu-central-1:123456789012:webhooks");
    assert_eq!(polled(""), [""; 0]);
    assert_eq!(polled(WEBHOOK), [""; 0]);
    assert_eq!(polled(EVENTS), [uploads]);
    assert_eq!(polled(&format!("{WEBHOOK}\ndeliver = true")), [webhooks]);
    assert_eq!(polled(&format!("{WEBHOOK}\ndeliver = true\n{EVENTS}")), [uploads, webhooks]);
    // A function gets no messages itself.
    let deployment = read(PROVEN, EVENTS).unwrap().deployment();
    assert!(!IamPolicy::for_runtime(&deployment).to_json().contains("ReceiveMessage"));
}
