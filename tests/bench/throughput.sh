#!/bin/sh
# tests/bench/throughput.sh [SERVER...]: Debian's nginx, redis-server and
# memcached under pith-init and the policy that a trace of them gives, beside
# the same without: PAIRS=11 pairs of runs of SECONDS_EACH=1 in turn. Fails when
# a call was denied. Medians of the pairs' ratios of requests a second and of
# processor time a request, each with an interval that holds the true median in
# 95 of 100 such runs. Needs root, for namespaces of its own.
set -eu
export LC_ALL=C
pairs=${PAIRS:-11} seconds=${SECONDS_EACH:-1}
[ $# -gt 0 ] || set -- nginx redis memcached
cd "$(dirname "$0")/../.."
if [ -z "${THROUGHPUT_DIR-}" ]; then
    [ "$(id -u)" = 0 ] || { echo 'throughput: needs root' >&2; exit 1; }
    THROUGHPUT_DIR=$(mktemp -d)
    export THROUGHPUT_DIR
    trap 'rm -rf "$THROUGHPUT_DIR"' EXIT
    trap 'exit 1' HUP INT TERM
    unshare --mount --net --pid --fork --kill-child --mount-proc "$0" "$@"
    exit
fi

dir=$THROUGHPUT_DIR root=$THROUGHPUT_DIR/root
nobody='--setgid 65532 --setuid 65532'
ip link set lo up
mkdir -p "$root/usr" "$root/etc/pith" "$root/proc" "$root/dev" "$root/tmp" "$root/srv"
chmod 755 "$dir"
chmod 1777 "$root/tmp"
mount --bind /usr "$root/usr"
mount --rbind /dev "$root/dev"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
cp build/pith build/pith-init "$root/"
cp /etc/passwd /etc/group /etc/ld.so.cache "$root/etc/"
echo 'nonroot:x:65532:65532::/tmp:/bin/false' >>"$root/etc/passwd"
awk 'BEGIN { while (n++ < 16) printf "%063d\n", n }' >"$root/srv/file"

# words_of SERVER PORT: what starts it, in the foreground.
words_of() {
    case $1 in
    redis) echo "/usr/bin/redis-server --port $2 --save '' --dir /tmp" ;;
    memcached) echo "/usr/bin/memcached -p $2 -t 2 -c 1024" ;;
    nginx)
        cat >"$root/etc/nginx-$2.conf" <<END
daemon off; worker_processes 1; error_log /tmp/error-$2.log; pid /tmp/nginx-$2.pid;
events { worker_connections 512; }
http { access_log /tmp/access-$2.log; client_body_temp_path /tmp/b$2;
    proxy_temp_path /tmp/p$2; fastcgi_temp_path /tmp/f$2; uwsgi_temp_path /tmp/u$2;
    scgi_temp_path /tmp/s$2; keepalive_requests 1000000; sendfile on;
    server { listen $2; root /srv; } }
END
        echo "/usr/sbin/nginx -c /etc/nginx-$2.conf -e /tmp/error-$2.log" ;;
    esac
}

# load SERVER PORT: one run; requests a second, and how many in all.
load() {
    case $1 in
    nginx) wrk -t1 -c16 -d"$seconds" "http://127.0.0.1:$2/file" |
        awk '/ requests in / { n = $1 } /^Requests\/sec/ { print $2, n }' ;;
    redis) redis-benchmark -p "$2" -q --csv -c 16 -n $((40000 * seconds)) -t set,get |
        awk -F'"' -v each=$((40000 * seconds)) '
        /^"[SG]ET/ { n++; t += 1 / $4 } END { print n / t, n * each }' ;;
    memcached) memcaslap -s "127.0.0.1:$2" -T1 -c16 -t"${seconds}s" 2>&1 |
        awk '/TPS:/ { for (i = 1; i < NF; i++) v[$i] = $(i + 1); print v["TPS:"], v["Ops:"] }' ;;
    esac
}

# below PID: its descendants.
below() {
    for child in $(pgrep -P "$1"); do
        echo "$child"
        below "$child"
    done
}

