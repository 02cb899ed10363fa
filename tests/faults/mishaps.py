"""What can go wrong with one try of a delivery."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from reporter.local.server import Fault
from reporter.publishing.scheduler import PAUSE
from tests.faults.world import Mishap, World

HOOK, POST, HISTORY = "/services", "/api/chat.postMessage", "/api/conversations.history"
MANY = 1_000  # times: as often as anybody asks
SPENT = {"RateLimit": '"project";r=0;t=1800', "RateLimit-Policy": '"project";q=60;w=3600'}
CROWDED = {
    "RateLimit": '"project";r=40, "project-concurrency";r=0;t=10',
    "RateLimit-Policy": '"project";q=60;w=3600, "project-concurrency";q=5;qu="concurrent-requests"',
}


def killed(place: str) -> Mishap:
    """The process is killed at this place."""

    def mishap(world: World, number: int) -> bool:
        assert world.ask(number, stop=place) == {"at": place}
        world.process.kill()
        return False

    return mishap


def killed_while_it_measures(world: World, number: int) -> bool:
    world.mixpanel.faults.append(Fault(path="/api/query", delay=0.3, drop=True))
    asked = world.mixpanel.requests
    return _killed_once(world, number, lambda: any(one.path.startswith("/api/query") for one in asked))


def killed_while_slack_has_it(world: World, number: int) -> bool:
    """Slack has the request, and posts it; nobody is left to hear so."""
    _slack(world, Fault(delay=0.3, drop=True, after=True))
    _killed_once(world, number, lambda: bool(world.slack.requests))
    world.wait_until(lambda: world.posted == 1)
    return False


def killed_while_slack_loses_it(world: World, number: int) -> bool:
    """Slack has the request, and never posts it."""
    _slack(world, Fault(delay=0.3, drop=True))
    return _killed_once(world, number, lambda: bool(world.slack.requests))


def slack(fault: Fault, *, comes_late: bool = False) -> Mishap:
    """Slack answers a message so."""

    def mishap(world: World, number: int) -> bool:
        _slack(world, replace(fault))
        is_done = world.deliver(number)
        if comes_late:
            world.wait_until(lambda: world.posted == 1)
        return is_done

    return mishap


def slack_tells_nothing(fault: Fault) -> Mishap:
    """Slack answers a message so, and the look-up afterwards fails, too."""

    def mishap(world: World, number: int) -> bool:
        world.slack.faults.append(Fault(path=HISTORY, status=500))
        return slack(fault)(world, number)

    return mishap


def mixpanel(*faults: Fault) -> Mishap:
    """Mixpanel answers so, in this try."""

    def mishap(world: World, number: int) -> bool:
        world.mixpanel.faults.extend(replace(fault) for fault in faults)
        is_done = world.deliver(number)
        world.mixpanel.faults.clear()
        return is_done

    return mishap


def mixpanel_stays(fault: Fault) -> Mishap:
    """Mixpanel answers so, from this try on."""

    def mishap(world: World, number: int) -> bool:
        world.mixpanel.faults.append(replace(fault))
        return world.deliver(number)

    return mishap


def storage_is_down(world: World, number: int) -> bool:
    world.storage_goes()
    return world.deliver(number)


def storage_goes_while_slack_has_it(world: World, number: int) -> bool:
    """The message is posted, and that cannot be written down."""
    assert world.ask(number, stop="before it is remembered") == {"at": "before it is remembered"}
    world.storage_goes()
    is_done = world.is_done(world.process.ask(go=True))
    world.storage_is_back()
    return is_done


def then_it_is_back(mishap: Mishap) -> Mishap:
    """The storage works again after this try."""

    def restored(world: World, number: int) -> bool:
        is_done = mishap(world, number)
        world.storage_is_back()
        return is_done

    return restored


def locked_while_slack_has_it(world: World, number: int) -> bool:
    """The message is posted, and another program holds the ledger's file."""
    assert world.ask(number, stop="before it is remembered") == {"at": "before it is remembered"}
    with closing(sqlite3.connect(world.kept["sqlite"], isolation_level=None)) as other:
        other.execute("begin exclusive")
        return world.is_done(world.process.ask(go=True))


def sent_again_in_vain(world: World, number: int) -> bool:
    """It is delivered; somebody sends it again, which Slack refuses; and the queue brings it once more."""
    assert world.deliver(number)
    _slack(world, Fault(status=404, body="no_service"))
    assert not world.is_done(world.process.ask(**{**world.command(number), "do": "send again"}))
    return world.deliver(number)


def another_delivers_while_this_one_tells(world: World, number: int) -> bool:
    """This one fails; while its notice is on the way, another delivers."""
    world.mixpanel.faults.append(
        Fault(path="/api", status=402, body='{"error": "Your plan does not allow API calls."}', times=MANY)
    )
    world.errors.faults.append(Fault(path=HOOK, delay=2.0))
    slower, faster = world.process, world.another()
    slower.send(**world.command(number))
    world.wait_until(lambda: bool(world.errors.requests))
    world.mixpanel.faults.clear()
    assert world.deliver(number, faster)
    return world.is_done(slower.answer())


def paused_after_its_claim(world: World, number: int) -> bool:
    """The machine is paused for long; meanwhile another takes it over; then the first one goes on."""
    paused, other = world.process, world.another()
    assert world.ask(number, paused, stop="after the claim") == {"at": "after the claim"}
    paused.pause()
    world.hand.now += 2 * PAUSE
    assert world.deliver(number, other)
    paused.resume()
    world.is_done(paused.ask(go=True))
    return True


def slack_is_gone(world: World, number: int) -> bool:
    """Slack hangs up on the report, and on the notice, too."""
    _slack(world, Fault(drop=True))
    world.errors.faults.append(Fault(path=HOOK, drop=True, times=MANY))
    is_done = world.deliver(number)
    world.errors.faults.clear()
    return is_done


def two_start_together(world: World, number: int) -> bool:
    """Two workers have the message; and since the queue heard of neither in time, it comes once more."""
    both = (world.process, world.another())
    for worker in both:
        worker.send(**world.command(number))
    for worker in both:
        worker.answer()
    return False


def another_is_faster(world: World, number: int) -> bool:
    """While this one has measured and not yet claimed, another delivers."""
    slower, faster = world.process, world.another()
    assert world.ask(number, slower, stop="before the claim") == {"at": "before the claim"}
    assert world.deliver(number, faster)
    return world.is_done(slower.ask(go=True))


def another_is_faster_and_dies(world: World, number: int) -> bool:
    """While this one has measured and not yet claimed, another claims, and is killed."""
    slower, faster = world.process, world.another()
    assert world.ask(number, slower, stop="before the claim") == {"at": "before the claim"}
    assert world.ask(number, faster, stop="after the claim") == {"at": "after the claim"}
    is_done = world.is_done(slower.ask(go=True))
    faster.kill()
    return is_done


def _killed_once(world: World, number: int, is_so: Callable[[], bool]) -> bool:
    world.process.send(**world.command(number))
    world.wait_until(is_so)
    world.process.kill()
    return False


def _slack(world: World, fault: Fault) -> None:
    world.slack.faults.append(replace(fault, path=POST if world.by_bot else HOOK))
