"""People who look around before they sign up, and what Mixpanel's export says of them at each moment.

Two kinds of project: a simplified one, where an event with a device and a user makes the device the user's,
and an original one, where events of their own join ids, and any of them may be the one that is exported.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import md5

from hypothesis import strategies as st

from .reference import Event

FIRST = date(2026, 10, 20)
DAYS = 7  # on which something happens
HOUR = 3_600_000
DEVICES, USERS = ("d1", "d2", "d3"), ("u1", "u2")
HINTS = ("user", "before", "both", "none")  # what an event says that Mixpanel has given to somebody


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happened: by a device, maybe with somebody signed in; or two ids being joined."""

    name: str
    day: int
    hour: int
    ids: tuple[str, str]  # device and user, or what is joined
    number: int = 0
    says_failure: bool = True

    @property
    def time(self) -> int:
        day = datetime.combine(FIRST + timedelta(days=self.day), datetime.min.time(), UTC)
        return int(day.timestamp()) * 1_000 + self.hour * HOUR + self.number

    def line(self, distinct_id: str, properties: Mapping[str, object]) -> str:
        own = {
            "time": self.time,
            "distinct_id": distinct_id,
            "$insert_id": str(self.number),
            "mp_processing_time_ms": self.time + 1,
        }
        return json.dumps({"event": self.name, "properties": {**own, **properties}})

    def event(self, distinct_id: str) -> Event:
        user = int.from_bytes(md5(distinct_id.encode(), usedforsecurity=False).digest())
        return Event(self.name, user, self.time, FIRST + timedelta(days=self.day))


def until(acts: Iterable[Act], day: int) -> list[Act]:
    """What Mixpanel knows at the end of a day, in the order in which it came in."""
    return sorted((act for act in acts if act.day <= day), key=lambda act: act.time)


@dataclass(frozen=True, slots=True)
class Simplified:
    """The first who signs in on a device has it, for all that was done on it."""

    acts: Sequence[Act]
    hint: str

    def owners(self, day: int) -> dict[str, str]:
        owners: dict[str, str] = {}
        for act in until(self.acts, day):
            device, user = act.ids
            if user:
                owners.setdefault(device, user)
        return owners

    def who(self, act: Act, owners: Mapping[str, str]) -> str:
        device, user = act.ids
        return user or owners.get(device, f"$device:{device}")

    def export(self, of: int, at: int) -> list[str]:
        """The lines of a day, as they are exported at the end of another."""
        owners = self.owners(at)
        return [self.line(act, owners) for act in self.acts if act.day == of]

    def line(self, act: Act, owners: Mapping[str, str]) -> str:
        device, user = act.ids
        given = owners.get(device)
        properties: dict[str, object] = {"$device_id": device}
        if user:
            properties["$user_id"] = user
            if given != user and act.says_failure:
                properties["$identity_failure_reason"] = "errAnonDistinctIdAssignedAlready"
        elif given:
            properties |= {"$user_id": given} if self.hint in ("user", "both") else {}
            before = {"$distinct_id_before_identity": f"$device:{device}"}
            properties |= before if self.hint in ("before", "both") else {}
        return act.line(self.who(act, owners), properties)

    def events(self) -> list[Event]:
        owners = self.owners(DAYS)
        return [act.event(self.who(act, owners)) for act in self.acts]


@dataclass(frozen=True, slots=True)
class Original:
    """Ids are joined by events; which of a person's ids is exported is up to Mixpanel, and changes."""

    acts: Sequence[Act]
    hint: str
    salt: str

    def persons(self, day: int) -> dict[str, str]:
        """Of each id the one that is exported."""
        person = {name: frozenset([name]) for name in (*DEVICES, *USERS)}
        taken: set[tuple[str, str]] = set()
        for act in until(self.acts, day):
            if self.joins(act, taken):
                joined = person[act.ids[0]] | person[act.ids[1]]
                person |= dict.fromkeys(joined, joined)
        return {name: min(ids, key=self.rank) for name, ids in person.items()}

    def joins(self, act: Act, taken: set[tuple[str, str]]) -> bool:
        """An id is joined to another by $identify or $create_alias once."""
        if act.name not in ("$identify", "$create_alias", "$merge"):
            return False
        if act.name == "$merge":
            return True
        if ("", act.ids[0]) in taken:
            return False
        taken.add(("", act.ids[0]))
        return True

    def rank(self, name: str) -> bytes:
        return md5(f"{self.salt}{name}".encode(), usedforsecurity=False).digest()

    def export(self, of: int, at: int) -> list[str]:
        persons = self.persons(at)
        return [self.line(act, persons) for act in self.acts if act.day == of]

    def line(self, act: Act, persons: Mapping[str, str]) -> str:
        one, other = act.ids
        sent = one if act.name in ("A", "B") else other
        properties: dict[str, object] = {}
        match act.name:
            case "$identify":
                properties |= {"$anon_id": one, "$identified_id": other}
            case "$create_alias":
                properties |= {"alias": one}
            case "$merge":
                properties |= {"$distinct_ids": [one, other]}
            case _:
                pass
        # An alias names one of the two ids only; what it was sent as is the one place with the other.
        if persons[sent] != sent and (self.hint != "none" or act.name == "$create_alias"):
            properties["$distinct_id_before_identity"] = sent
        taken: set[tuple[str, str]] = set()
        failed = {each: not self.joins(each, taken) for each in until(self.acts, DAYS)}
        if act.name in ("$identify", "$create_alias") and failed[act] and act.says_failure:
            properties["$failure_reason"] = "errAnonDistinctIdAssignedAlready"
        return act.line(persons[sent], properties)

    def events(self) -> list[Event]:
        persons = self.persons(DAYS)
        return [act.event(persons[act.ids[0] if act.name in ("A", "B") else act.ids[1]]) for act in self.acts]


Project = Simplified | Original


def numbered(acts: Sequence[Act]) -> list[Act]:
    return [
        Act(act.name, act.day, act.hour, act.ids, number, act.says_failure)
        for number, act in enumerate(acts, 1)
    ]


moments = {"day": st.integers(0, DAYS - 1), "hour": st.sampled_from([1, 6, 7, 12, 23])}
names = st.sampled_from(["A", "A", "B"])
looks = st.builds(
    Act,
    names,
    **moments,
    ids=st.tuples(st.sampled_from(DEVICES), st.sampled_from(["", "", *USERS])),
    says_failure=st.booleans(),
)
simplified = st.builds(
    Simplified, st.lists(looks, min_size=8, max_size=24).map(numbered), st.sampled_from(HINTS)
)
ids = st.sampled_from([*DEVICES, *USERS])
pairs = st.tuples(ids, ids).filter(lambda pair: pair[0] != pair[1])
joins = st.builds(
    Act,
    st.sampled_from(["$identify", "$create_alias", "$merge"]),
    **moments,
    ids=pairs,
    says_failure=st.booleans(),
)
plain = st.builds(Act, names, **moments, ids=st.tuples(ids, st.just("")))
original = st.builds(
    Original,
    st.lists(st.one_of(plain, plain, joins), min_size=8, max_size=24).map(numbered),
    st.sampled_from(HINTS),
    st.sampled_from(["a", "b", "c", "d"]),
)
projects: st.SearchStrategy[Project] = simplified | original
