#!/usr/bin/env bats
# pith seal on images that real builders made, run by real engines.

bats_require_minimum_version 1.5.0
load ../support/engines

setup_file() {
    needs dockerd docker podman runc buildah curl jq
    start_dockerd
    export DOCKER_DIR=$ENGINE
    mkdir "$BATS_FILE_TMPDIR/probe"
    cd "$BATS_FILE_TMPDIR/probe" || return
    cp "$IMAGES/probe/amd64/probe" .
    printf '%s\n' 'FROM scratch' 'COPY probe /app/probe' 'USER 65532:65532' \
        'ENTRYPOINT ["/app/probe"]' >Dockerfile
    docker build -q -t localhost/docker-probe .
    docker save -o ../docker.tar localhost/docker-probe
    cd .. || return
    for in in docker buildah; do
        [ "$in" = docker ] || buildah_probe
        "$PITH" verify "$in.tar"
        "$PITH" seal "$in.tar" -o "sealed-$in.tar" --tag "localhost/sealed-$in:1"
        "$PITH" verify "sealed-$in.tar"
    done
}

buildah_probe() {
    local b="env -u DOCKER_CONFIG buildah --root $PWD/root --runroot $PWD/run --storage-driver vfs" id
    id=$($b from scratch)
    $b copy -q "$id" probe/probe /app/probe
    $b config --entrypoint '["/app/probe"]' --user 65532:65532 "$id"
    $b commit -q --format oci "$id" oci-archive:buildah.tar:localhost/b:1
    $b rm "$id" >/dev/null
}

teardown_file() {
    ENGINE=${DOCKER_DIR:-} stop_dockerd
}

@test "seal: docker's and buildah's image in docker, with the filter of pith's" {
    local in
    for in in docker buildah; do
        docker load -i "$BATS_FILE_TMPDIR/sealed-$in.tar"
        run --separate-stderr -0 docker run --rm "localhost/sealed-$in:1"
        same_as_expected "$output"
        run --separate-stderr -0 docker run --rm --user 10001 --read-only \
            --cap-drop ALL --security-opt no-new-privileges "localhost/sealed-$in:1"
        same_as_expected "$output"
        run --separate-stderr -0 docker run --rm --user 0 "localhost/sealed-$in:1"
        same_as_expected "$output"
        run -7 docker run --rm "localhost/sealed-$in:1" exit 7
    done
}

@test "seal: before it was sealed the same acts work (the control)" {
    run -0 docker run --rm --security-opt seccomp=unconfined --init localhost/docker-probe
    for act in exec vfork-exec posix-spawn execveat memfd-exec; do
        [[ $'\n'$output == *$'\n'"$act: exec"* ]]
    done
    [[ $'\n'$output == *$'\n'"ptrace: ok"* ]]
}

@test "seal: docker knows the lower layers again" {
    local image
    for image in docker-probe sealed-docker:1; do
        docker image inspect -f '{{json .RootFS.Layers}}' "localhost/$image" | jq -c .
    done >layers
    [ "$(head -1 layers)" = "$(tail -1 layers | jq -c '.[:-1]')" ]
}

@test "seal: docker's and buildah's image in podman" {
    local in
    # Docker's configuration is no business of podman's, but it would look.
    unset DOCKER_CONFIG
    setup_podman
    for in in docker buildah; do
        podman_here load -i "$BATS_FILE_TMPDIR/sealed-$in.tar"
        run --separate-stderr -0 podman_here run --rm --network none "localhost/sealed-$in:1"
        same_as_expected "$output"
    done
    podman_here rm -fa -t 0 >/dev/null 2>&1 || true
    remove_engine
}

