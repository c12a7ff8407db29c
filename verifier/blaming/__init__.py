"""Who is accused: single operations, an engine's steps, and the smallest function that still fails."""
