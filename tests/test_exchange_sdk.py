"""The official SDK as a client: it reads an export as it would read the platform's own answers.

The SDK turns an enumeration value that it does not know into `outdated_sdk_version`. Totals are worked out from its
objects alone and equal the summary: counts exactly, times to half a millisecond for each of them.
"""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from exchange import served, simulated

import simulator as cc
from simulator.exchange.export import export

PAGE = 100


@pytest.fixture(scope="module")
def sdk() -> Any:
    """Here, and not at the top: it takes seconds to import, and only one worker needs it."""
    return pytest.importorskip("PureCloudPlatformClientV2", reason="the official SDK is the extra `platform`")


@pytest.fixture(scope="module")
def results() -> cc.Results:
    return simulated()


@pytest.fixture(scope="module")
def answers(sdk: Any, results: cc.Results, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Any], Any]]:
    """All pages of details, and the aggregates, as the SDK's objects."""
    folder = tmp_path_factory.mktemp("exchange") / "out"
    export(results.run, "genesys", folder, page_size=PAGE)
    with served(folder) as address:
        client = sdk.api_client.ApiClient(host=address)
        client.access_token = "none is needed"
        api = sdk.ConversationsApi(client)
        pages = []
        for number in range(1, 1_000):
            query = sdk.ConversationQuery()
            query.interval = "2026-03-28T19:00:00.000Z/2026-03-29T19:00:00.000Z"
            query.paging = sdk.PagingSpec()
            query.paging.page_size, query.paging.page_number = PAGE, number
            page = api.post_analytics_conversations_details_query(query)
            if not page.conversations:
                break
            pages.append(page)
        yield pages, api.post_analytics_conversations_aggregates_query(sdk.ConversationAggregationQuery())


def objects(value: Any) -> Iterator[Any]:
    """Every object of the SDK's in another, itself included."""
    if isinstance(value, list):
        for one in value:
            yield from objects(one)
    elif isinstance(value, dict):
        yield from objects(list(value.values()))
    elif hasattr(value, "swagger_types"):
        yield value
        for name in value.swagger_types:
            yield from objects(getattr(value, name))


def allowed(model: type, name: str) -> set[str]:
    """The values of an enumeration, as the SDK's setter lists them."""
    source = inspect.getsource(inspect.getattr_static(model, name).fset)
    found = re.search(r"allowed_values = \[(.*?)\]", source)
    assert found, f"{model.__name__}.{name} lists no values"
    return set(re.findall(r'"(.*?)"', found.group(1)))


def sessions(pages: list[Any], purpose: str) -> Iterator[Any]:
    for page in pages:
        for conversation in page.conversations:
            for participant in conversation.participants:
                if participant.purpose == purpose:
                    yield from participant.sessions


def test_all_pages_come_and_every_conversation_is_in_one_of_them(results: cc.Results, answers: Any) -> None:
    pages, _ = answers
    ids = [one.conversation_id for page in pages for one in page.conversations]
    assert len(pages) > 2
    assert {page.total_hits for page in pages} == {len(ids)}
    assert [one.external_tag for page in pages for one in page.conversations] == (
        results.table("conversations").sort_values("opened_us", kind="stable")["conversation"].tolist()
    )
    assert len(set(ids)) == len(ids)


