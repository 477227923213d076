"""Many users of one page at a time: is every message answered or refused with a reason, and how soon.

    python moss_gui_demo.py &
    python benchmarks/bench_load.py                                       # 1, 8, 16 and 64 users, 60 seconds each
    python benchmarks/bench_load.py --users 64 --seconds 600              # the load test

Each user has a conversation of its own over the HTTP API and asks for one sum after another, of numbers that no other
user has. An answer that holds the sum of another user is a leak. "refused" is a 503 with a reason and Retry-After,
after which the user waits and asks again; "failed" is anything else that is no answer. Times are of answered messages,
from their sending on; the first token may be one of the thoughts. Tokens a second are those of the given time, whatever
is still being said after it. Where the server runs on this machine, its memory is looked at each second: at the end of
the first quarter of the run, when all users have come, and the most after it. CPU time tells more than tokens a second
where others use the machine. Prints a table in Markdown. Exits with 1 where something failed or leaked, or in a run of
five minutes or more the memory grew by more than 5 %.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
import psutil
from tqdm import tqdm

from utils import plain_errors


@dataclass
class Counts:
    """What happened to the messages of a run."""

    first: list[float] = field(default_factory=list)  # seconds to the first token of a reply
    total: list[float] = field(default_factory=list)  # and to its end
    tokens: int = 0
    in_time: float = 0  # of these tokens, those of the time; of an answer that goes on after its end, a part
    right: int = 0
    refused: int = 0
    leaks: int = 0
    failed: list[str] = field(default_factory=list)
    cpu: tuple[float, float] = (0, 0)  # seconds, of the server and of the users
    memory: list[float] = field(default_factory=list)  # MB of the server, second by second

    def growth(self) -> tuple[float, float]:
        """The memory after the first quarter, and the most after that."""
        later = self.memory[len(self.memory) // 4 :]
        return later[0], max(later)


async def ask(
    web: httpx.AsyncClient, message: str, session: str, end: float, max_length: int, counts: Counts
) -> str | None:
    """One message: its answer, None where there is none."""
    start = time.perf_counter()
    data = [message, ["Calculate", "Solve"], max_length, 0.8, 0]
    made = await web.post("/gradio_api/call/chat", json={"data": data, "session_hash": session})
    if made.status_code == 503 and "retry-after" in made.headers and made.json().get("detail"):
        counts.refused += 1
        await asyncio.sleep(random.uniform(0.5, 1) * float(made.headers["retry-after"]))
        return None
    made.raise_for_status()
    answer, event, came = "", "", []
    async with web.stream("GET", f"/gradio_api/call/chat/{made.json()['event_id']}") as lines:
        async for line in lines.aiter_lines():
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: ") and event in ("generating", "complete"):
                answer, told, *_ = json.loads(line[6:])
                came.append(time.perf_counter())
            elif line.startswith("data: ") and event == "error":
                raise ValueError(f"the server says {line[6:]}")
    if event != "complete":
        raise ValueError(f"the stream ended after {event!r}")
    counts.first.append(came[1] - start)  # the first event says that the message is being answered
    counts.total.append(came[-1] - start)
    tokens = int(re.match(r"\d+", told)[0])
    counts.tokens += tokens
    counts.in_time += tokens * min(1, max(0, end - came[1]) / (came[-1] - came[1] or 1))
    return answer


async def user(web, number: int, end: float, max_length: int, counts: Counts, sums: dict[str, int]) -> None:
    """Asks until the time is over; `sums` holds who asked for which."""
    session = f"load{random.getrandbits(60):x}"
    while time.perf_counter() < end:
        a, b = random.randrange(10**5, 10**6), random.randrange(10**5, 10**6)
        if sums.setdefault(str(a + b), number) != number:
            continue
        try:
            answer = await ask(web, f"What is {a}+{b}?", session, end, max_length, counts)
        except (httpx.HTTPError, ValueError) as error:
            counts.failed.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(1)
            continue
        if answer is not None:
            counts.right += str(a + b) in answer
            said = {*re.findall(r"\d+", answer)} - {str(a), str(b)}  # its own numbers may be others' sums by chance
            counts.leaks += any(sums.get(text, number) != number for text in said)


async def run(url: str, users: int, seconds: float, max_length: int) -> Counts:
    counts, sums, server = Counts(), {}, server_on(urlsplit(url).port)

    def cpu(process: psutil.Process | None) -> float:
        return sum(process.cpu_times()[:2]) if process else 0.0

    before = cpu(server), cpu(psutil.Process())
    end = time.perf_counter() + seconds
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=180, limits=limits, trust_env=False) as web:
        asking = asyncio.gather(*(user(web, i, end, max_length, counts, sums) for i in range(users)))
        for _ in tqdm(range(int(seconds)), desc=f"{users} users", unit="s", leave=False):
            await asyncio.sleep(1)
            if server:
                counts.memory.append(server.memory_info().rss / 1e6)
        await asking
    counts.cpu = cpu(server) - before[0], cpu(psutil.Process()) - before[1]
    return counts


def server_on(port: int | None) -> psutil.Process | None:
    """The process of this machine that listens on the port, if we may see it."""
    found = (c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == port)
    pid = next(filter(None, found), None)
    return pid and psutil.Process(pid)


def spread(times: list[float]) -> str:
    """Median and 95th percentile."""
    times = sorted(times)
    return " / ".join(f"{times[int(share * len(times))]:.2f}" for share in (0.5, 0.95)) if times else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:7860", help="of the page (default: %(default)s)")
    parser.add_argument("--users", default="1,8,16,64", help="users at a time, a run each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="of a run (default: %(default)s)")
    parser.add_argument("--max_length", type=int, default=128, help="longest part of a reply (default: %(default)s)")
    args = parser.parse_args()
    bad = 0
    with plain_errors():
        try:
            httpx.get(f"{args.url}/health", trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise ValueError(f"{args.url} is not ready ({error}); start moss_gui_demo.py first") from None
        print(
            "| users | answers | right | refused | failed | leaks | first token s, median / 95 % | answer s | tokens/s "
            "| CPU ms a token, server + users | memory MB |\n" + "|---:" * 11 + "|"
        )
        for users in map(int, args.users.split(",")):
            counts = asyncio.run(run(args.url, users, args.seconds, args.max_length))
            rate = counts.in_time / args.seconds
            cpu = " + ".join(f"{1000 * each / max(counts.tokens, 1):.1f}" for each in counts.cpu)
            memory = "-"
            if counts.memory:
                held, most = counts.growth()
                memory = f"{held:.0f}, at most {most:.0f}"
                bad += args.seconds >= 300 and most > 1.05 * held
            print(
                f"| {users} | {len(counts.total)} | {counts.right} | {counts.refused} | {len(counts.failed)} | "
                f"{counts.leaks} | {spread(counts.first)} | {spread(counts.total)} | {rate:.0f} | "
                f"{cpu} | {memory} |",
                flush=True,
            )
            for reason in sorted(set(counts.failed)):
                print(f"       {counts.failed.count(reason)} times {reason}")
            bad += len(counts.failed) + counts.leaks
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
