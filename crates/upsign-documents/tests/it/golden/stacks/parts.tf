# terraform
# in rest|http|alb/*/*, "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.70"
    }
  }
}

# terraform
# in url/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "no origins, unversioned, unmonitored, no guards", "R2 and AWS", "R2"
# like the first, with these changes
@@
       source  = "hashicorp/aws"
-      version = ">= 5.70"
+      version = ">= 6.28"

# terraform
# in "account-regional name"
# like the first, with these changes
@@
       source  = "hashicorp/aws"
-      version = ">= 5.70"
+      version = ">= 6.37"

# variable name
# in all
variable "name" {
  description = "Name of the deployment, with which the names of its resources begin; must be unique in the account"
  type        = string
  default     = "uploads"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,40}$", var.name))
    error_message = "The name must have at most 40 letters, digits, hyphens and underscores."
  }
}

# variable package
# in all
variable "package" {
  description = "Path of the function's zip file"
  type        = string
}

# variable architecture
# in all
variable "architecture" {
  description = "Processor architecture of the function, for which its zip file is built"
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

# variable reserved_concurrency
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "R2", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
variable "reserved_concurrency" {
  description = "How many instances of the function may run at a time. Lambda reserves them from the concurrency of the account, of which 100 (10 in a new account) stay for other functions; -1 for no limit of its own"
  type        = number
  default     = -1
}

# variable reserved_concurrency
# in "expiry, table, role, variables, limits, traces"
variable "reserved_concurrency" {
  description = "How many instances of the function may run at a time. Lambda reserves them from the concurrency of the account, of which 100 (10 in a new account) stay for other functions; -1 for no limit of its own"
  type        = number
  default     = 10
}

# variable listener_arn
# in alb/*/*
variable "listener_arn" {
  description = "ARN of the listener of the Application Load Balancer that invokes the function"
  type        = string
  default     = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
}

# variable listener_rule_priority
# in alb/*/*
variable "listener_rule_priority" {
  description = "Priority of the listener's rule for uploads (1 to 50000). No other rule of the listener may have it"
  type        = number
  default     = 100
}

# variable create_api_gateway_log_role
# in rest/*/*, "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
variable "create_api_gateway_log_role" {
  description = "Whether to create the role with which API Gateway writes access logs, and to set it for all REST APIs of the account in this region. Needed once per account and region: without such a role, the deployment fails with \"CloudWatch Logs role ARN must be set in account settings\". terraform destroy refuses to delete them, because the other REST APIs use them: remove them from the state first (terraform state rm)"
  type        = bool
  default     = false
}

# variable authorizer_function_arn
# in "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer"
variable "authorizer_function_arn" {
  description = "ARN of the function of the Lambda authorizer, in the account and region of the stack"
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:lambda:[^:]+:[0-9]{12}:function:[a-zA-Z0-9_-]+(:[^:]+)?$", var.authorizer_function_arn))
    error_message = "The ARN must be that of a Lambda function, as in arn:aws:lambda:REGION:ACCOUNT:function:NAME."
  }
}

# variable alarm_topic_arns
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "R2", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that receive alarms"
  type        = list(string)
  default     = []
}

# data aws_caller_identity current
# in all
data "aws_caller_identity" "current" {
}

# data aws_partition current
# in rest/*/*, "wildcard origins, REST", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer"
data "aws_partition" "current" {
}

# data aws_region current
# in all
data "aws_region" "current" {
}

# resource aws_s3_bucket uploads
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket" "uploads" {
  bucket = "article-images-bucket"

  lifecycle {
    precondition {
      condition     = data.aws_region.current.id == "ap-southeast-1"
      error_message = "Upload URLs are signed for ap-southeast-1, so the buckets must be there: use a provider with region = \"ap-southeast-1\", or configure the other region and generate the stack again."
    }
  }
}

# resource aws_s3_bucket uploads
# in "account-regional name"
# like the first, with these changes
@@
 resource "aws_s3_bucket" "uploads" {
-  bucket = "article-images-bucket"
+  bucket           = "uploads-123456789012-ap-southeast-1-an"
+  bucket_namespace = "account-regional"

# resource aws_s3_bucket uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket" "uploads_2" {
  bucket = "second.bucket"

  lifecycle {
    precondition {
      condition     = data.aws_region.current.id == "ap-southeast-1"
      error_message = "Upload URLs are signed for ap-southeast-1, so the buckets must be there: use a provider with region = \"ap-southeast-1\", or configure the other region and generate the stack again."
    }
  }
}

# resource aws_s3_bucket_public_access_block uploads
# in */*/*, "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_public_access_block" "uploads" {
  bucket                  = aws_s3_bucket.uploads.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# resource aws_s3_bucket_public_access_block uploads
# in "public ACL"
resource "aws_s3_bucket_public_access_block" "uploads" {
  bucket                  = aws_s3_bucket.uploads.id
  block_public_acls       = false
  block_public_policy     = true
  ignore_public_acls      = false
  restrict_public_buckets = true
}

# resource aws_s3_bucket_public_access_block uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_public_access_block" "uploads_2" {
  bucket                  = aws_s3_bucket.uploads_2.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# resource aws_s3_bucket_ownership_controls uploads
# in */*/*, "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_ownership_controls" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# resource aws_s3_bucket_ownership_controls uploads
# in "public ACL"
resource "aws_s3_bucket_ownership_controls" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

# resource aws_s3_bucket_ownership_controls uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_ownership_controls" "uploads_2" {
  bucket = aws_s3_bucket.uploads_2.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# resource aws_s3_bucket_server_side_encryption_configuration uploads
# in */*/*, "public ACL", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_server_side_encryption_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# resource aws_s3_bucket_server_side_encryption_configuration uploads
# in "KMS key, any origin"
resource "aws_s3_bucket_server_side_encryption_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = "alias/uploads"
    }

    bucket_key_enabled = true
  }
}

# resource aws_s3_bucket_server_side_encryption_configuration uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_server_side_encryption_configuration" "uploads_2" {
  bucket = aws_s3_bucket.uploads_2.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# resource aws_s3_bucket_versioning uploads
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_versioning" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  versioning_configuration {
    status = "Enabled"
  }
}

# resource aws_s3_bucket_versioning uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_versioning" "uploads_2" {
  bucket = aws_s3_bucket.uploads_2.id

  versioning_configuration {
    status = "Enabled"
  }
}

