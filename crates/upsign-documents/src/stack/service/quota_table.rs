//! The table in which uploads per day are counted.

use super::super::declared::Declared;
use super::super::reference::Kind;
use super::super::terraform::block;
use crate::deployment::Deployment;
use crate::node::{Node, list, map, text};

/// The keys: the account, and what is counted or reserved. Documentation of `upsign-dynamodb`, "Table".
const KEYS: [(&str, &str); 2] = [("account", "HASH"), ("item", "RANGE")];

/// The attribute with the instant at which DynamoDB deletes an item.
const EXPIRES: &str = "expires";

/// Returns the table, or `None` if uploads are not counted in one of this stack. It has no backups: counts are of a day.
pub(super) fn of(deployment: &Deployment) -> Option<Declared> {
    let name = deployment.own_quota_table()?;
    let attribute =
        |(name, _): (&str, &str)| map([("AttributeName", text(name)), ("AttributeType", text("S"))]);
    let key = |(name, kind): (&str, &str)| map([("AttributeName", text(name)), ("KeyType", text(kind))]);
    let ttl = [("AttributeName", text(EXPIRES)), ("Enabled", true.into())];
    let [(account, _), (item, _)] = KEYS;
    let attributes = KEYS.map(|(name, _)| map([("name", text(name)), ("type", text("S"))]));
    Some(
        Declared::new(Kind::QuotaTable.id())
            .in_cloudformation("TableName", name)
            .in_terraform("name", name)
            .with("BillingMode", "PAY_PER_REQUEST")
            .in_cloudformation("AttributeDefinitions", list(KEYS.map(attribute)))
            .in_cloudformation("KeySchema", list(KEYS.map(key)))
            .in_cloudformation("TimeToLiveSpecification", map(ttl))
            .in_terraform("hash_key", account)
            .in_terraform("range_key", item)
            .in_terraform("attribute", Node::Blocks(attributes.to_vec()))
            .in_terraform("ttl", block([("attribute_name", text(EXPIRES)), ("enabled", true.into())])),
    )
}
