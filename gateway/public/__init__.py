"""What anybody may see: how the house is, and whether a receipt stands in the books."""