def test_the_sdk_knows_every_value_and_every_name(sdk: Any, answers: Any) -> None:
    pages, aggregates = answers
    seen = list(objects(pages)) + list(objects(aggregates))
    kinds = {type(one).__name__ for one in seen}
    assert kinds >= {"AnalyticsSession", "AnalyticsConversationSegment", "AnalyticsSessionMetric", "StatisticalSummary"}
    for one in seen:
        for name in one.swagger_types:
            value = getattr(one, name)
            assert not isinstance(value, str) or value != "outdated_sdk_version", (type(one).__name__, name)
    # setters compare without regard to case; we do not
    exact = {
        (sdk.AnalyticsParticipantWithoutAttributes, "purpose"),
        (sdk.AnalyticsSession, "media_type"),
        (sdk.AnalyticsSession, "direction"),
        (sdk.AnalyticsSession, "used_routing"),
        (sdk.AnalyticsConversationSegment, "segment_type"),
        (sdk.AnalyticsConversationSegment, "disconnect_type"),
        (sdk.AnalyticsFlow, "flow_type"),
        (sdk.AnalyticsConversationWithoutAttributes, "conversation_initiator"),
    }
    for model, name in exact:
        values = {getattr(one, name) for one in seen if isinstance(one, model)} - {None}
        assert values and values <= allowed(model, name), (name, values - allowed(model, name))
    kinds_of_message = allowed(sdk.MessageMediaParticipant, "type")
    assert {one.message_type for one in seen if isinstance(one, sdk.AnalyticsSession)} <= kinds_of_message
    told = {one.name for one in seen if isinstance(one, sdk.AnalyticsSessionMetric)}
    assert told <= allowed(sdk.ConversationDetailQueryPredicate, "metric")
    told = {one.metric for one in seen if isinstance(one, sdk.AggregateMetricData)}
    assert told <= allowed(sdk.ConversationAggregationView, "target")
    assert {"tAnswered", "tAbandon", "tFlowOut", "nOverSla", "oServiceLevel", "tPark", "tNotResponding"} <= told


def test_what_the_server_would_not_know_the_sdk_marks(sdk: Any) -> None:
    """The test above can fail: this is what an unknown value becomes."""
    segment = sdk.AnalyticsConversationSegment()
    segment.segment_type = "thinking"
    assert segment.segment_type == "outdated_sdk_version"


def test_totals_of_the_details_are_those_of_the_summary(results: cc.Results, answers: Any) -> None:
    """Cohorts by their own start: what an emission measured began so long before it was emitted."""
    pages, _ = answers
    calendar, scenario = results.scenario.calendar, results.scenario
    zero = calendar.start.replace(tzinfo=calendar.zone).timestamp()

    def ms(moment: datetime) -> int:
        return round((moment.timestamp() - zero) * 1_000)

    def inside(at_ms: int) -> bool:
        return scenario.warm_up_us <= at_ms * 1_000 < scenario.duration_us

    found: dict[str, list[int]] = defaultdict(list)
    for session in sessions(pages, "acd"):
        if inside(ms(session.segments[0].segment_start)):
            for metric in session.metrics:
                found[metric.name].append(metric.value)
    for session in sessions(pages, "agent"):
        alert = ms(session.segments[0].segment_start)
        talks = [one for one in session.segments if one.segment_type in ("interact", "parked")]
        for metric in session.metrics:
            if metric.name in ("tAlert", "tNotResponding", "nAlertExpired", "nAgentDeclined"):
                began = alert
            elif metric.name in ("tAgentResponseTime", "tUserResponseTime", "tFirstResponse", "tAnswered", "tPark"):
                began = ms(metric.emit_date) - metric.value
            else:
                began = ms(talks[0].segment_start)
            if inside(began):
                found[metric.name].append(metric.value)

    def ours(name: str) -> float:
        rows = results.summary()
        return float(rows.loc[(rows["metric"] == name) & (rows["scope"].map(len) == 0), "value"].iloc[0])

    assert sum(found["nOffered"]) == ours("nOffered") > 200
    assert len(found["tAnswered"]) == ours("nAnswered")
    assert len(found["tAbandon"]) == ours("nAbandoned") > 0
    assert len(found["tShortAbandon"]) == ours("nShortAbandon") > 0
    assert len(found["tFlowOut"]) == ours("nFlowOut") > 0
    assert sum(found["nOverSla"]) == ours("nOverSla") > 0
    assert sum(found["nConnected"]) == ours("nConnected")
    answered = len(found["tAnswered"])
    below = answered + len(found["tAbandon"]) - len(found["tShortAbandon"])
    assert (answered - sum(found["nOverSla"])) / below == pytest.approx(ours("oServiceLevel"), abs=1e-12)
    means = {
        "tAcd": "tWait", "tAnswered": "tWait_answered", "tAbandon": "tAbandon",
        "tShortAbandon": "tShortAbandon", "tFlowOut": "tFlowOut",
        "tAlert": "tAlert", "tNotResponding": "tNotResponding", "tTalk": "tTalk", "tTalkComplete": "tTalk",
        "tHandle": "tHandle", "tPark": "tPark", "tFirstResponse": "tFirstResponse",
        "tAgentResponseTime": "tAgentResponseTime", "tUserResponseTime": "tUserResponseTime",
    }  # fmt: skip
    for theirs, name in means.items():
        assert found[theirs], theirs
        mean_s = sum(found[theirs]) / len(found[theirs]) / 1_000
        assert mean_s == pytest.approx(ours(name), abs=0.0005), theirs
    # who has no wrap-up emits none, and counts 0 in ours
    assert sum(found["tAcw"]) / len(found["tHandle"]) / 1_000 == pytest.approx(ours("tAcw"), abs=0.0005)