# resource aws_s3_bucket_cors_configuration uploads
# in */*/*, "account-regional name", "expiry, table, role, variables, limits, traces", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_cors_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  cors_rule {
    id              = "upsign-uploads"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["PUT"]
    allowed_headers = ["content-type", "if-none-match"]
    expose_headers  = ["ETag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}

# resource aws_s3_bucket_cors_configuration uploads
# in "public ACL"
# like the first, with these changes
@@
     allowed_methods = ["PUT"]
-    allowed_headers = ["content-type", "if-none-match"]
+    allowed_headers = ["content-type", "if-none-match", "x-amz-acl", "x-amz-tagging"]

# resource aws_s3_bucket_cors_configuration uploads
# in "KMS key, any origin"
resource "aws_s3_bucket_cors_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  cors_rule {
    id              = "upsign-uploads"
    allowed_origins = ["*"]
    allowed_methods = ["PUT"]
    allowed_headers = [
      "content-type",
      "if-none-match",
      "x-amz-server-side-encryption",
      "x-amz-server-side-encryption-aws-kms-key-id",
      "x-amz-tagging",
    ]
    expose_headers  = ["ETag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}

# resource aws_s3_bucket_cors_configuration uploads
# in "two buckets, CloudFront"
resource "aws_s3_bucket_cors_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  cors_rule {
    id              = "upsign-forms"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["POST"]
    expose_headers  = ["ETag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}

# resource aws_s3_bucket_cors_configuration uploads
# in "wildcard origins, REST", "wildcard origins, HTTP"
# like the first, with these changes
@@
     id              = "upsign-uploads"
-    allowed_origins = ["https://app.example.com"]
+    allowed_origins = ["https://app.example.com", "https://*.preview.example.com", "http://localhost:*"]

# resource aws_s3_bucket_cors_configuration uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_cors_configuration" "uploads_2" {
  bucket = aws_s3_bucket.uploads_2.id

  cors_rule {
    id              = "upsign-uploads"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["PUT"]
    allowed_headers = ["content-type", "if-none-match"]
    expose_headers  = ["ETag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}

# resource aws_s3_bucket_lifecycle_configuration uploads
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_lifecycle_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    id     = "upsign-incomplete"
    status = "Enabled"

    filter {
      prefix = ""
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.uploads]
}

# resource aws_s3_bucket_lifecycle_configuration uploads
# in "no origins, unversioned, unmonitored, no guards"
# like the first, with these changes
@@
   }
-
-  depends_on = [aws_s3_bucket_versioning.uploads]

# resource aws_s3_bucket_lifecycle_configuration uploads
# in "expiry, table, role, variables, limits, traces"
resource "aws_s3_bucket_lifecycle_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    id     = "upsign-incomplete"
    status = "Enabled"

    filter {
      prefix = ""
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  rule {
    id     = "upsign-pending-1"
    status = "Enabled"

    filter {
      prefix = "pending/"
    }

    expiration {
      days = 1
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "upsign-pending-1-markers"
    status = "Enabled"

    filter {
      prefix = "pending/"
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "upsign-infrequent-1"
    status = "Enabled"

    filter {
      prefix = "articles/"
    }

    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }
  }

  depends_on = [aws_s3_bucket_versioning.uploads]
}

# resource aws_s3_bucket_lifecycle_configuration uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_lifecycle_configuration" "uploads_2" {
  bucket = aws_s3_bucket.uploads_2.id

  rule {
    id     = "upsign-incomplete"
    status = "Enabled"

    filter {
      prefix = ""
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.uploads_2]
}

# resource aws_s3_bucket_notification uploads
# in */*/queue, "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_notification" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  queue {
    id            = "upsign-1"
    queue_arn     = aws_sqs_queue.uploads.arn
    events        = ["s3:ObjectCreated:Put"]
    filter_prefix = "articles/"
  }

  depends_on = [aws_sqs_queue_policy.uploads]
}

# resource aws_s3_bucket_notification uploads
# in */*/event-bridge
resource "aws_s3_bucket_notification" "uploads" {
  bucket      = aws_s3_bucket.uploads.id
  eventbridge = true
}

# resource aws_s3_bucket_notification uploads
# in "public ACL", "KMS key, any origin"
# like the first, with these changes
@@
     events        = ["s3:ObjectCreated:Put"]
-    filter_prefix = "articles/"
+    filter_prefix = "a/"

# resource aws_s3_bucket_notification uploads
# in "two buckets, CloudFront"
# like the first, with these changes
@@
     queue_arn     = aws_sqs_queue.uploads.arn
-    events        = ["s3:ObjectCreated:Put"]
-    filter_prefix = "articles/"
+    events        = ["s3:ObjectCreated:Post"]
+    filter_prefix = "f/"

# resource aws_s3_bucket_notification uploads
# in "account-regional name"
# like the first, with these changes
@@
     events        = ["s3:ObjectCreated:Put"]
-    filter_prefix = "articles/"
+    filter_prefix = "b/"

# resource aws_s3_bucket_notification uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_notification" "uploads_2" {
  bucket = aws_s3_bucket.uploads_2.id

  queue {
    id            = "upsign-1"
    queue_arn     = aws_sqs_queue.uploads.arn
    events        = ["s3:ObjectCreated:Put"]
    filter_prefix = "b/"
  }

  depends_on = [aws_sqs_queue_policy.uploads]
}

# resource aws_s3_bucket_metric uploads
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_metric" "uploads" {
  bucket = aws_s3_bucket.uploads.id
  name   = "upsign-uploads"
}

# resource aws_s3_bucket_metric uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_metric" "uploads_2" {
  bucket = aws_s3_bucket.uploads_2.id
  name   = "upsign-uploads"
}

# resource aws_s3_bucket_policy uploads
# in */none|presigned/*, "public ACL", "KMS key, any origin", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_s3_bucket_policy" "uploads" {
  bucket = aws_s3_bucket.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::article-images-bucket", "arn:aws:s3:::article-images-bucket/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid       = "OnlyTls12"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::article-images-bucket", "arn:aws:s3:::article-images-bucket/*"]
        Condition = {
          NumericLessThan = {
            "s3:TlsVersion" = "1.2"
          }
        }
      },
      {
        Sid       = "OnlySigV4"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::article-images-bucket", "arn:aws:s3:::article-images-bucket/*"]
        Condition = {
          Null = {
            "s3:signatureversion" = "false"
          }
          StringNotEquals = {
            "s3:signatureversion" = "AWS4-HMAC-SHA256"
          }
        }
      },
    ]
  })
}

# resource aws_s3_bucket_policy uploads
# in */cloudfront/*
# like the first, with these changes
@@
       },
+      {
+        Sid    = "CloudFrontMayRead"
+        Effect = "Allow"
+        Principal = {
+          Service = "cloudfront.amazonaws.com"
+        }
+        Action   = "s3:GetObject"
+        Resource = "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*"
+        Condition = {
+          StringEquals = {
+            "aws:SourceArn" = aws_cloudfront_distribution.uploads.arn
+          }
+        }
+      },

# resource aws_s3_bucket_policy uploads
# in "two buckets, CloudFront"
resource "aws_s3_bucket_policy" "uploads" {
  bucket = aws_s3_bucket.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::article-images-bucket", "arn:aws:s3:::article-images-bucket/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid       = "OnlyFresh"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::article-images-bucket/f/*"
        Condition = {
          NumericGreaterThan = {
            "s3:signatureAge" = "900000"
          }
        }
      },
      {
        Sid       = "OnlyAsIssued"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::article-images-bucket/f/*"
        Condition = {
          StringNotEquals = {
            "s3:authType" = "POST"
          }
        }
      },
      {
        Sid    = "CloudFrontMayRead"
        Effect = "Allow"
        Principal = {
          Service = "cloudfront.amazonaws.com"
        }
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::article-images-bucket/f/*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = aws_cloudfront_distribution.uploads.arn
          }
        }
      },
    ]
  })
}

# resource aws_s3_bucket_policy uploads
# in "account-regional name"
# like the first, with these changes
@@
         Action    = "s3:*"
-        Resource  = ["arn:aws:s3:::article-images-bucket", "arn:aws:s3:::article-images-bucket/*"]
+        Resource = [
+          "arn:aws:s3:::uploads-123456789012-ap-southeast-1-an",
+          "arn:aws:s3:::uploads-123456789012-ap-southeast-1-an/*",
+        ]
@@
         Action    = "s3:*"
-        Resource  = ["arn:aws:s3:::article-images-bucket", "arn:aws:s3:::article-images-bucket/*"]
+        Resource = [
+          "arn:aws:s3:::uploads-123456789012-ap-southeast-1-an",
+          "arn:aws:s3:::uploads-123456789012-ap-southeast-1-an/*",
+        ]
@@
         Action    = "s3:*"
-        Resource  = ["arn:aws:s3:::article-images-bucket", "arn:aws:s3:::article-images-bucket/*"]
+        Resource = [
+          "arn:aws:s3:::uploads-123456789012-ap-southeast-1-an",
+          "arn:aws:s3:::uploads-123456789012-ap-southeast-1-an/*",
+        ]

# resource aws_s3_bucket_policy uploads_2
# in "two buckets, CloudFront"
resource "aws_s3_bucket_policy" "uploads_2" {
  bucket = aws_s3_bucket.uploads_2.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::second.bucket", "arn:aws:s3:::second.bucket/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid       = "OnlyFresh"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::second.bucket/b/*"
        Condition = {
          NumericGreaterThan = {
            "s3:signatureAge" = "900000"
          }
        }
      },
      {
        Sid       = "OnlyAsIssued"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::second.bucket/b/*"
        Condition = {
          StringNotEquals = {
            "s3:authType" = "REST-QUERY-STRING"
          }
        }
      },
      {
        Sid    = "CloudFrontMayRead"
        Effect = "Allow"
        Principal = {
          Service = "cloudfront.amazonaws.com"
        }
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::second.bucket/b/*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = aws_cloudfront_distribution.uploads_2.arn
          }
        }
      },
    ]
  })
}

# resource aws_cloudfront_origin_access_control uploads
# in */cloudfront/*, "two buckets, CloudFront"
resource "aws_cloudfront_origin_access_control" "uploads" {
  name                              = "${var.name}-${data.aws_region.current.id}-1"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# resource aws_cloudfront_origin_access_control uploads_2
# in "two buckets, CloudFront"
resource "aws_cloudfront_origin_access_control" "uploads_2" {
  name                              = "${var.name}-${data.aws_region.current.id}-2"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# resource aws_cloudfront_response_headers_policy uploads
# in */cloudfront/*, "two buckets, CloudFront"
resource "aws_cloudfront_response_headers_policy" "uploads" {
  name = "${var.name}-${data.aws_region.current.id}-1"

  security_headers_config {
    content_type_options {
      override = true
    }

    content_security_policy {
      content_security_policy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
      override                = true
    }
  }
}

# resource aws_cloudfront_response_headers_policy uploads_2
# in "two buckets, CloudFront"
resource "aws_cloudfront_response_headers_policy" "uploads_2" {
  name = "${var.name}-${data.aws_region.current.id}-2"

  security_headers_config {
    content_type_options {
      override = true
    }

    content_security_policy {
      content_security_policy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
      override                = true
    }
  }
}

# resource aws_cloudfront_distribution uploads
# in */cloudfront/*, "two buckets, CloudFront"
resource "aws_cloudfront_distribution" "uploads" {
  enabled      = true
  comment      = "Uploads to article-images-bucket"
  http_version = "http2and3"

  origin {
    origin_id                = "uploads"
    domain_name              = aws_s3_bucket.uploads.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.uploads.id
  }

  default_cache_behavior {
    target_origin_id           = "uploads"
    viewer_protocol_policy     = "redirect-to-https"
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.uploads.id
    allowed_methods            = ["GET", "HEAD"]
    compress                   = true
    cached_methods             = ["GET", "HEAD"]
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# resource aws_cloudfront_distribution uploads_2
# in "two buckets, CloudFront"
resource "aws_cloudfront_distribution" "uploads_2" {
  enabled      = true
  comment      = "Uploads to second.bucket"
  http_version = "http2and3"

  origin {
    origin_id                = "uploads"
    domain_name              = aws_s3_bucket.uploads_2.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.uploads_2.id
  }

  default_cache_behavior {
    target_origin_id           = "uploads"
    viewer_protocol_policy     = "redirect-to-https"
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.uploads_2.id
    allowed_methods            = ["GET", "HEAD"]
    compress                   = true
    cached_methods             = ["GET", "HEAD"]
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# resource aws_sqs_queue dead_letters
# in */*/queue, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_sqs_queue" "dead_letters" {
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

