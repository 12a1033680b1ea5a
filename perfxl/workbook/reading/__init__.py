"""Reading of returned workbooks into submissions: forms are recognised, their answers located by vote and read."""
