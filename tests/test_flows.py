from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from linemap import schema as s
from linemap.disclosure import protect
from linemap.distance import geodesic_km
from linemap.errors import InputError, StatisticsError, UnknownPlaceError
from linemap.flows import build_flows, forces_of, measure_pairs, roll_up, to_matrix
from linemap.flows.pair_geography import inside
from linemap.flows.questions import numbered
from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.records import read_records, read_statements

ORIGINS = ["Ashwick", "Birchgate", "Cedarham", "Dunmere"]
TOWNS = ["Eastby", "Fernport", "Glenmoor", "Newton", "Atlantis", None]


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return read_records(str(files("linemap") / "data" / "toy" / "moves.csv"))


@pytest.fixture(scope="module")
def flows(toy: Gazetteer, records: pd.DataFrame) -> gpd.GeoDataFrame:
    return build_flows(records, gazetteer=toy)


@pytest.fixture(scope="module")
def statements(root: Any) -> gpd.GeoDataFrame:
    return build_flows(read_statements(root / "data" / "raw" / "published_statements.csv"))


def table(rows: list[tuple[Any, ...]], **more: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[s.ORIGIN, s.DESTINATION, s.COUNT])
    return frame.assign(**{s.ORIGIN_LEVEL: s.BOROUGH, s.INPUT: s.RECORDS, **more})


def one(flows: gpd.GeoDataFrame, origin: str, destination: str) -> pd.Series:
    rows = flows[(flows[s.ORIGIN_NAME] == origin) & (flows[s.DESTINATION_NAME] == destination)]
    assert len(rows) == 1
    return rows.iloc[0]


# ── The toy world, as its README has it ──────────────────────────────────────
def test_the_toy_worlds_totals(flows: gpd.GeoDataFrame) -> None:
    assert len(flows) == 12
    assert flows[s.COUNT].sum() == 40
    by_level = flows[flows[s.DESTINATION_ID].notna()].groupby(s.DESTINATION_LEVEL)[s.COUNT].sum()
    assert by_level.to_dict() == {"settlement": 31, "borough": 2, "county": 3}
    lost = flows[flows[s.DESTINATION_ID].isna()].groupby(s.DESTINATION_STATUS)[s.COUNT].sum()
    assert lost.to_dict() == {s.NOT_STATED: 2, s.AMBIGUOUS: 1, s.MISSING: 1}


def test_the_distances_of_the_toy_worlds_readme(flows: gpd.GeoDataFrame) -> None:
    readme = (files("linemap") / "data" / "toy" / "README.md").read_text(encoding="utf-8")
    told = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in readme.partition("## Distances")[2].splitlines()
        if line.startswith("| ") and line.count(".") == 3
    ]
    assert len(told) == flows[s.DESTINATION_ID].notna().sum()
    for origin, destination, *km in told:
        flow = one(flows, origin, destination)
        columns = (s.DISTANCE_LOW_KM, s.DISTANCE_KM, s.DISTANCE_HIGH_KM)
        assert [f"{flow[column]:.1f}" for column in columns] == km


def test_a_borough_to_a_town_by_hand(flows: gpd.GeoDataFrame) -> None:
    flow = one(flows, "Ashwick", "Eastby")
    # Ashwick reaches from 0.2 W to 0 at 51.5 to 51.6 N, Eastby lies at 0.5 W, 51.5 N.
    assert flow[s.DISTANCE_LOW_KM] == pytest.approx(float(geodesic_km(-0.5, 51.5, -0.2, 51.5)))
    assert flow[s.DISTANCE_HIGH_KM] == pytest.approx(float(geodesic_km(-0.5, 51.5, 0.0, 51.6)))
    middle = float(geodesic_km(-0.5, 51.5, -0.1, 51.55))
    assert flow[s.DISTANCE_KM] == pytest.approx(middle, rel=0.01)
    assert flow[s.DISTANCE_LOW_KM] < flow[s.DISTANCE_P05_KM] < flow[s.DISTANCE_KM]
    assert flow[s.DISTANCE_KM] < flow[s.DISTANCE_P95_KM] < flow[s.DISTANCE_HIGH_KM]
    assert 256 < flow[s.BEARING_DEG] < 262  # a little south of west
    assert flow[s.EXTERNAL]


