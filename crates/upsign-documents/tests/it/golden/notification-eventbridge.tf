resource "aws_s3_bucket_notification" "uploads" {
  bucket      = "article-images-bucket"
  eventbridge = true
}
