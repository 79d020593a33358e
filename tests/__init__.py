"""Tests of the whole: real processes and servers, no app of its own."""
