"""The reporter: product analytics from Mixpanel, put into Slack."""

import os

# NumPy's linear algebra would start a thread for each core, which costs more than all it is used for here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
