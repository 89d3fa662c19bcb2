"""A naive layer to compare with, in the style of many published interface layers.

It has one conversation per remote unit, and calls `get_remote` for each key and
`set_remote` in each method. Charms use it like these layers. The directory that it is
copied to is the name of its interface.
"""
