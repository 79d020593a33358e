"""Hosts: which one is this machine. Pure: no name is looked up."""

from ipaddress import ip_address


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine by its name or address: what is there is a stand-in, and nothing leaves for the world."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
