//! Tokens of user pools that other people wrote: made over Cognito's API, verified by keys fetched over HTTP.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::Ended;
use super::article::{keys, output, text};
use super::browser::upsign;
use crate::process::{Failure, cargo, own, run};
use crate::servers::{NotThere, Server, cognito_local, ministack};
use crate::tools::Tools;

/// A workspace of its own: features unify over a workspace.
pub(crate) fn both_backends(_: &Tools) -> Result<(), Ended> {
    let manifest = "crates/upsign-cognito/tests/both-backends/Cargo.toml";
    let mut test = cargo();
    test.args(["test", "--locked", "--manifest-path", manifest, "--target-dir", "target/both-backends"]);
    Ok(run(&mut test)?)
}

type Start = fn(&Tools) -> Result<Server, NotThere>;

pub(crate) fn tokens(tools: &Tools) -> Result<(), Ended> {
    let python = tools.python("python")?;
    run(cargo().args(["build", "--locked", "-p", "upsign-cli"]))?;
    let peers: [(&str, Start); 2] = [("ministack", ministack), ("cognito-local", cognito_local)];
    for (name, start) in peers {
        let server = start(tools)?;
        let mut pool = Command::new(&python);
        let pool = output(keys(pool.arg(own("tools/pool.py")).arg(&server.endpoint)))?;
        Pool { endpoint: &server.endpoint, told: &pool }.judge().map_err(|why| format!("{name}: {why}"))?;
        println!("{name}: access and id token accepted, and refused when late, altered, or for another");
    }
    Ok(())
}

struct Pool<'a> {
    endpoint: &'a str,
    told: &'a Value,
}

impl Pool<'_> {
    fn judge(&self) -> Result<(), Failure> {
        let (access, id) = (text(self.told, "access_token")?, text(self.told, "id_token")?);
        let within = format!("--at={}", text(self.told, "within_leeway")?);
        let past = format!("--at={}", text(self.told, "past_leeway")?);
        for (token, other, token_use, other_use) in
            [(access, id, "access", "id"), (id, access, "id", "access")]
        {
            let claims = self.accepts(token, token_use, &[])?;
            if text(&claims, "token_use")? != token_use {
                return Err(format!("the {token_use} token says {claims}"));
            }
            self.accepts(token, token_use, &[&within])?;
            self.refuses(token, token_use, &[&past], "expired")?;
            self.refuses(token, other_use, &[], "token-use")?;
            self.refuses(&with_payload_of(token, other)?, token_use, &[], "signature")?;
            self.refuses(&with_another_signature(token)?, token_use, &[], "signature")?;
        }
        Ok(())
    }

    fn accepts(&self, token: &str, token_use: &str, more: &[&str]) -> Result<Value, Failure> {
        let verdict = self.verdict(token, token_use, more)?;
        let claims = verdict.get("claims").filter(|claims| {
            let groups = claims.get("cognito:groups").and_then(Value::as_array);
            groups.is_some_and(|groups| groups.iter().any(|group| group == "writers"))
        });
        claims.cloned().ok_or_else(|| format!("the {token_use} token {more:?}: {verdict}"))
    }

    fn refuses(&self, token: &str, token_use: &str, more: &[&str], code: &str) -> Result<(), Failure> {
        let verdict = self.verdict(token, token_use, more)?;
        let refused = text(&verdict, "result")? == "reject" && text(&verdict, "code")? == code;
        refused.then_some(()).ok_or_else(|| format!("for {token_use}, {more:?}: {code} expected: {verdict}"))
    }

    fn verdict(&self, token: &str, token_use: &str, more: &[&str]) -> Result<Value, Failure> {
        let (endpoint, id) = (self.endpoint, text(self.told, "pool")?);
        let mut verify = upsign();
        verify.args(["verify", "-", "--json", "--danger-http-issuer", "--token-use", token_use]).args(more);
        verify.args(["--issuer", text(self.told, "issuer")?, "--client-id", text(self.told, "client")?]);
        verify.args(["--jwks-uri", &format!("{endpoint}/{id}/.well-known/jwks.json")]);
        let mut verify = verify.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(told)?;
        verify.stdin.take().ok_or("no input")?.write_all(token.as_bytes()).map_err(told)?;
        let output = verify.wait_with_output().map_err(told)?;
        serde_json::from_slice(&output.stdout).map_err(told)
    }
}

fn told(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}

fn parts(token: &str) -> Result<[&str; 3], Failure> {
    token.split('.').collect::<Vec<_>>().try_into().map_err(|_| "not three parts".to_owned())
}

fn with_payload_of(token: &str, other: &str) -> Result<String, Failure> {
    let ([header, _, signature], [_, payload, _]) = (parts(token)?, parts(other)?);
    Ok(format!("{header}.{payload}.{signature}"))
}

/// One character changed.
fn with_another_signature(token: &str) -> Result<String, Failure> {
    let [header, payload, signature] = parts(token)?;
    let (first, rest) = signature.split_at_checked(1).ok_or("no signature")?;
    Ok(format!("{header}.{payload}.{}{rest}", if first == "A" { "B" } else { "A" }))
}