# resource aws_sqs_queue uploads
# in */*/queue, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_sqs_queue" "uploads" {
  visibility_timeout_seconds = 180
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

# resource aws_sqs_queue_policy uploads
# in */*/queue, "public ACL", "KMS key, any origin", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_sqs_queue_policy" "uploads" {
  queue_url = aws_sqs_queue.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "S3MaySend"
        Effect = "Allow"
        Principal = {
          Service = "s3.amazonaws.com"
        }
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.uploads.arn
        Condition = {
          ArnLike = {
            "aws:SourceArn" = "arn:aws:s3:::article-images-bucket"
          }
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
    ]
  })
}

# resource aws_sqs_queue_policy uploads
# in "two buckets, CloudFront"
# like the first, with these changes
@@
       },
+      {
+        Sid    = "S3MaySend2"
+        Effect = "Allow"
+        Principal = {
+          Service = "s3.amazonaws.com"
+        }
+        Action   = "sqs:SendMessage"
+        Resource = aws_sqs_queue.uploads.arn
+        Condition = {
+          ArnLike = {
+            "aws:SourceArn" = "arn:aws:s3:::second.bucket"
+          }
+          StringEquals = {
+            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
+          }
+        }
+      },

# resource aws_sqs_queue_policy uploads
# in "account-regional name"
# like the first, with these changes
@@
           ArnLike = {
-            "aws:SourceArn" = "arn:aws:s3:::article-images-bucket"
+            "aws:SourceArn" = "arn:aws:s3:::uploads-123456789012-ap-southeast-1-an"

# resource aws_cloudwatch_log_group uploads
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "R2", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_cloudwatch_log_group" "uploads" {
  name              = "/upsign/${var.name}"
  retention_in_days = 30
}

# resource aws_cloudwatch_log_group uploads
# in "expiry, table, role, variables, limits, traces"
resource "aws_cloudwatch_log_group" "uploads" {
  name              = "/upsign/${var.name}"
  retention_in_days = 90
}

# resource aws_cloudwatch_log_group api
# in rest|http/*/*, "wildcard origins, REST", "wildcard origins, HTTP", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "HTTP API, token header"
resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/vendedlogs/${var.name}/upload-api"
  retention_in_days = 30
}

# resource aws_iam_role uploads
# in all
resource "aws_iam_role" "uploads" {
  name_prefix = "upload-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Lambda"
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
    ]
  })
}

# resource aws_iam_role api_gateway_logs
# in rest/*/*, "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_iam_role" "api_gateway_logs" {
  count       = var.create_api_gateway_log_role ? 1 : 0
  name_prefix = "api-gateway-logs-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ApiGateway"
        Effect = "Allow"
        Principal = {
          Service = "apigateway.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

# resource aws_iam_role_policy uploads
# in */cloudfront|none/*, "no origins, unversioned, unmonitored, no guards", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_iam_role_policy" "uploads" {
  name = "uploads"
  role = aws_iam_role.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "PutUploads"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*"
      },
      {
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.uploads.arn}:*"
      },
    ]
  })
}

# resource aws_iam_role_policy uploads
# in */presigned/*
# like the first, with these changes
@@
       {
+        Sid      = "ReadUploads"
+        Effect   = "Allow"
+        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
+        Resource = "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*"
+      },
+      {

# resource aws_iam_role_policy uploads
# in "public ACL"
# like the first, with these changes
@@
         Effect   = "Allow"
-        Action   = "s3:PutObject"
-        Resource = "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*"
+        Action   = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl"]
+        Resource = "arn:aws:s3:::article-images-bucket/a/*"

# resource aws_iam_role_policy uploads
# in "KMS key, any origin"
resource "aws_iam_role_policy" "uploads" {
  name = "uploads"
  role = aws_iam_role.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "PutUploads"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:PutObjectTagging"]
        Resource = "arn:aws:s3:::article-images-bucket/a/*"
      },
      {
        Sid      = "EncryptUploads"
        Effect   = "Allow"
        Action   = "kms:GenerateDataKey"
        Resource = "arn:aws:kms:ap-southeast-1:${data.aws_caller_identity.current.account_id}:key/*"
        Condition = {
          "ForAnyValue:StringEquals" = {
            "kms:ResourceAliases" = "alias/uploads"
          }
          StringEquals = {
            "kms:ViaService" = "s3.ap-southeast-1.amazonaws.com"
          }
        }
      },
      {
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.uploads.arn}:*"
      },
    ]
  })
}

# resource aws_iam_role_policy uploads
# in "two buckets, CloudFront"
# like the first, with these changes
@@
         Action   = "s3:PutObject"
-        Resource = "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*"
+        Resource = "arn:aws:s3:::article-images-bucket/f/*"
@@
       {
+        Sid      = "PutUploads2"
+        Effect   = "Allow"
+        Action   = "s3:PutObject"
+        Resource = "arn:aws:s3:::second.bucket/b/*"
+      },
+      {

# resource aws_iam_role_policy uploads
# in "account-regional name"
# like the first, with these changes
@@
         Action   = "s3:PutObject"
-        Resource = "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*"
+        Resource = "arn:aws:s3:::uploads-123456789012-ap-southeast-1-an/b/*"

# resource aws_iam_role_policy uploads
# in "expiry, table, role, variables, limits, traces"
resource "aws_iam_role_policy" "uploads" {
  name = "uploads"
  role = aws_iam_role.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "BecomeTheSigner"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:aws:iam::123456789012:role/signer"
      },
      {
        Sid      = "KeepRecords"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
        Resource = "arn:aws:dynamodb:ap-southeast-1:${data.aws_caller_identity.current.account_id}:table/uploads"
      },
      {
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.uploads.arn}:*"
      },
      {
        Sid      = "SendTraces"
        Effect   = "Allow"
        Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        Resource = "*"
      },
    ]
  })
}

# resource aws_iam_role_policy uploads
# in "R2"
resource "aws_iam_role_policy" "uploads" {
  name = "uploads"
  role = aws_iam_role.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.uploads.arn}:*"
      },
    ]
  })
}

# resource aws_lambda_function uploads
# in rest|http/*/*, "wildcard origins, REST", "wildcard origins, HTTP", "HTTP API, token header"
resource "aws_lambda_function" "uploads" {
  function_name                  = var.name
  role                           = aws_iam_role.uploads.arn
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  handler                        = "bootstrap"
  runtime                        = "provided.al2023"
  architectures                  = [var.architecture]
  memory_size                    = 256
  timeout                        = 10
  reserved_concurrent_executions = var.reserved_concurrency

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.uploads.name
  }

  environment {
    variables = {
      UPSIGN_AUTH_SOURCE = "authorizer"
    }
  }
}

