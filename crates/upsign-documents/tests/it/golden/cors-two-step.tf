resource "aws_s3_bucket_cors_configuration" "uploads" {
  bucket = "article-images-bucket"

  cors_rule {
    id              = "upsign-uploads"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["PUT"]
    allowed_headers = ["content-type", "if-none-match"]
    expose_headers  = ["ETag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}
