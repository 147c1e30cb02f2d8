terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.70"
    }
  }
}

variable "package" {
  description = "Path of the function's zip file, built in the folder of its crate with cargo lambda build --release --arm64 --output-format zip --include upsign.toml, without --arm64 for x86_64"
  type        = string
}

variable "architecture" {
  description = "Processor architecture of the function"
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that receive alarms"
  type        = list(string)
  default     = []
}

data "aws_caller_identity" "current" {
}

resource "aws_s3_bucket" "uploads" {
  bucket = "article-images-bucket"
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

resource "aws_s3_bucket_metric" "uploads" {
  bucket = aws_s3_bucket.uploads.id
  name   = "upsign-uploads"
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
}

resource "aws_s3_bucket_notification" "uploads" {
  bucket      = aws_s3_bucket.uploads.id
  eventbridge = true
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

resource "aws_cloudwatch_log_group" "uploads" {
  name_prefix       = "/upsign/uploads-"
  retention_in_days = 30
}

resource "aws_lambda_function" "uploads" {
  function_name    = "GetUploadUrlFunction"
  role             = aws_iam_role.uploads.arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = [var.architecture]
  memory_size      = 256
  timeout          = 10

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.uploads.name
  }

  environment {
    variables = {}
  }
}

resource "aws_api_gateway_rest_api" "uploads" {
  name = "uploads"
  body = jsonencode({
    openapi = "3.0.1"
    info = {
      title   = "uploads"
      version = "1"
    }
    paths = {
      "/upload-url" = {
        post = {
          security = [
            {
              Cognito = ["aws.cognito.signin.user.admin"]
            },
          ]
          responses = {}
          "x-amazon-apigateway-integration" = {
            type       = "aws_proxy"
            httpMethod = "POST"
            uri        = aws_lambda_function.uploads.invoke_arn
          }
        }
        options = {
          responses = {}
          "x-amazon-apigateway-integration" = {
            type       = "aws_proxy"
            httpMethod = "POST"
            uri        = aws_lambda_function.uploads.invoke_arn
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
    }
    "x-amazon-apigateway-gateway-responses" = {
      DEFAULT_4XX = {
        responseParameters = {
          "gatewayresponse.header.Access-Control-Allow-Origin" = "'https://app.example.com'"
          "gatewayresponse.header.Cache-Control"               = "'no-store'"
        }
      }
      DEFAULT_5XX = {
        responseParameters = {
          "gatewayresponse.header.Access-Control-Allow-Origin" = "'https://app.example.com'"
          "gatewayresponse.header.Cache-Control"               = "'no-store'"
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
}

resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.uploads.execution_arn}/*"
}

output "upload_url" {
  description = "URL at which clients request uploads (POST)"
  value       = "${aws_api_gateway_stage.uploads.invoke_url}/upload-url"
}
