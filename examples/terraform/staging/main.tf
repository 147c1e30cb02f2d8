# The root module of one environment. The module in uploads/ is generated; do not edit it.

terraform {
  required_version = ">= 1.5"

  backend "s3" {
    bucket = "example-terraform-state"
    key    = "uploads/staging.tfstate"
    region = "ap-southeast-1"
  }
}

provider "aws" {
  region = "ap-southeast-1"

  default_tags {
    tags = {
      environment = "staging"
    }
  }
}

variable "package" {
  description = "Path of the function's zip file, which contains the upsign.toml of this environment"
  type        = string
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that receive alarms"
  type        = list(string)
}

module "uploads" {
  source           = "./uploads"
  package          = var.package
  alarm_topic_arns = var.alarm_topic_arns
}

output "upload_url" {
  description = "URL at which clients request uploads (POST)"
  value       = module.uploads.upload_url
}