# resource aws_lambda_function uploads
# in url|alb/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "R2 and AWS", "R2"
# like the first, with these changes
@@
     variables = {
-      UPSIGN_AUTH_SOURCE = "authorizer"
+      UPSIGN_AUTH_SOURCE = "token"

# resource aws_lambda_function uploads
# in "expiry, table, role, variables, limits, traces"
# like the first, with these changes
@@
     variables = {
-      UPSIGN_AUTH_SOURCE = "authorizer"
+      ARTICLE_IMAGES_BUCKET = "article-images-bucket"
+      UPSIGN_ASSUME_ROLE    = "arn:aws:iam::123456789012:role/signer"
+      UPSIGN_AUTH_SOURCE    = "authorizer"
@@
   }
+
+  tracing_config {
+    mode = "Active"
+  }

# resource aws_lambda_function uploads
# in "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer"
# like the first, with these changes
@@
     variables = {
-      UPSIGN_AUTH_SOURCE = "authorizer"
+      UPSIGN_AUTH_SOURCE = "lambda-authorizer"

# resource aws_lambda_function uploads
# in "HTTP API with IAM", "function URL with IAM"
# like the first, with these changes
@@
     variables = {
-      UPSIGN_AUTH_SOURCE = "authorizer"
+      UPSIGN_AUTH_SOURCE = "iam"

# resource aws_lambda_function_url uploads
# in url/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "R2 and AWS", "R2"
resource "aws_lambda_function_url" "uploads" {
  function_name      = aws_lambda_function.uploads.function_name
  authorization_type = "NONE"
}

# resource aws_lambda_function_url uploads
# in "function URL with IAM"
resource "aws_lambda_function_url" "uploads" {
  function_name      = aws_lambda_function.uploads.function_name
  authorization_type = "AWS_IAM"
}

# resource aws_lambda_permission url
# in url/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "R2 and AWS", "R2"
resource "aws_lambda_permission" "url" {
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.uploads.function_name
  principal              = "*"
  function_url_auth_type = "NONE"
}

# resource aws_apigatewayv2_api uploads
# in http/*/*, "HTTP API with a Lambda authorizer"
resource "aws_apigatewayv2_api" "uploads" {
  name          = var.name
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins  = ["https://app.example.com"]
    allow_methods  = ["POST"]
    allow_headers  = ["authorization", "content-type"]
    expose_headers = ["retry-after", "www-authenticate"]
    max_age        = 600
  }
}

# resource aws_apigatewayv2_api uploads
# in "wildcard origins, HTTP"
resource "aws_apigatewayv2_api" "uploads" {
  name          = var.name
  protocol_type = "HTTP"
}

# resource aws_apigatewayv2_api uploads
# in "HTTP API with IAM"
resource "aws_apigatewayv2_api" "uploads" {
  name          = var.name
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins = ["https://app.example.com"]
    allow_methods = ["POST"]
    allow_headers = [
      "authorization",
      "content-type",
      "x-amz-date",
      "x-amz-security-token",
      "x-amz-content-sha256",
    ]
    expose_headers = ["retry-after", "www-authenticate"]
    max_age        = 600
  }
}

# resource aws_apigatewayv2_api uploads
# in "HTTP API, token header"
# like the first, with these changes
@@
     allow_methods  = ["POST"]
-    allow_headers  = ["authorization", "content-type"]
+    allow_headers  = ["x-upload-token", "content-type"]

# resource aws_apigatewayv2_integration uploads
# in http/*/*, "wildcard origins, HTTP", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "HTTP API, token header"
resource "aws_apigatewayv2_integration" "uploads" {
  api_id                 = aws_apigatewayv2_api.uploads.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.uploads.arn
  payload_format_version = "2.0"
}

# resource aws_apigatewayv2_authorizer uploads
# in http/*/*, "wildcard origins, HTTP"
resource "aws_apigatewayv2_authorizer" "uploads" {
  api_id           = aws_apigatewayv2_api.uploads.id
  name             = "tokens"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123"
    audience = ["3n4b5urk1ft4fl3mg5e62d9ado"]
  }
}

# resource aws_apigatewayv2_authorizer uploads
# in "HTTP API with a Lambda authorizer"
resource "aws_apigatewayv2_authorizer" "uploads" {
  api_id                            = aws_apigatewayv2_api.uploads.id
  name                              = "callers"
  authorizer_type                   = "REQUEST"
  identity_sources                  = ["$request.header.Authorization"]
  authorizer_uri                    = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.id}:lambda:path/2015-03-31/functions/${var.authorizer_function_arn}/invocations"
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  authorizer_result_ttl_in_seconds  = 0
}

# resource aws_apigatewayv2_authorizer uploads
# in "HTTP API, token header"
# like the first, with these changes
@@
   authorizer_type  = "JWT"
-  identity_sources = ["$request.header.Authorization"]
+  identity_sources = ["$request.header.x-upload-token"]

# resource aws_apigatewayv2_route uploads
# in http/*/*, "wildcard origins, HTTP", "HTTP API, token header"
resource "aws_apigatewayv2_route" "uploads" {
  api_id               = aws_apigatewayv2_api.uploads.id
  route_key            = "POST /upload-url"
  target               = "integrations/${aws_apigatewayv2_integration.uploads.id}"
  authorization_type   = "JWT"
  authorizer_id        = aws_apigatewayv2_authorizer.uploads.id
  authorization_scopes = ["aws.cognito.signin.user.admin"]
}

# resource aws_apigatewayv2_route uploads
# in "HTTP API with a Lambda authorizer"
resource "aws_apigatewayv2_route" "uploads" {
  api_id             = aws_apigatewayv2_api.uploads.id
  route_key          = "POST /upload-url"
  target             = "integrations/${aws_apigatewayv2_integration.uploads.id}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.uploads.id
}

# resource aws_apigatewayv2_route uploads
# in "HTTP API with IAM"
resource "aws_apigatewayv2_route" "uploads" {
  api_id             = aws_apigatewayv2_api.uploads.id
  route_key          = "POST /upload-url"
  target             = "integrations/${aws_apigatewayv2_integration.uploads.id}"
  authorization_type = "AWS_IAM"
}

# resource aws_apigatewayv2_route preflight
# in "wildcard origins, HTTP"
resource "aws_apigatewayv2_route" "preflight" {
  api_id    = aws_apigatewayv2_api.uploads.id
  route_key = "OPTIONS /upload-url"
  target    = "integrations/${aws_apigatewayv2_integration.uploads.id}"
}

# resource aws_apigatewayv2_stage uploads
# in http/*/*, "wildcard origins, HTTP", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "HTTP API, token header"
resource "aws_apigatewayv2_stage" "uploads" {
  api_id      = aws_apigatewayv2_api.uploads.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = 50
    throttling_burst_limit = 100
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      requestId      = "$context.requestId"
      time           = "$context.requestTime"
      ip             = "$context.identity.sourceIp"
      method         = "$context.httpMethod"
      route          = "$context.routeKey"
      status         = "$context.status"
      error          = "$context.error.responseType"
      functionStatus = "$context.integrationStatus"
      responseBytes  = "$context.responseLength"
    })
  }
}

# resource aws_iam_role_policy_attachment api_gateway_logs
# in rest/*/*, "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_iam_role_policy_attachment" "api_gateway_logs" {
  count      = var.create_api_gateway_log_role ? 1 : 0
  role       = aws_iam_role.api_gateway_logs[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"

  lifecycle {
    prevent_destroy = true
  }
}

# resource aws_api_gateway_account uploads
# in rest/*/*, "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_api_gateway_account" "uploads" {
  count               = var.create_api_gateway_log_role ? 1 : 0
  cloudwatch_role_arn = aws_iam_role.api_gateway_logs[0].arn
  depends_on          = [aws_api_gateway_rest_api.uploads, aws_iam_role_policy_attachment.api_gateway_logs]

  lifecycle {
    prevent_destroy = true
  }
}

