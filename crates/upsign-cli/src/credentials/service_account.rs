//! The key file of a service account of Google Cloud.

use std::path::PathBuf;

use upsign_gcs::{Goog4Rsa, ServiceAccountKey};

use crate::environment::variable;
use crate::exit::CommandError;

/// The variable that names the key file, as for Google's own libraries.
///
/// Source: <https://cloud.google.com/docs/authentication/application-default-credentials#GAC>.
const VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";

/// Returns a presigner with the key in the file that [`VARIABLE`] names.
///
/// # Errors
/// The variable is not set, or the file is not the key file of a service account.
pub(crate) fn from_variable() -> Result<Goog4Rsa, CommandError> {
    let Some(path) = variable(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from) else {
        let message = format!("goog4-rsa signs with the key of a service account, and {VARIABLE} is not set");
        let help = "set it to the path of the JSON key file, or sign with an HMAC key (goog4-hmac)";
        return Err(CommandError::usage(message).with_code("no-credentials").with_help(help));
    };
    let text = std::fs::read_to_string(&path).map_err(|error| CommandError::unreadable(&path, &error))?;
    let key = ServiceAccountKey::from_json(&text).map_err(|error| {
        let context = format!("{VARIABLE}: {}", path.display());
        CommandError::caused(&context, &error).into_usage().with_code("no-credentials")
    })?;
    Ok(Goog4Rsa::new(key))
}
