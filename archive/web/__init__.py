"""Pages: staff run a campaign in the browser. Plain HTML that works without JavaScript; htmx only makes it smoother."""
