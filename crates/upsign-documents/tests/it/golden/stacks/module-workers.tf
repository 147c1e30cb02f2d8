terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.28"
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

variable "consumer_package" {
  description = "Path of the zip file of the function that confirms uploads by their notifications"
  type        = string
}

variable "deliverer_package" {
  description = "Path of the zip file of the function that delivers webhooks"
  type        = string
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that receive alarms"
  type        = list(string)
  default     = []
}

data "aws_caller_identity" "current" {
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
    allowed_headers = ["content-type", "if-none-match", "x-amz-meta-upsign"]
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
            "aws:PrincipalArn" = [aws_iam_role.uploads.arn, aws_iam_role.consumer.arn]
          }
        }
      },
      {
        Sid       = "OnlyConfirmed"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource  = "arn:aws:s3:::article-images-bucket/tagged/*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = [aws_iam_role.uploads.arn, aws_iam_role.consumer.arn]
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
        Resource  = "arn:aws:s3:::article-images-bucket/tagged/*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = [aws_iam_role.uploads.arn, aws_iam_role.consumer.arn]
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
  visibility_timeout_seconds = 360
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "webhook_dead_letters" {
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "webhooks" {
  name                       = "webhooks"
  visibility_timeout_seconds = 300
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.webhook_dead_letters.arn
    maxReceiveCount     = 288
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

resource "aws_cloudwatch_log_group" "consumer" {
  name              = "/upsign/${var.name}-consumer"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_group" "deliverer" {
  name              = "/upsign/${var.name}-deliverer"
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

resource "aws_iam_role" "consumer" {
  name_prefix = "upload-consumer-"
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

resource "aws_iam_role" "deliverer" {
  name_prefix = "upload-deliverer-"
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
          "arn:aws:s3:::article-images-bucket/pending/files/*",
          "arn:aws:s3:::article-images-bucket/tagged/*",
          "arn:aws:s3:::article-images-bucket/other/*",
        ]
      },
      {
        Sid      = "PromoteUploads"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::article-images-bucket/files/*"
      },
      {
        Sid    = "DiscardObjects"
        Effect = "Allow"
        Action = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = [
          "arn:aws:s3:::article-images-bucket/pending/files/*",
          "arn:aws:s3:::article-images-bucket/files/*",
        ]
      },
      {
        Sid      = "TagInspected"
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"]
        Resource = "arn:aws:s3:::article-images-bucket/tagged/*"
      },
      {
        Sid      = "DeleteUploads"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = "arn:aws:s3:::article-images-bucket/tagged/*"
      },
      {
        Sid    = "ReadUploads"
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [
          "arn:aws:s3:::article-images-bucket/pending/files/*",
          "arn:aws:s3:::article-images-bucket/files/*",
          "arn:aws:s3:::article-images-bucket/tagged/*",
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
        Sid      = "SendWebhooks"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.webhooks.arn
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

resource "aws_iam_role_policy" "consumer" {
  name = "uploads"
  role = aws_iam_role.consumer.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "TakeMessages"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = aws_sqs_queue.uploads.arn
      },
      {
        Sid      = "PromoteUploads"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::article-images-bucket/files/*"
      },
      {
        Sid    = "DiscardObjects"
        Effect = "Allow"
        Action = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = [
          "arn:aws:s3:::article-images-bucket/pending/files/*",
          "arn:aws:s3:::article-images-bucket/files/*",
        ]
      },
      {
        Sid      = "TagInspected"
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"]
        Resource = "arn:aws:s3:::article-images-bucket/tagged/*"
      },
      {
        Sid    = "ReadUploads"
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [
          "arn:aws:s3:::article-images-bucket/pending/files/*",
          "arn:aws:s3:::article-images-bucket/files/*",
          "arn:aws:s3:::article-images-bucket/tagged/*",
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
        Sid      = "SendWebhooks"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.webhooks.arn
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
        Resource = "${aws_cloudwatch_log_group.consumer.arn}:*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "deliverer" {
  name = "uploads"
  role = aws_iam_role.deliverer.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "TakeMessages"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = aws_sqs_queue.webhooks.arn
      },
      {
        Sid      = "ReadWebhookSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:upsign/webhooks-AbCdEf"
      },
      {
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.deliverer.arn}:*"
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
      UPSIGN_AUTH_SOURCE       = "token"
      UPSIGN_WEBHOOK_QUEUE_URL = aws_sqs_queue.webhooks.url
    }
  }
}

resource "aws_lambda_function" "consumer" {
  function_name    = "${var.name}-consumer"
  role             = aws_iam_role.consumer.arn
  filename         = var.consumer_package
  source_code_hash = filebase64sha256(var.consumer_package)
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = [var.architecture]
  memory_size      = 256
  timeout          = 60

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.consumer.name
  }

  environment {
    variables = {
      UPSIGN_AUTH_SOURCE       = "token"
      UPSIGN_WEBHOOK_QUEUE_URL = aws_sqs_queue.webhooks.url
    }
  }
}

resource "aws_lambda_function" "deliverer" {
  function_name    = "${var.name}-deliverer"
  role             = aws_iam_role.deliverer.arn
  filename         = var.deliverer_package
  source_code_hash = filebase64sha256(var.deliverer_package)
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = [var.architecture]
  memory_size      = 256
  timeout          = 30

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.deliverer.name
  }

  environment {
    variables = {}
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

resource "aws_lambda_event_source_mapping" "consumer" {
  event_source_arn        = aws_sqs_queue.uploads.arn
  function_name           = aws_lambda_function.consumer.function_name
  batch_size              = 5
  function_response_types = ["ReportBatchItemFailures"]
  depends_on              = [aws_iam_role_policy.consumer]
}

resource "aws_lambda_event_source_mapping" "deliverer" {
  event_source_arn        = aws_sqs_queue.webhooks.arn
  function_name           = aws_lambda_function.deliverer.function_name
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]
  depends_on              = [aws_iam_role_policy.deliverer]
}

resource "aws_lambda_function_url" "uploads" {
  function_name      = aws_lambda_function.uploads.function_name
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "url" {
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.uploads.function_name
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "api" {
  action                   = "lambda:InvokeFunction"
  function_name            = aws_lambda_function.uploads.function_name
  principal                = "*"
  invoked_via_function_url = true
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

resource "aws_cloudwatch_metric_alarm" "consumer_errors" {
  alarm_name          = "${var.name}-ConfirmUploadsErrors"
  alarm_description   = "Invocations of the function that confirms uploads by their notifications fail"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    FunctionName = aws_lambda_function.consumer.function_name
  }
  alarm_actions = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "deliverer_errors" {
  alarm_name          = "${var.name}-DeliverWebhooksErrors"
  alarm_description   = "Invocations of the function that delivers webhooks fail"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    FunctionName = aws_lambda_function.deliverer.function_name
  }
  alarm_actions = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "webhook_dead_letters" {
  alarm_name          = "${var.name}-WebhookDeadLetters"
  alarm_description   = "A webhook could not be delivered: the application does not accept it"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions = {
    QueueName = aws_sqs_queue.webhook_dead_letters.name
  }
  alarm_actions = var.alarm_topic_arns
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
            ["upsign", "AnnounceFailures"],
            ["upsign", "WebhooksDelivered"],
            ["upsign", "WebhooksRetried"],
            ["upsign", "WebhooksLost"],
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

output "webhook_queue_url" {
  description = "URL of the queue in which webhooks wait"
  value       = aws_sqs_queue.webhooks.url
}

output "consumer_arn" {
  description = "ARN of the function that confirms uploads by their notifications"
  value       = aws_lambda_function.consumer.arn
}

output "deliverer_arn" {
  description = "ARN of the function that delivers webhooks"
  value       = aws_lambda_function.deliverer.arn
}

output "upload_url" {
  description = "URL at which clients request uploads (POST)"
  value       = "${aws_lambda_function_url.uploads.function_url}upload-url"
}

output "uploads_url" {
  description = "URL below which clients continue multipart uploads: /parts, /status, /complete and /abort (POST)"
  value       = "${aws_lambda_function_url.uploads.function_url}uploads"
}
