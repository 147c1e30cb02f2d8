terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.70"
    }
  }
}

variable "name" {
  description = "Name of the deployment, with which the names of its resources begin; must be unique in the account"
  type        = string
  default     = "uploads"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,40}$", var.name))
    error_message = "The name must have at most 40 letters, digits, hyphens and underscores."
  }
}

variable "package" {
  description = "Path of the function's zip file"
  type        = string
}

variable "architecture" {
  description = "Processor architecture of the function, for which its zip file is built"
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "reserved_concurrency" {
  description = "How many instances of the function may run at a time. Lambda reserves them from the concurrency of the account, of which 100 (10 in a new account) stay for other functions; -1 for no limit of its own"
  type        = number
  default     = -1
}

variable "create_api_gateway_log_role" {
  description = "Whether to create the role with which API Gateway writes access logs, and to set it for all REST APIs of the account in this region. Needed once per account and region: without such a role, the deployment fails with \"CloudWatch Logs role ARN must be set in account settings\". terraform destroy refuses to delete them, because the other REST APIs use them: remove them from the state first (terraform state rm)"
  type        = bool
  default     = false
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that receive alarms"
  type        = list(string)
  default     = []
}

data "aws_caller_identity" "current" {
}

data "aws_partition" "current" {
}

data "aws_region" "current" {
}

resource "aws_s3_bucket" "uploads" {
  bucket = "article-images-bucket"

  lifecycle {
    precondition {
      condition     = data.aws_region.current.id == "ap-southeast-1"
      error_message = "Upload URLs are signed for ap-southeast-1, so the buckets must be there: use a provider with region = \"ap-southeast-1\", or configure the other region and generate the stack again."
    }
  }
}

resource "aws_s3_bucket_public_access_block" "uploads" {
  bucket                  = aws_s3_bucket.uploads.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  versioning_configuration {
    status = "Enabled"
  }
}

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

  cors_rule {
    id              = "upsign-reads"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["GET"]
    allowed_headers = ["if-match"]
    expose_headers  = ["ETag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}

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
    id     = "upsign-unconfirmed-1"
    status = "Enabled"

    filter {
      prefix = "pending/files/"
    }

    expiration {
      days = 2
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "upsign-unconfirmed-1-markers"
    status = "Enabled"

    filter {
      prefix = "pending/files/"
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  depends_on = [aws_s3_bucket_versioning.uploads]
}

resource "aws_s3_bucket_notification" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  queue {
    id            = "upsign-1"
    queue_arn     = aws_sqs_queue.uploads.arn
    events        = ["s3:ObjectCreated:Put", "s3:LifecycleExpiration:*"]
    filter_prefix = "pending/files/"
  }

  queue {
    id            = "upsign-2"
    queue_arn     = aws_sqs_queue.uploads.arn
    events        = ["s3:ObjectCreated:Put"]
    filter_prefix = "tagged/"
  }

  queue {
    id            = "upsign-3"
    queue_arn     = aws_sqs_queue.uploads.arn
    events        = ["s3:ObjectCreated:Put"]
    filter_prefix = "other/"
  }

  depends_on = [aws_sqs_queue_policy.uploads]
}

resource "aws_s3_bucket_metric" "uploads" {
  bucket = aws_s3_bucket.uploads.id
  name   = "upsign-uploads"
}

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
      {
        Sid       = "PendingIsNotRead"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource  = "arn:aws:s3:::article-images-bucket/pending/files/*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = aws_iam_role.uploads.arn
          }
        }
      },
      {
        Sid       = "OnlyConfirmed"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource  = "arn:aws:s3:::article-images-bucket/tagged/*/*.*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = aws_iam_role.uploads.arn
          }
          StringNotEquals = {
            "s3:ExistingObjectTag/upsign" = "confirmed"
          }
        }
      },
      {
        Sid       = "NoForgedConfirmation"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"]
        Resource  = "arn:aws:s3:::article-images-bucket/tagged/*/*.*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = aws_iam_role.uploads.arn
          }
          Null = {
            "s3:RequestObjectTag/upsign" = "false"
          }
        }
      },
    ]
  })
}

