"""`python -m reporter.local.mixpanel` runs a local Mixpanel until it is stopped."""

from reporter.local.mixpanel import main

main()
