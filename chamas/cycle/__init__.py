"""Rounds and the order of payout: who is paid when, ballots and swaps."""
