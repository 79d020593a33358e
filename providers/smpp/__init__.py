"""SMPP 3.4: sessions of our own around the library's codec, and the pure rules of codings, parts, receipts and answers."""
