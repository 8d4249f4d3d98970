#!/usr/bin/env bats
# pith seal on images that others built, and on trees. PITH names another build
# of it; its pith-init is the one beside it.

bats_require_minimum_version 1.5.0
load ../support/seal

@test "an image gets one layer more, and its own stay" {
    make_image in.tar '[], [[file("y")], [file("y", b"2")], []]'
    run -0 --separate-stderr "$PITH" seal in.tar -o out.tar
    [ -z "$stderr" ]
    [[ "${lines[0]}" =~ ^out\.tar\ \ [0-9.]+\ KB\ \ sha256:[0-9a-f]{64}\ \ [0-9]+\ calls\ \(exact\),\ starts\ once$ ]]
    [ "${lines[1]}" = 'skopeo copy oci-archive:out.tar docker://REGISTRY/x:1' ]
    untouched in.tar out.tar
    run -0 "$PITH" verify out.tar
    [[ "$output" = *': good: 1 image, 5 layers, '* ]]
    "$PITH" lint --json out.tar >x.json
    [ "$(jq .errors x.json)" -eq 0 ]
    # Sealed twice it is the same, and not sealed again.
    "$PITH" seal in.tar -o again.tar >line
    cmp out.tar again.tar
    refused 'out.tar: it has a /init already: sealed, or with an init of its own' \
        "$PITH" seal out.tar -o x.tar
    # The directories that it passes through keep what they had.
    run "$PITH" diff in.tar out.tar
    [[ "$output" = *'+ file /init: file, mode 0711, owner 0:0, '* ]]
    [[ "$output" != *'file /etc:'* ]] && [[ "$output" != *'file /:'* ]]
}

@test "the config keeps all but its command, user and stop signal" {
    make_image in.tar '[], []' '{"Entrypoint": ["/app/x", "-a"], "Cmd": ["b c"], "User": "web",
        "Env": ["A=1", "PATH=/app"], "WorkingDir": "/etc", "StopSignal": "SIGQUIT",
        "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}}, "Labels": {"l": "m"},
        "Healthcheck": {"Test": ["CMD", "/app/x", "ok"], "Retries": 2}}'
    "$PITH" seal in.tar -o out.tar --tag localhost/y:2
    # Which calls the code makes is its libc's to say.
    [ "$("$PITH" inspect --json out.tar | jq -c '.evidence | [.unforeseen, .dropped, .traced]')" = '[[],[],null]' ]
    diff - <(config out.tar | jq -cS '.config | del(.Labels["pith.filter.derived"])') <<'EOF'
{"Cmd":["b c"],"Entrypoint":["/init","--","/app/x","-a"],"Env":["A=1","PATH=/app"],"ExposedPorts":{"80/tcp":{}},"Healthcheck":{"Retries":2,"Test":["CMD","/app/x","ok"]},"Labels":{"l":"m","pith.filter.status":"exact"},"StopSignal":"SIGTERM","User":"101:102","Volumes":{"/data":{}},"WorkingDir":"/etc"}
EOF
    diff - <(member out.tar etc/pith/service.conf) <<'EOF'
[Service]
ExecStart=/app/x -a "b c"
User=101
Group=102
KillSignal=3
SystemCallFilter=auto
EOF
    [ "$("$PITH" inspect --json out.tar | jq -r '.names[0]')" = localhost/y:2 ]
    diff <(config in.tar | jq .history) <(config out.tar | jq '.history[:-1]')
    [ "$(config out.tar | jq -r '.history[-1].created_by')" = 'pith seal' ]
}

@test "the program is found as an engine finds it" {
    local row config expected conf
    while IFS='|' read -r config expected; do
        make_image in.tar '[symlink("bin", "app"), symlink("l", "app/x"), hardlink("h", "app/x"),
            file("lib/dyn", DYNAMIC, 0o755)], []' "$config"
        "$PITH" seal in.tar -o out.tar
        [ "$(config out.tar | jq -c '[.config.Entrypoint[2:], .config.Cmd]')" = "$expected" ] || {
            echo "$config" && config out.tar | jq -c '[.config.Entrypoint[2:], .config.Cmd]'
            return 1
        }
    done <<'EOF'
{}|[["/app/x"],null]
{"Cmd": ["y"]}|[["/app/x"],["y"]]
{"Entrypoint": None, "Cmd": ["/app/x", "y"]}|[["/app/x"],["y"]]
{"Entrypoint": ["x"], "Env": ["PATH=/none:/app"]}|[["/app/x"],null]
{"Entrypoint": ["x"]}|[["/bin/x"],null]
{"Entrypoint": ["app/x"]}|[["/app/x"],null]
{"Entrypoint": ["./x"], "WorkingDir": "/app"}|[["/app/./x"],null]
{"Entrypoint": ["/bin/x"]}|[["/bin/x"],null]
{"Entrypoint": ["/l", "z"]}|[["/l","z"],null]
{"Entrypoint": ["/h"]}|[["/h"],null]
{"Entrypoint": ["/lib/dyn"]}|[["/lib/dyn"],null]
EOF
}

