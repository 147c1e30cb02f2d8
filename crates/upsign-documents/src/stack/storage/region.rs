//! The region of the buckets: the stack cannot be created in another one.
//!
//! The region is part of every signature, and the name of a bucket exists once in all regions of a partition. A stack in another
//! region would therefore create buckets to which no signed URL leads, and take their names.

use upsign_core::Region;

use super::super::Resource;
use super::super::cloudformation::{Template, refer};
use super::super::reference::Reference;
use super::super::terraform::{Module, block, expression};
use crate::node::{Node, list, map, text};

/// The rule of the template with which CloudFormation checks the region before it creates anything. In Terraform, each bucket has
/// a [`precondition`].
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html>.
#[derive(Debug)]
pub(super) struct RegionRule(pub(super) Region);

impl Resource for RegionRule {
    fn cloudformation(&self, template: &mut Template) {
        let Self(region) = self;
        let is_region = list([refer("AWS::Region"), text(region.as_str())]);
        let assertion = map([
            ("Assert", map([("Fn::Equals", is_region)])),
            ("AssertDescription", text(message(region, &format!("deploy with --region {region}")))),
        ]);
        template.rule("UploadsRegion", map([("Assertions", list([assertion]))]));
    }

    fn terraform(&self, _: &mut Module) {}
}

/// Returns the `lifecycle` block with which Terraform checks the region before it creates or changes a bucket.
///
/// Source: <https://developer.hashicorp.com/terraform/language/validate#preconditions-and-postconditions>.
pub(super) fn precondition(region: &Region) -> Node {
    let is_region = format!("{} == \"{region}\"", Reference::REGION.terraform());
    let advice = format!("use a provider with region = \"{region}\"");
    let members = [("condition", expression(is_region)), ("error_message", text(message(region, &advice)))];
    block([("precondition", block(members))])
}

fn message(region: &Region, advice: &str) -> String {
    format!(
        "Upload URLs are signed for {region}, so the buckets must be there: {advice}, or configure the other region and \
         generate the stack again."
    )
}
