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

  cors_rule {
    id              = "upsign-forms"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["POST"]
    expose_headers  = ["ETag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}