@test "what cannot be sealed is refused with the reason: one line, no output" {
    local entries config message failed=0
    while IFS='|' read -r entries config message; do
        make_image in.tar "$entries" "$config"
        refused "in.tar: $message" "$PITH" seal in.tar -o out.tar || failed=1
        rm -f in.tar
    done <<'EOF'
[], []|{"Entrypoint": ["/bin/sh", "-c", "/app/x"]}|/bin/sh -c: a shell starts its program, but a sealed program starts once and starts no other; write ENTRYPOINT \["/program", "argument"\] instead of the shell form, *
[file("s", b"#!/bin/sh -e\n", 0o755)], []|{"Entrypoint": ["/s"]}|/s: a script, and its interpreter /bin/sh has to start others, *
[], []|{"Entrypoint": None}|its config starts nothing: name the program in ExecStart= of --service
[], []|{"Entrypoint": ["/none"]}|its program /none is not in it
[], [[file("app/.wh.x")]]|{}|its program /app/x is not in it
[], []|{"Entrypoint": ["/app"]}|its program /app is not in it
[file("t", b"text", 0o755)], []|{"Entrypoint": ["/t"]}|/t: no ELF program
[file("arm", ARM, 0o755)], []|{"Entrypoint": ["/arm"]}|/arm: a program for linux/arm64, and the image is for linux/amd64
[file("e", X[:70], 0o755)], []|{"Entrypoint": ["/e"]}|/e: truncated ELF file*
[file("0", b"", 0o755)], []|{"Entrypoint": ["/0"]}|/0: no ELF program
[file("init")], []|{}|it has a /init already: *
[], [[file(".wh.etc"), symlink("etc", "/x")]]|{}|its /etc is a symbolic link
[], []|{"User": "nobody"}|User: nobody: no such user in the image
[], []|{"User": "web:none"}|User: none: no such group in the image
[], []|{"StopSignal": "SIGNOPE"}|StopSignal SIGNOPE: unknown
EOF
    [ "$failed" -eq 0 ]
    printf '[Service]\nExecStart=/none\n' >s.conf
    refused "$MADE/x.tar: its program /none is not in it" "$PITH" seal "$MADE/x.tar" -o o.tar --service s.conf
    printf '[Service]\nNope=1\n' >s.conf
    refused 's.conf: line 2: Nope: unknown key*' "$PITH" seal "$MADE/x.tar" -o o.tar --service s.conf
    printf '[Service]\nSystemCallFilter=raed\n' >s.conf
    refused "$MADE/x.tar: s.conf: SystemCallFilter: 'raed': *" "$PITH" seal "$MADE/x.tar" -o o.tar --service s.conf
    refused "*/none/o.tar: No such file or directory" "$PITH" seal "$MADE/x.tar" -o /none/o.tar
    refused "/none: open: No such file or directory" "$PITH" seal /none -o o.tar
}

@test "--service says what the config does not" {
    make_image in.tar '[file("s", b"#!/app/x\n", 0o755)], []' \
        '{"Entrypoint": ["/s"], "Env": ["A=1", "B=2"], "StopSignal": "SIGQUIT"}'
    mkdir sub
    printf 'read\nwrite\n' >sub/x.policy
    printf '%s\n' '[Service]' 'ExecStart=/app/x --flag' User=web Environment=A=3 KillSignal=INT \
        WorkingDirectory=/app SystemCallFilter=file:x.policy \
        HealthCheck=tcp://localhost:80 >sub/s.conf
    run -0 "$PITH" seal in.tar -o out.tar --service sub/s.conf
    [[ "${lines[0]}" = *' (file:x.policy), starts once' ]]
    diff - <(config out.tar | jq -cS '.config | del(.Healthcheck)') <<'EOF'
{"Cmd":["--flag"],"Entrypoint":["/init","--","/app/x"],"Env":["B=2","A=3"],"Labels":{"pith.filter.status":"listed"},"StopSignal":"SIGTERM","User":"101:102","WorkingDir":"/app"}
EOF
    [ "$(config out.tar | jq -c .config.Healthcheck.Test)" = '["CMD","/init","--probe","tcp://localhost:80"]' ]
    grep -qx KillSignal=2 <(member out.tar etc/pith/service.conf)
    # A script and a shell may be started where others may be, too.
    printf '%s\n' '[Service]' AllowExec=yes >s.conf
    run -0 "$PITH" seal in.tar -o out.tar --service s.conf
    [[ "${lines[0]}" = *', may start programs' ]]
}

