//! The policies of a deployment with one changed statement each.

use serde_json::{Value, json};
use upsign_documents::{Deployment, Guard, IamPolicy};

use super::{ACCOUNT, ROLE, Table};
use crate::policies::{origins, strict};

/// Changes one member of one statement of the derived policies, and decides about the same requests again.
pub(super) fn mutations(table: &mut Table) {
    let deployment = Deployment::new([strict("a/{id}").build().unwrap()], origins())
        .with_account(ACCOUNT.parse().unwrap())
        .with_guards([
            Guard::Tls,
            Guard::Tls12,
            Guard::SignatureAge,
            Guard::AuthType,
            Guard::SigV4,
            Guard::Account,
        ]);
    let value = |policy: &IamPolicy| serde_json::from_str::<Value>(&policy.to_json()).unwrap();
    let role = value(&IamPolicy::for_deployment(&deployment));
    let bucket = value(&IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None).unwrap());
    let issued = json!({
        "aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "s3:authType": "REST-QUERY-STRING",
        "s3:signatureversion": "AWS4-HMAC-SHA256", "s3:signatureAge": "1000",
        "aws:PrincipalAccount": ACCOUNT, "aws:PrincipalArn": ROLE, "aws:PrincipalIsAWSService": "false",
    });
    let mut plain = issued.clone();
    plain["aws:SecureTransport"] = "false".into();
    let mut old = issued.clone();
    old["s3:signatureAge"] = "900001".into();
    for (own, guards, name) in mutants(&role)
        .map(|(mutant, name)| (mutant, bucket.clone(), name))
        .chain(mutants(&bucket).map(|(mutant, name)| (role.clone(), mutant, name)))
    {
        for (request, context) in [("issued", &issued), ("plain http", &plain), ("old", &old)] {
            let name = format!("mutant {name}: {request}");
            table.row(&name, ROLE, ("s3:PutObject", "a/1"), context, (&own, Some(&guards)));
        }
        table.row(
            &format!("mutant {name}: other key"),
            ROLE,
            ("s3:PutObject", "b/1"),
            &issued,
            (&own, Some(&guards)),
        );
    }
}

/// Changes a statement.
type Change = fn(&mut Value);

/// Returns policies in which one statement is changed, and what was changed.
fn mutants(policy: &Value) -> impl Iterator<Item = (Value, String)> + '_ {
    let count = policy["Statement"].as_array().unwrap().len();
    let changes: [(&str, Change); 7] = [
        ("effect", |it| it["Effect"] = if it["Effect"] == "Allow" { "Deny".into() } else { "Allow".into() }),
        ("every action", |it| it["Action"] = "*".into()),
        ("not action", |it| rename(it, "Action", "NotAction")),
        ("every resource", |it| it["Resource"] = "*".into()),
        ("not resource", |it| rename(it, "Resource", "NotResource")),
        ("no condition", |it| _ = it.as_object_mut().unwrap().remove("Condition")),
        ("if exists", if_exists),
    ];
    (0..count).flat_map(move |index| {
        changes.into_iter().map(move |(name, change)| {
            let mut mutant = policy.clone();
            change(&mut mutant["Statement"][index]);
            (mutant, format!("{} {name}", policy["Statement"][index]["Sid"].as_str().unwrap()))
        })
    })
}

fn rename(statement: &mut Value, from: &str, to: &str) {
    let value = statement.as_object_mut().unwrap().remove(from).unwrap();
    statement[to] = value;
}

/// Adds `IfExists` to every operator that can have it.
fn if_exists(statement: &mut Value) {
    let Some(condition) = statement.get("Condition").and_then(Value::as_object).cloned() else { return };
    let renamed = condition.into_iter().map(|(operator, keys)| match operator.as_str() {
        "Null" => (operator, keys),
        other if other.ends_with("IfExists") => (operator, keys),
        other => (format!("{other}IfExists"), keys),
    });
    statement["Condition"] = Value::Object(renamed.collect());
}
