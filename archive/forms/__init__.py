"""Tables as an office prints them: what stands in them (pure), and the same as a workbook and as a Word document."""