@test "archives of skopeo, buildah and umoci are sealed" {
    local in
    command -v skopeo >/dev/null && command -v umoci >/dev/null || skip "no skopeo, or no umoci"
    skopeo copy -q "docker-archive:$MADE/x.tar" docker-archive:docker.tar:localhost/y:2
    skopeo copy -q "oci-archive:$MADE/x.tar" oci-archive:oci.tar:localhost/y:2
    umoci init --layout layout
    umoci new --image layout:2
    umoci insert --rootless --image layout:2 "$MADE/x" /app/x
    umoci config --image layout:2 --config.entrypoint /app/x
    umoci gc --layout layout
    tar cf umoci.tar -C layout .
    refused 'umoci.tar: the archive gives the image no name: give one with --tag NAME:TAG' \
        "$PITH" seal umoci.tar -o out.tar
    if command -v buildah >/dev/null && [ "$(id -u)" = 0 ]; then
        build() { buildah --root "$PWD/root" --runroot "$PWD/run" --storage-driver vfs "$@"; }
        id=$(build from scratch)
        build copy -q "$id" "$MADE/x" /app/x
        build config --entrypoint '["/app/x"]' "$id"
        build commit -q --format oci "$id" oci-archive:buildah-oci.tar:localhost/b:1
        build commit -q --format docker "$id" docker-archive:buildah-docker.tar:localhost/b:1
    fi
    for in in *.tar; do
        case $in in umoci.tar) set -- --tag localhost/u:1 ;; *) set -- ;; esac
        "$PITH" seal "$in" -o "sealed-$in" "$@"
        # What is good stays good; the end that umoci forgot is its own.
        [ "$in" = umoci.tar ] || run -0 "$PITH" verify "sealed-$in"
        [ ! "$(tar tf "$in" | grep -c '^manifest.json$')" = 1 ] || untouched "$in" "sealed-$in"
        command -v runc >/dev/null && [ "$(id -u)" = 0 ] || continue
        run -0 --separate-stderr "$PITH" run "sealed-$in" 'a b'
        [ "$output" = $'/app/x\na b' ]
    done
}

@test "sealed, the acts of the probe are what they are in an image of pith's" {
    [ "$(id -u)" = 0 ] && command -v runc >/dev/null || skip "needs root and runc"
    probe=$TOP/build/images/probe/amd64/probe
    [ -x "$probe" ] || skip "no build/images/probe; make images"
    python3 - "$probe" <<'PY'
import sys
from image import Image, file, layer
probe = open(sys.argv[1], "rb").read()
Image([layer([file("app/probe", probe, 0o755)])],
      {"Entrypoint": ["/app/probe"], "User": "65532:65532"}).write("x.tar")
PY
    "$PITH" seal x.tar -o sealed.tar
    run -0 --separate-stderr "$PITH" run sealed.tar
    diff "$TOP/tests/data/probe.expected" <(printf '%s\n' "$output" | grep -v '^pith-init: running as')
}

@test "an image of any size takes 16 MB of memory at the most" {
    command -v /usr/bin/time >/dev/null || skip "no time(1)"
    make_image big.tar '[file("zeros", bytes(100 << 20)), file("noise", __import__("os").urandom(30 << 20))], []'
    run -0 /usr/bin/time -f %M -o memory "$PITH" seal big.tar -o out.tar
    cat memory
    [ "$(tail -1 memory)" -lt 16384 ]
    untouched big.tar out.tar
}

