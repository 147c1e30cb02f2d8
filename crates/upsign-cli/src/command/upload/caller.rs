//! Where the caller's token comes from.

use std::fmt;
use std::process::Command;

use async_trait::async_trait;
use upsign_client::{FixedToken, TokenError, TokenSource};
use zeroize::Zeroizing;

use super::args::CallerArgs;
use crate::exit::CommandError;
use crate::{client, environment};

/// Returns the source of the caller's token.
pub(super) fn token_source(args: &CallerArgs) -> Result<Box<dyn TokenSource>, CommandError> {
    match (&args.token_command, &args.user, &args.token) {
        (Some(command), _, _) => Ok(Box::new(TokenCommand(command.clone()))),
        (None, Some(user), _) => sign_in(args, user).map(|source| Box::new(source) as _),
        (None, None, Some(token)) if !token.trim().is_empty() => Ok(Box::new(FixedToken::new(token.trim()))),
        (None, None, _) => {
            let help = "set UPSIGN_TOKEN, or pass --token-command COMMAND, or --user NAME with --pool and --client-id";
            Err(CommandError::usage("there is no token of the caller").with_code("no-token").with_help(help))
        }
    }
}

fn sign_in(args: &CallerArgs, user: &str) -> Result<SignIn, CommandError> {
    let Some(password) = environment::variable("UPSIGN_PASSWORD") else {
        let message = format!("there is no password of {user}: UPSIGN_PASSWORD is not set");
        return Err(CommandError::usage(message).with_code("no-token"));
    };
    Ok(SignIn {
        http: client::client()?,
        pool: args.pool.clone().unwrap_or_default(),
        client_id: args.client_id.clone().unwrap_or_default(),
        user: user.to_owned(),
        password: Zeroizing::new(password),
    })
}

/// Runs a shell command for each token.
#[derive(Debug)]
struct TokenCommand(String);

#[async_trait]
impl TokenSource for TokenCommand {
    async fn token(&self) -> Result<Zeroizing<String>, TokenError> {
        let command = self.0.clone();
        let output = tokio::task::spawn_blocking(move || shell(&command).output()).await;
        let output = output.map_err(std::io::Error::other).and_then(|output| output);
        let output = output.map_err(|error| TokenError::new(format!("--token-command: {error}")))?;
        let stdout = Zeroizing::new(output.stdout);
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            let reason = reason.trim().lines().next_back().unwrap_or_default();
            let reason = match reason {
                "" => " and printed nothing on standard error".to_owned(),
                reason => format!(": {reason}"),
            };
            return Err(TokenError::new(format!("--token-command failed with {}{reason}", output.status)));
        }
        match str::from_utf8(&stdout).map(str::trim) {
            Ok(token) if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Zeroizing::new(token.to_owned()))
            }
            _ => Err(TokenError::new(
                "--token-command printed no token: expected one line of text without spaces",
            )),
        }
    }
}

fn shell(command: &str) -> Command {
    let (program, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut shell = Command::new(program);
    shell.arg(flag).arg(command).stdin(std::process::Stdio::null());
    shell
}

/// Signs in with a user name and a password for each token.
struct SignIn {
    http: reqwest::Client,
    pool: String,
    client_id: String,
    user: String,
    password: Zeroizing<String>,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("pool", &self.pool).field("user", &self.user).finish_non_exhaustive()
    }
}

#[async_trait]
impl TokenSource for SignIn {
    async fn token(&self) -> Result<Zeroizing<String>, TokenError> {
        let token =
            client::sign_in(&self.http, &self.pool, &self.client_id, &self.user, &self.password).await;
        token.map(Zeroizing::new).map_err(|error| {
            let reason = error.diagnostics().next().map(|first| first.message.clone()).unwrap_or_default();
            TokenError::new(reason)
        })
    }
}
