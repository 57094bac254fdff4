"""The plans as a table in Markdown, and the bounds of the stores."""

from collections.abc import Iterator, Sequence

from bench.growth.service_times import ClickTimes, ServiceTimes
from bench.growth.shards import Plan
from bench.growth.sizing import Assumptions

HEADINGS = (
    "students",
    "active at once",
    "simulated",
    "web processes",
    "engine replicas",
    "result, 95 %",
    "next wheel, 95 %",
    "web load",
    "engine load",
    "cores",
    "price per active student and hour",
)


def lines(
    plans: Sequence[Plan], assumptions: Assumptions, times: ServiceTimes, click: ClickTimes
) -> Iterator[str]:
    yield f"Service times: {times.processor}; {times.measured_on}."
    yield ""
    yield markdown_row(HEADINGS)
    yield markdown_row(["---:"] * len(HEADINGS))
    for plan in plans:
        yield markdown_row(cells(plan))
    yield ""
    yield store_line(assumptions, times, click)


def cells(plan: Plan) -> list[str]:
    outcome = plan.shard.outcome
    is_whole = plan.num_shards == 1
    return [
        f"{plan.num_students:,}",
        f"{plan.num_active:,}",
        "all" if is_whole else f"1 of {plan.num_shards} shards, {plan.shard.num_active:,} active",
        f"{plan.num_web:,}",
        f"{plan.num_replicas:,}",
        f"{plan.result_p95_s * 1000:.0f} ms",
        f"{plan.wheel_p95_s * 1000:.0f} ms",
        f"{outcome.web_load:.0%}",
        f"{outcome.engine_load:.0%}",
        f"{plan.cores:,}",
        f"{plan.price_per_active_student:.4f}",
    ]


def store_line(assumptions: Assumptions, times: ServiceTimes, click: ClickTimes) -> str:
    students_per_redis = assumptions.think_s * assumptions.max_load / click.store_cpu_s
    students_per_web = assumptions.think_s * assumptions.max_load / click.cpu_s
    students_per_replica = assumptions.think_s * assumptions.max_load * times.wheels_per_s()
    return (
        f"At a load of {assumptions.max_load:.0%}, by throughput alone: {students_per_web:,.0f} "
        f"active students on a web process, {students_per_replica:,.0f} on an engine replica of "
        f"{times.engine_threads} cores, {students_per_redis:,.0f} on one Redis."
    )


def markdown_row(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"
