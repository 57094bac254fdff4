"""Measurements of the engine, the server and the pages. The application does not import them.

suite       `manage.py benchmark` (`make bench`): the engine, and simulated classes over HTTP
layers      `manage.py benchmark --layers`: implementations of a matrix product
school      `make simulate-class`: many students behind one address and a client that floods, with
            Locust; school_users are its users
class_load  `make bench-class`: 30 and 200 members of a class and its wall, with Locust; class_users
            are its users, class_setting the class
class_bounds  the wall and the common spin of 200 members with 100 tokens each
memory      the slope of a server's memory, for school
receipts    `make receipts`: spins replayed on another process under load
browser     `make bench-browser`: delays of a spin in Chromium
growth      `make simulate`: a simulation from one class to a million students, with SimPy
hues        `python -m bench.hues`: differences between neighbouring segments' colours
"""
