"""Invented records of the central form, for hypothesis: what their texts and rows are made of is the test's affair."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

money = st.none() | st.decimals(0, 10**6, places=2).map(float)


def central_records(
    names: st.SearchStrategy[str], words: st.SearchStrategy[str | None], rows: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    """Records with these names, texts and indicators."""
    funds = st.fixed_dictionaries(dict.fromkeys(("total", "fiscal", "carried", "other"), money))
    return st.fixed_dictionaries(
        {
            "number": st.integers(1, 99),
            "name": names,
            "department": words,
            "agency": words,
            "nature": st.sampled_from(["新增项目", "延续项目", None]),
            "period": words,
            "funds": st.fixed_dictionaries({"mid": funds, "year": funds}),
            "goals": st.fixed_dictionaries({"mid": words, "year": words}),
            "indicators": st.lists(rows, max_size=20),
        }
    )
