# table.awk: the table of tests/escape/run. Reads escape.known and the list of
# attempts ("THEME NAME" each); -v columns, results (their directory), machine,
# kernel and peers (their versions). Exits with 1 when something was reached that nobody listed.

# The lines of a file, as said[column, attempt].
function load(column, file,    line, at) {
    while ((getline line <file) > 0) {
        at = index(line, " ")
        said[column, substr(line, 1, at - 1)] = substr(line, at + 1)
    }
    close(file)
}

# One of filter, kernel, both, reached, none (what it needs is not there), lost.
# The kernel is who refuses alike without the filter; both, if the filter would
# refuse all by itself, however many privileges there were.
function verdict(column, attempt,    own, other, alone) {
    own = said[column, attempt]
    other = said[column ".twin", attempt]
    alone = said[column ".alone", attempt]
    if (own == "" || own ~ /^lost|SIGALRM/)
        return "lost"
    if (own == "reached")
        return "reached"
    if (own ~ /SIGSYS/ || other != "" && own != other)
        return "filter"
    if (alone != "" && alone != "reached" && said["bare", attempt] == "reached")
        return "both"
    return own ~ /^setup/ ? "none" : "kernel"
}

# The errno or signal.
function word(said,    part) {
    split(said, part, " ")
    return part[2]
}

function cell(column, attempt,    what) {
    what = verdict(column, attempt)
    if (what == "reached")
        return "REACHED"
    return (what == "none" ? "-" : what) " " word(said[column, attempt])
}

function fail(text) { problems = problems "  " text "\n"; failed = 1 }

function is_pith(column) { return column ~ /^(default|default-root|tight)$/ }

# Cell, totals and judgement of one attempt in one column.
function judge(column, attempt, counts,    what) {
    what = verdict(column, attempt)
    if (counts)
        total[column, what]++
    if (what == "lost")
        fail(attempt ": " column ": no result: " said[column, attempt])
    if (!is_pith(column))
        return
    reason = known[attempt, column] != "" ? known[attempt, column] : known[attempt, "*"]
    if (what == "filter" || what == "both")
        stopped[attempt] = 1
    if (what != "reached")
        return
    open_to[attempt] = 1
    if (reason == "")
        fail(attempt ": reached under " column ", and not in escape.known")
    else
        note(attempt, column, reason)
}

# A reason once, with all columns that it is for.
function note(attempt, column, reason) {
    if (!((attempt, reason) in noted))
        note_of[++note_count] = attempt SUBSEP reason
    noted[attempt, reason] = noted[attempt, reason] " " column
}

function row(theme, attempt,    i, works) {
    works = said["bare", attempt] == "reached"
    line = sprintf("%-10s %-25s %-16.16s", theme, attempt, \
        works ? "works" : "no: " word(said["bare", attempt]))
    if (said["bare", attempt] == "" || said["bare", attempt] ~ /^lost|SIGALRM/)
        fail(attempt ": bare: no result: " said["bare", attempt])
    for (i = 2; i <= column_count; i++) {
        judge(column[i], attempt, works)
        line = line sprintf(" %-15.15s", cell(column[i], attempt))
    }
    say(line)
    total_rows += works
}

function say(line) { sub(/ +$/, "", line); print line }

function totals(what, text,    i) {
    line = sprintf("%-10s %-25s %-16s", "", text, "")
    for (i = 2; i <= column_count; i++)
        line = line sprintf(" %-15s", total[column[i], what] + 0)
    say(line)
}

# How many of a theme were stopped under kind-policy, and by what.
function exec_cell(kind, policy, theme,    i, name, all, stopped, killed) {
    name = "exec-" kind "-" policy
    for (i = 1; i <= count; i++) {
        if (theme_of[i] != theme)
            continue
        all++
        if (said[name, attempt[i]] ~ /^(errno|setup|killed)/)
            stopped++
        else if (policy != "none")
            fail(attempt[i] ": " kind ", " policy ": " said[name, attempt[i]])
        killed += said[name, attempt[i]] ~ /SIGSYS/
    }
    return sprintf("%d of %d (%d)", stopped, all, killed)
}

function exec_rows(    i, k) {
    print "\nPrograms started again: stopped (of these, killed by SIGSYS), by linking and policy."
    print "every: all calls of all groups are allowed; none: no filter, as the control."
    say(sprintf("%-19s %-15s %-15s %-15s every", "", "none", "@default", "tight"))
    for (k = 1; k <= split("re-exec gate registers exec", themes, " "); k++)
        for (i = 1; i <= split("static dynamic", kinds, " "); i++) {
            line = sprintf("%-10s %-8s %-15s %-15s %-15s %-15s", themes[k], kinds[i], \
                exec_cell(kinds[i], "none", themes[k]), exec_cell(kinds[i], "default", themes[k]), \
                exec_cell(kinds[i], "tight", themes[k]), exec_cell(kinds[i], "every", themes[k]))
            say(line)
        }
}

BEGIN {
    column_count = split(columns, column, " ")
    for (i = 1; i <= column_count; i++) {
        load(column[i], results "/" column[i])
        load(column[i] ".twin", results "/" column[i] ".twin")
        load(column[i] ".alone", results "/" column[i] ".alone")
    }
    for (k = split("static dynamic", kinds, " "); k; k--)
        for (i = split("none default tight every", policies, " "); i; i--) {
            name = "exec-" kinds[k] "-" policies[i]
            load(name, results "/" name)
        }
}

# escape.known: ATTEMPT COLUMN REASON...
FILENAME == ARGV[1] && (/^#/ || NF == 0) { next }
FILENAME == ARGV[1] && NF < 3 { fail("escape.known:" FNR ": no reason"); next }
FILENAME == ARGV[1] {
    reason = $0
    sub(/^[^ ]+ +[^ ]+ +/, "", reason)
    known[$1, $2] = reason
    lines[++known_count] = $1 " " $2
    next
}
{ theme_of[++count] = $1; attempt[count] = $2; exists[$2] = 1 }

END {
    printf "%s, %s; %s\n", kernel, machine, peers
    print "bare: works, or no: cannot be had here, and is not counted. filter: the filter stops it; kernel: it"
    print "ends alike without the filter; both: alike, and the filter alone would stop it, as root; -: what it"
    print "needs is not there; REACHED. default: PID 1 is the service\047s user; default-root: it is root.\n"
    line = sprintf("%-10s %-25s %-16.16s", "", "attempt", "bare")
    for (i = 2; i <= column_count; i++)
        line = line sprintf(" %-15.15s", column[i])
    say(line)
    for (i = 1; i <= count; i++)
        row(theme_of[i], attempt[i])
    printf "\nOf %d attempts %d work bare:\n", count, total_rows
    totals("filter", "stopped by the filter")
    totals("both", "by both")
    totals("kernel", "by the kernel")
    totals("none", "nothing there")
    totals("reached", "reached")
    exec_rows()
    if (note_count)
        print "\nReached under pith, and why:"
    for (i = 1; i <= note_count; i++) {
        split(note_of[i], part, SUBSEP)
        printf "%-22s%s\n%22s%s\n", part[1], noted[note_of[i]], " ", part[2]
    }
    for (i = 1; i <= known_count; i++) {
        split(lines[i], part, " ")
        if (!exists[part[1]])
            fail(part[1] ": in escape.known, and no attempt")
        else if (stopped[part[1]] && !open_to[part[1]])
            fail(part[1] ": in escape.known, and stopped: take it out there")
    }
    if (!total_rows)
        fail("no attempt works bare: nothing is shown")
    if (failed)
        printf "\nFAILED:\n%s", problems
    exit failed
}
