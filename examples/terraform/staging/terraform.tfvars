package          = "bootstrap.zip"
alarm_topic_arns = []
