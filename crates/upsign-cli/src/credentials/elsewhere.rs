//! Credentials in this environment that are not in the three variables: where AWS's SDKs would find them.
//!
//! Only variables and the AWS configuration files are read. Nothing is sent: whether this machine has an instance metadata
//! service is not tried.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::environment;
use crate::shell::quote;

/// A place with credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// A profile of the AWS configuration files.
    Profile { name: String, kind: ProfileKind },
    /// Profiles, none of which is selected. There is at least one.
    Profiles(Vec<String>),
    /// The endpoint of a container. Holds the variable with its address.
    Container(&'static str),
    /// A web identity token and a role.
    WebIdentity,
    /// Instance metadata. Holds the variable that selects it.
    InstanceMetadata(&'static str),
}

/// How a profile gets its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProfileKind {
    Keys,
    Sso,
    Role,
    /// A program, or a sign-in with the console. The provider chain of this project supports neither.
    Process,
    /// The files do not contain the profile, or cannot be read.
    Unknown,
}

/// Returns the first place in the order of AWS's SDKs.
pub(super) fn find() -> Option<Elsewhere> {
    find_in(&variable, &|path| std::fs::read_to_string(path).ok())
}

/// Returns the profile that `AWS_PROFILE` selects, if no AWS configuration file contains it.
#[cfg(feature = "chain")]
pub(crate) fn unknown_profile() -> Option<String> {
    let profiles = read_profiles(&variable, &|path| std::fs::read_to_string(path).ok());
    variable("AWS_PROFILE").filter(|name| !profiles.contains_key(name))
}

fn variable(name: &str) -> Option<String> {
    environment::variable(name).filter(|value| !value.is_empty())
}

