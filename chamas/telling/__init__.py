"""What is said outside a dialogue: words, ways, hours, costs."""
