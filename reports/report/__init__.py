"""The report: what was judged, what does not agree and why, as a page for everybody and one for each function."""
