# Debian's redis-server, nginx and memcached as services of a root of their own,
# for tests of policies: the program, its libraries, and what it is told.

server_program() {
    case $1 in
    redis) echo /usr/bin/redis-server ;;
    nginx) echo /usr/sbin/nginx ;;
    memcached) echo /usr/bin/memcached ;;
    esac
}

# server_arguments NAME: one a line.
server_arguments() {
    case $1 in
    redis) printf '%s\n' --port 7000 --protected-mode no --save '' --appendonly yes --dir /tmp ;;
    nginx) printf '%s\n' -c /etc/nginx.conf -e /tmp/error.log ;;
    memcached) printf '%s\n' -p 7000 -t 2 ;;
    esac
}

# server_tree NAME DIR: into a directory that may hold other things.
server_tree() {
    local file program
    program=$(server_program "$1")
    mkdir -p "$2/etc" "$2/tmp" "$2/www" "$2/dev" "$2/proc"
    chmod 1777 "$2/tmp"
    for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do
        install -D "$(readlink -f "$file")" "$2$file"
    done
    printf 'root:x:0:0::/:\nnobody:x:65534:65534::/:\n' >"$2/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\n' >"$2/etc/group"
    echo hello >"$2/www/file"
    cat >"$2/etc/nginx.conf" <<'EOF'
daemon off; worker_processes 2;
error_log /tmp/error.log; pid /tmp/nginx.pid;
events { worker_connections 64; }
http {
    access_log /tmp/access.log;
    client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi; uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
    server { listen 7000; root /www; }
}
EOF
}

# server_load NAME [ADDRESS]: wait for it on port 7000, and let it work.
server_load() {
    local at=${2:-127.0.0.1} tries=0 n
    until (exec 3<>"/dev/tcp/$at/7000") 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 200 ] || { echo "$1: no answer"; return 1; }
        sleep 0.05
    done
    case $1 in
    redis)
        redis-benchmark -h "$at" -p 7000 -q -n 5000 -c 20 -t ping,set,get,lpush
        redis-cli -h "$at" -p 7000 bgrewriteaof
        sleep 1
        ;;
    nginx)
        for n in 1 2 3 4 5 6 7 8; do
            curl -fsS "http://$at:7000/file"
            curl -s "http://$at:7000/missing"
            curl -s --data-binary @/etc/passwd "http://$at:7000/file"
        done
        ;;
    memcached) memcslap --servers="$at:7000" --concurrency=4 --execute-number=500 ;;
    esac >/dev/null
}