# resource aws_api_gateway_rest_api uploads
# in rest/*/*, "expiry, table, role, variables, limits, traces"
resource "aws_api_gateway_rest_api" "uploads" {
  name = var.name
  body = jsonencode({
    openapi = "3.0.1"
    info = {
      title   = var.name
      version = "1"
    }
    paths = {
      "/upload-url" = {
        post = {
          operationId = "issueUpload"
          requestBody = {
            required = false
            content = {
              "application/json" = {
                schema = {
                  "$ref" = "#/components/schemas/UploadRequest"
                }
              }
            }
          }
          security = [
            {
              Cognito = ["aws.cognito.signin.user.admin"]
            },
          ]
          responses = {
            "200" = {
              description = "The upload is granted."
              content = {
                "application/json" = {
                  schema = {
                    "$ref" = "#/components/schemas/UploadGrant"
                  }
                }
              }
            }
            "400" = {
              description = "Bad Request"
              content = {
                "application/problem+json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Problem"
                  }
                }
              }
            }
            "401" = {
              description = "Unauthorized"
              content = {
                "application/problem+json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Problem"
                  }
                }
              }
            }
            "403" = {
              description = "Forbidden"
              content = {
                "application/problem+json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Problem"
                  }
                }
              }
            }
            "413" = {
              description = "Content Too Large"
              content = {
                "application/problem+json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Problem"
                  }
                }
              }
            }
            "415" = {
              description = "Unsupported Media Type"
              content = {
                "application/problem+json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Problem"
                  }
                }
              }
            }
            "429" = {
              description = "Too Many Requests"
              content = {
                "application/problem+json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Problem"
                  }
                }
              }
            }
            "500" = {
              description = "Internal Server Error"
              content = {
                "application/problem+json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Problem"
                  }
                }
              }
            }
            "503" = {
              description = "Service Unavailable"
              content = {
                "application/problem+json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Problem"
                  }
                }
              }
            }
          }
          "x-amazon-apigateway-integration" = {
            type       = "aws_proxy"
            httpMethod = "POST"
            uri        = aws_lambda_function.uploads.invoke_arn
          }
        }
        options = {
          operationId = "preflight"
          responses = {
            "204" = {
              description = "The page may send the request, if the answer has these headers."
              headers = {
                "Access-Control-Allow-Origin" = {
                  schema = {
                    type = "string"
                  }
                }
                "Access-Control-Allow-Methods" = {
                  schema = {
                    type = "string"
                  }
                }
                "Access-Control-Allow-Headers" = {
                  schema = {
                    type = "string"
                  }
                }
                "Access-Control-Max-Age" = {
                  schema = {
                    type = "string"
                  }
                }
                "Cache-Control" = {
                  schema = {
                    type = "string"
                  }
                }
                Vary = {
                  schema = {
                    type = "string"
                  }
                }
                "X-Content-Type-Options" = {
                  schema = {
                    type = "string"
                  }
                }
              }
            }
          }
          "x-amazon-apigateway-integration" = {
            type                = "mock"
            passthroughBehavior = "never"
            requestTemplates = {
              "application/json" = "{\"statusCode\": 204}"
            }
            responses = {
              default = {
                statusCode = "204"
                responseParameters = {
                  "method.response.header.Access-Control-Allow-Origin"  = "'https://app.example.com'"
                  "method.response.header.Access-Control-Allow-Methods" = "'POST'"
                  "method.response.header.Access-Control-Allow-Headers" = "'authorization, content-type'"
                  "method.response.header.Access-Control-Max-Age"       = "'600'"
                  "method.response.header.Vary"                         = "'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'"
                  "method.response.header.Cache-Control"                = "'no-store'"
                  "method.response.header.X-Content-Type-Options"       = "'nosniff'"
                }
              }
            }
          }
        }
      }
    }
    components = {
      securitySchemes = {
        Cognito = {
          type                           = "apiKey"
          name                           = "Authorization"
          in                             = "header"
          "x-amazon-apigateway-authtype" = "cognito_user_pools"
          "x-amazon-apigateway-authorizer" = {
            type = "cognito_user_pools"
            providerARNs = [
              "arn:aws:cognito-idp:ap-southeast-1:${data.aws_caller_identity.current.account_id}:userpool/ap-southeast-1_AbCdEf123",
            ]
          }
        }
      }
      schemas = {
        UploadRequest = {
          type     = "object"
          required = ["contentType", "contentLength"]
          properties = {
            contentType = {
              type        = "string"
              description = "Media type of the object."
              enum        = ["image/jpeg", "image/png", "image/webp"]
            }
            contentLength = {
              type        = "integer"
              minimum     = 1
              maximum     = 10485760
              description = "Exact size of the object in bytes."
            }
            fileName = {
              type        = "string"
              maxLength   = 1024
              description = "Name of the file on the client's machine. It is not stored; its extension must belong to the content type."
            }
          }
        }
        UploadGrant = {
          type     = "object"
          required = ["uploadUrl", "key", "articleId", "expiresIn", "method", "headers", "expiresAt"]
          properties = {
            uploadUrl = {
              type        = "string"
              description = "URL to send the object to. Keep it secret: anyone who has it can upload."
            }
            key = {
              type        = "string"
              description = "Key under which the object will be stored: articles/{article_id}/raw/{id}.{ext}"
            }
            articleId = {
              type        = "string"
              description = "Id in the key: generated for this upload, or supplied by the client."
            }
            expiresIn = {
              type        = "integer"
              minimum     = 60
              maximum     = 900
              description = "Lifetime of the grant in seconds."
            }
            method = {
              enum = ["PUT"]
              type = "string"
            }
            headers = {
              type        = "object"
              description = "Headers to send, in addition to Host and Content-Length. Send exactly these."
              properties = {
                "content-type" = {
                  type = "string"
                }
                "if-none-match" = {
                  type = "string"
                }
              }
            }
            expiresAt = {
              type = "string"
            }
            expiresAtIs = {
              enum        = ["upper-bound"]
              type        = "string"
              description = "Present if the grant may expire earlier than expiresAt, because the expiry of the signing credentials is not known."
            }
          }
        }
        Problem = {
          type     = "object"
          required = ["type", "title", "status", "code", "detail"]
          properties = {
            type = {
              type    = "string"
              pattern = "^urn:upsign:problem:[a-z0-9-]+$"
            }
            title = {
              type = "string"
            }
            status = {
              type    = "integer"
              minimum = 400
              maximum = 599
            }
            code = {
              type        = "string"
              description = "Stable code for programs."
            }
            detail = {
              type        = "string"
              description = "Description for people. It may change."
            }
          }
        }
      }
    }
    "x-amazon-apigateway-gateway-responses" = {
      DEFAULT_4XX = {
        responseParameters = {
          "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
          "gatewayresponse.header.Access-Control-Expose-Headers" = "'x-amzn-requestid'"
          "gatewayresponse.header.Cache-Control"                 = "'no-store'"
          "gatewayresponse.header.X-Content-Type-Options"        = "'nosniff'"
        }
      }
      DEFAULT_5XX = {
        responseParameters = {
          "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
          "gatewayresponse.header.Access-Control-Expose-Headers" = "'x-amzn-requestid'"
          "gatewayresponse.header.Cache-Control"                 = "'no-store'"
          "gatewayresponse.header.X-Content-Type-Options"        = "'nosniff'"
        }
      }
    }
  })

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

# resource aws_api_gateway_rest_api uploads
# in "wildcard origins, REST"
# like the first, with these changes
@@
           "x-amazon-apigateway-integration" = {
-            type                = "mock"
-            passthroughBehavior = "never"
-            requestTemplates = {
-              "application/json" = "{\"statusCode\": 204}"
-            }
-            responses = {
-              default = {
-                statusCode = "204"
-                responseParameters = {
-                  "method.response.header.Access-Control-Allow-Origin"  = "'https://app.example.com'"
-                  "method.response.header.Access-Control-Allow-Methods" = "'POST'"
-                  "method.response.header.Access-Control-Allow-Headers" = "'authorization, content-type'"
-                  "method.response.header.Access-Control-Max-Age"       = "'600'"
-                  "method.response.header.Vary"                         = "'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'"
-                  "method.response.header.Cache-Control"                = "'no-store'"
-                  "method.response.header.X-Content-Type-Options"       = "'nosniff'"
-                }
-              }
-            }
+            type       = "aws_proxy"
+            httpMethod = "POST"
+            uri        = aws_lambda_function.uploads.invoke_arn
@@
         responseParameters = {
-          "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
+          "gatewayresponse.header.Access-Control-Allow-Origin"   = "'*'"
@@
         responseParameters = {
-          "gatewayresponse.header.Access-Control-Allow-Origin"   = "'https://app.example.com'"
+          "gatewayresponse.header.Access-Control-Allow-Origin"   = "'*'"

# resource aws_api_gateway_rest_api uploads
# in "REST API with a Lambda authorizer, token header"
# like the first, with these changes
@@
             {
-              Cognito = ["aws.cognito.signin.user.admin"]
+              Lambda = []
@@
                   "method.response.header.Access-Control-Allow-Methods" = "'POST'"
-                  "method.response.header.Access-Control-Allow-Headers" = "'authorization, content-type'"
+                  "method.response.header.Access-Control-Allow-Headers" = "'x-upload-token, content-type'"
@@
       securitySchemes = {
-        Cognito = {
+        Lambda = {
@@
           type                           = "apiKey"
-          name                           = "Authorization"
+          name                           = "x-upload-token"
@@
           in                             = "header"
-          "x-amazon-apigateway-authtype" = "cognito_user_pools"
+          "x-amazon-apigateway-authtype" = "custom"
@@
           "x-amazon-apigateway-authorizer" = {
-            type = "cognito_user_pools"
-            providerARNs = [
-              "arn:aws:cognito-idp:ap-southeast-1:${data.aws_caller_identity.current.account_id}:userpool/ap-southeast-1_AbCdEf123",
-            ]
+            type                         = "request"
+            identitySource               = "method.request.header.x-upload-token"
+            authorizerUri                = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.id}:lambda:path/2015-03-31/functions/${var.authorizer_function_arn}/invocations"
+            authorizerResultTtlInSeconds = 0

# resource aws_api_gateway_deployment uploads
# in rest/*/*, "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_api_gateway_deployment" "uploads" {
  rest_api_id = aws_api_gateway_rest_api.uploads.id
  triggers = {
    body = sha1(aws_api_gateway_rest_api.uploads.body)
  }

  lifecycle {
    create_before_destroy = true
  }
}

# resource aws_api_gateway_stage uploads
# in rest/*/*, "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_api_gateway_stage" "uploads" {
  rest_api_id   = aws_api_gateway_rest_api.uploads.id
  deployment_id = aws_api_gateway_deployment.uploads.id
  stage_name    = "prod"

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      requestId      = "$context.requestId"
      time           = "$context.requestTime"
      ip             = "$context.identity.sourceIp"
      method         = "$context.httpMethod"
      resource       = "$context.resourcePath"
      status         = "$context.status"
      error          = "$context.error.responseType"
      functionStatus = "$context.integrationStatus"
      responseBytes  = "$context.responseLength"
    })
  }

  depends_on = [aws_api_gateway_account.uploads]
}

# resource aws_api_gateway_stage uploads
# in "expiry, table, role, variables, limits, traces"
resource "aws_api_gateway_stage" "uploads" {
  rest_api_id          = aws_api_gateway_rest_api.uploads.id
  deployment_id        = aws_api_gateway_deployment.uploads.id
  stage_name           = "prod"
  xray_tracing_enabled = true
}

# resource aws_api_gateway_method_settings uploads
# in rest/*/*, "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_api_gateway_method_settings" "uploads" {
  rest_api_id = aws_api_gateway_rest_api.uploads.id
  stage_name  = aws_api_gateway_stage.uploads.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = 50
    throttling_burst_limit = 100
  }
}

