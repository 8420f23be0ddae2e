"""Effects: slopes at values of moderators, regions of significance, main effects under interactions, per cent."""
