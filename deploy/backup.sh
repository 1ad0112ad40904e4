#!/bin/sh
# backup.sh DATABASE FOLDER: dump a PostgreSQL database, read the dump back into a scratch database, and keep it only if the counts agree.
# Runs as PostgreSQL's own user while the workers run. The newest fourteen dumps stay.
set -eu
if [ $# -ne 2 ] || [ ! -d "$2" ]; then
  echo "usage: backup.sh DATABASE FOLDER (a folder that is there)" >&2
  exit 2
fi
database=$1
folder=$(cd "$2" && pwd)
cd / # where whoever calls may be need not be a place where this user may be
file=$folder/$database-$(date -u +%Y%m%dT%H%M%SZ).dump
scratch=${database}_proof
counts="SELECT 'schema ' || MAX(number) FROM migrations UNION ALL SELECT 'people ' || COUNT(*) FROM people UNION ALL SELECT 'cases ' || COUNT(*) FROM cases
  UNION ALL SELECT 'audit ' || COUNT(*) || ' to ' || COALESCE(MAX(id), 0) FROM audit ORDER BY 1"

finish() {
  psql --quiet --dbname=postgres --command="DROP DATABASE IF EXISTS $scratch" >/dev/null 2>&1 || true
  rm -f "$file.part"
}
trap finish EXIT

umask 077
export PGOPTIONS="--client-min-messages=warning"
before=$(psql --no-align --tuples-only --dbname="$database" --command="$counts")
pg_dump --format=custom --file="$file.part" "$database"
psql --quiet --dbname=postgres --command="DROP DATABASE IF EXISTS $scratch" --command="CREATE DATABASE $scratch TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
pg_restore --exit-on-error --no-owner --dbname="$scratch" "$file.part"
copied=$(psql --no-align --tuples-only --dbname="$scratch" --command="$counts")
after=$(psql --no-align --tuples-only --dbname="$database" --command="$counts")
# While workers write, a count of the copy lies between the count before and the one after.
if ! printf '%s\n%s\n%s\n' "$before" "$copied" "$after" | awk '
  { seen[$1]++; if (seen[$1] == 1) least[$1] = $2; if (seen[$1] == 2) copy[$1] = $2; if (seen[$1] == 3) most[$1] = $2 }
  END { for (name in seen) if (seen[name] != 3 || copy[name] + 0 < least[name] + 0 || copy[name] + 0 > most[name] + 0) exit 1 }'; then
  echo "The dump differs from the database: it is not kept." >&2
  exit 1
fi
mv "$file.part" "$file"
find "$folder" -name "$database-*.dump" | sort | head -n -14 | xargs -r rm --
echo "$file: proven," $copied
