"""How the product touches the world: database, jobs, mail, SMS, passwords, clock.

Knows the domain and the settings, nothing above.
"""
