#!/bin/sh
# restore.sh DATABASE DUMP: read a dump of backup.sh whole, and only then put it in place of the database, which is kept under another name.
# Runs as PostgreSQL's own user while no worker runs. Numbers that were given since the dump are on people's cards: they are passed over.
set -eu
if [ $# -ne 2 ] || [ ! -r "$2" ]; then
  echo "usage: restore.sh DATABASE DUMP (a file that this user may read)" >&2
  exit 2
fi
database=$1
dump=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd / # where whoever calls may be need not be a place where this user may be
new=${database}_restored
kept=${database}_before_$(date -u +%Y%m%dt%H%M%Sz)

ask() {
  psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --single-transaction "$@"
}

finish() {
  psql --quiet --dbname=postgres --command="DROP DATABASE IF EXISTS $new" >/dev/null 2>&1 || true
}

export PGOPTIONS="--client-min-messages=warning"
owner=$(ask --dbname=postgres --command="SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '$database'")
if [ -z "$owner" ]; then
  echo "There is no database $database: make an empty one first." >&2
  exit 1
fi
busy="SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '$database'"
if [ "$(ask --dbname=postgres --command="$busy")" != 0 ]; then
  echo "Somebody is connected to $database: stop all workers first. Nothing was changed." >&2
  exit 1
fi
trap finish EXIT
psql --quiet --dbname=postgres --command="DROP DATABASE IF EXISTS $new" --command="CREATE DATABASE $new OWNER $owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
pg_restore --exit-on-error --no-owner --role="$owner" --dbname="$new" "$dump"
# Every number goes on a thousand further: those that buttons name, every counter of what people see (`turn:7` is none), and, by `skipped`,
# every counter that begins after this.
next=$(ask --dbname="$new" \
  --command="SELECT FROM (SELECT format('%I.%I', schemaname, sequencename)::regclass AS name FROM pg_sequences) AS each WHERE setval(name, nextval(name) + 1000) < 0" \
  --command="INSERT INTO counters (name, value) VALUES ('skipped', 0), ('case', 1000) ON CONFLICT (name) DO NOTHING" \
  --command="UPDATE counters SET value = value + 1000 WHERE name NOT LIKE '%:%'" \
  --command="SELECT value + 1 FROM counters WHERE name = 'case'")
found=$(ask --dbname="$new" --command="SELECT COUNT(*) || ' people' FROM people" --command="SELECT COUNT(*) || ' cases' FROM cases" --command="ANALYZE")
ask --dbname=postgres --command="ALTER DATABASE $database RENAME TO $kept" --command="ALTER DATABASE $new RENAME TO $database"
echo "Restored:" $found "and the next case is number $next. What was there is now the database $kept."
