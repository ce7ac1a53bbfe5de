"""`python -m chat_app`: see `cli.py`."""

import sys

from chat_app.cli import main

sys.exit(main())
