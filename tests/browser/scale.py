"""Multiplies the reports and dead letters of one exporter in a store that no service has open.

usage: scale.py STATE_FILE REPORTS DEAD_LETTERS
"""

import sqlite3
import sys

path, reports, letters = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = sqlite3.connect(path)
NUMBERS = "WITH RECURSIVE numbers(n) AS (VALUES(1) UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) "


def multiply(table, times, changed, only):
    """Copies each row that there is so many times in all, with other values in some columns."""
    names = [row[1] for row in store.execute("PRAGMA table_info(%s)" % table)]
    kept = [name for name in names if name != "sequence"]
    rows = store.execute("SELECT count(*) FROM %s WHERE %s" % (table, only)).fetchone()[0]
    each = -(-times // max(rows, 1))
    store.execute("CREATE TEMP TABLE pattern AS SELECT * FROM %s WHERE %s" % (table, only))
    # The oldest first, as they would have been stored.
    store.execute((NUMBERS % each) + "INSERT INTO %s (%s) SELECT %s FROM numbers, pattern ORDER BY n DESC" % (
        table, ", ".join(kept), ", ".join(changed.get(name, name) for name in kept)))
    store.execute("DROP TABLE pattern")


before = "(n * 60000000)"  # a minute each
multiply("runs", reports, {
    "run_id": "lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-4'||substr(hex(randomblob(2)),2)||'-8'||substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6)))",
    "created": "created - " + before, "created_order": "created_order - " + before,
    "started": "started - " + before, "ended": "ended - " + before,
}, "exporter = 'default' AND ended IS NOT NULL")
multiply("dead_letters", letters, {
    "log_id": "'900' || printf('%053d', n * 1000 + rowid)", "recorded": "recorded - " + before,
}, "exporter = 'default'")
store.commit()
print(store.execute("SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM dead_letters)").fetchone())
