"""Long seeded runs of the whole product against the simulator, with everything going wrong: `make storm`.

A wave is one database with many groups, one round is one group with a program of its own. One seed and one wave number
give the same run to the byte. docs/storm.md says what is checked, and what was seen.
"""
