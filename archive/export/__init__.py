"""Hand over: what a campaign holds, laid down elsewhere in a form others can use, and checked after writing."""
