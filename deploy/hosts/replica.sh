#!/bin/sh
# Make a streaming replica of a primary in an empty folder, as the system user of PostgreSQL:
#   PGPASSWORD=… replica.sh HOST PORT USER DATA_FOLDER SLOT
# USER needs REPLICATION; SLOT is a name of this replica's own. Then start the server on the folder.
set -eu
[ $# -eq 5 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
pg_basebackup --host="$1" --port="$2" --username="$3" --pgdata="$4" \
  --wal-method=stream --checkpoint=fast --write-recovery-conf --create-slot --slot="$5"
cp "$here/replica.conf" "$4/replica.conf"
grep -q "replica.conf" "$4/postgresql.conf" || echo "include_if_exists = 'replica.conf'" >>"$4/postgresql.conf"
