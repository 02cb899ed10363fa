"""Events from files that a company already has, brought into the store's day files.

    feed = FilesFeed(("s3://acme-export/2195193/mp_master_event/**",), keeps, now)
    feed.bring(store, needed, wished, properties)     # raises Unavailable, Refused
    store.buckets(needed, properties)

It knows what Mixpanel writes (Mixpanel, "Data Pipelines" and "Raw Event Export"), as JSON lines, plain or
packed by gzip, or as Parquet:

    event, properties {time, distinct_id, $insert_id, …}       the export API, and raw pipelines
    event_name, time, distinct_id, insert_id, properties {…}   JSON pipelines
    mp_event_name, time, distinct_id, mp_insert_id, …          schematized pipelines, one table for all events
    distinct_id, resolved_distinct_id                          identity mappings of pipelines

A file is read once, and again when it changes: what measures need of it is kept as a "piece" beside the day
files, with users as hashes. A day is made from all pieces that have events of it, so an event that is in
several files counts once, and a file that goes takes its events with it.
"""

from reporter.sources.events.feeds.files.feed import FilesFeed as FilesFeed
