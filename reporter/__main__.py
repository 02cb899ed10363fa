"""`python -m reporter` is the same as `reporter`."""

import sys

from reporter.cli.main import main

sys.exit(main())