# processor PID: nanoseconds of all threads below it.
processor() {
    for pid in $(below "$1"); do cat /proc/"$pid"/task/*/schedstat; done |
        awk '{ t += $1 } END { printf "%.0f\n", t }'
}

# run SERVER PORT PID: requests a second, and nanoseconds a request.
run() {
    before=$(processor "$3")
    load "$1" "$2" >"$dir/load"
    echo "$before $(processor "$3") $(cat "$dir/load")" | awk '{ print $3, ($2 - $1) / $4 }'
}

# stop PID: what unshare of that shell started; by force if need be.
stop() {
    for pid in $(pgrep -P "$1"); do pkill -TERM -P "$pid" || :; done
    for _ in $(seq 60); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.05
    done
    pkill -KILL -P "$1" || :
    wait "$1" || :
}

await() { # PORT
    for _ in $(seq 200); do
        ss -Hltn "sport = :$1" | grep -q . && return
        sleep 0.05
    done
    echo "throughput: nobody listens on port $1" >&2
    tail -n 5 "$dir"/*.log >&2
    exit 1
}

# in_root FLAGS WORD...: for the background.
in_root() {
    flags=$1
    shift
    eval "set -- $*"
    # shellcheck disable=SC2086 # words
    unshare --pid --fork --kill-child --root="$root" --mount-proc=/proc $flags "$@"
}

# trace SERVER: the calls of one loaded run, from start to stop, as a policy.
trace() {
    in_root "$nobody" /pith profile trace -o /tmp/policy -- "$(words_of "$1" 7000)" \
        >"$dir/trace.log" 2>&1 &
    tracer=$!
    await 7000
    load "$1" 7000 >/dev/null
    main=$(pgrep -o -f "^(nginx: master process )?$(words_of "$1" 7000 | cut -d' ' -f1).*7000")
    kill -TERM "$main"
    wait "$tracer" || :
    [ -s "$root/tmp/policy" ] || { cat "$dir/trace.log" >&2; exit 1; }
}

# start SERVER: without pith-init on port 7001, with it on 7002.
start() {
    program=$(words_of "$1" 7001 | cut -d' ' -f1)
    build/pith profile compile "$root/tmp/policy" --program "$program=$program" \
        -o "$root/etc/pith/service.bpf" >"$dir/filter"
    printf '%s\n' '[Service]' "ExecStart=$(words_of "$1" 7002)" User=65532:65532 \
        SystemCallFilter=@default >"$root/etc/pith/service.conf"
    in_root "$nobody" "$(words_of "$1" 7001)" >"$dir/bare.log" 2>&1 &
    bare=$!
    in_root '' /pith-init >"$dir/locked.log" 2>&1 &
    locked=$!
    await 7001
    await 7002
}

# ratios FILE: median, and the order statistics around it.
ratios() {
    sort -n "$1" | awk '
    { r[NR] = $1 }
    END {
        # How many of each end may be left out at 2.5 %.
        p = sum = 2 ^ -NR
        for (low = 1; low < NR / 2; low++) {
            p *= (NR - low + 1) / low
            if ((sum += p) > 0.025) break
        }
        m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2
        printf "%.3f %.3f-%.3f\n", m, r[low], r[NR + 1 - low]
    }'
}

measure() {
    for pair in $(seq "$pairs"); do
        if [ $((pair % 2)) = 0 ]; then
            a=$(run "$1" 7001 "$bare") b=$(run "$1" 7002 "$locked")
        else
            b=$(run "$1" 7002 "$locked") a=$(run "$1" 7001 "$bare")
        fi
        echo "$a $b"
    done >"$dir/runs"
    awk '{ printf "%.5f\n", $3 / $1 }' "$dir/runs" >"$dir/rate"
    awk '{ printf "%.5f\n", $4 / $2 }' "$dir/runs" >"$dir/time"
    sort -n "$dir/runs" | awk '{ r[NR] = $1 } END { printf "%.0f\n", r[int((NR + 1) / 2)] }'
}

row() { printf '%-10s %6s %9s %7s %13s %7s %13s %7s\n' "$@"; }
row server calls req/s ratio 95%-interval time 95%-interval denied
failed=0
for server do
    trace "$server"
    start "$server"
    rate=$(measure "$server")
    stop "$bare"
    stop "$locked"
    denied=$(grep -c denied "$dir/locked.log" || :)
    # shellcheck disable=SC2046 # words
    row "$server" "$(grep -o '[0-9]* calls' "$dir/filter" | tr -dc 0-9)" "$rate" $(ratios "$dir/rate") \
        $(ratios "$dir/time") "$denied"
    [ "$denied" = 0 ] || { failed=1; grep denied "$dir/locked.log" | sort -u | head -n 5; }
done
exit $failed
