#!/usr/bin/env bats
# Programs that others built, in their images with their filters, under docker,
# podman and containerd: started, asked, stopped. No network is needed: they
# are asked from inside by /init --probe, or through sockets in a volume.

bats_require_minimum_version 1.5.0
load ../support/engines

IMAGES_HERE="redis nginx pqclient psql sqlite3 gohello rusthello pause"

setup_file() {
    needs redis-cli sqlite3 runc jq
    for image in $IMAGES_HERE; do
        [ -f "$IMAGES/$image.tar" ] || skip "no build/images/$image.tar; run make images"
    done
    start_postgres
}

teardown_file() {
    [ -n "${PG:-}" ] || return 0
    stop_daemon "$PG/pid"
    rm -rf "$PG"
}

# A server of its own, on a socket in $PG/run alone.
start_postgres() {
    local bin
    bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -1)
    [ -x "$bin/initdb" ] || skip "no postgresql; see scripts/setup"
    PG=$(mktemp -d /tmp/pith-pg-XXXXXX)
    export PG
    mkdir -m 777 "$PG/run"
    chown nobody "$PG"
    chmod 755 "$PG"
    setpriv --reuid=nobody --regid=nogroup --clear-groups "$bin/initdb" -D "$PG/data" -A trust \
        -U t --no-sync -E UTF8 --locale=C >"$PG/log" 2>&1
    setpriv --reuid=nobody --regid=nogroup --clear-groups "$bin/postgres" -D "$PG/data" \
        -c listen_addresses= -k "$PG/run" -c fsync=off >>"$PG/log" 2>&1 </dev/null 3>&- &
    echo $! >"$PG/pid"
    until_ready "$bin/pg_isready" -h "$PG/run"
}

setup() {
    DATA=$(mktemp -d /tmp/pith-data-XXXXXX)
    chmod 777 "$DATA"
    NAME=pith-$$-$BATS_TEST_NUMBER
}

teardown() {
    case ${KIND:-} in
    docker) stop_dockerd ;;
    podman)
        podman_here rm -fa -t 0 >/dev/null 2>&1 || true
        remove_engine
        ;;
    ctr)
        stop_daemon "$ENGINE/pid"
        remove_engine
        ;;
    esac
    rm -rf "$DATA"
}

# What the three engines call the same thing.
load_image() {
    case $KIND in
    docker) docker load -q <"$IMAGES/$1.tar" ;;
    podman) podman_here load -q <"$IMAGES/$1.tar" ;;
    ctr) ctr -a "$ENGINE/sock" images import "$IMAGES/$1.tar" ;;
    esac >/dev/null
}

# ctr knows no arguments, only whole commands.
whole_command() {
    local image=$1
    shift
    [ $# -gt 0 ] || return 0
    "$PITH" inspect --json "$IMAGES/$image.tar" | jq -r '.config.entrypoint[]'
    printf '%s\n' "$@"
}

# start IMAGE SOURCE:TARGET [ARGUMENT...]: a container of that, $ID.
start() {
    local image=$1 from=${2%%:*} to=${2#*:} command
    shift 2
    ID=$NAME-$image
    case $KIND in
    docker) docker run -d --name "$ID" --network none -v "$from:$to" "localhost/$image" "$@" ;;
    podman) podman_here run -d --name "$ID" --network none -v "$from:$to" "localhost/$image" "$@" ;;
    ctr)
        mapfile -t command < <(whole_command "$image" "$@")
        ctr -a "$ENGINE/sock" run -d --mount "type=bind,src=$from,dst=$to,options=rbind:rw" \
            "localhost/$image:latest" "$ID" "${command[@]}"
        ;;
    esac >/dev/null
}

# inside COMMAND...: in the container.
inside() {
    case $KIND in
    docker) docker exec "$ID" "$@" ;;
    podman) podman_here exec "$ID" "$@" ;;
    ctr) ctr -a "$ENGINE/sock" task exec --exec-id "e$RANDOM" "$ID" "$@" ;;
    esac
}

# once IMAGE SOURCE:TARGET ENV [ARGUMENT...]: what it prints, to its end.
once() {
    local image=$1 from=${2%%:*} to=${2#*:} env=$3 command
    shift 3
    case $KIND in
    docker)
        docker run --rm --network none -v "$from:$to" -e "$env" -e PGUSER=t \
            -e PGDATABASE=postgres "localhost/$image" "$@"
        ;;
    podman)
        podman_here run --rm --network none -v "$from:$to" -e "$env" -e PGUSER=t \
            -e PGDATABASE=postgres "localhost/$image" "$@"
        ;;
    ctr)
        mapfile -t command < <(whole_command "$image" "$@")
        ctr -a "$ENGINE/sock" run --rm --env "$env" --env PGUSER=t --env PGDATABASE=postgres \
            --mount "type=bind,src=$from,dst=$to,options=rbind:rw" \
            "localhost/$image:latest" "$NAME-once" "${command[@]}"
        ;;
    esac
}

