resource "aws_s3_bucket_lifecycle_configuration" "uploads" {
  bucket = "article-images-bucket"

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
