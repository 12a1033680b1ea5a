"""The store of a round: what was asked, issued, taken in, found and decided, and an event for every change.

``opening.open_store`` opens it; ``store.Store`` reads values, its ``group`` writes them. Nothing is ever updated away.
"""
