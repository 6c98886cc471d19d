"""The other side of every wire: a Microsoft tenant and a Keepit account made of data.

Written from the wire contracts. It imports none of the clients or their models.
"""