def test_aggregates_are_the_sums_of_the_details(sdk: Any, answers: Any) -> None:
    pages, aggregates = answers
    one_by_one: dict[str, list[int]] = defaultdict(list)
    for one in objects(pages):
        if isinstance(one, sdk.AnalyticsSessionMetric):
            one_by_one[one.name].append(one.value)
    together: dict[str, list[Any]] = defaultdict(list)
    for one in objects(aggregates):
        if isinstance(one, sdk.AggregateMetricData):
            together[one.metric].append(one.stats)
    for name, stats in together.items():
        if name in ("oServiceLevel", "oServiceTarget"):
            continue
        values = one_by_one["tAcd" if name == "tWait" else name]  # details do not know tWait
        assert sum(one.count for one in stats) == (sum(values) if name[0] == "n" else len(values)), name
        if name[0] != "n":
            assert sum(one.sum for one in stats) == sum(values), name
            assert min(one.min for one in stats) == min(values), name
            assert max(one.max for one in stats) == max(values), name


def test_aggregates_are_booked_as_the_intervals_table(results: cc.Results, answers: Any) -> None:
    _, aggregates = answers
    from simulator.exchange.ids import id_of

    calendar = results.scenario.calendar
    zero = calendar.start.replace(tzinfo=calendar.zone).timestamp()
    theirs = {}
    for container in aggregates.results:
        for data in container.data:
            start = datetime.fromisoformat(data.interval.split("/")[0]).timestamp()
            stats = {one.metric: one.stats for one in data.metrics}
            theirs[container.group.get("queueId"), round((start - zero) * 1e6)] = stats
    seen = 0
    for row in results.table("intervals").to_dict("records"):
        stats = theirs.get((id_of("queue", row["queue"]), row["start_us"]), {})

        def count(name: str, stats: dict[str, Any] = stats) -> int:
            return stats[name].count if name in stats else 0

        assert count("nOffered") == row["nOffered"]
        assert count("tAnswered") == row["nAnswered"]
        assert count("tAbandon") == row["nAbandoned"]
        assert count("nOverSla") == row["nOverSla"]
        if row["oServiceLevel"] == row["oServiceLevel"]:
            assert stats["oServiceLevel"].ratio == pytest.approx(row["oServiceLevel"], abs=1e-12)
            assert stats["oServiceTarget"].target == results.scenario.service_level.target
        else:
            assert "oServiceLevel" not in stats
        if "tWait" in stats:
            mean_us = stats["tWait"].sum / stats["tWait"].count * 1_000
            assert mean_us == pytest.approx(row["tWait_mean_us"], abs=500)
        seen += count("nOffered")
    assert seen == len(results.table("offers"))
