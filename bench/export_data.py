"""Data for the export bench: days of events in the shape of Mixpanel's raw export, one gzip file a day.

A line has about 0.76 KB and 30 properties; there are 30 event names, and one line in a hundred comes twice,
the second time ingested later. Days are UTC days. The same numbers give the same bytes, so files are kept.
"""

import random
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from itertools import accumulate
from pathlib import Path

from bench.export_scale import EVENTS, FIRST_DAY, Scale

PLANS = ("free", "pro", "team", "enterprise")
COUNTRIES = ("US", "DE", "FR", "GB", "IN", "BR", "JP", "CA", "ES", "IT")
SYSTEMS = ("Mac OS X", "Windows", "iOS", "Android", "Linux")
BROWSERS = ("Chrome", "Safari", "Firefox", "Microsoft Edge", "Mobile Safari")
CITIES = ("New York", "Berlin", "Paris", "London", "Zürich", "São Paulo", "Tokyo", "Toronto", "Bengaluru")
REGIONS = ("California", "Bavaria", "Île-de-France", "England", "Karnataka", "Ontario", "Kantō")


def export_files(scale: Scale) -> list[Path]:
    """The gzip file of each day; made where they are not there yet."""
    scale.folder.mkdir(exist_ok=True)
    missing = [day for day in scale.dates if not _file(scale, day).exists()]
    with ProcessPoolExecutor() as pool:
        list(pool.map(_write_day, [scale] * len(missing), missing))
    return [_file(scale, day) for day in scale.dates]


def _file(scale: Scale, day: date) -> Path:
    return scale.folder / f"{day}.jsonl.gz"


def _write_day(scale: Scale, day: date) -> None:
    path = _file(scale, day)
    started = path.with_suffix(".part")
    packer = zlib.compressobj(6, wbits=31)
    with started.open("wb") as file:
        for chunk in _chunks(scale, day):
            file.write(packer.compress(chunk))
        file.write(packer.flush())
    started.rename(path)


def _chunks(scale: Scale, day: date) -> Iterator[bytes]:
    chosen = random.Random(f"{scale.events} {day}")
    number = (day - FIRST_DAY).days
    lines = scale.events * (number + 1) // scale.days - scale.events * number // scale.days
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    weights = list(accumulate(1 / (place + 2) for place in range(len(EVENTS))))
    while lines > 0:
        some = min(lines, 5_000)
        names = chosen.choices(EVENTS, cum_weights=weights, k=some)
        who = _merging(number < scale.days // 2) if scale.merging else _known
        made = [_parts(chosen, scale, who, name, start) for name in names[: round(some / 1.01)]]
        twice = [
            (head, ingested + 60_000, tail) for head, ingested, tail in chosen.sample(made, some - len(made))
        ]
        mixed = chosen.sample(made + twice, some)
        yield "".join(f"{head}{ingested}{tail}" for head, ingested, tail in mixed).encode()
        lines -= some


def _parts(
    chosen: random.Random, scale: Scale, who: Callable[[int], str], name: str, start: int
) -> tuple[str, int, str]:
    """A line in three: what is before the moment of its ingestion, that moment, and the rest."""
    user = int(scale.users * chosen.random() ** 2)
    moment = start + int(86_400 * chosen.random())
    late = chosen.random() < 0.01
    ingested = moment * 1_000 + int(chosen.random() * (300_000_000 if late else 30_000))
    head = (
        f'{{"event":"{name}","properties":{{"time":{moment},{who(user)},'
        f'{_device(user)},"$insert_id":"{chosen.getrandbits(80):020x}","mp_processing_time_ms":'
    )
    return head, ingested, f",{_details(chosen, name, user)}}}}}\n"


def _known(user: int) -> str:
    return f'"distinct_id":"{_identity(user)}"'


def _merging(is_early: bool) -> Callable[[int], str]:
    def who(user: int) -> str:
        device = _identity(user + 1_000_000_007)
        if is_early and user % 3 == 0:
            return f'"distinct_id":"$device:{device}","$device_id":"{device}"'
        return f'{_known(user)},"$device_id":"{device}","$user_id":"{_identity(user)}"'

    return who


def _identity(user: int) -> str:
    """An identity in the shape of a UUID, spread as one."""
    spread = f"{(user + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128):032x}"
    return f"{spread[:8]}-{spread[8:12]}-{spread[12:16]}-{spread[16:20]}-{spread[20:]}"


def _device(user: int) -> str:
    return (
        f'"$browser":"{BROWSERS[user % 5]}","$browser_version":{100 + user % 30},'
        f'"$city":"{CITIES[user % 9]}","mp_country_code":"{COUNTRIES[user % 10]}",'
        f'"$region":"{REGIONS[user % 7]}","$os":"{SYSTEMS[user // 3 % 5]}","$device":"device-{user % 40}",'
        f'"$screen_height":{900 + user % 7 * 100},"$screen_width":{1400 + user % 5 * 120},'
        f'"$referrer":"https://example.com/","$referring_domain":"example.com",'
        f'"$lib_version":"2.5{user % 9}.0","mp_lib":"web","plan":"{PLANS[user // 7 % 4]}"'
    )


def _details(chosen: random.Random, name: str, user: int) -> str:
    amount = f"{chosen.randrange(500, 20_000) / 100:.2f}" if name == "Purchase" else "null"
    return (
        f'"$current_url":"https://shop.example.com/{name.lower().replace(" ", "-")}/{user % 500}",'
        f'"$mp_api_endpoint":"api.mixpanel.com","build":{4_000 + user % 90},'
        f'"$import":true,"visit":{chosen.randrange(90)},"utm_source":"newsletter",'
        f'"utm_campaign":"autumn-{user % 3}",'
        f'"experiment":"checkout-{"ab"[user % 2]}","amount":{amount},"items":{chosen.randrange(9)},'
        f'"tags":["new","sale"],"quick":{"true" if user % 2 else "false"}'
    )
