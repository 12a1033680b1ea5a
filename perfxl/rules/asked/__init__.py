"""What every form is asked: that it came back as it was sent, by whom it was sent, and without stray white space."""
