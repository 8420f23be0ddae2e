"""One paragraph a result, in two languages: sentences from words.toml, joined."""
