//! The effective configuration in the format of the file.

use upsign_config::Config;

const FILE: &str = r#"[upload]
key = "articles/{id}.{ext}"
types = ["image/jpeg", "image/png"]
max_size = "10 MiB"
bodyless = "allow"

[route.avatars]
key = "avatars/{sub}/{id}.{ext}"
types = ["image/png"]
max_size = "1 MiB"
bodyless = "refuse"

[bucket]
name = "a-bucket"
region = "eu-west-1"

[cors]
origins = ["https://a.example"]
"#;

fn without_places(text: &str) -> String {
    text.lines().map(|line| line.split("  # ").next().unwrap_or(line).to_owned() + "\n").collect()
}

#[test]
fn effective_configuration_names_places_and_parses_back() {
    let variable = |name: &str| (name == "UPSIGN_MAX_SIZE").then(|| "5 MiB".to_owned());
    let config = Config::read("upsign.toml", FILE, variable).unwrap();
    let text = config.effective();
    for line in [
        "[route.avatars]\n",
        "max_size = \"5 MiB\"  # UPSIGN_MAX_SIZE\n",
        "name = \"a-bucket\"  # upsign.toml:14\n",
        "types = [\"image/jpeg\", \"image/png\"]  # upsign.toml:3\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let again = Config::read("again.toml", text, |_| None).unwrap();
    assert_eq!(without_places(again.effective()), without_places(text));
}
