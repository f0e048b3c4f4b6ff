"""Who people are to a group: register, roles, standing, and what they may do."""
