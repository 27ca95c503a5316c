"""Answers calls of the functions in bench/matrix/*.py for bench/matrix.mjs: one line of JSON in, one line out.

In:  {"group": file name, "name": function, "parameters": {...}}
Out: {"seconds": of the timed part, "value": what it returned where that is a float, else null,
      "peak_mib": largest resident memory of this process so far}

A function takes the parameters, prepares its data (cached between calls by `data`), and returns the function that is timed.
"""
import functools
import importlib.util
import json
import pathlib
import resource
import sys
import time


@functools.lru_cache(maxsize=None)
def module(group):
    path = pathlib.Path(__file__).parent / "matrix" / f"{group}.py"
    spec = importlib.util.spec_from_file_location(group, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def peak_mib():
    """On Linux not by getrusage, whose figure of a child process begins with that of its parent."""
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS: bytes


for line in sys.stdin:
    call = json.loads(line)
    work = getattr(module(call["group"]), call["name"])(call["parameters"])
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    value = result if isinstance(result, float) else None
    work = result = None
    print(json.dumps({"seconds": seconds, "value": value, "peak_mib": peak_mib()}), flush=True)
