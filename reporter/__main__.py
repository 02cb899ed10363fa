"""`python -m reporter` is the same as `reporter`."""

import sys

from reporter.entrypoints.cli import main

sys.exit(main())
