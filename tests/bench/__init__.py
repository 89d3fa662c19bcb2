"""What a hook costs: in calls of hook tools, and in milliseconds beside them."""
