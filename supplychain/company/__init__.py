"""A planner's own firm: what is said of it, the overlay made of that, and its folder."""
