resource "aws_s3_bucket_notification" "uploads" {
  bucket = "article-images-bucket"

  queue {
    id        = "upsign-1"
    queue_arn = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"
    events = [
      "s3:ObjectCreated:Put",
      "s3:ObjectCreated:Post",
      "s3:ObjectCreated:CompleteMultipartUpload",
    ]
    filter_prefix = "articles/"
  }

  queue {
    id        = "upsign-2"
    queue_arn = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"
    events = [
      "s3:ObjectCreated:Put",
      "s3:ObjectCreated:Post",
      "s3:ObjectCreated:CompleteMultipartUpload",
    ]
    filter_prefix = "avatars/"
  }

  queue {
    id        = "upsign-3"
    queue_arn = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"
    events = [
      "s3:ObjectCreated:Put",
      "s3:ObjectCreated:Post",
      "s3:ObjectCreated:CompleteMultipartUpload",
    ]
    filter_prefix = "videos/"
  }

  queue {
    id        = "upsign-4"
    queue_arn = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"
    events = [
      "s3:ObjectCreated:Put",
      "s3:ObjectCreated:Post",
      "s3:ObjectCreated:CompleteMultipartUpload",
    ]
    filter_prefix = "forms/"
  }
}
