WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3)
), copies AS (
SELECT event, person, happened, insertion,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC) AS copy FROM raw
), occurred AS (
SELECT event, person, happened,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT event, day, count(*), count(DISTINCT person) FROM occurred GROUP BY event, day;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received, TO_JSON(GET(events.properties, CAST(%(p8)s AS VARCHAR))) AS property_0, TO_JSON(GET(events.properties, CAST(%(p9)s AS VARCHAR))) AS property_1
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3) AND events.event_name IN (CAST(%(p10)s AS VARCHAR))
), copies AS (
SELECT event, person, happened, insertion, property_0, property_1,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC, property_0, property_1) AS copy FROM raw
), occurred AS (
SELECT event, person, happened, property_0, property_1,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT tag, CASE WHEN tag >= 1 THEN event END AS name, day, count(*), count(DISTINCT person)
FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN event = CAST(%(p1)s AS VARCHAR) AND ((CASE WHEN substr(property_0, 1, 1) = '[' THEN ARRAY_SIZE(FILTER(CAST(TRY_PARSE_JSON(property_0) AS ARRAY), item -> coalesce(CASE WHEN substr(TO_JSON(item), 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(TO_JSON(item)) AS VARCHAR) END = CAST(%(p2)s AS VARCHAR) OR CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END = CAST(%(p3)s AS DOUBLE) OR TO_JSON(item) = 'true', false))) > 0 ELSE CASE WHEN substr(property_0, 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(property_0) AS VARCHAR) END = CAST(%(p4)s AS VARCHAR) OR CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END = CAST(%(p5)s AS DOUBLE) OR property_0 = 'true' END)) AND ((CASE WHEN substr(property_1, 1, 1) = '[' THEN ARRAY_SIZE(FILTER(CAST(TRY_PARSE_JSON(property_1) AS ARRAY), item -> coalesce(POSITION(CAST(%(p6)s AS VARCHAR), CASE WHEN substr(TO_JSON(item), 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(TO_JSON(item)) AS VARCHAR) END) > 0, false))) > 0 ELSE POSITION(CAST(%(p7)s AS VARCHAR), CASE WHEN substr(property_1, 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(property_1) AS VARCHAR) END) > 0 END)) END) AS tagged GROUP BY tag, CASE WHEN tag >= 1 THEN event END, day;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3) AND events.event_name IN (CAST(%(p2)s AS VARCHAR))
), copies AS (
SELECT event, person, happened, insertion,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC) AS copy FROM raw
), occurred AS (
SELECT event, person, happened,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT tag, span, count(DISTINCT person) FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN event = CAST(%(p1)s AS VARCHAR) END) AS tagged CROSS JOIN (SELECT 0 AS of_tag, 0 AS span, 20746 AS first, 20753 AS upto) AS spans
WHERE tag = of_tag AND day >= first AND day < upto GROUP BY tag, span;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received, TO_JSON(GET(events.properties, CAST(%(p8)s AS VARCHAR))) AS property_0, TO_JSON(GET(events.properties, CAST(%(p9)s AS VARCHAR))) AS property_1, TO_JSON(GET(events.properties, CAST(%(p10)s AS VARCHAR))) AS property_2
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3) AND events.event_name IN (CAST(%(p11)s AS VARCHAR))
), copies AS (
SELECT event, person, happened, insertion, property_0, property_1, property_2,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC, property_0, property_1, property_2) AS copy FROM raw
), occurred AS (
SELECT event, person, happened, property_0, property_1, property_2,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT tag, day, shift, sum(CAST(CAST(number * power(CAST(2 AS DOUBLE), floor(shift / 2)) * power(CAST(2 AS DOUBLE), shift - floor(shift / 2)) AS BIGINT) AS NUMBER(38, 0))), count(*) FROM (SELECT tag, day, number, CASE WHEN number IS NOT NULL THEN 54 - floor(ln(CASE WHEN number <> 0 THEN abs(number) ELSE 1 END) / ln(2)) END AS shift
FROM (SELECT numbered.*, CASE tag WHEN 0 THEN CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END END AS number FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN (day >= 20746 AND day < 20753) AND (property_0 IS NOT NULL AND property_0 <> 'null') AND event = CAST(%(p1)s AS VARCHAR) AND ((CASE WHEN substr(property_1, 1, 1) = '[' THEN ARRAY_SIZE(FILTER(CAST(TRY_PARSE_JSON(property_1) AS ARRAY), item -> coalesce(CASE WHEN substr(TO_JSON(item), 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(TO_JSON(item)) AS VARCHAR) END = CAST(%(p2)s AS VARCHAR) OR CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END = CAST(%(p3)s AS DOUBLE) OR TO_JSON(item) = 'true', false))) > 0 ELSE CASE WHEN substr(property_1, 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(property_1) AS VARCHAR) END = CAST(%(p4)s AS VARCHAR) OR CASE WHEN substr(property_1, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_1) >= -1e+290 AND TRY_TO_DOUBLE(property_1) <= 1e+290 THEN TRY_TO_DOUBLE(property_1) END END = CAST(%(p5)s AS DOUBLE) OR property_1 = 'true' END)) AND ((CASE WHEN substr(property_2, 1, 1) = '[' THEN ARRAY_SIZE(FILTER(CAST(TRY_PARSE_JSON(property_2) AS ARRAY), item -> coalesce(POSITION(CAST(%(p6)s AS VARCHAR), CASE WHEN substr(TO_JSON(item), 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(TO_JSON(item)) AS VARCHAR) END) > 0, false))) > 0 ELSE POSITION(CAST(%(p7)s AS VARCHAR), CASE WHEN substr(property_2, 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(property_2) AS VARCHAR) END) > 0 END)) END) AS numbered) AS numbers) AS shifted GROUP BY tag, day, shift;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received, TO_JSON(GET(events.properties, CAST(%(p2)s AS VARCHAR))) AS property_0
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3) AND events.event_name IN (CAST(%(p3)s AS VARCHAR))
), copies AS (
SELECT event, person, happened, insertion, property_0,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC, property_0) AS copy FROM raw
), occurred AS (
SELECT event, person, happened, property_0,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT tag, day, shift, sum(CAST(CAST(number * power(CAST(2 AS DOUBLE), floor(shift / 2)) * power(CAST(2 AS DOUBLE), shift - floor(shift / 2)) AS BIGINT) AS NUMBER(38, 0))), count(*) FROM (SELECT tag, day, number, CASE WHEN number IS NOT NULL THEN 54 - floor(ln(CASE WHEN number <> 0 THEN abs(number) ELSE 1 END) / ln(2)) END AS shift
FROM (SELECT numbered.*, CASE tag WHEN 0 THEN CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END END AS number FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN (day >= 20746 AND day < 20753) AND (property_0 IS NOT NULL AND property_0 <> 'null') AND event = CAST(%(p1)s AS VARCHAR) END) AS numbered) AS numbers) AS shifted GROUP BY tag, day, shift;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received, TO_JSON(GET(events.properties, CAST(%(p2)s AS VARCHAR))) AS property_0
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3) AND events.event_name IN (CAST(%(p3)s AS VARCHAR))
), copies AS (
SELECT event, person, happened, insertion, property_0,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC, property_0) AS copy FROM raw
), occurred AS (
SELECT event, person, happened, property_0,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT tag, sorted_by, number, upto FROM (
SELECT tag, sorted_by, number, occurrences,
sum(occurrences) OVER (PARTITION BY tag, sorted_by ORDER BY number
ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto,
sum(occurrences) OVER (PARTITION BY tag, sorted_by) AS total
FROM (SELECT tag, tag AS sorted_by, number, count(*) AS occurrences
FROM (SELECT numbered.*, CASE tag WHEN 0 THEN CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END END AS number FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN (day >= 20746 AND day < 20753) AND (property_0 IS NOT NULL AND property_0 <> 'null') AND event = CAST(%(p1)s AS VARCHAR) END) AS numbered) AS numbers WHERE number IS NOT NULL GROUP BY tag, tag, number) AS counted
) AS ordered
WHERE upto = total OR (10 * (upto - 1) >= 5 * (total - 1) - 9 AND 10 * (upto - occurrences) <= 5 * (total - 1) + 10) OR (10 * (upto - 1) >= 9 * (total - 1) - 9 AND 10 * (upto - occurrences) <= 9 * (total - 1) + 10)
ORDER BY tag, sorted_by, number;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received, TO_JSON(GET(events.properties, CAST(%(p2)s AS VARCHAR))) AS property_0
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3) AND events.event_name IN (CAST(%(p3)s AS VARCHAR))
), copies AS (
SELECT event, person, happened, insertion, property_0,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC, property_0) AS copy FROM raw
), occurred AS (
SELECT event, person, happened, property_0,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT tag, name, span, count(*), count(DISTINCT person)
FROM (SELECT named.*, nullif(CAST(listed.value AS VARCHAR), 'undefined') AS name FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN event = CAST(%(p1)s AS VARCHAR) END) AS named, LATERAL FLATTEN(input => CASE WHEN NOT coalesce(substr(property_0, 1, 1) = '[', false) THEN ARRAY_CONSTRUCT(coalesce(CASE WHEN property_0 IN ('null', '"undefined"') THEN NULL WHEN substr(property_0, 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(property_0) AS VARCHAR) WHEN CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END IS NULL THEN property_0 WHEN CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END = 0 THEN '0' WHEN NOT (POSITION('.', property_0) > 0 OR POSITION('e', property_0) > 0 OR POSITION('E', property_0) > 0) THEN property_0 WHEN CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END = floor(CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END) AND abs(CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END) < 1e15 THEN CAST(CAST(CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END AS BIGINT) AS VARCHAR) ELSE CAST(CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END AS VARCHAR) END, 'undefined')) WHEN ARRAY_SIZE(CAST(TRY_PARSE_JSON(property_0) AS ARRAY)) = 0 THEN ARRAY_CONSTRUCT('undefined') ELSE ARRAY_DISTINCT(TRANSFORM(CAST(TRY_PARSE_JSON(property_0) AS ARRAY), item -> coalesce(CASE WHEN TO_JSON(item) IN ('null', '"undefined"') THEN NULL WHEN substr(TO_JSON(item), 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(TO_JSON(item)) AS VARCHAR) WHEN CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END IS NULL THEN TO_JSON(item) WHEN CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END = 0 THEN '0' WHEN NOT (POSITION('.', TO_JSON(item)) > 0 OR POSITION('e', TO_JSON(item)) > 0 OR POSITION('E', TO_JSON(item)) > 0) THEN TO_JSON(item) WHEN CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END = floor(CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END) AND abs(CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END) < 1e15 THEN CAST(CAST(CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END AS BIGINT) AS VARCHAR) ELSE CAST(CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END AS VARCHAR) END, 'undefined'))) END) AS listed) AS tagged CROSS JOIN (SELECT 0 AS of_tag, 0 AS span, 20746 AS first, 20753 AS upto) AS spans
WHERE tag = of_tag AND day >= first AND day < upto GROUP BY tag, name, span;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1784671200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3)
), copies AS (
SELECT event, person, happened, insertion,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC) AS copy FROM raw
), occurred AS (
SELECT event, person, happened,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT event, day, count(*), count(DISTINCT person) FROM occurred GROUP BY event, day;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1784671200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3)
), copies AS (
SELECT event, person, happened, insertion,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC) AS copy FROM raw
), occurred AS (
SELECT event, person, happened,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT coalesce(sum(CASE WHEN tag = 0 AND there_0 = 1 AND there_1 = 0 THEN 1 ELSE 0 END), 0) FROM (
SELECT tag, person, max(CASE WHEN (day >= 20746 AND day < 20753) THEN 1 ELSE 0 END) AS there_0, max(CASE WHEN (day >= 20656 AND day < 20746) THEN 1 ELSE 0 END) AS there_1 FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN event NOT IN ('$create_alias', '$experiment_started', '$hotshard_events', '$identify', '$merge', '$mp_session_record') END) AS tagged
WHERE person IS NOT NULL GROUP BY tag, person) AS persons;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received, TO_JSON(GET(events.properties, CAST(%(p9)s AS VARCHAR))) AS property_0, TO_JSON(GET(events.properties, CAST(%(p10)s AS VARCHAR))) AS property_1
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3) AND events.event_name IN (CAST(%(p11)s AS VARCHAR), CAST(%(p12)s AS VARCHAR))
), copies AS (
SELECT event, person, happened, insertion, property_0, property_1,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC, property_0, property_1) AS copy FROM raw
), occurred AS (
SELECT event, person, happened, property_0, property_1,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT funnel, span, step, count(DISTINCT person) FROM (SELECT reached.*, CASE WHEN step = 1 AND happened - before_1 <= allowed
THEN before_1 END AS start_1 FROM (SELECT earlier.*, max(start_0) OVER (PARTITION BY funnel, span, person
ORDER BY happened RANGE BETWEEN UNBOUNDED PRECEDING AND 2000 FOLLOWING) AS before_1
FROM (SELECT hits.*, CASE WHEN step = 0 THEN happened END AS start_0 FROM (SELECT CASE tag WHEN 0 THEN 0 WHEN 1 THEN 0 END AS funnel, CASE tag WHEN 0 THEN 0 WHEN 1 THEN 1 END AS step, span, person, happened, CASE tag WHEN 0 THEN 604800000 WHEN 1 THEN 604800000 END AS allowed
FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag UNION ALL SELECT 1 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN event = CAST(%(p1)s AS VARCHAR) WHEN 1 THEN event = CAST(%(p2)s AS VARCHAR) AND ((CASE WHEN substr(property_0, 1, 1) = '[' THEN ARRAY_SIZE(FILTER(CAST(TRY_PARSE_JSON(property_0) AS ARRAY), item -> coalesce(CASE WHEN substr(TO_JSON(item), 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(TO_JSON(item)) AS VARCHAR) END = CAST(%(p3)s AS VARCHAR) OR CASE WHEN substr(TO_JSON(item), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(item)) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(item)) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(item)) END END = CAST(%(p4)s AS DOUBLE) OR TO_JSON(item) = 'true', false))) > 0 ELSE CASE WHEN substr(property_0, 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(property_0) AS VARCHAR) END = CAST(%(p5)s AS VARCHAR) OR CASE WHEN substr(property_0, 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(property_0) >= -1e+290 AND TRY_TO_DOUBLE(property_0) <= 1e+290 THEN TRY_TO_DOUBLE(property_0) END END = CAST(%(p6)s AS DOUBLE) OR property_0 = 'true' END)) AND ((CASE WHEN substr(property_1, 1, 1) = '[' THEN ARRAY_SIZE(FILTER(CAST(TRY_PARSE_JSON(property_1) AS ARRAY), item -> coalesce(POSITION(CAST(%(p7)s AS VARCHAR), CASE WHEN substr(TO_JSON(item), 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(TO_JSON(item)) AS VARCHAR) END) > 0, false))) > 0 ELSE POSITION(CAST(%(p8)s AS VARCHAR), CASE WHEN substr(property_1, 1, 1) = '"' THEN CAST(TRY_PARSE_JSON(property_1) AS VARCHAR) END) > 0 END)) END) AS tagged CROSS JOIN (SELECT 0 AS of_tag, 0 AS span, 20746 AS first, 20753 AS upto UNION ALL SELECT 1 AS of_tag, 0 AS span, 20746 AS first, 20753 AS upto) AS spans
WHERE tag = of_tag AND day >= first AND day < upto AND person IS NOT NULL) AS hits) AS earlier) AS reached) AS every
WHERE coalesce(start_0, start_1, NULL) IS NOT NULL GROUP BY funnel, span, step;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792274400000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3)
), copies AS (
SELECT event, person, happened, insertion,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC) AS copy FROM raw
), occurred AS (
SELECT event, person, happened,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT event, day, count(*), count(DISTINCT person) FROM occurred GROUP BY event, day;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792274400000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3)
), copies AS (
SELECT event, person, happened, insertion,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC) AS copy FROM raw
), occurred AS (
SELECT event, person, happened,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT tag, span, count(*), sum(is_back) FROM (
SELECT tag, span, person, max(CASE WHEN returns = 1 AND happened > birth
AND happened - birth >= CASE tag WHEN 0 THEN 86400000 END AND happened - birth < CASE tag WHEN 0 THEN 172800000 END THEN 1 ELSE 0 END) AS is_back
FROM (
SELECT tag, span, person, happened, returns,
min(born) OVER (PARTITION BY tag, span, person) AS birth
FROM (
SELECT tag, span, person, happened,
CASE WHEN day < born_upto AND CASE tag WHEN 0 THEN event = CAST(%(p2)s AS VARCHAR) END THEN happened END AS born,
CASE WHEN CASE tag WHEN 0 THEN event NOT IN ('$create_alias', '$experiment_started', '$hotshard_events', '$identify', '$merge', '$mp_session_record') END THEN 1 ELSE 0 END AS returns
FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN ((event = CAST(%(p1)s AS VARCHAR)) OR (event NOT IN ('$create_alias', '$experiment_started', '$hotshard_events', '$identify', '$merge', '$mp_session_record'))) END) AS tagged CROSS JOIN (SELECT reach.*, cohort.upto AS born_upto FROM (SELECT 0 AS of_tag, 0 AS span, 20744 AS first, 20753 AS upto) AS reach JOIN (SELECT 0 AS of_tag, 0 AS span, 20744 AS first, 20751 AS upto) AS cohort
ON reach.of_tag = cohort.of_tag AND reach.span = cohort.span) AS spans
WHERE tag = of_tag AND day >= first AND day < upto AND person IS NOT NULL
) AS members
) AS cohort WHERE birth IS NOT NULL GROUP BY tag, span, person
) AS persons GROUP BY tag, span;

