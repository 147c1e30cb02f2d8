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
  bucket = aws_s3_bucket.uploads.id

  queue {
    id            = "upsign-1"
    queue_arn     = aws_sqs_queue.uploads.arn
    events        = ["s3:ObjectCreated:Put"]
    filter_prefix = "articles/"
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
    variables = {
      ARTICLE_IMAGES_BUCKET = "article-images-bucket"
    }
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
  metric_name       = "4XXError"
  dimensions = {
    ApiName = aws_api_gateway_rest_api.uploads.name
    Stage   = aws_api_gateway_stage.uploads.stage_name
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
  metric_name       = "5XXError"
  dimensions = {
    ApiName = aws_api_gateway_rest_api.uploads.name
    Stage   = aws_api_gateway_stage.uploads.stage_name
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
            [
              "AWS/ApiGateway",
              "Count",
              "ApiName",
              aws_api_gateway_rest_api.uploads.name,
              "Stage",
              "prod",
            ],
            [
              "AWS/ApiGateway",
              "4XXError",
              "ApiName",
              aws_api_gateway_rest_api.uploads.name,
              "Stage",
              "prod",
            ],
            [
              "AWS/ApiGateway",
              "5XXError",
              "ApiName",
              aws_api_gateway_rest_api.uploads.name,
              "Stage",
              "prod",
            ],
            [
              "AWS/ApiGateway",
              "Latency",
              "ApiName",
              aws_api_gateway_rest_api.uploads.name,
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
  value       = "${aws_api_gateway_stage.uploads.invoke_url}/upload-url"
}

output "queue_url" {
  description = "URL of the queue that receives notifications of new objects"
  value       = aws_sqs_queue.uploads.url
}
