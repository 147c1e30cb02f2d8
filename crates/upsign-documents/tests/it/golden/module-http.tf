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

resource "aws_s3_bucket_versioning" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  versioning_configuration {
    status = "Enabled"
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

  cors_rule {
    id              = "upsign-forms"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["POST"]
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
      days_after_initiation = 7
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

  rule {
    id     = "upsign-infrequent-2"
    status = "Enabled"

    filter {
      prefix = "avatars/"
    }

    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }
  }

  rule {
    id     = "upsign-infrequent-3"
    status = "Enabled"

    filter {
      prefix = "forms/"
    }

    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }
  }
}

resource "aws_s3_bucket_notification" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  queue {
    id        = "upsign-1"
    queue_arn = aws_sqs_queue.uploads.arn
    events = [
      "s3:ObjectCreated:Put",
      "s3:ObjectCreated:Post",
      "s3:ObjectCreated:CompleteMultipartUpload",
    ]
    filter_prefix = "articles/"
  }

  queue {
    id        = "upsign-2"
    queue_arn = aws_sqs_queue.uploads.arn
    events = [
      "s3:ObjectCreated:Put",
      "s3:ObjectCreated:Post",
      "s3:ObjectCreated:CompleteMultipartUpload",
    ]
    filter_prefix = "avatars/"
  }

  queue {
    id        = "upsign-3"
    queue_arn = aws_sqs_queue.uploads.arn
    events = [
      "s3:ObjectCreated:Put",
      "s3:ObjectCreated:Post",
      "s3:ObjectCreated:CompleteMultipartUpload",
    ]
    filter_prefix = "forms/"
  }

  depends_on = [aws_sqs_queue_policy.uploads]
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
        Sid       = "OnlyFresh"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource = [
          "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*",
          "arn:aws:s3:::article-images-bucket/avatars/*/*",
          "arn:aws:s3:::article-images-bucket/forms/*",
        ]
        Condition = {
          NumericGreaterThan = {
            "s3:signatureAge" = "900000"
          }
        }
      },
      {
        Sid       = "NoOtherAcl"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource = [
          "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*",
          "arn:aws:s3:::article-images-bucket/avatars/*/*",
          "arn:aws:s3:::article-images-bucket/forms/*",
        ]
        Condition = {
          Null = {
            "s3:x-amz-acl" = "false"
          }
        }
      },
      {
        Sid    = "CloudFrontMayRead"
        Effect = "Allow"
        Principal = {
          Service = "cloudfront.amazonaws.com"
        }
        Action = "s3:GetObject"
        Resource = [
          "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*",
          "arn:aws:s3:::article-images-bucket/avatars/*/*",
          "arn:aws:s3:::article-images-bucket/forms/*",
        ]
        Condition = {
          StringEquals = {
            "aws:SourceArn" = aws_cloudfront_distribution.uploads.arn
          }
        }
      },
    ]
  })
}

