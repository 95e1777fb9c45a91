"""What was kept: how much of the records is shown, and how finely."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.disclosure.summaries import SHARE_STEP

SHOWN_AS: Final = "shown_as"
FLOWS: Final = "flows"
COUNT_SHOWN: Final = "count_shown"
SHARE_OF_SHOWN: Final = "share_of_shown"
ELSEWHERE: Final = "elsewhere or not stated"
NOT_STATED: Final = "not stated"


def account(flows: pd.DataFrame) -> pd.DataFrame:
    """Say how much is shown at which level of destination: one row a measure and level.

    ``count_shown`` adds up what the flows show, and ``share_of_shown`` is its
    share of all that is shown of the measure, to a twentieth. All of it
    follows from the flows that the release shows, and no value is ever null,
    so it tells nothing more. Ordered by measure, the finest level first.
    """
    rest = flows[schema.PART] == schema.REST
    level = flows[schema.DESTINATION_LEVEL].astype(object)
    level = level.where(level.notna(), np.where(rest, ELSEWHERE, NOT_STATED))
    table = pd.DataFrame(
        {
            schema.MEASURE: flows[schema.MEASURE].astype(object),
            SHOWN_AS: level,
            COUNT_SHOWN: flows[schema.COUNT].astype("int64"),
        }
    )
    groups = table.groupby([schema.MEASURE, SHOWN_AS], dropna=False, sort=False)[COUNT_SHOWN]
    rows = groups.agg(["size", "sum"]).reset_index()
    rows.columns = pd.Index([schema.MEASURE, SHOWN_AS, FLOWS, COUNT_SHOWN])
    whole = rows.groupby(schema.MEASURE, dropna=False)[COUNT_SHOWN].transform("sum")
    share = (rows[COUNT_SHOWN] / whole / SHARE_STEP).round() * SHARE_STEP
    rows[SHARE_OF_SHOWN] = share.round(2)
    order = {name: n for n, name in enumerate((*schema.LEVELS, ELSEWHERE, NOT_STATED))}
    return rows.sort_values(
        [schema.MEASURE, SHOWN_AS],
        key=lambda column: column.map(order) if column.name == SHOWN_AS else column,
        ignore_index=True,
    )