# resource aws_api_gateway_method_settings uploads
# in "expiry, table, role, variables, limits, traces"
resource "aws_api_gateway_method_settings" "uploads" {
  rest_api_id = aws_api_gateway_rest_api.uploads.id
  stage_name  = aws_api_gateway_stage.uploads.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = 5
    throttling_burst_limit = 10
  }
}

# resource aws_lambda_permission api
# in rest/*/*, "expiry, table, role, variables, limits, traces", "REST API with a Lambda authorizer, token header"
resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.uploads.execution_arn}/*/POST/upload-url"
}

# resource aws_lambda_permission api
# in http/*/*, "HTTP API with a Lambda authorizer", "HTTP API with IAM", "HTTP API, token header"
resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.uploads.execution_arn}/*/POST/upload-url"
}

# resource aws_lambda_permission api
# in url/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "R2 and AWS", "R2"
resource "aws_lambda_permission" "api" {
  action                   = "lambda:InvokeFunction"
  function_name            = aws_lambda_function.uploads.function_name
  principal                = "*"
  invoked_via_function_url = true
}

# resource aws_lambda_permission api
# in alb/*/*
resource "aws_lambda_permission" "api" {
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.uploads.function_name
  principal      = "elasticloadbalancing.amazonaws.com"
  source_arn     = aws_lb_target_group.uploads.arn
  source_account = data.aws_caller_identity.current.account_id
}

# resource aws_lambda_permission api
# in "wildcard origins, REST"
resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.uploads.execution_arn}/*/*/upload-url"
}

# resource aws_lambda_permission api
# in "wildcard origins, HTTP"
resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.uploads.execution_arn}/*/*/upload-url"
}

# resource aws_lambda_permission authorizer
# in "REST API with a Lambda authorizer, token header"
resource "aws_lambda_permission" "authorizer" {
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_function_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.uploads.execution_arn}/authorizers/*"
}

# resource aws_lambda_permission authorizer
# in "HTTP API with a Lambda authorizer"
resource "aws_lambda_permission" "authorizer" {
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_function_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.uploads.execution_arn}/authorizers/*"
}

# resource aws_lb_target_group uploads
# in alb/*/*
resource "aws_lb_target_group" "uploads" {
  name_prefix                        = "upsign"
  target_type                        = "lambda"
  lambda_multi_value_headers_enabled = true
}

# resource aws_lb_target_group_attachment uploads
# in alb/*/*
resource "aws_lb_target_group_attachment" "uploads" {
  target_group_arn = aws_lb_target_group.uploads.arn
  target_id        = aws_lambda_function.uploads.arn
  depends_on       = [aws_lambda_permission.api]
}

