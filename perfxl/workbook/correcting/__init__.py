"""Writing a returned workbook anew from the template, with the sender's answers and the safe corrections."""
