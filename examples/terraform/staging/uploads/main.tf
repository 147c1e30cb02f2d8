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
  bucket = "article-images-staging"

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
    allowed_origins = ["https://staging.example.com", "http://localhost:3000"]
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

  depends_on = [aws_s3_bucket_versioning.uploads]
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
        Resource  = ["arn:aws:s3:::article-images-staging", "arn:aws:s3:::article-images-staging/*"]
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
        Resource  = ["arn:aws:s3:::article-images-staging", "arn:aws:s3:::article-images-staging/*"]
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
        Resource  = ["arn:aws:s3:::article-images-staging", "arn:aws:s3:::article-images-staging/*"]
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
            "aws:SourceArn" = "arn:aws:s3:::article-images-staging"
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
  retention_in_days = 7
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/vendedlogs/${var.name}/upload-api"
  retention_in_days = 7
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
        Sid      = "PutUploads"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::article-images-staging/articles/*/raw/*.*"
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
              Cognito = []
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
                  "method.response.header.Access-Control-Allow-Origin"  = "'https://staging.example.com'"
                  "method.response.header.Access-Control-Allow-Methods" = "'POST'"
                  "method.response.header.Access-Control-Allow-Headers" = "'authorization, content-type'"
                  "method.response.header.Access-Control-Max-Age"       = "'600'"
                  "method.response.header.Vary"                         = "'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'"
                  "method.response.header.Cache-Control"                = "'no-store'"
                  "method.response.header.X-Content-Type-Options"       = "'nosniff'"
                }
                responseTemplates = {
                  "application/json" = "#set($lower = $input.params().header.get(\"origin\"))\n#set($upper = $input.params().header.get(\"Origin\"))\n#if($lower == \"https://staging.example.com\" || $lower == \"http://localhost:3000\")\n#set($context.responseOverride.header.Access-Control-Allow-Origin = $lower)\n#elseif($upper == \"https://staging.example.com\" || $upper == \"http://localhost:3000\")\n#set($context.responseOverride.header.Access-Control-Allow-Origin = $upper)\n#end\n"
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
              "arn:aws:cognito-idp:ap-southeast-1:${data.aws_caller_identity.current.account_id}:userpool/ap-southeast-1_StAgInG12",
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
      }
    }
    "x-amazon-apigateway-gateway-responses" = {
      DEFAULT_4XX = {
        responseParameters = {
          "gatewayresponse.header.Access-Control-Allow-Origin"   = "'*'"
          "gatewayresponse.header.Access-Control-Expose-Headers" = "'x-amzn-requestid'"
          "gatewayresponse.header.Cache-Control"                 = "'no-store'"
          "gatewayresponse.header.X-Content-Type-Options"        = "'nosniff'"
        }
      }
      DEFAULT_5XX = {
        responseParameters = {
          "gatewayresponse.header.Access-Control-Allow-Origin"   = "'*'"
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
    throttling_rate_limit  = 5
    throttling_burst_limit = 10
  }
}

resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.uploads.execution_arn}/*/POST/upload-url"
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