@test "killed half-way through, it leaves no scratch file behind" {
    make_image big.tar '[file("lib/big", X + bytes(4 << 20), 0o755)], []'
    mkdir scratch
    # The kernel kills it while it keeps the program, 1 MiB into that.
    TMPDIR=$PWD/scratch run -153 bash -c "ulimit -c 0 -f 1024; exec '$PITH' seal big.tar -o out.tar"
    [ -z "$(ls -A scratch)" ]
    [ "$(ls)" = $'big.tar\nscratch' ]
    # Nor where it ends as it should.
    TMPDIR=$PWD/scratch "$PITH" seal big.tar -o out.tar
    [ -z "$(ls -A scratch)" ]
}

@test "as many programs as there may be descriptors, and then a word about it" {
    make_image many.tar '[file("lib/%d" % i, X, 0o755) for i in range(64)], []'
    refused 'many.tar: * files of programs and libraries, and no more descriptors: raise ulimit -n' \
        bash -c "ulimit -n 40; exec '$PITH' seal many.tar -o out.tar"
    # A soft limit it raises itself.
    bash -c "ulimit -S -n 40; exec '$PITH' seal many.tar -o out.tar"
}

@test "--root: a tree gets four files, and the Dockerfile two lines" {
    mkdir -p out/app out/etc
    cp "$MADE/x" out/app/x
    printf 'web:x:101:102::/:\n' >out/etc/passwd
    printf 'read\nwrite\n' >x.policy
    printf '%s\n' '[Service]' User=web SystemCallFilter=file:x.policy >s.conf
    umask 077
    run -0 --separate-stderr "$PITH" seal --root out --service s.conf /app/x
    [ -z "$stderr" ]
    [[ "${lines[0]}" =~ ^/app/x\ \ [0-9]+\ calls\ \(file:x.policy\),\ starts\ once$ ]]
    [ "${lines[1]}" = 'USER 101:102' ]
    [ "${lines[2]}" = 'ENTRYPOINT ["/init", "--", "/app/x"]' ]
    [ "$(cd out && find . -type f | sort | xargs stat -c '%a %n')" = '755 ./app/x
644 ./etc/passwd
644 ./etc/pith/calls
644 ./etc/pith/service.bpf
644 ./etc/pith/service.conf
711 ./init' ]
    diff - out/etc/pith/service.conf <<'EOF'
[Service]
ExecStart=/app/x
User=101
Group=102
SystemCallFilter=file:x.policy
EOF
    # The filter is for this program, as pith-init sees it.
    "$PITH" profile compile x.policy --program /app/x=out/app/x -o x.bpf
    cmp x.bpf out/etc/pith/service.bpf
    # Again, with another program: all three are replaced.
    printf x >>out/app/x
    "$PITH" seal --root out --service s.conf /app/x
    run ! cmp -s x.bpf out/etc/pith/service.bpf
}

@test "--root: what cannot be is refused, and nothing is left behind" {
    mkdir -p out/app outside
    cp "$MADE/x" out/app/x
    printf '#!/bin/sh\n' >out/app/s
    ln -s /etc/passwd out/app/l
    refused '/app/none in out: No such file or directory' "$PITH" seal --root out /app/none
    refused '/app in out: no regular file' "$PITH" seal --root out /app
    # Links are followed inside the tree, and there is no such file there.
    refused '/app/l in out: No such file or directory' "$PITH" seal --root out /app/l
    refused '/app/s: a script, *' "$PITH" seal --root out /app/s
    refused 'app/x: not absolute: as it will be in the image' "$PITH" seal --root out app/x
    refused 'none: No such file or directory' "$PITH" seal --root none /app/x
    printf '[Service]\nExecStart=/other\n' >s.conf
    refused 'ExecStart: is /other, and the program /app/x' "$PITH" seal --root out --service s.conf /app/x
    printf '[Service]\nUser=nobody\n' >s.conf
    refused 'User: nobody: no such user in the image' "$PITH" seal --root out --service s.conf /app/x
    ln -s ../outside out/etc
    refused 'out: etc: no directory' "$PITH" seal --root out /app/x
    [ -z "$(ls -A outside)" ]
}

@test "usage errors exit 2" {
    for args in '' 'x.tar' '--nope' 'a b -o c' '--root d' '--root d -o x /p' '--root d --tag x /p' '-o'; do
        # shellcheck disable=SC2086 # a list of arguments
        run -2 "$PITH" seal $args
        [[ "${lines[0]}" = 'pith: seal: '* ]]
    done
}
