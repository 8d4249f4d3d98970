# What the tests of the sandbox beside the filter share: a root with files to
# reach, and a program that tries. Needs support/init.

setup() {
    needs_root
    make_root
    cp "$SUPPORT/reach" "$ROOT/app/"
    cp "$SUPPORT/reach" "$ROOT/app/other"
    mkdir "$ROOT/data" "$ROOT/data/sub" "$ROOT/opt"
    echo text >"$ROOT/etc/file"
    cp "$ROOT/etc/file" "$ROOT/data/file"
    cp "$ROOT/etc/file" "$ROOT/opt/file"
    chmod -R a+rwX "$ROOT/data" "$ROOT/opt" "$ROOT/etc/file"
    mknod -m 666 "$ROOT/dev/zero" c 1 5
}

# The ABI of this machine's kernel; it has to be so new for what follows.
needs_abi() {
    local said
    said=$(in_root /init --check -- /app/reach | sed -n 's/Landlock ABI: have \([0-9]*\),.*/\1/p')
    [ "$said" -ge "$1" ] || skip "Landlock ABI $said, below $1"
}

reach() { in_root /init -- /app/reach "$@"; }

# each USER...: "0" and "65532"; what is denied is denied to root as well.
as_each() {
    local user
    for user in 0 65532; do
        echo "as $user:"
        service "User=$user" "${KEYS[@]}"
        "$@"
    done
}

expect() {
    local line
    for line in "$@"; do
        [[ $'\n'$output$'\n' == *$'\n'"$line"$'\n'* ]] || {
            echo "no '$line' in:"
            echo "$output"
            return 1
        }
    done
}
