"""What templates say about the trail."""
