"""The embedded engine: raw events in day files, measured with DuckDB.

    store = Store(folder, zone)                  # zone: the project's
    for facts in store.add(exporter.fetch(...), properties, now):
        ...                                      # a day is stored: lines, duplicates, unreadable lines
    store.lacking(period, properties)            # days of the export to fetch before this can be measured
    for connection in store.buckets(period, properties):
        ...                                      # `events` in DuckDB, of a part of the users: add up
    with store.opened_for_sql() as connection:
        ...                                      # all of it, for an analyst

Raw lines come in through `store.RawDays`, whole, and become one Parquet file a day, `2026-10-31.parquet`:
event, "user", time, and a column "p:…" for each property that is kept, sorted by user. A day is a day as the
export cuts it; `time_rule` knows which days of the project that makes. What is kept of a person is a hash of
the `distinct_id` (MD5, 128 bits) and the properties that were asked for; `distinct_id` itself is not. Beside
a day lies what its events say of who is who, `2026-10-31.1f2e3d4c.identities`: pairs of hashes, which are
applied when measuring.
"""
