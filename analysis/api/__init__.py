"""The API of version 1: reads studies and their records, takes scenarios in. Addresses are in `urls`."""
