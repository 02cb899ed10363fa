"""The reporter: product analytics from Mixpanel, put into Slack."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  (before anything that an older Python cannot read)
    raise SystemExit(f"The reporter needs Python 3.11 or later; this is {sys.version.split()[0]}.")

# NumPy's linear algebra would start a thread for each core, which costs more than all it is used for here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
