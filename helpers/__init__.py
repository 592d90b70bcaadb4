"""What the lessons share: everything that no lesson heading names.

Importing `helpers` prints nothing and touches no network.
"""
