resource "aws_s3_bucket_notification" "uploads" {
  bucket = "article-images-bucket"

  queue {
    id            = "upsign-1"
    queue_arn     = "arn:aws:sqs:ap-southeast-1:123456789012:uploads"
    events        = ["s3:ObjectCreated:Put"]
    filter_prefix = "articles/"
  }
}