def test_an_area_weighs_its_settlements(flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    # Northshire holds Glenmoor (60,000) and a Newton (5,000): 12 thirteenths and 1.
    flow = one(flows, "Birchgate", "Northshire")
    lon, lat, weight = toy.sample("borough:birchgate", n=64)
    to_glenmoor = float(np.sum(weight * geodesic_km(lon, lat, 0.0, 53.0)))
    to_newton = float(np.sum(weight * geodesic_km(lon, lat, -1.0, 53.5)))
    metre = 0.001
    assert flow[s.DISTANCE_KM] == pytest.approx((12 * to_glenmoor + to_newton) / 13, abs=metre)
    nearest = float(geodesic_km(0.1, 51.6, 0.1, 52.0))
    assert flow[s.DISTANCE_LOW_KM] == pytest.approx(nearest, abs=metre)


def test_within_ones_own_borough_is_a_distance_and_not_zero(flows: gpd.GeoDataFrame) -> None:
    flow = one(flows, "Ashwick", "Ashwick")
    assert flow[s.DISTANCE_LOW_KM] == 0.0
    assert 0 < flow[s.DISTANCE_P05_KM] < flow[s.DISTANCE_KM] < flow[s.DISTANCE_P95_KM]
    diagonal = float(geodesic_km(-0.2, 51.5, 0.0, 51.6))
    assert flow[s.DISTANCE_HIGH_KM] == pytest.approx(diagonal, rel=0.001)
    assert np.isnan(flow[s.BEARING_DEG])
    assert not flow[s.EXTERNAL]
    assert flow[s.GEOMETRY].length == 0


def test_between_two_points_there_is_no_range(toy: Gazetteer) -> None:
    ends = pd.Series(["settlement:eastby"]), pd.Series(["settlement:glenmoor"])
    pair = measure_pairs(*ends, toy).iloc[0]
    km = float(geodesic_km(-0.5, 51.5, 0.0, 53.0))
    ranges = (s.DISTANCE_LOW_KM, s.DISTANCE_P05_KM, s.DISTANCE_KM, s.DISTANCE_P95_KM)
    assert [pair[column] for column in (*ranges, s.DISTANCE_HIGH_KM)] == [km] * 5


def test_there_and_back_is_as_far_and_the_other_way_round(toy: Gazetteer) -> None:
    places = pd.Series(toy.places.index)
    starts, ends = places.repeat(len(places)), pd.concat([places] * len(places))
    starts, ends = starts.reset_index(drop=True), ends.reset_index(drop=True)
    there, back = measure_pairs(starts, ends, toy), measure_pairs(ends, starts, toy)
    ranges = [s.DISTANCE_LOW_KM, s.DISTANCE_P05_KM, s.DISTANCE_KM, s.DISTANCE_P95_KM]
    for column in (*ranges, s.DISTANCE_HIGH_KM):
        assert np.array_equal(there[column], back[column])
    by_hand = measure_pairs(starts.iloc[[1]], ends.iloc[[1]], toy)
    assert by_hand[s.BEARING_DEG].iloc[0] == there[s.BEARING_DEG].iloc[1]
    assert (there[s.BEARING_DEG].notna() == back[s.BEARING_DEG].notna()).all()


@pytest.mark.parametrize(
    ("place", "other"),
    [
        ("borough:bromley", "borough:bexley"),
        ("borough:bromley", "settlement:2636464"),
        ("borough:islington", "force:norfolk"),
        ("borough:islington", "nation:scotland"),
        ("county:kent", "county:cornwall"),
        ("nation:scotland", "nation:england"),
    ],
)
def test_ranges_are_those_of_every_two_points_of_both_places(place: str, other: str) -> None:
    shipped = Gazetteer.load()
    pair = measure_pairs(pd.Series([place]), pd.Series([other]), shipped).iloc[0]
    a, b = inside(place, shipped), inside(other, shipped)
    km = geodesic_km(a.lon[:, None], a.lat[:, None], b.lon, b.lat).ravel()
    weight = (a.weight[:, None] * b.weight).ravel()
    order = np.argsort(km)
    reached = np.cumsum(weight[order]) / weight.sum()
    expected = {s.DISTANCE_KM: np.average(km, weights=weight)}
    for column, share in ((s.DISTANCE_P05_KM, 0.05), (s.DISTANCE_P95_KM, 0.95)):
        expected[column] = km[order][np.searchsorted(reached, share * (1 - 1e-9))]
    for column, exact in expected.items():
        assert abs(pair[column] - exact) < 0.5
    assert abs(pair[s.DISTANCE_KM] - expected[s.DISTANCE_KM]) < 0.01
    assert pair[s.DISTANCE_LOW_KM] <= km.min() + 0.001
    assert pair[s.DISTANCE_HIGH_KM] >= km.max() - 0.01


def test_unplaced_rows_stay_with_their_names_and_no_geography(flows: gpd.GeoDataFrame) -> None:
    lost = flows[flows[s.DESTINATION_ID].isna()]
    assert set(lost[s.DESTINATION_NAME].dropna()) == {"Newton", "Atlantis"}
    assert lost[s.GEOMETRY].isna().all()
    assert lost[[s.DISTANCE_KM, s.DISTANCE_LOW_KM, s.BEARING_DEG, s.EXTERNAL]].isna().all(axis=None)
    not_stated = lost[lost[s.DESTINATION_STATUS] == s.NOT_STATED]
    assert not_stated[s.DESTINATION_NAME].isna().all()


def test_lines_run_from_origin_to_destination_longitude_first(flows: gpd.GeoDataFrame) -> None:
    line = one(flows, "Ashwick", "Eastby")[s.GEOMETRY]
    assert [tuple(point) for point in line.coords] == [
        (pytest.approx(-0.1), pytest.approx(51.55)), (-0.5, 51.5),
    ]  # fmt: skip
    assert flows.crs.to_epsg() == 4326


# ── Laws ─────────────────────────────────────────────────────────────────────
rows = st.lists(
    st.tuples(st.sampled_from(ORIGINS), st.sampled_from(TOWNS), st.integers(0, 50)),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=10)
@given(rows, st.randoms())
def test_no_record_is_lost_and_the_order_of_rows_does_not_matter(
    rows: list[tuple[Any, ...]], random: Any
) -> None:
    toy = Gazetteer.toy()
    flows = build_flows(table(rows), gazetteer=toy)
    assert flows[s.COUNT].sum() == sum(row[2] for row in rows)
    assert len(flows) == len({row[:2] for row in rows})
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert_frame_equal(
        pd.DataFrame(flows), pd.DataFrame(build_flows(table(shuffled), gazetteer=toy))
    )


@settings(deadline=None, max_examples=20)
@given(
    rows, st.sampled_from([s.COUNTY, s.FORCE, s.NATION]), st.sampled_from(["destination", "both"])
)
def test_rolling_up_conserves_counts(rows: list[tuple[Any, ...]], level: Any, end: Any) -> None:
    toy = Gazetteer.toy()
    flows = build_flows(table(rows), gazetteer=toy)
    up = roll_up(flows, level, end=end, gazetteer=toy)
    assert up[s.COUNT].sum() == flows[s.COUNT].sum()
    assert len(up) <= len(flows)
    placed = up[s.DESTINATION_ID].notna()
    assert placed.sum() > 0 or flows[s.DESTINATION_ID].isna().all()
    assert set(up.loc[placed, s.DESTINATION_LEVEL]) <= {level}
    again = roll_up(up, level, end=end, gazetteer=toy)
    assert_frame_equal(pd.DataFrame(up), pd.DataFrame(again))


def test_rolling_up_by_hand(flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    up = roll_up(flows, s.FORCE, gazetteer=toy)
    totals = up.groupby(s.DESTINATION_NAME)[s.COUNT].sum().to_dict()
    assert totals == {"Metro": 2, "Westshire": 26, "Northshire": 8, "Newton": 1, "Atlantis": 1}
    county = roll_up(flows, s.COUNTY, gazetteer=toy)
    inside = one(county, "Ashwick", "Ashwick")  # a borough has no county, and stays
    assert inside[s.DESTINATION_LEVEL] == s.BOROUGH


def test_what_is_larger_than_the_level_stays_as_it_is(toy: Gazetteer) -> None:
    flows = build_flows(table([("Ashwick", "Toyland", 3), ("Ashwick", "Eastby", 2)]), gazetteer=toy)
    up = roll_up(flows, s.COUNTY, gazetteer=toy)
    assert up.set_index(s.DESTINATION_ID)[s.COUNT].to_dict() == {
        "nation:toyland": 3, "county:westshire": 2,
    }  # fmt: skip


def test_a_town_in_london_rolls_up_to_its_borough() -> None:
    gazetteer = Gazetteer.load()
    towns = gazetteer.settlements("borough:croydon")
    frame = table([("Islington", towns[s.NAME].iloc[0], 3)])
    frame[s.DESTINATION_WITHIN] = "borough:croydon"
    flows = build_flows(frame, gazetteer=gazetteer)
    assert flows[s.DESTINATION_LEVEL].to_list() == [s.SETTLEMENT]
    up = roll_up(flows, s.COUNTY, gazetteer=gazetteer)
    assert up[s.DESTINATION_ID].to_list() == ["borough:croydon"]


@pytest.mark.parametrize("engine", ["polars", "lazy polars", "pyarrow", "duckdb"])
def test_every_engine_gives_the_same_flows(
    engine: str, records: pd.DataFrame, flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    arrow = pa.Table.from_pandas(records, preserve_index=False)
    frames = {
        "polars": lambda: pl.from_arrow(arrow),
        "lazy polars": lambda: pl.from_arrow(arrow).lazy(),
        "pyarrow": lambda: arrow,
        "duckdb": lambda: duckdb.from_arrow(arrow),
    }
    made = build_flows(frames[engine](), gazetteer=toy)
    assert_frame_equal(pd.DataFrame(flows), pd.DataFrame(made))


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_dates_become_periods_on_every_engine(engine: str, toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", n) for n in (1, 2, 4, 8)])
    dates = pd.to_datetime(["2024-01-31", "2024-02-01", "2024-03-15", "2025-01-01"])
    frame[s.DATE] = dates.astype("datetime64[s]")
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    given = {"pandas": frame, "polars": pl.from_arrow(arrow), "duckdb": duckdb.from_arrow(arrow)}

    def counts(period: Any) -> dict[tuple[str, str], int]:
        made = build_flows(given[engine], gazetteer=toy, period=period).fillna({
            s.PERIOD_START: "none", s.PERIOD_END: "none"
        })  # fmt: skip
        windows = zip(made[s.PERIOD_START], made[s.PERIOD_END], strict=True)
        return dict(zip(windows, made[s.COUNT].astype(int), strict=True))

    assert counts(None) == {("none", "none"): 15}  # the last date is one person's
    assert counts("quarter") == {("2024-01", "2024-03"): 7, ("2025-01", "2025-03"): 8}
    assert counts("year") == {("2024-01", "2024-12"): 7, ("2025-01", "2025-12"): 8}
    assert counts("month") == {
        ("2024-01", "2024-01"): 1, ("2024-02", "2024-02"): 2,
        ("2024-03", "2024-03"): 4, ("2025-01", "2025-01"): 8,
    }  # fmt: skip


def test_a_window_longer_than_the_period_is_not_cut(toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", 1), ("Ashwick", "Eastby", 2), ("Ashwick", "Eastby", 4)])
    frame[s.PERIOD_START] = ["2024-01", "2024-04", None]
    frame[s.PERIOD_END] = ["2024-03", "2024-04", None]
    by_month = build_flows(frame, gazetteer=toy, period="month")
    assert by_month[s.PERIOD_START].fillna("none").to_list() == ["2024-01", "2024-04", "none"]
    assert by_month[s.PERIOD_END].fillna("none").to_list() == ["2024-03", "2024-04", "none"]
    whole = build_flows(frame, gazetteer=toy)
    assert whole[s.PERIOD_END].isna().all()
    assert whole[s.COUNT].to_list() == [7]
    same = build_flows(frame.iloc[:1], gazetteer=toy)
    assert same[[s.PERIOD_START, s.PERIOD_END]].iloc[0].to_list() == ["2024-01", "2024-03"]
    stated = build_flows(frame, gazetteer=toy, period="stated")
    assert len(stated) == 3


def test_each_distinct_question_is_asked_once(toy: Gazetteer, records: pd.DataFrame) -> None:
    asked: list[str] = []

    def counting(names: pd.Series, **options: Any) -> pd.DataFrame:
        asked.extend(names)
        return geocode(names, **options)

    many = pd.concat([records] * 50, ignore_index=True)
    flows = build_flows(many, gazetteer=toy, geocoder=counting)
    assert flows[s.COUNT].sum() == 2000
    assert len(asked) == len(set(asked)) == 10
    assert sorted(set(asked)) == sorted(
        set(records[s.ORIGIN]) | set(records[s.DESTINATION].dropna())
    )


def test_spellings_of_one_place_share_a_flow_and_tell_the_least_certain(toy: Gazetteer) -> None:
    flows = build_flows(
        table([("Ashwick", "Eastby", 2), ("ashwick", "EASTBY", 3), ("Ashwick", "Eastbyy", 5)]),
        gazetteer=toy,
    )
    assert flows[s.COUNT].to_list() == [10]
    assert flows[s.DESTINATION_STATUS].to_list() == [s.FUZZY]


def test_what_only_names_stays_apart_from_what_counts(toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", 2), ("Ashwick", "Eastby", None)])
    frame[s.COUNT] = frame[s.COUNT].astype("Int64")
    flows = build_flows(frame, gazetteer=toy)
    assert len(flows) == 2
    assert flows[s.COUNT].isna().sum() == 1
    assert flows[s.COUNT].sum() == 2


def test_tags_split_and_notes_do_not_travel(toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", 2)] * 3, age_band=["under 18", "18 to 25", "under 18"])
    frame[s.NOTE] = "something about a child"
    flows = build_flows(frame, gazetteer=toy)
    assert s.tag_columns(flows) == ("age_band",)
    assert flows.set_index("age_band")[s.COUNT].to_dict() == {"under 18": 4, "18 to 25": 2}
    assert flows[s.NOTE].isna().all()
    assert not flows.astype(str).apply(lambda column: column.str.contains("child")).any(axis=None)


def test_rows_are_counted_where_there_is_no_count(toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", 0)] * 3).drop(columns=[s.COUNT, s.INPUT])
    flows = build_flows(frame, gazetteer=toy, kind="records")
    assert flows[s.COUNT].to_list() == [3]


def test_sources_that_differ_are_called_several(toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", 1)] * 2, source=["a", "b"])
    assert build_flows(frame, gazetteer=toy)[s.SOURCE].to_list() == ["several sources"]
    assert build_flows(frame.assign(source="a"), gazetteer=toy)[s.SOURCE].to_list() == ["a"]


def test_the_callers_frame_is_left_alone(toy: Gazetteer, records: pd.DataFrame) -> None:
    before = records.copy(deep=True)
    build_flows(records, gazetteer=toy, period="month")
    assert_frame_equal(before, records)


def test_no_rows_give_no_flows(toy: Gazetteer, records: pd.DataFrame) -> None:
    flows = build_flows(records.iloc[:0], gazetteer=toy)
    assert len(flows) == 0
    s.require_contract(flows, s.FLOWS_CONTRACT)
    assert len(roll_up(flows, s.FORCE, gazetteer=toy)) == 0


# ── Refusals ─────────────────────────────────────────────────────────────────
def test_the_kind_is_never_guessed(toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", 1)]).drop(columns=s.INPUT)
    with pytest.raises(InputError, match="records \\(disjoint rows\\) or statements"):
        build_flows(frame, gazetteer=toy)


def test_the_two_kinds_are_never_mixed(toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", 1), ("Ashwick", "Eastby", 1)])
    frame[s.INPUT] = [s.RECORDS, s.STATEMENTS]
    with pytest.raises(InputError, match="build each"):
        build_flows(frame, gazetteer=toy)


@pytest.mark.parametrize(("count", "problem"), [(-1, "negative"), (1.5, "not a whole number")])
def test_counts_are_whole_numbers(count: float, problem: str, toy: Gazetteer) -> None:
    # The faulty row hides in a sum that looks right.
    frame = table([("Ashwick", "Eastby", count), ("Ashwick", "Eastby", 3 - count)])
    with pytest.raises(InputError, match=problem):
        build_flows(frame, gazetteer=toy)


@pytest.mark.parametrize("tag", ["no such column", s.NOTE, s.DISTANCE_KM])
def test_what_cannot_be_a_tag(tag: str, toy: Gazetteer) -> None:
    with pytest.raises(InputError, match="cannot be tags"):
        build_flows(table([("Ashwick", "Eastby", 1)]), gazetteer=toy, tags=[tag])


def test_a_tag_has_no_name_of_linemaps_own_and_is_text(toy: Gazetteer) -> None:
    frame = table([("Ashwick", "Eastby", 1)]).assign(mean_km=3, age=14)
    with pytest.raises(InputError, match="cannot be tags: mean_km"):
        build_flows(frame, gazetteer=toy, kind="records", tags=["age", "mean_km"])
    flows = build_flows(frame, gazetteer=toy, kind="records", tags=["age"])
    assert flows["age"].tolist() == ["14"]


def test_a_financial_year_runs_from_april_to_march(toy: Gazetteer) -> None:
    dates = ["2023-03-31", "2023-04-01", "2024-03-31", "2024-04-01"]
    frame = pd.DataFrame({"from": "Ashwick", "to": "Eastby", "date": pd.to_datetime(dates)})
    records = read_records(frame)

    def windows(period: Any) -> list[tuple[str, str, int]]:
        made = build_flows(records, gazetteer=toy, period=period)
        columns = ["period_start", "period_end", "count"]
        return sorted(made[columns].itertuples(index=False, name=None))

    assert windows("financial-year") == [
        ("2022-04", "2023-03", 1), ("2023-04", "2024-03", 2), ("2024-04", "2025-03", 1),
    ]  # fmt: skip
    assert windows("financial-quarter") == windows("quarter")
    assert windows("year") == [("2023-01", "2023-12", 2), ("2024-01", "2024-12", 2)]


def test_a_period_that_does_not_exist(toy: Gazetteer) -> None:
    with pytest.raises(InputError, match="financial-year or stated"):
        build_flows(table([("Ashwick", "Eastby", 1)]), gazetteer=toy, period="week")


def test_a_place_of_another_gazetteer(flows: gpd.GeoDataFrame) -> None:
    with pytest.raises(UnknownPlaceError, match="Pass the gazetteer"):
        measure_pairs(flows[s.ORIGIN_ID], flows[s.DESTINATION_ID], Gazetteer.load())


def test_statements_are_never_rolled_up(statements: gpd.GeoDataFrame) -> None:
    with pytest.raises(StatisticsError, match="never rolled up"):
        roll_up(statements, s.FORCE)


# ── Statements ───────────────────────────────────────────────────────────────
def test_each_statement_is_one_flow_in_its_order(statements: gpd.GeoDataFrame) -> None:
    assert statements[s.FLOW_ID].to_list() == [f"S{n:03d}" for n in range(1, 68)]
    assert statements[s.DESTINATION_STATUS].eq(s.NOT_STATED).sum() == 11
    assert statements[s.ORIGIN_ID].notna().all()


def test_rival_figures_both_stand(statements: gpd.GeoDataFrame) -> None:
    norfolk = statements[
        (statements[s.DESTINATION_ID] == "force:norfolk") & (statements[s.ORIGIN_NAME] == "London")
    ]
    assert norfolk[s.COUNT].to_list() == [416, 198, 443]
    assert norfolk[s.DISTANCE_KM].nunique() == 1  # one pair, measured once


def test_scotland_is_uncertain_and_aberdeen_is_not(statements: gpd.GeoDataFrame) -> None:
    scotland = one(statements, "Islington", "Scotland")
    assert scotland[s.DISTANCE_LOW_KM] < 450
    assert scotland[s.DISTANCE_HIGH_KM] > 1000
    aberdeen = one(statements, "Islington", "Aberdeen")
    assert aberdeen[s.DISTANCE_HIGH_KM] - aberdeen[s.DISTANCE_LOW_KM] < 10


def test_every_distance_lies_in_its_range(statements: gpd.GeoDataFrame) -> None:
    placed = statements[statements[s.DESTINATION_ID].notna()]
    ordered = [s.DISTANCE_LOW_KM, s.DISTANCE_P05_KM, s.DISTANCE_P95_KM, s.DISTANCE_HIGH_KM]
    assert (placed[ordered].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert (
        placed[s.DISTANCE_KM].between(placed[s.DISTANCE_LOW_KM], placed[s.DISTANCE_HIGH_KM]).all()
    )


def test_statements_without_an_identity_are_refused() -> None:
    frame = pd.DataFrame({s.INPUT: [s.STATEMENTS] * 2, s.ORIGIN: "Hackney", s.STATEMENT_ID: "S1"})
    with pytest.raises(InputError, match="of its own"):
        build_flows(frame)


# ── Force boundaries ─────────────────────────────────────────────────────────
def crosses(origin: str, destination: str, gazetteer: Gazetteer) -> bool | None:
    answer = measure_pairs(pd.Series([origin]), pd.Series([destination]), gazetteer)
    value = answer[s.EXTERNAL].iloc[0]
    return None if pd.isna(value) else bool(value)


@pytest.mark.parametrize(
    ("origin", "destination", "expected"),
    [
        ("borough:ashwick", "borough:dunmere", False),  # both Metro
        ("borough:ashwick", "settlement:eastby", True),
        ("borough:ashwick", "force:metro", False),
        ("borough:ashwick", "nation:toyland", None),  # it spans Metro and others
        ("nation:toyland", "nation:toyland", None),
        ("county:westshire", "force:westshire", False),
    ],
)  # fmt: skip
def test_external_in_the_toy_world(
    origin: str, destination: str, expected: bool | None, toy: Gazetteer
) -> None:
    assert crosses(origin, destination, toy) is expected
    assert crosses(destination, origin, toy) is expected


def test_london_is_two_forces_and_its_destinations_elsewhere_are_external() -> None:
    gazetteer = Gazetteer.load()
    assert forces_of("region:london", gazetteer) == {"force:metropolitan", "force:city-of-london"}
    assert crosses("region:london", "force:norfolk", gazetteer) is True
    assert crosses("region:london", "borough:croydon", gazetteer) is None
    assert crosses("borough:islington", "group:east-anglia", gazetteer) is True


def test_a_boundary_within_the_error_leaves_it_open(toy: Gazetteer) -> None:
    near = toy.places.copy()
    near[s.NEAR_FORCE_IDS] = [
        ("force:metro",) if place == "settlement:eastby" else () for place in near.index
    ]
    doubtful = Gazetteer(near, toy.aliases, toy.sources)
    assert crosses("borough:ashwick", "settlement:eastby", doubtful) is None
    # Of its own county no one can say either, for Eastby may not lie in it.
    assert crosses("county:westshire", "settlement:eastby", doubtful) is None
    assert crosses("settlement:eastby", "settlement:eastby", doubtful) is False
    assert crosses("settlement:glenmoor", "settlement:eastby", doubtful) is True


def test_a_crosstab_that_was_read_comes_back_as_a_matrix(toy: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "crosstab.csv"
    path.write_text("Borough,Eastby,Not known\nAshwick,3,2\n")
    records = read_records(path, layout="matrix")
    matrix = to_matrix(build_flows(records, gazetteer=toy))
    assert matrix.loc["Ashwick"].to_dict() == {"Eastby": 3, "not stated": 2}


def test_a_matrix_of_a_release_keeps_its_words_for_no_place(toy: Gazetteer) -> None:
    moves = [
        ("Ashwick", "Eastby", 40),
        ("Ashwick", None, 12),
        ("Birchgate", "Eastby", 30),
        ("Birchgate", "Fernport", 4),
        ("Birchgate", None, 3),
    ]
    release = protect(build_flows(table(moves), gazetteer=toy, kind="records"), gazetteer=toy)
    matrix = to_matrix(release.flows)
    lost = release.flows[release.flows["destination_id"].isna()]
    assert set(lost["destination_name"]) <= set(matrix.columns)
    assert "not stated" not in matrix.columns
    assert matrix.sum().sum() == release.flows["count"].sum()


def test_statements_and_several_measures_make_no_matrix(toy: Gazetteer) -> None:
    flows = build_flows(table([("Ashwick", "Eastby", 1)]), gazetteer=toy, kind="records")
    with pytest.raises(StatisticsError, match="never added"):
        to_matrix(flows.assign(input="statements"))
    both = pd.concat([flows, flows.assign(measure="arrests")])
    with pytest.raises(StatisticsError, match="one measure"):
        to_matrix(both)


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([1, 2]), st.none()), min_size=1
    )
)
@settings(deadline=None, max_examples=30)
def test_rows_are_numbered_as_pandas_numbers_groups(
    rows: list[tuple[str | None, int, None]],
) -> None:
    frame = pd.DataFrame(rows, columns=["text", "whole", "nothing"])
    frame["text"] = frame["text"].astype("str")
    groups = frame.groupby(list(frame), dropna=False, sort=False).ngroup()
    assert numbered(frame[column] for column in frame).tolist() == groups.tolist()
