"""What scenes draw: shares side by side, and how something goes with a number."""
