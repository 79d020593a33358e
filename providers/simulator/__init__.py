"""A gateway that reaches nobody: answers like Twilio's Messages resource, with outcomes by rule."""
