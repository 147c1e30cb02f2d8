package          = "bootstrap.zip"
alarm_topic_arns = ["arn:aws:sns:ap-southeast-1:123456789012:on-call"]
