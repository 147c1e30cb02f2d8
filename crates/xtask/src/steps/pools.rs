//! Verifies tokens of emulated user pools, created through Cognito's API, with keys fetched over HTTP.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::common::{json_output, text, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, cargo, failure, own, run};
use crate::servers::{Server, StartError, cognito_local, ministack};
use crate::tools::Tools;

/// Tests tokens, events and request bodies in a program that enables both backends of jsonwebtoken and every feature of
/// serde_json, and compares signatures with RustCrypto.
///
/// The test is in a separate workspace, because cargo unifies features within a workspace. Both share the target directory, so
/// that dependencies with equal features are compiled once.
pub(super) fn both_backends(_: &Context) -> Result<(), StepError> {
    let manifest = "crates/upsign-cognito/tests/feature-host/Cargo.toml";
    let mut test = cargo();
    test.args(["test", "--locked", "--manifest-path", manifest, "--target-dir"]).arg(crate::build::target());
    Ok(run(&mut test)?)
}

type Start = fn(&Tools) -> Result<Server, StartError>;

/// Verifies an access token and an id token of each emulator with `upsign verify`, and altered copies of them.
pub(super) fn tokens(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    let upsign = context.build.upsign()?;
    let emulators: [(&str, Start); 2] = [("ministack", ministack), ("cognito-local", cognito_local)];
    for (name, start) in emulators {
        let server = start(&context.tools)?;
        let mut pool = Command::new(&python);
        let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&server.endpoint)))?;
        let pool = Pool { endpoint: &server.endpoint, description: &pool, upsign: &upsign };
        pool.check().map_err(|failure| format!("{name}: {failure}"))?;
        println!("{name}: access and id token accepted; expired, altered and misused tokens rejected");
    }
    Ok(())
}

struct Pool<'a> {
    endpoint: &'a str,
    /// The output of `pool.py`.
    description: &'a Value,
    upsign: &'a Path,
}

impl Pool<'_> {
    fn check(&self) -> Result<(), Failure> {
        let (access, id) = (text(self.description, "access_token")?, text(self.description, "id_token")?);
        let within = format!("--at={}", text(self.description, "within_leeway")?);
        let past = format!("--at={}", text(self.description, "past_leeway")?);
        for (token, other, token_use, other_use) in
            [(access, id, "access", "id"), (id, access, "id", "access")]
        {
            let claims = self.expect_accepted(token, token_use, &[])?;
            if text(&claims, "token_use")? != token_use {
                return Err(format!("token_use is not {token_use} in {claims}"));
            }
            self.expect_accepted(token, token_use, &[&within])?;
            self.expect_rejected(token, token_use, &[&past], "expired")?;
            self.expect_rejected(token, other_use, &[], "token-use")?;
            self.expect_rejected(&with_payload_of(token, other)?, token_use, &[], "signature")?;
            self.expect_rejected(&with_altered_signature(token)?, token_use, &[], "signature")?;
        }
        Ok(())
    }

    fn expect_accepted(&self, token: &str, token_use: &str, arguments: &[&str]) -> Result<Value, Failure> {
        let verdict = self.verify(token, token_use, arguments)?;
        let claims = verdict.get("claims").filter(|claims| {
            let groups = claims.get("cognito:groups").and_then(Value::as_array);
            groups.is_some_and(|groups| groups.iter().any(|group| group == "writers"))
        });
        claims.cloned().ok_or_else(|| format!("{token_use} token {arguments:?}: {verdict}"))
    }

    fn expect_rejected(
        &self,
        token: &str,
        token_use: &str,
        arguments: &[&str],
        code: &str,
    ) -> Result<(), Failure> {
        let verdict = self.verify(token, token_use, arguments)?;
        let rejected = text(&verdict, "result")? == "reject" && text(&verdict, "code")? == code;
        let unexpected =
            || format!("{token_use} token {arguments:?}: expected rejection {code}, got {verdict}");
        rejected.then_some(()).ok_or_else(unexpected)
    }

    /// Returns the output of `upsign verify --json`.
    fn verify(&self, token: &str, token_use: &str, arguments: &[&str]) -> Result<Value, Failure> {
        let (endpoint, id) = (self.endpoint, text(self.description, "pool")?);
        let mut verify = Command::new(self.upsign);
        verify.args(["verify", "-", "--json", "--danger-http-keys", "--token-use", token_use]);
        verify.args(arguments).args(["--issuer", text(self.description, "issuer")?]);
        verify.args(["--client-id", text(self.description, "client")?]);
        verify.args(["--jwks-uri", &format!("{endpoint}/{id}/.well-known/jwks.json")]);
        let mut verify = verify.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failure)?;
        verify.stdin.take().ok_or("no standard input")?.write_all(token.as_bytes()).map_err(failure)?;
        let output = verify.wait_with_output().map_err(failure)?;
        serde_json::from_slice(&output.stdout).map_err(failure)
    }
}

fn parts(token: &str) -> Result<[&str; 3], Failure> {
    token.split('.').collect::<Vec<_>>().try_into().map_err(|_| "a token without three parts".to_owned())
}

fn with_payload_of(token: &str, other: &str) -> Result<String, Failure> {
    let ([header, _, signature], [_, payload, _]) = (parts(token)?, parts(other)?);
    Ok(format!("{header}.{payload}.{signature}"))
}

/// Changes the first character of the signature.
fn with_altered_signature(token: &str) -> Result<String, Failure> {
    let [header, payload, signature] = parts(token)?;
    let (first, rest) = signature.split_at_checked(1).ok_or("a token without a signature")?;
    Ok(format!("{header}.{payload}.{}{rest}", if first == "A" { "B" } else { "A" }))
}
