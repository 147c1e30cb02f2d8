//! Policies as resources of Terraform.

use super::IamPolicy;
use crate::hcl;
use crate::node::{Node, map, text};

impl IamPolicy {
    /// A resource in HCL: this as an inline policy of the role of that name.
    #[must_use]
    pub fn to_terraform_role_policy(&self, role: &str) -> String {
        self.of_role(role).to_hcl()
    }

    /// The same in Terraform's JSON.
    #[must_use]
    pub fn to_terraform_json_role_policy(&self, role: &str) -> String {
        self.of_role(role).to_json()
    }

    /// A resource in HCL: this as the policy of a bucket.
    #[must_use]
    pub fn to_terraform_bucket_policy(&self, bucket: &str) -> String {
        self.of_bucket("uploads", bucket).to_hcl()
    }

    /// The same in Terraform's JSON.
    #[must_use]
    pub fn to_terraform_json_bucket_policy(&self, bucket: &str) -> String {
        self.of_bucket("uploads", bucket).to_json()
    }

    pub(crate) fn encoded(&self) -> Node {
        Node::Encoded(Box::new(self.to_node()))
    }

    fn of_role(&self, role: &str) -> Node {
        let body = map([("name", text("uploads")), ("role", text(role)), ("policy", self.encoded())]);
        hcl::resource("aws_iam_role_policy", "uploads", body)
    }

    pub(crate) fn of_bucket(&self, name: &str, bucket: &str) -> Node {
        hcl::resource(
            "aws_s3_bucket_policy",
            name,
            map([("bucket", text(bucket)), ("policy", self.encoded())]),
        )
    }
}
