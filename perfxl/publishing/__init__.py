"""Documents for publication: a form's template in Word's format is filled with records."""
