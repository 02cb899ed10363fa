"""Which events are something a user did."""

# In these Mixpanel keeps identities and experiments: no activity of a user (Mixpanel, identity docs).
IDENTITY_EVENTS = frozenset({"$identify", "$create_alias", "$merge", "$experiment_started"})
HIDDEN_PREFIX = "$mp_"


def is_activity(event: str) -> bool:
    """Whether an event is something a user did."""
    return event not in IDENTITY_EVENTS and not event.startswith(HIDDEN_PREFIX)