resource "aws_cloudfront_origin_access_control" "uploads" {
  name                              = "article-images-bucket"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "uploads" {
  name = "article-images-bucket"

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
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
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
        Sid    = "PutUploads"
        Effect = "Allow"
        Action = "s3:PutObject"
        Resource = [
          "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*",
          "arn:aws:s3:::article-images-bucket/avatars/*/*",
          "arn:aws:s3:::article-images-bucket/forms/*",
        ]
      },
      {
        Sid    = "ManageParts"
        Effect = "Allow"
        Action = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = [
          "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*",
          "arn:aws:s3:::article-images-bucket/avatars/*/*",
          "arn:aws:s3:::article-images-bucket/forms/*",
        ]
      },
      {
        Sid    = "ReadUploads"
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [
          "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*",
          "arn:aws:s3:::article-images-bucket/avatars/*/*",
          "arn:aws:s3:::article-images-bucket/forms/*",
        ]
      },
      {
        Sid      = "TellAbsentFromForbidden"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = "arn:aws:s3:::article-images-bucket"
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

resource "aws_apigatewayv2_api" "uploads" {
  name          = "uploads"
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins  = ["https://app.example.com"]
    allow_methods  = ["POST"]
    allow_headers  = ["authorization", "content-type"]
    expose_headers = ["retry-after"]
    max_age        = 3600
  }
}

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

resource "aws_apigatewayv2_integration" "uploads" {
  api_id                 = aws_apigatewayv2_api.uploads.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.uploads.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "uploads" {
  api_id               = aws_apigatewayv2_api.uploads.id
  route_key            = "POST /upload-url"
  target               = "integrations/${aws_apigatewayv2_integration.uploads.id}"
  authorization_type   = "JWT"
  authorizer_id        = aws_apigatewayv2_authorizer.uploads.id
  authorization_scopes = ["aws.cognito.signin.user.admin"]
}

resource "aws_apigatewayv2_stage" "uploads" {
  api_id      = aws_apigatewayv2_api.uploads.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.uploads.execution_arn}/*"
}

resource "aws_cloudwatch_metric_alarm" "function_errors" {
  alarm_name        = "uploads-FunctionErrors"
  alarm_description = "Invocations of the upload function fail"
  namespace         = "AWS/Lambda"
  metric_name       = "Errors"
  dimensions = {
    FunctionName = aws_lambda_function.uploads.function_name
  }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "function_throttles" {
  alarm_name        = "uploads-FunctionThrottles"
  alarm_description = "Invocations of the upload function are throttled"
  namespace         = "AWS/Lambda"
  metric_name       = "Throttles"
  dimensions = {
    FunctionName = aws_lambda_function.uploads.function_name
  }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "api_refusals" {
  alarm_name        = "uploads-ApiRefusals"
  alarm_description = "Many requests are rejected (4xx): tokens have expired, or a client has changed"
  namespace         = "AWS/ApiGateway"
  metric_name       = "4xx"
  dimensions = {
    ApiId = aws_apigatewayv2_api.uploads.id
    Stage = aws_apigatewayv2_stage.uploads.name
  }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 50
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name        = "uploads-ApiErrors"
  alarm_description = "The API answers with server errors (5xx)"
  namespace         = "AWS/ApiGateway"
  metric_name       = "5xx"
  dimensions = {
    ApiId = aws_apigatewayv2_api.uploads.id
    Stage = aws_apigatewayv2_stage.uploads.name
  }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "jwks_refresh_failures" {
  alarm_name          = "uploads-JwksRefreshFailures"
  alarm_description   = "The keys that verify tokens cannot be fetched: once they are 24 hours old, every caller is refused"
  namespace           = "upsign"
  metric_name         = "JwksRefreshFailures"
  dimensions          = {}
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "credentials_refresh_failures" {
  alarm_name          = "uploads-CredentialsRefreshFailures"
  alarm_description   = "The credentials that sign uploads cannot be renewed: once they expire, every caller is refused"
  namespace           = "upsign"
  metric_name         = "CredentialsRefreshFailures"
  dimensions          = {}
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name        = "uploads-DeadLetters"
  alarm_description = "A notification of a new object could not be processed"
  namespace         = "AWS/SQS"
  metric_name       = "ApproximateNumberOfMessagesVisible"
  dimensions = {
    QueueName = aws_sqs_queue.dead_letters.name
  }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "refused_uploads" {
  alarm_name          = "uploads-refused"
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
    expression  = "100 * refused / (puts + posts + 1)"
    return_data = true
  }

  metric_query {
    id = "refused"

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
  dashboard_name = "uploads"
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
          region = "ap-southeast-1"
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
          region = "ap-southeast-1"
          stat   = "Sum"
          period = 300
          metrics = [
            ["AWS/ApiGateway", "Count", "ApiId", aws_apigatewayv2_api.uploads.id, "Stage", "$default"],
            ["AWS/ApiGateway", "4xx", "ApiId", aws_apigatewayv2_api.uploads.id, "Stage", "$default"],
            ["AWS/ApiGateway", "5xx", "ApiId", aws_apigatewayv2_api.uploads.id, "Stage", "$default"],
            [
              "AWS/ApiGateway",
              "Latency",
              "ApiId",
              aws_apigatewayv2_api.uploads.id,
              "Stage",
              "$default",
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
          region = "ap-southeast-1"
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

output "upload_url" {
  description = "URL at which clients request uploads (POST)"
  value       = "${aws_apigatewayv2_api.uploads.api_endpoint}/upload-url"
}

output "queue_url" {
  description = "URL of the queue that receives notifications of new objects"
  value       = aws_sqs_queue.uploads.url
}