WITH raw AS (
SELECT events.event_name AS event, coalesce(nullif(known.resolved, ''), nullif(events.distinct_id, '')) AS person,
DATE_PART(epoch_millisecond, events.time) AS happened, nullif(events.insert_id, '') AS insertion, CASE WHEN substr(TO_JSON(GET(events.properties, 'mp_processing_time_ms')), 1, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') THEN CASE WHEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) >= -1e+290 AND TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) <= 1e+290 THEN TRY_TO_DOUBLE(TO_JSON(GET(events.properties, 'mp_processing_time_ms'))) END END AS received
FROM shop.analytics.mp_master_event AS events LEFT JOIN (SELECT distinct_id AS alias, min(resolved_distinct_id) AS resolved FROM shop.analytics.mp_identity_mappings_data GROUP BY distinct_id) AS known ON events.distinct_id = known.alias
WHERE events.time >= TO_TIMESTAMP_NTZ(1792447200000, 3) AND events.time < TO_TIMESTAMP_NTZ(1793055600000, 3)
), copies AS (
SELECT event, person, happened, insertion,
row_number() OVER (PARTITION BY event, person, happened, insertion ORDER BY coalesce(received, -1) DESC) AS copy FROM raw
), occurred AS (
SELECT event, person, happened,
CAST(floor(CAST(happened + (CASE WHEN happened < 1792890000000 THEN 7200000 ELSE 3600000 END) AS DOUBLE) / 86400000) AS BIGINT) AS day
FROM copies WHERE copy = 1 OR insertion IS NULL
) SELECT tag, day, count(*) FROM (
SELECT tag, day, happened,
max(happened) OVER (PARTITION BY tag, person, day ORDER BY happened
ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS earlier,
row_number() OVER (PARTITION BY tag, person, day ORDER BY happened) AS place
FROM (SELECT occurred.*, tag FROM occurred CROSS JOIN (SELECT 0 AS tag) AS tags
WHERE CASE tag WHEN 0 THEN event NOT IN ('$campaign_bounced', '$campaign_delivery', '$campaign_marked_spam', '$create_alias', '$experiment_started', '$hotshard_events', '$identify', '$journey_entered', '$merge', '$message_suppressed', '$mp_session_record', '$unsubscribe') AND (day >= 20746 AND day < 20753) END) AS tagged WHERE person IS NOT NULL
) AS steps WHERE place = 1 OR happened - earlier >= 1800000 GROUP BY tag, day;
