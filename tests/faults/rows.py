"""The rows of the fault table: what goes wrong, and then how it stands.

A message by the webhook cannot be looked up, one by the bot can. Tries are ten minutes apart, nine at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reporter.local.server import Fault
from reporter.publishing.scheduler import TRIES
from reporter.reports.deliveries import State
from tests.faults import mishaps as is_
from tests.faults.mishaps import CROWDED, MANY, SPENT
from tests.faults.world import Mishap, plain

GIVEN_UP = TRIES + 1
LIMITED = Fault(status=429, headers={"Retry-After": "600"})
BROKEN = Fault(status=500, body="internal_error")
BROKEN_AFTER = Fault(status=500, body="internal_error", after=True)
LOST, LOST_AFTER = Fault(drop=True), Fault(drop=True, after=True)
SLOW = Fault(delay=1.0)  # beyond the half second that the hurried program waits
NO_PLAN = Fault(
    path="/api/query", status=402, body='{"error": "Your plan does not allow API calls."}', times=MANY
)
NO_EXPORT = Fault(path="/api/2.0/export", status=402, body='{"error": "Your plan has no API."}', times=MANY)
CUT_EXPORT = Fault(path="/api/2.0/export", cut=50, times=MANY)
HOUR_SPENT = Fault(path="/api/query", status=429, headers=SPENT, times=MANY)
AT_ONCE = Fault(path="/api/query", status=429, headers=CROWDED)
DOWN, DOWN_ONCE = Fault(path="/api/query", status=503, times=MANY), Fault(path="/api/query", status=503)
CUT, CUT_ONCE = Fault(path="/api/query", cut=10, times=MANY), Fault(path="/api/query", cut=10)
OUT = Fault(path="/api", status=503, times=MANY)  # so the project's zone cannot be had either


@dataclass(frozen=True)
class Row:
    """What goes wrong in the tries from `first` on; then how it stands."""

    sentence: str
    mishaps: Sequence[Mishap]
    posted: int = 1
    state: State | None = State.DELIVERED
    told: tuple[str, ...] = ()
    tries: int = 1
    first: int = 1
    by_bot: bool = False


KILLED = [
    Row("killed while it measures, the next try sends", [is_.killed_while_it_measures], tries=2),
    Row("killed before it claims, the next try sends", [is_.killed("before the claim")], tries=2),
    Row(
        "killed with a claim and nothing sent, the webhook cannot know: told, not repeated",
        [is_.killed("after the claim")],
        posted=0, state=State.UNCERTAIN, told=("uncertain",), tries=3,
    ),
    Row(
        "killed with a claim and nothing sent, the bot looks it up and sends",
        [is_.killed("after the claim")],
        by_bot=True, tries=3,
    ),
    Row(
        "killed while Slack has it, the webhook cannot know: told, not repeated",
        [is_.killed_while_slack_has_it],
        state=State.UNCERTAIN, told=("uncertain",), tries=3,
    ),
    Row(
        "killed while Slack has it, the bot finds it",
        [is_.killed_while_slack_has_it],
        by_bot=True, tries=3,
    ),
    Row(
        "killed while Slack loses it, the bot looks it up and sends",
        [is_.killed_while_slack_loses_it],
        by_bot=True, tries=3,
    ),
    Row(
        "killed after Slack's answer, before that is written down: told, not repeated",
        [is_.killed("before it is remembered")],
        state=State.UNCERTAIN, told=("uncertain",), tries=3,
    ),
    Row(
        "killed after Slack's answer, before that is written down, the bot finds it",
        [is_.killed("before it is remembered")],
        by_bot=True, tries=3,
    ),
    Row("killed once it is written down, the next try ends", [is_.killed("after it is remembered")], tries=2),
    Row(
        "killed twice with a claim, the bot looks it up each time",
        [is_.killed("after the claim"), plain, is_.killed("after the claim")],
        by_bot=True, tries=5,
    ),
    Row(
        "killed at the last two tries before it claims, it is given up and told",
        [is_.killed("before the claim"), is_.killed("before the claim")],
        posted=0, state=State.FAILED, told=("given-up",), first=TRIES - 1, tries=GIVEN_UP,
    ),
    Row(
        "killed at the last try but one with a claim, too young for the last: told as uncertain",
        [is_.killed("before it is remembered")],
        state=State.UNCERTAIN, told=("uncertain",), first=TRIES - 1, tries=GIVEN_UP,
    ),
    Row(
        "killed at the last try with a claim, it is told as uncertain",
        [is_.killed("after the claim")],
        posted=0, state=State.UNCERTAIN, told=("uncertain",), first=TRIES, tries=GIVEN_UP,
    ),
]  # fmt: skip

TWO = [
    Row("two workers start together, one sends", [is_.two_start_together], tries=2),
    Row("two workers, and the slower finds it sent", [is_.another_is_faster]),
    Row(
        "two workers, and the faster dies with its claim: the slower one's message was kept, and it is told",
        [is_.another_is_faster_and_dies],
        posted=0, state=State.UNCERTAIN, told=("uncertain",), tries=3,
    ),
    Row(
        "two workers, and the faster dies with its claim: the bot looks it up and sends",
        [is_.another_is_faster_and_dies],
        by_bot=True, tries=3,
    ),
]  # fmt: skip

STORAGE = [
    Row("storage is down, and back at the next try", [is_.then_it_is_back(is_.storage_is_down)], tries=2),
    Row(
        "storage is down to the end: told though nothing can be remembered, and given up when it is back",
        [is_.storage_is_down],
        posted=0, state=State.FAILED, told=("not-delivered", "given-up"), first=TRIES, tries=GIVEN_UP,
    ),
    Row(
        "storage goes down after the send: the webhook cannot know any more, told, not repeated",
        [is_.storage_goes_while_slack_has_it],
        state=State.UNCERTAIN, told=("uncertain",), tries=3,
    ),
    Row(
        "storage goes down after the send, the bot finds it",
        [is_.storage_goes_while_slack_has_it],
        by_bot=True, tries=3,
    ),
    Row(
        "storage goes down after the send of a second try: nobody hears that it was not posted",
        [is_.killed("before the claim"), is_.storage_goes_while_slack_has_it],
        by_bot=True, tries=4,
    ),
]  # fmt: skip

SLACK = [
    Row("Slack limits the rate for a second, and is waited for", [is_.slack(Fault(status=429))]),
    Row("Slack limits the rate for ten minutes, the next try sends", [is_.slack(LIMITED)], tries=2),
    Row(
        "Slack limits the rate three times: told at the second, and when it came after all",
        [is_.slack(LIMITED)] * 3,
        told=("delayed", "recovered"), tries=4,
    ),
    Row(
        "Slack limits the rate to the end: told once more",
        [is_.slack(LIMITED)] * TRIES,
        posted=0, state=State.FAILED, told=("delayed", "not-delivered"), tries=GIVEN_UP,
    ),
    Row(
        "Slack refuses the webhook: told at once, not tried again",
        [is_.slack(Fault(status=404, body="no_service"))],
        posted=0, state=State.FAILED, told=("not-delivered",),
    ),
    Row(
        "Slack answers 500 and has not posted it, the webhook cannot know: told, not repeated",
        [is_.slack(BROKEN)],
        posted=0, state=State.UNCERTAIN, told=("uncertain",),
    ),
    Row(
        "Slack answers 500 and has posted it, the webhook cannot know: told, not repeated",
        [is_.slack(BROKEN_AFTER)],
        state=State.UNCERTAIN, told=("uncertain",),
    ),
    Row("Slack answers 500 and has not posted it, the bot sends", [is_.slack(BROKEN)], by_bot=True, tries=2),
    Row("Slack answers 500 and has posted it, the bot finds it", [is_.slack(BROKEN_AFTER)], by_bot=True),
    Row(
        "Slack hangs up without a word, the webhook cannot know: told, not repeated",
        [is_.slack(LOST_AFTER)],
        state=State.UNCERTAIN, told=("uncertain",),
    ),
    Row("Slack hangs up and has posted it, the bot finds it", [is_.slack(LOST_AFTER)], by_bot=True),
    Row("Slack hangs up and has not posted it, the bot sends", [is_.slack(LOST)], by_bot=True, tries=2),
    Row(
        "Slack hangs up and cannot be asked either, the bot finds it at the next try",
        [is_.slack_tells_nothing(LOST_AFTER)],
        by_bot=True, tries=2,
    ),
    Row(
        "Slack is slower than anybody waits, the webhook cannot know: told, not repeated",
        [is_.slack(SLOW, comes_late=True)],
        state=State.UNCERTAIN, told=("uncertain",),
    ),
    Row(
        "Slack is slower than anybody waits: not there yet, the bot finds it at the next try",
        [is_.slack(SLOW, comes_late=True)],
        by_bot=True, tries=2,
    ),
]  # fmt: skip

LEDGER = [
    Row(
        "sent again in vain: what was delivered stays delivered",
        [is_.sent_again_in_vain],
        told=("not-repeated",),
    ),
    Row(
        "one fails and tells it while another delivers: not written over, and told, too",
        [is_.another_delivers_while_this_one_tells],
        told=("not-delivered", "recovered"),
    ),
    Row(
        "paused after its claim for 20 minutes (SIGSTOP), the bot of another process sends: one message",
        [is_.paused_after_its_claim],
        by_bot=True,
    ),
    Row(
        "Slack is gone for the report and for its notice: told at the next try",
        [is_.slack_is_gone],
        posted=0, state=State.UNCERTAIN, told=("uncertain",), tries=2,
    ),
    Row(
        "the ledger is locked after the send: the webhook cannot know any more, told, not repeated",
        [is_.locked_while_slack_has_it],
        state=State.UNCERTAIN, told=("uncertain",), tries=3,
    ),
    Row(
        "the ledger is locked after the send, the bot finds it",
        [is_.locked_while_slack_has_it],
        by_bot=True, tries=3,
    ),
]  # fmt: skip

MIXPANEL = [
    Row(
        "Mixpanel's plan has no API (402): told at once, not tried again",
        [is_.mixpanel(NO_PLAN, NO_EXPORT)],
        posted=0, state=State.FAILED, told=("not-delivered",),
    ),
    Row("Mixpanel's plan has no Query API (402): raw events tell it", [is_.mixpanel(NO_PLAN)]),
    Row(
        "Mixpanel's plan has no Query API, and its export is cut: the next try has it whole",
        [is_.mixpanel(NO_PLAN, CUT_EXPORT), is_.mixpanel(NO_PLAN)],
        tries=2,
    ),
    Row("Mixpanel's hour is spent (429), the next try sends", [is_.mixpanel(HOUR_SPENT)], tries=2),
    Row(
        "Mixpanel's hour is spent for an hour: told at the second try, and when it came after all",
        [is_.mixpanel(HOUR_SPENT)] * 6,
        told=("delayed", "recovered"), tries=7,
    ),
    Row(
        "Mixpanel's hour is spent to the end: told once more",
        [is_.mixpanel(HOUR_SPENT)] * TRIES,
        posted=0, state=State.FAILED, told=("delayed", "not-delivered"), tries=GIVEN_UP,
    ),
    Row("Mixpanel answers too many at once (429), which is waited for", [is_.mixpanel(AT_ONCE)]),
    Row("Mixpanel breaks down once (5xx), which is asked again", [is_.mixpanel(DOWN_ONCE)]),
    Row("Mixpanel is down (5xx), the next try sends", [is_.mixpanel(DOWN)], tries=2),
    Row(
        "Mixpanel is down with all it has, to the end: told, twice since not even the period is known",
        [is_.mixpanel_stays(OUT)] * 2,
        posted=0, state=None, told=("not-delivered", "given-up"), first=TRIES - 1, tries=GIVEN_UP,
    ),
    Row("Mixpanel's answer is cut once, and asked for again", [is_.mixpanel(CUT_ONCE)]),
    Row("Mixpanel's answers are cut, the next try sends", [is_.mixpanel(CUT)], tries=2),
]  # fmt: skip
