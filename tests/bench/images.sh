#!/bin/sh
# What images and filters cost to make, and to keep. Run by scripts/bench.
set -eu
tools=$PWD/build/tests/bench
hello=$PWD/build/images/hello/amd64/hello
rounds=$(((${ROUNDS:-500} + 9) / 10))
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

size() { wc -c <"$1"; }

printf '\nAn image of hello (%s bytes static), as one archive or layout\n' \
    "$(size "$hello")"
mkdir "$dir/context" "$dir/store"
cp "$hello" "$dir/context/hello"
printf 'FROM scratch\nCOPY hello /app/hello\nENTRYPOINT ["/app/hello"]\n' \
    >"$dir/context/Dockerfile"
cat >"$dir/tar" <<EOF
#!/bin/sh
tar -C "$dir/context" -c hello | gzip -6 >"$dir/hello.tgz"
EOF
chmod +x "$dir/tar"
set -- "build/pith build images/hello/hello.pith -o $dir/hello.tar" "$dir/tar"
names='pith-build,recipe,filter tar|gzip,no-image'
if command -v umoci >/dev/null; then
    umoci init --layout "$dir/layout"
    umoci new --image "$dir/layout:base"
    set -- "$@" "umoci insert --rootless --image $dir/layout:base --tag t $hello /app/hello"
    names="$names umoci-insert"
fi
if command -v buildah >/dev/null; then
    set -- "$@" "buildah --root $dir/store --runroot $dir/run --storage-driver vfs bud -q -t t $dir/context"
    names="$names buildah-bud"
fi
"$tools/start" "$rounds" "$@" >"$dir/builds"
printf '%-24s %10s %7s %9s\n' tool wall-ms ratio peak-KiB
for name in $names; do
    read -r us ratio peak code
    [ "$code" = 0 ] || name="$name(exit-$code)"
    printf '%-24s %10s %7s %9s\n' "$name" \
        "$(awk "BEGIN { printf \"%.1f\", $us / 1000 }")" "$ratio" "$peak"
done <"$dir/builds"

# base NAME LEVEL: the bytes of its layer. That of scratch is too small for one of
# its own: out of the program's, as pith wrote it, everything else is deleted.
base() {
    printf '[Image]\nBase=%s\nCopy=hello /app/hello\n[Service]\nExecStart=/app/hello\n%s\n' \
        "$1" SystemCallFilter=@default >"$dir/context/base.pith"
    build/pith build --level "$2" -o "$dir/base.tar" "$dir/context/base.pith" >/dev/null
    layer=$(tar xOf "$dir/base.tar" manifest.json | sed 's/.*"Layers":\["\([^"]*\)".*/\1/')
    tar xOf "$dir/base.tar" "$layer" >"$dir/base.gz"
    if [ "$1" = scratch ]; then
        gzip -dc "$dir/base.gz" >"$dir/base"
        tar -b 2 --delete -f "$dir/base" app etc/pith init
        [ "$2" = small ] && level=9 || level=6
        gzip -n "-$level" <"$dir/base" >"$dir/base.gz"
    fi
    size "$dir/base.gz"
}

printf '\nBases: bytes of their layer in gzip; of scratch by gzip -6 and -9\n'
printf '%-24s %10s %10s\n' base default small
for name in scratch static glibc cc; do
    printf '%-24s %10s %10s\n' "$name" "$(base "$name" default)" "$(base "$name" small)"
done

printf '\nFilters: compile and prove, process start included\n'
printf '@default\n' >"$dir/default.policy"
set -- "build/pith profile compile images/hello/by-hand.policy -o $dir/a" \
    "build/pith profile compile $dir/default.policy -o $dir/b"
"$tools/start" "$rounds" "$@" >"$dir/filters"
for name in images/hello/by-hand.policy "$dir/default.policy"; do
    read -r us _ _ _
    build/pith profile compile "$name" -o "$dir/c" |
        awk -v us="$us" -v name="$(basename "$name")" '{
            $1 = ""; printf "%-24s %s  %.1f ms\n", name, $0, us / 1000 }'
done <"$dir/filters"

printf '\nImages, beside the 22 MB of a static service on a distroless base\n'
for name in hello pause httpd probe pith sqlite3 nginx redis psql; do
    archive=build/images/$name.tar
    [ ! -e "$archive" ] || awk -v name="$name" -v size="$(size "$archive")" \
        'BEGIN { printf "%-24s %10d bytes  %.4f of it\n", name, size, size / 22e6 }'
done
