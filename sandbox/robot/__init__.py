"""A trainee made of HTTP requests: the demo's, the rehearsal's and the tests' pair of hands.

It reads pages as a browser would and fills in forms; it knows no table, no operation and no secret. One client of
our own, because Python's does not resolve `<id>.localhost` and does not return Secure cookies to plain localhost.
"""
