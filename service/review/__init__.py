"""The pages that people open: signing in, and the review page. Rendered here, whole without any script."""
