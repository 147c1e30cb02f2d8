resource "aws_s3_bucket_notification" "uploads" {
  bucket = "article-images-bucket"

  queue {
    id            = "upsign-1"
    queue_arn     = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"
    events        = ["s3:ObjectCreated:Put", "s3:LifecycleExpiration:*"]
    filter_prefix = "pending/files/"
  }

  queue {
    id            = "upsign-2"
    queue_arn     = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"
    events        = ["s3:ObjectCreated:Put"]
    filter_prefix = "tagged/"
  }

  queue {
    id            = "upsign-3"
    queue_arn     = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"
    events        = ["s3:ObjectCreated:Put"]
    filter_prefix = "other/"
  }
}
