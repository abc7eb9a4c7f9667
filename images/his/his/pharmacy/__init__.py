"""The pharmacy desk 药房: review, pick, check, dispense."""