resource "aws_sqs_queue" "dead_letters" {
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "uploads" {
  visibility_timeout_seconds = 180
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

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

resource "aws_cloudwatch_log_group" "uploads" {
  name              = "/upsign/${var.name}"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/vendedlogs/${var.name}/upload-api"
  retention_in_days = 30
}

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

resource "aws_iam_role_policy" "uploads" {
  name = "uploads"
  role = aws_iam_role.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "PutUploads"
        Effect = "Allow"
        Action = "s3:PutObject"
        Resource = [
          "arn:aws:s3:::article-images-bucket/pending/files/*/*.*",
          "arn:aws:s3:::article-images-bucket/tagged/*/*.*",
          "arn:aws:s3:::article-images-bucket/other/*",
        ]
      },
      {
        Sid      = "PromoteUploads"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::article-images-bucket/files/*/*.*"
      },
      {
        Sid    = "DiscardObjects"
        Effect = "Allow"
        Action = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = [
          "arn:aws:s3:::article-images-bucket/pending/files/*/*.*",
          "arn:aws:s3:::article-images-bucket/files/*/*.*",
        ]
      },
      {
        Sid      = "TagInspected"
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"]
        Resource = "arn:aws:s3:::article-images-bucket/tagged/*/*.*"
      },
      {
        Sid      = "DeleteUploads"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = "arn:aws:s3:::article-images-bucket/tagged/*/*.*"
      },
      {
        Sid    = "ReadUploads"
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [
          "arn:aws:s3:::article-images-bucket/pending/files/*/*.*",
          "arn:aws:s3:::article-images-bucket/files/*/*.*",
          "arn:aws:s3:::article-images-bucket/tagged/*/*.*",
          "arn:aws:s3:::article-images-bucket/other/*",
        ]
      },
      {
        Sid      = "ListForNotFound"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = "arn:aws:s3:::article-images-bucket"
      },
      {
        Sid    = "CountUploads"
        Effect = "Allow"
        Action = [
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:UpdateItem",
          "dynamodb:DeleteItem",
          "dynamodb:Query",
        ]
        Resource = "arn:aws:dynamodb:ap-southeast-1:${data.aws_caller_identity.current.account_id}:table/upsign-quota"
      },
      {
        Sid      = "ReadTokenSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:upsign/uploads-AbCdEf"
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

resource "aws_lambda_function" "uploads" {
  function_name                  = var.name
  role                           = aws_iam_role.uploads.arn
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  handler                        = "bootstrap"
  runtime                        = "provided.al2023"
  architectures                  = [var.architecture]
  memory_size                    = 256
  timeout                        = 30
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

resource "aws_dynamodb_table" "quota" {
  name         = "upsign-quota"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "account"
  range_key    = "item"

  attribute {
    name = "account"
    type = "S"
  }

  attribute {
    name = "item"
    type = "S"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }
}

resource "aws_iam_role_policy_attachment" "api_gateway_logs" {
  count      = var.create_api_gateway_log_role ? 1 : 0
  role       = aws_iam_role.api_gateway_logs[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_api_gateway_account" "uploads" {
  count               = var.create_api_gateway_log_role ? 1 : 0
  cloudwatch_role_arn = aws_iam_role.api_gateway_logs[0].arn
  depends_on          = [aws_api_gateway_rest_api.uploads, aws_iam_role_policy_attachment.api_gateway_logs]

  lifecycle {
    prevent_destroy = true
  }
}

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
            required = true
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
                  "method.response.header.Access-Control-Allow-Methods" = "'POST, DELETE'"
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
      "/uploads/confirm" = {
        post = {
          operationId = "confirmUpload"
          requestBody = {
            required = true
            content = {
              "application/json" = {
                schema = {
                  "$ref" = "#/components/schemas/ConfirmRequest"
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
              description = "The state of the upload."
              content = {
                "application/json" = {
                  schema = {
                    "$ref" = "#/components/schemas/Confirmation"
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
          operationId = "preflightConfirm"
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
                  "method.response.header.Access-Control-Allow-Methods" = "'POST, DELETE'"
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
      "/uploads/read-url" = {
        post = {
          operationId = "readUrl"
          requestBody = {
            required = true
            content = {
              "application/json" = {
                schema = {
                  "$ref" = "#/components/schemas/ReadUrlRequest"
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
              description = "The URL is signed. Read the object with a GET."
              content = {
                "application/json" = {
                  schema = {
                    "$ref" = "#/components/schemas/ReadUrl"
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
          operationId = "preflightReadUrl"
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
                  "method.response.header.Access-Control-Allow-Methods" = "'POST, DELETE'"
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
      "/uploads" = {
        delete = {
          operationId = "deleteUpload"
          requestBody = {
            required = true
            content = {
              "application/json" = {
                schema = {
                  "$ref" = "#/components/schemas/DeleteRequest"
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
              description = "There is no object any more."
              content = {
                "application/json" = {
                  schema = {
                    "$ref" = "#/components/schemas/UploadDeleted"
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
            "409" = {
              description = "Conflict"
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
          operationId = "preflightDelete"
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
                  "method.response.header.Access-Control-Allow-Methods" = "'POST, DELETE'"
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
              enum        = ["image/jpeg"]
            }
            contentLength = {
              type        = "integer"
              minimum     = 1
              maximum     = 1048576
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
          required = ["uploadUrl", "key", "expiresIn", "method", "headers", "expiresAt"]
          properties = {
            uploadUrl = {
              type        = "string"
              description = "URL to send the object to. Keep it secret: anyone who has it can upload."
            }
            key = {
              type = "string"
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
            uploadToken = {
              "$ref" = "#/components/schemas/UploadToken"
            }
            confirm = {
              enum        = [true]
              type        = "boolean"
              description = "The upload succeeded only if POST /uploads/confirm answers that it is confirmed."
            }
          }
        }
        Problem = {
          type     = "object"
          required = ["type", "title", "status", "code", "detail", "diagnose"]
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
            diagnose = {
              type        = "object"
              description = "What corrects the refusal, as `upsign diagnose` says it."
              required    = ["cause", "owner", "fix"]
              properties = {
                cause = {
                  type        = "string"
                  pattern     = "^[a-z-]+$"
                  description = "Cause in the table of `upsign diagnose`. Further ones can be added."
                }
                owner = {
                  type        = "string"
                  pattern     = "^[a-z-]+$"
                  description = "In whose hands the fix is: client, cors or configuration."
                }
                fix = {
                  type        = "string"
                  description = "What to do, for people. It may change."
                }
                requestId = {
                  type        = "string"
                  pattern     = "^[A-Za-z0-9_.:=-]{1,128}$"
                  description = "Id of the request in the log of the service."
                }
              }
            }
          }
        }
        UploadToken = {
          type        = "string"
          minLength   = 1
          maxLength   = 12288
          pattern     = "^[A-Za-z0-9_-]+$"
          description = "What the service knows about an upload, signed. It is valid for the caller that began the upload, and only together with the caller's own credentials."
        }
        ConfirmRequest = {
          type     = "object"
          required = ["uploadToken"]
          properties = {
            uploadToken = {
              "$ref" = "#/components/schemas/UploadToken"
            }
          }
        }
        Confirmation = {
          type     = "object"
          required = ["state", "key"]
          properties = {
            state = {
              type = "string"
              enum = ["confirmed", "mismatch", "missing", "rejected", "pending"]
            }
            reason = {
              type = "string"
              enum = [
                "size",
                "content-type",
                "checksum",
                "encryption",
                "changed",
                "type-mismatch",
                "unknown-type",
                "active-content",
                "polyglot",
                "archive",
                "truncated",
                "malware",
                "application",
                "inspecting",
                "promoting",
              ]
              description = "Why the upload is not confirmed."
            }
            key = {
              type        = "string"
              description = "Key of the object for readers."
            }
            size = {
              type        = "integer"
              minimum     = 0
              description = "Size of the object in bytes."
            }
            etag = {
              type        = "string"
              description = "ETag that the store returned, with or without its quotes."
            }
            versionId = {
              type        = "string"
              description = "Version that was confirmed, in a bucket with versions."
            }
            contentType = {
              type        = "string"
              description = "Content type of the object."
            }
            checksum = {
              type          = "object"
              description   = "Checksum of the whole object that the store has computed or compared."
              minProperties = 1
              properties = {
                sha256 = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"
                }
                sha1 = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=$"
                }
                crc32 = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{5}[AQgw]==$"
                }
                crc32c = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{5}[AQgw]==$"
                }
                crc64nvme = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{10}[AEIMQUYcgkosw048]=$"
                }
                md5 = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{21}[AQgw]==$"
                }
                sha512 = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{85}[AQgw]==$"
                }
                "amz-md5" = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{21}[AQgw]==$"
                }
                xxhash64 = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{10}[AEIMQUYcgkosw048]=$"
                }
                xxhash3 = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{10}[AEIMQUYcgkosw048]=$"
                }
                xxhash128 = {
                  type    = "string"
                  pattern = "^[A-Za-z0-9+/]{21}[AQgw]==$"
                }
              }
            }
            receipt = {
              "$ref" = "#/components/schemas/Receipt"
            }
            retryAfter = {
              type        = "integer"
              minimum     = 1
              description = "After how many seconds to ask again, if the state is pending."
            }
          }
        }
        ReadUrlRequest = {
          type     = "object"
          required = ["receipt"]
          properties = {
            receipt = {
              "$ref" = "#/components/schemas/Receipt"
            }
            expiresIn = {
              type        = "integer"
              minimum     = 1
              maximum     = 604800
              description = "Wanted lifetime of the URL in seconds. The service can shorten it."
            }
            disposition = {
              enum        = ["attachment"]
              type        = "string"
              description = "Lets browsers save the object instead of displaying it. They do so anyway for types that can contain scripts."
            }
          }
        }
        ReadUrl = {
          type     = "object"
          required = ["readUrl", "key", "contentType", "expiresIn", "expiresAt"]
          properties = {
            readUrl = {
              type        = "string"
              description = "URL to read the object from, with GET. Keep it secret: anyone who has it can read."
            }
            headers = {
              type        = "object"
              description = "Headers to send, in addition to Host. Absent if there are none."
            }
            key = {
              type        = "string"
              description = "Key of the object."
            }
            versionId = {
              type        = "string"
              description = "Version that the URL names, in a bucket with versions."
            }
            contentType = {
              type        = "string"
              description = "Content type with which the object is sent."
            }
            expiresIn = {
              type        = "integer"
              minimum     = 1
              description = "Lifetime of the URL in seconds."
            }
            expiresAt = {
              type        = "string"
              description = "When the URL expires."
            }
            expiresAtIs = {
              enum        = ["upper-bound"]
              type        = "string"
              description = "Present if the grant may expire earlier than expiresAt, because the expiry of the signing credentials is not known."
            }
          }
        }
        DeleteRequest = {
          type = "object"
          properties = {
            receipt = {
              "$ref" = "#/components/schemas/Receipt"
            }
            uploadToken = {
              "$ref" = "#/components/schemas/UploadToken"
            }
          }
        }
        UploadDeleted = {
          type     = "object"
          required = ["state", "key"]
          properties = {
            state = {
              type = "string"
              enum = ["deleted"]
            }
            key = {
              type        = "string"
              description = "Key of the object."
            }
          }
        }
        Receipt = {
          type        = "string"
          minLength   = 1
          maxLength   = 5462
          pattern     = "^[A-Za-z0-9_-]+$"
          description = "Proof that an upload was confirmed, signed by the service. It does not expire: store it with the key."
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

resource "aws_api_gateway_deployment" "uploads" {
  rest_api_id = aws_api_gateway_rest_api.uploads.id
  triggers = {
    body = sha1(aws_api_gateway_rest_api.uploads.body)
  }

  lifecycle {
    create_before_destroy = true
  }
}

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

resource "aws_api_gateway_method_settings" "uploads" {
  rest_api_id = aws_api_gateway_rest_api.uploads.id
  stage_name  = aws_api_gateway_stage.uploads.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = 50
    throttling_burst_limit = 100
  }
}

resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.uploads.execution_arn}/*/POST/upload-url"
}

resource "aws_lambda_permission" "api_2" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.uploads.execution_arn}/*/POST/uploads/*"
}

resource "aws_lambda_permission" "api_3" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.uploads.execution_arn}/*/DELETE/uploads"
}

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

resource "aws_cloudwatch_metric_alarm" "mismatched_uploads" {
  alarm_name          = "${var.name}-MismatchedUploads"
  alarm_description   = "Many uploads differ from what was granted: a client sends other bytes than it has declared"
  namespace           = "upsign"
  metric_name         = "UploadMismatch"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 20
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions          = {}
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "rejected_content" {
  alarm_name          = "${var.name}-RejectedContent"
  alarm_description   = "The inspection rejects many uploads: their content is not what its type says, or is dangerous"
  namespace           = "upsign"
  metric_name         = "UploadRejected"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 20
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions          = {}
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "limits_skipped" {
  alarm_name          = "${var.name}-LimitsSkipped"
  alarm_description   = "Uploads are granted without being counted, because the store of the quota fails"
  namespace           = "upsign"
  metric_name         = "LimitsSkipped"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions          = {}
  alarm_actions       = var.alarm_topic_arns
}

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
      {
        type   = "metric"
        x      = 0
        y      = 6
        width  = 8
        height = 6
        properties = {
          title  = "After the upload"
          region = data.aws_region.current.id
          stat   = "Sum"
          period = 300
          metrics = [
            ["upsign", "UploadConfirmed"],
            ["upsign", "UploadRejected"],
            ["upsign", "UploadMismatch"],
            ["upsign", "UploadDeleted"],
          ]
        }
      },
    ]
  })
}

output "queue_url" {
  description = "URL of the queue that receives notifications of new objects"
  value       = aws_sqs_queue.uploads.url
}

output "function_role_arn" {
  description = "ARN of the role of the function, which the trust policy of a signing role must name"
  value       = aws_iam_role.uploads.arn
}

output "function_arn" {
  description = "ARN of the function that signs uploads"
  value       = aws_lambda_function.uploads.arn
}

output "upload_url" {
  description = "URL at which clients request uploads (POST)"
  value       = "${aws_api_gateway_stage.uploads.invoke_url}/upload-url"
}

output "uploads_url" {
  description = "URL below which clients continue multipart uploads: /parts, /status, /complete and /abort (POST)"
  value       = "${aws_api_gateway_stage.uploads.invoke_url}/uploads"
}
