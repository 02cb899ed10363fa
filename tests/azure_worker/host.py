"""A host for Microsoft's own worker library: indexes the app of a folder and invokes its functions.

Run as a process of its own: one JSON command a line on standard input, one JSON answer a line on standard
output. It covers indexing, binding and invoking as the worker does them; not the host's cron, keys, scaling.
"""
# pyright: basic, reportMissingImports=false
# (the worker's library lives in an environment of its own, and has no types)

import asyncio
import json
import logging
import sys
from types import SimpleNamespace
from typing import Any

from azure_functions_runtime.bindings.datumdef import Datum
from azure_functions_runtime.handle_event import functions_metadata_request, worker_init_request
from azure_functions_runtime.native_invocation import invocation_request_native
from azure_functions_runtime.utils import threadpool


class Anything(SimpleNamespace):
    """Stands in for a protobuf message: takes any fields, and names any constants."""

    def __init__(self, *places: object, **fields: object) -> None:
        super().__init__(**fields)
        self.places = places

    def __getattr__(self, name: str) -> Any:
        return None


class Kind(type):
    def __getattr__(cls, name: str) -> str:
        return name


class Message(Anything, metaclass=Kind):
    """A message class whose constants are their own names."""


class BindingInfo(Message):
    """Its constants are numbers, and are compared with the numbers of the bindings."""

    out = 1
    inout = 2
    undefined = 0


class Protos:
    BindingInfo = BindingInfo

    def __getattr__(self, name: str) -> type[Message]:
        return Message


def request(**fields: object) -> SimpleNamespace:
    return SimpleNamespace(
        request=SimpleNamespace(**fields), properties={"host": "127.0.0.1", "protos": Protos()}
    )


async def index(folder: str) -> dict[str, object]:
    init = SimpleNamespace(capabilities={}, function_app_directory=folder)
    answer = await worker_init_request(request(worker_init_request=init))
    if answer.result.status != "Success":
        return {"failed": repr(answer.result.exception)}
    answer = await functions_metadata_request(request(functions_metadata_request=SimpleNamespace()))
    functions = answer.function_metadata_results or []
    return {
        "functions": {
            function.name: {
                "id": function.function_id,
                "bindings": [json.loads(binding) for binding in function.raw_bindings],
            }
            for function in functions
        }
    }


def datum(value: dict[str, Any]) -> Datum:
    inner = value["value"]
    if value["type"] == "http":
        inner = {**inner, "body": Datum(inner["body"].encode(), "bytes")}
        for part in ("headers", "query", "params"):
            inner[part] = {name: Datum(one, "string") for name, one in inner.get(part, {}).items()}
        inner = {
            name: one if not isinstance(one, str) else Datum(one, "string") for name, one in inner.items()
        }
    return Datum(inner, value["type"])


async def invoke(command: dict[str, Any]) -> dict[str, object]:
    inputs = [(name, datum(value)) for name, value in command["inputs"].items()]
    metadata = {name: Datum(value, "json") for name, value in command.get("metadata", {}).items()}
    ok, returned, outputs, error, _ = await invocation_request_native(
        "invocation", command["id"], inputs, metadata
    )
    return {
        "ok": ok,
        "error": error,
        "returned": plain(returned),
        "outputs": {name: plain(value) for name, value in outputs},
    }


def plain(value: Any) -> Any:
    if type(value).__name__ == "Datum":  # there are two of this name: the library's and the bindings'
        return plain(value.value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


async def obey(command: dict[str, Any]) -> dict[str, object]:
    if "index" in command:
        return await index(command["index"])
    if "modules" in command:
        return {"modules": sorted({name.partition(".")[0] for name in sys.modules})}
    return await invoke(command)


async def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    threadpool.start_threadpool_executor()
    answers, sys.stdout = sys.stdout, sys.stderr  # what the app prints must not spoil the answers
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        answer = await obey(json.loads(line))
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    asyncio.run(main())