# stop: SIGTERM; it ends well by itself, long before it would be killed.
stop() {
    case $KIND in
    docker)
        docker stop -t 10 "$ID" >/dev/null
        [ "$(docker inspect -f '{{.State.ExitCode}}' "$ID")" = "$1" ]
        ;;
    podman)
        podman_here stop -t 10 "$ID" >/dev/null
        [ "$(podman_here inspect -f '{{.State.ExitCode}}' "$ID")" = "$1" ]
        ;;
    ctr)
        ctr -a "$ENGINE/sock" task kill -s SIGTERM "$ID"
        until_ready sh -c "ctr -a '$ENGINE/sock' task ls | grep '^$ID ' | grep -q STOPPED"
        # It warns of a status that is not 0.
        run -0 ctr -a "$ENGINE/sock" task delete "$ID"
        [ "$1" = 0 ] || [[ $output == *"exit code $1\""* ]]
        [ "$1" != 0 ] || [[ $output != *'exit code'* ]]
        ;;
    esac
}

# psql asks the server, in UTF-8; what is long goes to no pager.
use_psql() {
    run -0 once psql "$PG/run:/pg" PGHOST=/pg -XAtc \
        "SELECT current_user, upper('pith'), length('ä€'), current_setting('client_encoding')"
    [ "$output" = 't|PITH|2|UTF8' ]
    run -0 once psql "$PG/run:/pg" PGHOST=/pg -Xc 'SELECT generate_series(1, 3000)'
    [[ $output == *'(3000 rows)'* ]]
    run ! once psql "$PG/run:/pg" PGHOST=/nowhere -Xc 'SELECT 1'
    [[ $output == *'/nowhere'* ]]
}

# sqlite3 keeps a database in a volume, as nonroot, and starts nothing.
use_sqlite3() {
    run -0 once sqlite3 "$DATA:/data" A=b x.db \
        "CREATE TABLE t (n, s); INSERT INTO t VALUES (1, 'one'), (2, 'two')"
    [ "$(stat -c %u:%g:%a "$DATA/x.db")" = 65532:65532:600 ]
    run -0 once sqlite3 "$DATA:/data" A=b -json /data/x.db 'SELECT sum(n) AS sum FROM t'
    [ "$output" = '[{"sum":3}]' ]
    [ "$(sqlite3 "$DATA/x.db" 'PRAGMA integrity_check')" = ok ]
    run once sqlite3 "$DATA:/data" A=b x.db '.shell echo started' 'SELECT 6 * 7'
    # The signal of a filter, and not the word of a shell, or that there is none.
    [[ $output == *'System command returns 31'* && $output == *42* ]]
    run ! once sqlite3 "$DATA:/data" A=b /etc/x.db 'CREATE TABLE t (n)'
    # On what is not kept; ctr has no such mounts.
    case $KIND in
    docker) run -0 docker run --rm --read-only --tmpfs /tmp localhost/sqlite3 /tmp/x.db "$MAKE_ROWS" ;;
    podman) run -0 podman_here run --rm --read-only --tmpfs /tmp localhost/sqlite3 /tmp/x.db "$MAKE_ROWS" ;;
    *) return 0 ;;
    esac
    [ "$output" = '1000|499500' ]
}

MAKE_ROWS='CREATE TABLE t AS
    WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c LIMIT 1000) SELECT n FROM c;
    SELECT count(*), sum(n) FROM t;'

every_image() {
    for image in $IMAGES_HERE; do
        load_image "$image"
    done

    start redis "$DATA:/data" --dir /data --save '' --port 0 --unixsocket /data/s \
        --unixsocketperm 777
    until_ready redis-cli -s "$DATA/s" ping
    redis-cli -s "$DATA/s" set key value
    run -0 redis-cli -s "$DATA/s" get key
    [ "$output" = value ]
    stop 0

    mkdir "$DATA/www"
    echo page >"$DATA/www/index.html"
    chmod -R a+rX "$DATA/www"
    start nginx "$DATA/www:/srv/www"
    until_ready inside /init --probe http://127.0.0.1:8080/
    stop 0

    for image in gohello rusthello; do
        start "$image" "$DATA:/mnt"
        until_ready inside /init --probe http://127.0.0.1:8080/healthz
        run ! inside /init --probe http://127.0.0.1:8080/nowhere
        stop "$([ $image = gohello ] && echo 0 || echo 143)"
    done

    run -0 once pqclient "$PG/run:/pg" PGHOST=/pg 'hello from pith'
    [[ $output == *'"user" : "t"'*'"upper" : "HELLO FROM PITH"'* ]]
    run ! once pqclient "$PG/run:/pg" PGHOST=/nowhere x
    use_psql
    use_sqlite3

    start pause "$DATA:/mnt"
    stop 0
}

@test "docker: redis, nginx, libpq, psql, sqlite3, Go, Rust, pause" {
    needs dockerd docker
    KIND=docker
    start_dockerd
    every_image
}

@test "podman: redis, nginx, libpq, psql, sqlite3, Go, Rust, pause" {
    needs podman
    KIND=podman
    setup_podman
    every_image
}

@test "ctr: redis, nginx, libpq, psql, sqlite3, Go, Rust, pause" {
    needs containerd ctr
    KIND=ctr
    start_containerd
    every_image
}