fn find_in(
    variable: &dyn Fn(&str) -> Option<String>,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Option<Elsewhere> {
    let profiles = read_profiles(variable, read);
    if let Some(name) = variable("AWS_PROFILE") {
        let kind = profiles.get(&name).and_then(kind).unwrap_or(ProfileKind::Unknown);
        return Some(Elsewhere::Profile { name, kind });
    }
    if let Some(kind) = profiles.get("default").and_then(kind) {
        return Some(Elsewhere::Profile { name: "default".to_owned(), kind });
    }
    if variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() && variable("AWS_ROLE_ARN").is_some() {
        return Some(Elsewhere::WebIdentity);
    }
    let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    if let Some(name) = container.into_iter().find(|name| variable(name).is_some()) {
        return Some(Elsewhere::Container(name));
    }
    let is_disabled = variable("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value == "true");
    let metadata = ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"];
    if let Some(name) = metadata.into_iter().find(|name| variable(name).is_some() && !is_disabled) {
        return Some(Elsewhere::InstanceMetadata(name));
    }
    let usable: Vec<String> =
        profiles.iter().filter(|(_, keys)| kind(keys).is_some()).map(|(name, _)| name.clone()).collect();
    (!usable.is_empty()).then_some(Elsewhere::Profiles(usable))
}

/// The names of the settings of each profile.
type Profiles = BTreeMap<String, BTreeSet<String>>;

/// Reads the profiles of both configuration files. Values are not kept: some are secret.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>.
fn read_profiles(
    variable: &dyn Fn(&str) -> Option<String>,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Profiles {
    let home = variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from);
    let file = |name: &str, default: &str| {
        let path = variable(name)
            .map(PathBuf::from)
            .or_else(|| home.as_ref().map(|home| home.join(".aws").join(default)))?;
        read(&path)
    };
    let mut profiles = Profiles::new();
    if let Some(text) = file("AWS_CONFIG_FILE", "config") {
        add_profiles(&mut profiles, &text, |section| {
            if section == "default" { Some(section) } else { section.strip_prefix("profile ").map(str::trim) }
        });
    }
    if let Some(text) = file("AWS_SHARED_CREDENTIALS_FILE", "credentials") {
        add_profiles(&mut profiles, &text, Some);
    }
    profiles
}

/// Adds the settings of one file. `profile` returns the name of the profile of a section, if it is one.
fn add_profiles<'t>(profiles: &mut Profiles, text: &'t str, profile: impl Fn(&'t str) -> Option<&'t str>) {
    let mut current = None;
    for line in text.lines() {
        if let Some(section) = line.trim().strip_prefix('[').and_then(|line| line.split(']').next()) {
            current = profile(section.trim());
        } else if let (Some(name), Some((key, _))) = (current, line.split_once('=')) {
            let key = key.trim();
            // An indented line is a setting within a setting, and `#` and `;` begin comments.
            if !line.starts_with([' ', '\t', '#', ';']) {
                profiles.entry(name.to_owned()).or_default().insert(key.to_ascii_lowercase());
            }
        }
    }
}

/// Returns how a profile with these settings gets its credentials, or `None` if it has none.
fn kind(settings: &BTreeSet<String>) -> Option<ProfileKind> {
    let has = |names: &[&str]| names.iter().any(|name| settings.contains(*name));
    if has(&["role_arn"]) {
        Some(ProfileKind::Role)
    } else if has(&["aws_access_key_id"]) {
        Some(ProfileKind::Keys)
    } else if has(&["sso_session", "sso_start_url"]) {
        Some(ProfileKind::Sso)
    } else if has(&["credential_process", "login_session"]) {
        Some(ProfileKind::Process)
    } else {
        None
    }
}

impl Elsewhere {
    /// Whether the provider chain can use these credentials as they are.
    pub(super) fn is_in_chain(&self) -> bool {
        match self {
            Self::Profile { kind, .. } => !matches!(kind, ProfileKind::Process | ProfileKind::Unknown),
            Self::Profiles(_) => false,
            Self::Container(_) | Self::WebIdentity | Self::InstanceMetadata(_) => true,
        }
    }

    /// Returns the command that prints the credentials as variables.
    pub(super) fn export_command(&self) -> String {
        let command = "aws configure export-credentials";
        match self {
            Self::Profile { name, .. } if name != "default" => {
                format!("{command} --profile {} --format env", quote(name))
            }
            Self::Profiles(names) => {
                let name = names.first().map_or("NAME", String::as_str);
                format!("{command} --profile {} --format env", quote(name))
            }
            _ => format!("{command} --format env"),
        }
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile { name, kind } => {
                let name = name.escape_debug();
                match kind {
                    ProfileKind::Keys => write!(f, "the AWS profile {name}"),
                    ProfileKind::Sso => write!(f, "the AWS profile {name}, which signs in with SSO"),
                    ProfileKind::Role => write!(f, "the AWS profile {name}, which assumes a role"),
                    ProfileKind::Process => {
                        write!(f, "the AWS profile {name}, which gets its credentials from a program")
                    }
                    ProfileKind::Unknown => {
                        write!(f, "AWS_PROFILE={name}, a profile that no AWS configuration file contains")
                    }
                }
            }
            Self::Profiles(names) => {
                f.write_str("AWS profiles: ")?;
                for (place, name) in names.iter().take(3).enumerate() {
                    write!(f, "{}{}", if place == 0 { "" } else { ", " }, name.escape_debug())?;
                }
                f.write_str(if names.len() > 3 { ", …" } else { "" })
            }
            Self::Container(name) => write!(f, "the credentials of a container ({name})"),
            Self::WebIdentity => {
                f.write_str("a web identity token for a role (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)")
            }
            Self::InstanceMetadata(name) => write!(f, "instance metadata ({name})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\n\n[profile dev]\nsso_session = company\nsso_account_id=1\n\
                          [sso-session company]\nsso_start_url = https://x.awsapps.com/start\n\
                          [profile ops] # the team\nrole_arn = arn:aws:iam::1:role/ops\nsource_profile = dev\n\
                          [profile a$b]\ncredential_process = /bin/x\n";
    const KEYS: &str = "[ci]\naws_access_key_id = AKIASECRET\naws_secret_access_key = secret\n";

    fn found(variables: &[(&str, &str)], config: &str, credentials: &str) -> Option<Elsewhere> {
        let variable = |name: &str| {
            variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned())
        };
        find_in(&variable, &|path| match path.to_str() {
            Some("/home/u/.aws/config") => Some(config.to_owned()),
            Some("/home/u/.aws/credentials") => Some(credentials.to_owned()),
            _ => None,
        })
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], text: &str, export: &str, in_chain: bool) {
        let variables = [&[("HOME", "/home/u")], variables].concat();
        let found = found(&variables, CONFIG, KEYS).unwrap();
        assert_eq!((found.to_string().as_str(), found.is_in_chain()), (text, in_chain));
        assert_eq!(found.export_command(), format!("aws configure export-credentials {export}--format env"));
    }

    #[test]
    fn profiles_are_found_with_their_kind() {
        check(&[], "AWS profiles: a$b, ci, dev, …", "--profile 'a$b' ", false);
        for (name, text, argument, in_chain) in [
            ("dev", "the AWS profile dev, which signs in with SSO", "dev", true),
            ("ops", "the AWS profile ops, which assumes a role", "ops", true),
            ("ci", "the AWS profile ci", "ci", true),
            ("gone", "AWS_PROFILE=gone, a profile that no AWS configuration file contains", "gone", false),
            ("a$b", "the AWS profile a$b, which gets its credentials from a program", "'a$b'", false),
        ] {
            check(&[("AWS_PROFILE", name)], text, &format!("--profile {argument} "), in_chain);
        }
        let keys = "[default]\naws_access_key_id=AKIASECRET\n";
        let default = found(&[("HOME", "/home/u")], CONFIG, keys).unwrap();
        assert_eq!(default.to_string(), "the AWS profile default");
        assert_eq!(default.export_command(), "aws configure export-credentials --format env");
        let elsewhere = [("AWS_CONFIG_FILE", "/home/u/.aws/config"), ("AWS_PROFILE", "dev")];
        assert_eq!(
            found(&elsewhere, CONFIG, "").unwrap().to_string(),
            "the AWS profile dev, which signs in with SSO"
        );
    }

    #[test]
    fn services_are_found_by_their_variables() {
        for name in ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
            check(&[(name, "/x")], &format!("the credentials of a container ({name})"), "", true);
        }
        let identity =
            [("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r")];
        let text = "a web identity token for a role (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)";
        check(&identity, text, "", true);
        assert_eq!(found(&identity[..1], "", ""), None, "a token without a role");
        let metadata = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254");
        check(&[metadata], "instance metadata (AWS_EC2_METADATA_SERVICE_ENDPOINT)", "", true);
        assert_eq!(found(&[metadata, ("AWS_EC2_METADATA_DISABLED", "true")], "", ""), None);
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        for (config, keys) in
            [("", ""), ("[default]\nregion = eu-west-1\n", ""), ("[default", "="), ("[]\n=\n", "[x]\n")]
        {
            assert_eq!(found(&[("HOME", "/home/u")], config, keys), None, "{config}{keys}");
        }
        assert_eq!(found(&[], CONFIG, KEYS), None, "no home");
    }
}