# resource aws_lb_listener_rule uploads
# in alb/*/*
resource "aws_lb_listener_rule" "uploads" {
  listener_arn = var.listener_arn
  priority     = var.listener_rule_priority

  condition {
    path_pattern {
      values = ["/upload-url"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.uploads.arn
  }
}

# resource aws_cloudwatch_metric_alarm function_errors
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "R2", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_cloudwatch_metric_alarm" "function_errors" {
  alarm_name          = "${var.name}-FunctionErrors"
  alarm_description   = "Invocations of the upload function fail"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    FunctionName = aws_lambda_function.uploads.function_name
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm function_throttles
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "R2", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_cloudwatch_metric_alarm" "function_throttles" {
  alarm_name          = "${var.name}-FunctionThrottles"
  alarm_description   = "Invocations of the upload function are throttled"
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    FunctionName = aws_lambda_function.uploads.function_name
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm api_refusals
# in rest/*/*, "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_cloudwatch_metric_alarm" "api_refusals" {
  alarm_name          = "${var.name}-ApiRefusals"
  alarm_description   = "Many requests are rejected (4xx): tokens have expired, or a client has changed"
  namespace           = "AWS/ApiGateway"
  metric_name         = "4XXError"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 50
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    ApiName = var.name
    Stage   = "prod"
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm api_refusals
# in http/*/*, "wildcard origins, HTTP", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "HTTP API, token header"
resource "aws_cloudwatch_metric_alarm" "api_refusals" {
  alarm_name          = "${var.name}-ApiRefusals"
  alarm_description   = "Many requests are rejected (4xx): tokens have expired, or a client has changed"
  namespace           = "AWS/ApiGateway"
  metric_name         = "4xx"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 50
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    ApiId = aws_apigatewayv2_api.uploads.id
    Stage = "$default"
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm api_refusals
# in url/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "R2 and AWS", "R2", "function URL with IAM"
resource "aws_cloudwatch_metric_alarm" "api_refusals" {
  alarm_name          = "${var.name}-ApiRefusals"
  alarm_description   = "Many requests are rejected (4xx): tokens have expired, or a client has changed"
  namespace           = "AWS/Lambda"
  metric_name         = "Url4xxCount"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 50
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    FunctionName = aws_lambda_function.uploads.function_name
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm api_refusals
# in alb/*/*
resource "aws_cloudwatch_metric_alarm" "api_refusals" {
  alarm_name          = "${var.name}-ApiRefusals"
  alarm_description   = "Many requests are rejected (4xx): tokens have expired, or a client has changed"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_4XX_Count"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 50
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    TargetGroup  = aws_lb_target_group.uploads.arn_suffix
    LoadBalancer = join("/", slice(split("/", var.listener_arn), 1, 4))
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm api_errors
# in rest/*/*, "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name          = "${var.name}-ApiErrors"
  alarm_description   = "The API answers with server errors (5xx)"
  namespace           = "AWS/ApiGateway"
  metric_name         = "5XXError"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    ApiName = var.name
    Stage   = "prod"
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm api_errors
# in http/*/*, "wildcard origins, HTTP", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "HTTP API, token header"
resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name          = "${var.name}-ApiErrors"
  alarm_description   = "The API answers with server errors (5xx)"
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    ApiId = aws_apigatewayv2_api.uploads.id
    Stage = "$default"
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm api_errors
# in url/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "R2 and AWS", "R2", "function URL with IAM"
resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name          = "${var.name}-ApiErrors"
  alarm_description   = "The API answers with server errors (5xx)"
  namespace           = "AWS/Lambda"
  metric_name         = "Url5xxCount"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    FunctionName = aws_lambda_function.uploads.function_name
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm api_errors
# in alb/*/*
resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name          = "${var.name}-ApiErrors"
  alarm_description   = "The API answers with server errors (5xx)"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    TargetGroup  = aws_lb_target_group.uploads.arn_suffix
    LoadBalancer = join("/", slice(split("/", var.listener_arn), 1, 4))
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm jwks_refresh_failures
# in url|alb/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "R2 and AWS", "R2"
resource "aws_cloudwatch_metric_alarm" "jwks_refresh_failures" {
  alarm_name          = "${var.name}-JwksRefreshFailures"
  alarm_description   = "The keys that verify tokens cannot be fetched: once they are 24 hours old, every caller is refused"
  namespace           = "upsign"
  metric_name         = "JwksRefreshFailures"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions          = {}
  alarm_actions       = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm credentials_refresh_failures
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "R2", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_cloudwatch_metric_alarm" "credentials_refresh_failures" {
  alarm_name          = "${var.name}-CredentialsRefreshFailures"
  alarm_description   = "The credentials that sign uploads cannot be renewed: once they expire, every caller is refused"
  namespace           = "upsign"
  metric_name         = "CredentialsRefreshFailures"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions          = {}
  alarm_actions       = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm dead_letters
# in */*/queue, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${var.name}-DeadLetters"
  alarm_description   = "A notification of a new object could not be processed"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    QueueName = aws_sqs_queue.dead_letters.name
  }
  alarm_actions = var.alarm_topic_arns
}

# resource aws_cloudwatch_metric_alarm rejected_uploads
# in */*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
resource "aws_cloudwatch_metric_alarm" "rejected_uploads" {
  alarm_name          = "${var.name}-RejectedUploads"
  alarm_description   = "S3 rejects more than one upload in ten: compare the headers that clients send with those that are signed"
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = 10
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns

  metric_query {
    id          = "share"
    label       = "rejected uploads in percent"
    expression  = "100 * rejected / (puts + posts + 1)"
    return_data = true
  }

  metric_query {
    id = "rejected"

    metric {
      namespace   = "AWS/S3"
      metric_name = "4xxErrors"
      period      = 300
      stat        = "Sum"
      dimensions = {
        BucketName = aws_s3_bucket.uploads.id
        FilterId   = "upsign-uploads"
      }
    }
  }

  metric_query {
    id = "puts"

    metric {
      namespace   = "AWS/S3"
      metric_name = "PutRequests"
      period      = 300
      stat        = "Sum"
      dimensions = {
        BucketName = aws_s3_bucket.uploads.id
        FilterId   = "upsign-uploads"
      }
    }
  }

  metric_query {
    id = "posts"

    metric {
      namespace   = "AWS/S3"
      metric_name = "PostRequests"
      period      = 300
      stat        = "Sum"
      dimensions = {
        BucketName = aws_s3_bucket.uploads.id
        FilterId   = "upsign-uploads"
      }
    }
  }
}

# resource aws_cloudwatch_metric_alarm rejected_uploads_2
# in "two buckets, CloudFront"
resource "aws_cloudwatch_metric_alarm" "rejected_uploads_2" {
  alarm_name          = "${var.name}-RejectedUploads2"
  alarm_description   = "S3 rejects more than one upload in ten: compare the headers that clients send with those that are signed"
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = 10
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns

  metric_query {
    id          = "share"
    label       = "rejected uploads in percent"
    expression  = "100 * rejected / (puts + posts + 1)"
    return_data = true
  }

  metric_query {
    id = "rejected"

    metric {
      namespace   = "AWS/S3"
      metric_name = "4xxErrors"
      period      = 300
      stat        = "Sum"
      dimensions = {
        BucketName = aws_s3_bucket.uploads_2.id
        FilterId   = "upsign-uploads"
      }
    }
  }

  metric_query {
    id = "puts"

    metric {
      namespace   = "AWS/S3"
      metric_name = "PutRequests"
      period      = 300
      stat        = "Sum"
      dimensions = {
        BucketName = aws_s3_bucket.uploads_2.id
        FilterId   = "upsign-uploads"
      }
    }
  }

  metric_query {
    id = "posts"

    metric {
      namespace   = "AWS/S3"
      metric_name = "PostRequests"
      period      = 300
      stat        = "Sum"
      dimensions = {
        BucketName = aws_s3_bucket.uploads_2.id
        FilterId   = "upsign-uploads"
      }
    }
  }
}

# resource aws_cloudwatch_dashboard uploads
# in rest/*/*, "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
resource "aws_cloudwatch_dashboard" "uploads" {
  dashboard_name = "${var.name}-${data.aws_region.current.id}"
  dashboard_body = jsonencode({
    widgets = [
      {
        type   = "metric"
        x      = 0
        y      = 0
        width  = 8
        height = 6
        properties = {
          title  = "Uploads"
          region = data.aws_region.current.id
          stat   = "Sum"
          period = 300
          metrics = [
            [
              "AWS/S3",
              "PutRequests",
              "BucketName",
              aws_s3_bucket.uploads.id,
              "FilterId",
              "upsign-uploads",
            ],
            [
              "AWS/S3",
              "PostRequests",
              "BucketName",
              aws_s3_bucket.uploads.id,
              "FilterId",
              "upsign-uploads",
            ],
            [
              "AWS/S3",
              "4xxErrors",
              "BucketName",
              aws_s3_bucket.uploads.id,
              "FilterId",
              "upsign-uploads",
            ],
            [
              "AWS/S3",
              "5xxErrors",
              "BucketName",
              aws_s3_bucket.uploads.id,
              "FilterId",
              "upsign-uploads",
            ],
            [
              "AWS/S3",
              "BytesUploaded",
              "BucketName",
              aws_s3_bucket.uploads.id,
              "FilterId",
              "upsign-uploads",
            ],
          ]
        }
      },
      {
        type   = "metric"
        x      = 8
        y      = 0
        width  = 8
        height = 6
        properties = {
          title  = "API requests"
          region = data.aws_region.current.id
          stat   = "Sum"
          period = 300
          metrics = [
            ["AWS/ApiGateway", "Count", "ApiName", var.name, "Stage", "prod"],
            ["AWS/ApiGateway", "4XXError", "ApiName", var.name, "Stage", "prod"],
            ["AWS/ApiGateway", "5XXError", "ApiName", var.name, "Stage", "prod"],
            [
              "AWS/ApiGateway",
              "Latency",
              "ApiName",
              var.name,
              "Stage",
              "prod",
              {
                stat = "p95"
              },
            ],
          ]
        }
      },
      {
        type   = "metric"
        x      = 16
        y      = 0
        width  = 8
        height = 6
        properties = {
          title  = "Function"
          region = data.aws_region.current.id
          stat   = "Sum"
          period = 300
          metrics = [
            ["AWS/Lambda", "Invocations", "FunctionName", aws_lambda_function.uploads.function_name],
            ["AWS/Lambda", "Errors", "FunctionName", aws_lambda_function.uploads.function_name],
            ["AWS/Lambda", "Throttles", "FunctionName", aws_lambda_function.uploads.function_name],
            [
              "AWS/Lambda",
              "Duration",
              "FunctionName",
              aws_lambda_function.uploads.function_name,
              {
                stat = "p95"
              },
            ],
          ]
        }
      },
    ]
  })
}

# resource aws_cloudwatch_dashboard uploads
# in http/*/*, "wildcard origins, HTTP", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "HTTP API, token header"
# like the first, with these changes
@@
           metrics = [
-            ["AWS/ApiGateway", "Count", "ApiName", var.name, "Stage", "prod"],
-            ["AWS/ApiGateway", "4XXError", "ApiName", var.name, "Stage", "prod"],
-            ["AWS/ApiGateway", "5XXError", "ApiName", var.name, "Stage", "prod"],
+            ["AWS/ApiGateway", "Count", "ApiId", aws_apigatewayv2_api.uploads.id, "Stage", "$default"],
+            ["AWS/ApiGateway", "4xx", "ApiId", aws_apigatewayv2_api.uploads.id, "Stage", "$default"],
+            ["AWS/ApiGateway", "5xx", "ApiId", aws_apigatewayv2_api.uploads.id, "Stage", "$default"],
@@
               "Latency",
-              "ApiName",
-              var.name,
+              "ApiId",
+              aws_apigatewayv2_api.uploads.id,
@@
               "Stage",
-              "prod",
+              "$default",

# resource aws_cloudwatch_dashboard uploads
# in url/*/*, "public ACL", "KMS key, any origin", "account-regional name", "R2 and AWS", "function URL with IAM"
# like the first, with these changes
@@
           metrics = [
-            ["AWS/ApiGateway", "Count", "ApiName", var.name, "Stage", "prod"],
-            ["AWS/ApiGateway", "4XXError", "ApiName", var.name, "Stage", "prod"],
-            ["AWS/ApiGateway", "5XXError", "ApiName", var.name, "Stage", "prod"],
@@
             [
-              "AWS/ApiGateway",
-              "Latency",
-              "ApiName",
-              var.name,
-              "Stage",
-              "prod",
+              "AWS/Lambda",
+              "UrlRequestCount",
+              "FunctionName",
+              aws_lambda_function.uploads.function_name,
+            ],
+            ["AWS/Lambda", "Url4xxCount", "FunctionName", aws_lambda_function.uploads.function_name],
+            ["AWS/Lambda", "Url5xxCount", "FunctionName", aws_lambda_function.uploads.function_name],
+            [
+              "AWS/Lambda",
+              "UrlRequestLatency",
+              "FunctionName",
+              aws_lambda_function.uploads.function_name,

# resource aws_cloudwatch_dashboard uploads
# in alb/*/*
# like the first, with these changes
@@
           metrics = [
-            ["AWS/ApiGateway", "Count", "ApiName", var.name, "Stage", "prod"],
-            ["AWS/ApiGateway", "4XXError", "ApiName", var.name, "Stage", "prod"],
-            ["AWS/ApiGateway", "5XXError", "ApiName", var.name, "Stage", "prod"],
@@
             [
-              "AWS/ApiGateway",
-              "Latency",
-              "ApiName",
-              var.name,
-              "Stage",
-              "prod",
+              "AWS/ApplicationELB",
+              "RequestCount",
+              "TargetGroup",
+              aws_lb_target_group.uploads.arn_suffix,
+              "LoadBalancer",
+              join("/", slice(split("/", var.listener_arn), 1, 4)),
+            ],
+            [
+              "AWS/ApplicationELB",
+              "HTTPCode_Target_4XX_Count",
+              "TargetGroup",
+              aws_lb_target_group.uploads.arn_suffix,
+              "LoadBalancer",
+              join("/", slice(split("/", var.listener_arn), 1, 4)),
+            ],
+            [
+              "AWS/ApplicationELB",
+              "HTTPCode_Target_5XX_Count",
+              "TargetGroup",
+              aws_lb_target_group.uploads.arn_suffix,
+              "LoadBalancer",
+              join("/", slice(split("/", var.listener_arn), 1, 4)),
+            ],
+            [
+              "AWS/ApplicationELB",
+              "TargetResponseTime",
+              "TargetGroup",
+              aws_lb_target_group.uploads.arn_suffix,
+              "LoadBalancer",
+              join("/", slice(split("/", var.listener_arn), 1, 4)),

# resource aws_cloudwatch_dashboard uploads
# in "two buckets, CloudFront"
# like the first, with these changes
@@
             ],
+            [
+              "AWS/S3",
+              "PutRequests",
+              "BucketName",
+              aws_s3_bucket.uploads_2.id,
+              "FilterId",
+              "upsign-uploads",
+            ],
+            [
+              "AWS/S3",
+              "PostRequests",
+              "BucketName",
+              aws_s3_bucket.uploads_2.id,
+              "FilterId",
+              "upsign-uploads",
+            ],
+            [
+              "AWS/S3",
+              "4xxErrors",
+              "BucketName",
+              aws_s3_bucket.uploads_2.id,
+              "FilterId",
+              "upsign-uploads",
+            ],
+            [
+              "AWS/S3",
+              "5xxErrors",
+              "BucketName",
+              aws_s3_bucket.uploads_2.id,
+              "FilterId",
+              "upsign-uploads",
+            ],
+            [
+              "AWS/S3",
+              "BytesUploaded",
+              "BucketName",
+              aws_s3_bucket.uploads_2.id,
+              "FilterId",
+              "upsign-uploads",
+            ],
@@
           metrics = [
-            ["AWS/ApiGateway", "Count", "ApiName", var.name, "Stage", "prod"],
-            ["AWS/ApiGateway", "4XXError", "ApiName", var.name, "Stage", "prod"],
-            ["AWS/ApiGateway", "5XXError", "ApiName", var.name, "Stage", "prod"],
@@
             [
-              "AWS/ApiGateway",
-              "Latency",
-              "ApiName",
-              var.name,
-              "Stage",
-              "prod",
+              "AWS/Lambda",
+              "UrlRequestCount",
+              "FunctionName",
+              aws_lambda_function.uploads.function_name,
+            ],
+            ["AWS/Lambda", "Url4xxCount", "FunctionName", aws_lambda_function.uploads.function_name],
+            ["AWS/Lambda", "Url5xxCount", "FunctionName", aws_lambda_function.uploads.function_name],
+            [
+              "AWS/Lambda",
+              "UrlRequestLatency",
+              "FunctionName",
+              aws_lambda_function.uploads.function_name,

# resource aws_cloudwatch_dashboard uploads
# in "R2"
resource "aws_cloudwatch_dashboard" "uploads" {
  dashboard_name = "${var.name}-${data.aws_region.current.id}"
  dashboard_body = jsonencode({
    widgets = [
      {
        type   = "metric"
        x      = 0
        y      = 0
        width  = 8
        height = 6
        properties = {
          title  = "API requests"
          region = data.aws_region.current.id
          stat   = "Sum"
          period = 300
          metrics = [
            [
              "AWS/Lambda",
              "UrlRequestCount",
              "FunctionName",
              aws_lambda_function.uploads.function_name,
            ],
            ["AWS/Lambda", "Url4xxCount", "FunctionName", aws_lambda_function.uploads.function_name],
            ["AWS/Lambda", "Url5xxCount", "FunctionName", aws_lambda_function.uploads.function_name],
            [
              "AWS/Lambda",
              "UrlRequestLatency",
              "FunctionName",
              aws_lambda_function.uploads.function_name,
              {
                stat = "p95"
              },
            ],
          ]
        }
      },
      {
        type   = "metric"
        x      = 8
        y      = 0
        width  = 8
        height = 6
        properties = {
          title  = "Function"
          region = data.aws_region.current.id
          stat   = "Sum"
          period = 300
          metrics = [
            ["AWS/Lambda", "Invocations", "FunctionName", aws_lambda_function.uploads.function_name],
            ["AWS/Lambda", "Errors", "FunctionName", aws_lambda_function.uploads.function_name],
            ["AWS/Lambda", "Throttles", "FunctionName", aws_lambda_function.uploads.function_name],
            [
              "AWS/Lambda",
              "Duration",
              "FunctionName",
              aws_lambda_function.uploads.function_name,
              {
                stat = "p95"
              },
            ],
          ]
        }
      },
    ]
  })
}

# output distribution_domain
# in */cloudfront/*, "two buckets, CloudFront"
output "distribution_domain" {
  description = "Domain name from which uploads are read"
  value       = aws_cloudfront_distribution.uploads.domain_name
}

# output distribution_arn
# in */cloudfront/*, "two buckets, CloudFront"
output "distribution_arn" {
  description = "ARN of the distribution, which the policies of the bucket and of its KMS key must name"
  value       = aws_cloudfront_distribution.uploads.arn
}

# output distribution2_domain
# in "two buckets, CloudFront"
output "distribution2_domain" {
  description = "Domain name from which uploads are read"
  value       = aws_cloudfront_distribution.uploads_2.domain_name
}

# output distribution2_arn
# in "two buckets, CloudFront"
output "distribution2_arn" {
  description = "ARN of the distribution, which the policies of the bucket and of its KMS key must name"
  value       = aws_cloudfront_distribution.uploads_2.arn
}

# output queue_url
# in */*/queue, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "wildcard origins, HTTP", "R2 and AWS", "REST API with a Lambda authorizer, token header", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "function URL with IAM", "HTTP API, token header"
output "queue_url" {
  description = "URL of the queue that receives notifications of new objects"
  value       = aws_sqs_queue.uploads.url
}

# output function_role_arn
# in all
output "function_role_arn" {
  description = "ARN of the role of the function, which the trust policy of a signing role must name"
  value       = aws_iam_role.uploads.arn
}

# output function_arn
# in all
output "function_arn" {
  description = "ARN of the function that signs uploads"
  value       = aws_lambda_function.uploads.arn
}

# output upload_path
# in alb/*/*
output "upload_path" {
  description = "Path at which clients request uploads (POST), on the host of the load balancer"
  value       = "/upload-url"
}

# output upload_url
# in rest/*/*, "expiry, table, role, variables, limits, traces", "wildcard origins, REST", "REST API with a Lambda authorizer, token header"
output "upload_url" {
  description = "URL at which clients request uploads (POST)"
  value       = "${aws_api_gateway_stage.uploads.invoke_url}/upload-url"
}

# output upload_url
# in http/*/*, "wildcard origins, HTTP", "HTTP API with a Lambda authorizer", "HTTP API with IAM", "HTTP API, token header"
output "upload_url" {
  description = "URL at which clients request uploads (POST)"
  value       = "${aws_apigatewayv2_api.uploads.api_endpoint}/upload-url"
}

# output upload_url
# in url/*/*, "public ACL", "KMS key, any origin", "two buckets, CloudFront", "account-regional name", "no origins, unversioned, unmonitored, no guards", "R2 and AWS", "R2", "function URL with IAM"
output "upload_url" {
  description = "URL at which clients request uploads (POST)"
  value       = "${aws_lambda_function_url.uploads.function_url}upload-url"
}

