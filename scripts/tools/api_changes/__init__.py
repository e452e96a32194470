"""What a change of the document or of the Python face means, and which version says so."""