# nginx as Debian has it, with the libraries that it needs and nothing else.
nginx_tree() {
    local file
    mkdir -p tree/etc tree/tmp tree/www
    chmod 1777 tree/tmp
    for file in /usr/sbin/nginx $(ldd /usr/sbin/nginx | grep -o '/[^ ]*'); do
        install -D "$(readlink -f "$file")" "tree$file"
    done
    printf 'www-data:x:33:33::/:\n' >tree/etc/passwd
    printf 'www-data:x:33:\n' >tree/etc/group
    echo '<html>sealed</html>' >tree/www/index.html
    cat >tree/etc/nginx.conf <<'EOF'
pid /tmp/nginx.pid;
error_log stderr;
worker_processes 2;
events { }
http {
    access_log off;
    client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi; uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
    server { listen 8080; root /www; }
}
EOF
    printf '%s\n' 'FROM scratch' 'COPY tree/ /' 'USER www-data' 'EXPOSE 8080' \
        'STOPSIGNAL SIGQUIT' \
        'ENTRYPOINT ["/usr/sbin/nginx", "-c", "/etc/nginx.conf"]' \
        'CMD ["-g", "daemon off;"]' >Dockerfile
}

@test "seal: a dynamic nginx serves, stops by its own signal, and starts nothing" {
    command -v nginx >/dev/null || skip "nginx is not installed"
    mkdir "$BATS_TEST_TMPDIR/nginx" && cd "$BATS_TEST_TMPDIR/nginx" || return
    nginx_tree
    docker build -q -t localhost/nginx .
    docker save -o in.tar localhost/nginx
    run -0 "$PITH" lint in.tar
    [[ $output != *library-missing* && $output != *error:* ]]
    "$PITH" seal in.tar -o out.tar --tag localhost/nginx:sealed
    docker load -i out.tar
    id=$(docker run -d -p 127.0.0.1::8080 localhost/nginx:sealed)
    port=$(docker port "$id" 8080 | sed 's/.*://')
    run -0 answers "http://127.0.0.1:$port/"
    [[ $output == *sealed* ]]
    [ "$(docker exec "$id" /init --probe tcp://127.0.0.1:8080; echo $?)" = 0 ]
    pid=$(docker inspect -f '{{.State.Pid}}' "$id")
    for child in $(pgrep -P "$pid"); do
        grep -qx $'Seccomp:\t2' "/proc/$child/status"
        grep -qx $'NoNewPrivs:\t1' "/proc/$child/status"
        grep -qx $'CapEff:\t0000000000000000' "/proc/$child/status"
        grep -q $'^Uid:\t33\t33' "/proc/$child/status"
    done
    local start=$SECONDS
    docker stop "$id"
    [ $((SECONDS - start)) -lt 5 ]
    run -0 docker inspect -f '{{.State.ExitCode}}' "$id"
    [ "$output" = 0 ]
    docker rm "$id"
}

@test "lint: real images of docker and buildah break the rules that they break" {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$(command -v busybox)" busybox
    printf '%s\n' 'FROM scratch' 'COPY busybox /bin/sh' 'COPY busybox /bin/busybox' \
        'RUN ["/bin/busybox", "chmod", "4755", "/bin/busybox"]' \
        'HEALTHCHECK CMD /bin/sh true' 'CMD /bin/sh httpd -f' >Dockerfile
    docker build -q -t localhost/bad .
    docker save -o bad.tar localhost/bad
    run -0 "$PITH" lint --json bad.tar
    rules=$(jq -r '.findings[].rule' <<<"$output" | sort -u)
    for rule in setuid shell-entrypoint shell-health shell-present root-user no-init no-filter \
        created-time duplicate-files no-tmp; do
        grep -qx "$rule" <<<"$rules" || { echo "$rule is not among: $rules"; return 1; }
    done
    run -1 "$PITH" seal bad.tar -o x.tar
    [[ $output == 'pith: bad.tar: /bin/sh -c: a shell starts its program'* ]]
    # The probe, built by docker, has nothing graver than these.
    run -0 "$PITH" lint --json --strict "$BATS_FILE_TMPDIR/sealed-docker.tar"
    [ "$(jq .errors <<<"$output")" = 0 ]
}
