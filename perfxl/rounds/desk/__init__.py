"""The work at a round's desk: each verb reads the store, lets a function decide, and writes what was decided.

What belongs to one run is written in groups: the originals first, then the rows that tell of them, in one transaction.
"""
