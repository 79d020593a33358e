"""Workbooks to rows, in a process of their own without Django: everything here treats the file as hostile."""
