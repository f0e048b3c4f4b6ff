"""Money that the group lends its members: from the payout to the last part, and what is given up."""
