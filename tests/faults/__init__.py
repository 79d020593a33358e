"""The fault suite: whatever dies, nothing is lost, sent twice or left unexplained. docs/faults.md has the table."""
