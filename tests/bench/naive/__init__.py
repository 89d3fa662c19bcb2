"""A naive layer, written for the benchmark to compare with.

In the style of the field: one UNIT conversation per remote unit, a `get_remote` per
key, a `set_remote` in each call. Charms use it like the layers; which of them it
stands in for follows from the directory that it is copied to.
"""
