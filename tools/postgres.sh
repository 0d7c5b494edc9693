#!/bin/sh
# PostgreSQL for the tests: a server of version 15 or later, and throw-away instances of it.
#
#   postgres.sh install        makes sure there is one (Debian's packages, where we are root); prints where its programs are
#   postgres.sh start [PID]    starts an instance in a temporary folder, prints its URL; with PID it stops when that process is gone
#   postgres.sh stop URL       stops that instance and removes its folder
#
# POSTGRES_BIN names the folder of the programs to use. An instance listens on a socket in its folder only, lets every local user
# in, forgets everything with the machine (no fsync), and runs as an unprivileged user where we are root: the server refuses root.
set -eu
cd /
OLDEST=15

say() { echo "$*" >&2; }

version_in() {
    [ -x "$1/postgres" ] && [ -x "$1/initdb" ] && [ -x "$1/pg_ctl" ] || return 1
    "$1/postgres" --version | awk '{ print int($3) }'
}

# The newest server of all places where systems keep them; none of them is on everybody's PATH.
find_programs() {
    if [ -n "${POSTGRES_BIN:-}" ]; then
        version_in "$POSTGRES_BIN" >/dev/null && echo "$POSTGRES_BIN" && return 0
        say "POSTGRES_BIN=$POSTGRES_BIN: there are no PostgreSQL server programs (postgres, initdb, pg_ctl)"
        return 1
    fi
    best='' newest=$((OLDEST - 1))
    on_path=$(command -v postgres || true)
    for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql@*/bin "${on_path%/*}"; do
        version=$(version_in "$folder") || continue
        if [ "$version" -gt "$newest" ]; then best=$folder newest=$version; fi
    done
    [ -n "$best" ] && echo "$best"
}

explain() {
    say "PostgreSQL $OLDEST or later is not installed. Install it, then try again:"
    say "    sudo apt-get install postgresql           (Debian, Ubuntu)"
    say "    sudo dnf install postgresql-server        (Fedora)"
    say "    brew install postgresql@17                (macOS)"
    say "or say where its programs are: POSTGRES_BIN=FOLDER"
}

install() {
    if find_programs; then return 0; fi
    if [ -z "${POSTGRES_BIN:-}" ] && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        say "installing PostgreSQL"
        export DEBIAN_FRONTEND=noninteractive
        if apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends postgresql >/dev/null && find_programs; then return 0; fi
    fi
    explain
    return 1
}

as_server() {
    if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

make_data() {
    as_server "$bin/initdb" --pgdata="$folder/data" --username=episodic --auth=trust --encoding=UTF8 --no-sync "$@" >"$folder/log" 2>&1
}

start() {
    bin=$(find_programs) || { explain; exit 1; }
    user=nobody
    if id -u postgres >/dev/null 2>&1; then user=postgres; fi
    # in /tmp whatever TMPDIR says: the path of a socket may have 107 characters at most
    folder=$(mktemp -d /tmp/episodic-postgres.XXXXXX)
    trap 'code=$?; [ $code = 0 ] || { tail -n 5 "$folder/log" >&2; rm -rf "$folder"; }; exit $code' EXIT
    touch "$folder/log"
    if [ "$(id -u)" = 0 ]; then chown -R "$user" "$folder"; fi
    chmod 755 "$folder"
    if ! as_server test -x "$bin/postgres"; then # a virtual environment in somebody's closed home
        whole=${bin%/*}
        mkdir -p "$folder/programs/package"
        cp -R "$whole" "$folder/programs/package/"
        # a wheel keeps the libraries beside its package
        if [ -d "$whole/../../pgserver.libs" ]; then cp -R "$whole/../../pgserver.libs" "$folder/programs/"; fi
        bin=$folder/programs/package/${whole##*/}/${bin##*/}
    fi
    # A linguistic order where the server knows one, as on most users' servers: who forgets to say how to sort is found out.
    make_data --locale=C --locale-provider=icu --icu-locale=en || { rm -rf "$folder/data"; make_data --locale=C; }
    cat >>"$folder/data/postgresql.conf" <<-CONF
		listen_addresses = ''
		port = 5432
		unix_socket_directories = '$folder'
		max_connections = 60
		fsync = off
		full_page_writes = off
		jit = off
	CONF
    printf 'local all guarded scram-sha-256\nlocal all all trust\n' >"$folder/data/pg_hba.conf"
    as_server "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait --timeout=60 --silent start >&2
    if [ -n "${1:-}" ]; then
        (trap - EXIT; while kill -0 "$1" 2>/dev/null; do sleep 1; done; stop "$folder") </dev/null >/dev/null 2>&1 &
    fi
    echo "postgresql+psycopg://episodic@/postgres?host=$folder&port=5432"
}

stop() {
    folder=${1#*host=}
    folder=${folder%%&*}
    case $folder in /tmp/episodic-postgres.*) ;; *) say "$1: not an instance that this script started"; exit 2 ;; esac
    if [ -f "$folder/data/postmaster.pid" ]; then kill -QUIT "$(head -n 1 "$folder/data/postmaster.pid")" 2>/dev/null || true; fi
    # what the server still writes while it goes down may make the first attempt fail
    for _ in $(seq 100); do
        rm -rf "$folder" 2>/dev/null && [ ! -e "$folder" ] && return 0
        sleep 0.2
    done
    say "$folder: cannot be removed"
    return 1
}

case ${1:-} in
    install) install ;;
    start) start "${2:-}" ;;
    stop) stop "${2:?which one? give the URL that start printed}" ;;
    *) say "usage: $0 install | start [PID] | stop URL"; exit 2 ;;
esac
