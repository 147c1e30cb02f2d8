//! Policies as Terraform's resources `aws_iam_role_policy` and `aws_s3_bucket_policy`.

use super::IamPolicy;
use crate::node::{Node, map, text};
use crate::terraform;

impl IamPolicy {
    /// Returns a Terraform resource in HCL that attaches the policy inline to the role named `role`.
    #[must_use]
    pub fn to_terraform_role_policy(&self, role: &str) -> String {
        self.role_policy(role).to_hcl()
    }

    /// Returns a Terraform resource in JSON syntax that attaches the policy inline to the role named `role`.
    #[must_use]
    pub fn to_terraform_json_role_policy(&self, role: &str) -> String {
        self.role_policy(role).to_json()
    }

    /// Returns a Terraform resource in HCL that makes this the policy of `bucket`.
    #[must_use]
    pub fn to_terraform_bucket_policy(&self, bucket: &str) -> String {
        self.bucket_policy("uploads", bucket).to_hcl()
    }

    /// Returns a Terraform resource in JSON syntax that makes this the policy of `bucket`.
    #[must_use]
    pub fn to_terraform_json_bucket_policy(&self, bucket: &str) -> String {
        self.bucket_policy("uploads", bucket).to_json()
    }

    /// Returns the policy as an argument that takes a string of JSON.
    pub(crate) fn encoded(&self) -> Node {
        Node::Encoded(Box::new(self.to_node()))
    }

    fn role_policy(&self, role: &str) -> Node {
        let body = map([("name", text("uploads")), ("role", text(role)), ("policy", self.encoded())]);
        terraform::resource("aws_iam_role_policy", "uploads", body)
    }

    pub(crate) fn bucket_policy(&self, name: &str, bucket: &str) -> Node {
        let body = map([("bucket", text(bucket)), ("policy", self.encoded())]);
        terraform::resource("aws_s3_bucket_policy", name, body)
    }
}
