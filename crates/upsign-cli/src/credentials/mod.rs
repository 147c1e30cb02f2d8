//! The credentials in the environment, and errors about them.

mod elsewhere;
pub(crate) mod service_account;

#[cfg(feature = "chain")]
pub(crate) use elsewhere::unknown_profile;

use upsign_config::{LoadCredentialsError, environment_credentials};
use upsign_core::{Credentials, Expiry, Timestamp};

use self::elsewhere::{Elsewhere, ProfileKind};
use crate::environment::variable;
use crate::exit::CommandError;
use crate::missing_feature;

/// What a command can do about credentials that are not in the three variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sources {
    /// It reads only the variables.
    Variables,
    /// It has the option `--credentials chain`.
    VariablesOrChain,
}

/// Returns the credentials in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
///
/// With a session token, `AWS_CREDENTIAL_EXPIRATION` states their expiry. Without that variable it is unknown.
///
/// # Errors
/// The variables are not set or invalid, or the credentials have expired at the time `at`.
pub(crate) fn from_variables(sources: Sources, at: Timestamp) -> Result<Credentials, CommandError> {
    let credentials = environment_credentials(variable).map_err(|error| match error {
        LoadCredentialsError::Missing(name) => missing(name, elsewhere::find().as_ref(), sources),
        error => load_error(&error),
    })?;
    match credentials.expiry() {
        Expiry::At(end) if end <= at => Err(expired(end)),
        _ => Ok(credentials),
    }
}

fn expired(end: Timestamp) -> CommandError {
    CommandError::usage(format!("the credentials expired at {end} (AWS_CREDENTIAL_EXPIRATION)"))
        .with_code("no-credentials")
        .with_help(format!("renew the variables: {EXPORT}"))
}

/// The command that sets the variables to new credentials of the AWS command line.
const EXPORT: &str = "eval \"$(aws configure export-credentials --format env)\"";

/// Describes why no credentials could be loaded, with what to set.
pub(crate) fn load_error(error: &LoadCredentialsError) -> CommandError {
    let described = CommandError::caused("cannot load credentials", error).into_usage();
    match error {
        LoadCredentialsError::UnknownExpiry => described.with_help(
            "`aws configure export-credentials --format env` prints AWS_CREDENTIAL_EXPIRATION with the credentials; or add \
             to upsign.toml, under [credentials]: unknown_expiry = \"assume\" and assume_for = \"1h\"; grants then carry \
             \"expiresAtIs\": \"upper-bound\"",
        ),
        _ => described,
    }
    .with_code("no-credentials")
}

/// Returns the error for `--credentials chain` and `--assume-role` in a build without the provider chain.
#[cfg(not(feature = "chain"))]
pub(crate) fn without_chain() -> CommandError {
    let found = elsewhere::find().map_or_else(String::new, |found| format!("; it would use {found}"));
    let capability = format!("the AWS provider chain, which also assumes roles{found}");
    missing_feature::error(&capability, CHAIN)
}

/// The Cargo feature of the AWS provider chain.
const CHAIN: &str = "chain";

fn missing(name: &str, found: Option<&Elsewhere>, sources: Sources) -> CommandError {
    let mut message = format!("cannot load credentials: {name} is not set");
    if let Some(found) = found {
        message = format!("{message}, but this environment has {found}");
    }
    CommandError::usage(message).with_code("no-credentials").with_help(help(found, sources))
}

fn help(found: Option<&Elsewhere>, sources: Sources) -> String {
    let Some(found) = found else {
        let set = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for temporary credentials; \
             `aws configure export-credentials --format env` prints them for a profile";
        return match sources {
            Sources::VariablesOrChain if cfg!(feature = "chain") => {
                format!("{set}; from a profile, container or instance: --credentials chain")
            }
            _ => set.to_owned(),
        };
    };
    if sources == Sources::VariablesOrChain && found.is_in_chain() {
        return if cfg!(feature = "chain") {
            "use them with --credentials chain (or UPSIGN_CREDENTIALS=chain)".to_owned()
        } else {
            let build = missing_feature::hint(CHAIN);
            format!("this build reads only variables; {build}; then add --credentials chain")
        };
    }
    if let Elsewhere::Profile { kind: ProfileKind::Unknown, .. } = found {
        return "`aws configure list-profiles` prints the profiles that there are".to_owned();
    }
    format!("copy them into the variables: eval \"$({})\"", found.export_command())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_names_what_was_found_and_the_way_to_use_it() {
        let text = |found: Option<Elsewhere>, sources| {
            let error = missing("AWS_ACCESS_KEY_ID", found.as_ref(), sources);
            let first = error.diagnostics().next().unwrap();
            (first.message.clone(), first.help.clone().unwrap())
        };
        let pod = || Some(Elsewhere::Container("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
        let (message, help) = text(pod(), Sources::VariablesOrChain);
        assert_eq!(
            message,
            "cannot load credentials: AWS_ACCESS_KEY_ID is not set, but this environment has the credentials of a container \
             (AWS_CONTAINER_CREDENTIALS_FULL_URI)"
        );
        if cfg!(feature = "chain") {
            assert_eq!(help, "use them with --credentials chain (or UPSIGN_CREDENTIALS=chain)");
        } else {
            let install = "cargo install --path crates/upsign-cli --features chain";
            assert!(help.contains(install) && help.ends_with("; then add --credentials chain"), "{help}");
        }
        let (_, help) = text(pod(), Sources::Variables);
        let eval = "copy them into the variables: eval \"$(aws configure export-credentials --format env)\"";
        assert_eq!(help, eval);
        let gone = Elsewhere::Profile { name: "gone".to_owned(), kind: ProfileKind::Unknown };
        let (_, help) = text(Some(gone), Sources::VariablesOrChain);
        assert_eq!(help, "`aws configure list-profiles` prints the profiles that there are");
        let (message, help) = text(None, Sources::Variables);
        assert_eq!(message, "cannot load credentials: AWS_ACCESS_KEY_ID is not set");
        assert!(help.starts_with("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"), "{help}");
        let (_, help) = text(None, Sources::VariablesOrChain);
        let chain = "; from a profile, container or instance: --credentials chain";
        assert_eq!(help.ends_with(chain), cfg!(feature = "chain"), "{help}");
    }
}
