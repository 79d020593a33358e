"""What the console knows of its own running: signs of life, findings in words, figures for a monitor."""
