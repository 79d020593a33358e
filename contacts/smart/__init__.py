"""Conditions on contacts: questions, rules made of them, and the groups that rules fill."""
