"""One trainee, one exercise version, one instance, one stretch of time: start, submit, evidence, result."""
