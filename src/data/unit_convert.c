/* The keys of a unit whose values are words or numbers, one function each. */
#include "base/num.h"
#include "data/signal.h"
#include "data/unit_work.h"

/* The accounts of every image that pith builds. */
static bool is_account(struct slice word)
{
	uint32_t id;

	return num_u32(&id, word) || slice_eq(word, "root") ||
	       slice_eq(word, "nobody") || slice_eq(word, "nonroot");
}

static bool is_one_of(struct slice word, const char *words)
{
	struct slice rest = slice_from(words);
	struct slice one;

	while (slice_word(&one, &rest))
		if (one.len == word.len &&
		    strncasecmp(one.at, word.at, one.len) == 0)
			return true;
	return false;
}

/* Emit a value and say that it was kept, or what it is now. */
static void put(struct unit_work *work, struct slice value, const char *why)
{
	const char *key = unit_target(work->now);
	auto_buf struct buf now = { 0 };

	if (!unit_emit(work, key, value))
		return;
	if (!*why) {
		unit_kept(work);
		return;
	}
	buf_fmt(&now, "%s=", key);
	buf_add(&now, value.at, value.len);
	unit_changed(work, now.at, why);
}

/* As it is, but for specifiers. */
static void put_value(struct unit_work *work, struct slice value)
{
	auto_buf struct buf text = { 0 };
	struct err err = { 0 };

	if (unit_expand(&text, value, work->name, &err) < 0)
		unit_dropped(work, err.text);
	else
		put(work, buf_slice(&text), "");
}

/*
 * Append the lines before this one that it takes the place of, and it, as one
 * with one ~ at most, at the front. Returns the reason to give, or NULL where
 * some lines have a ~ and others have none.
 */
static const char *join(struct buf *out, const struct unit_work *work)
{
	bool is_denied = *work->now->item->value == '~';
	const char *why = "";

	for (struct unit_entry *e = work->entries; e <= work->now; e++) {
		const char *value = e->item->value;
		bool is_own = e == work->now;

		if (!is_own && (e->instead != work->now->item || !*value))
			continue;
		if ((*value == '~') != is_denied)
			return NULL;
		buf_text(out, out->len ? " " : "");
		buf_text(out, value + (is_denied && out->len));
		if (!is_own)
			why = "with the lines before it";
	}
	return why;
}

static void put_joined(struct unit_work *work)
{
	auto_buf struct buf text = { 0 };
	const char *why = join(&text, work);

	if (why)
		put(work, buf_slice(&text), why);
	else
		unit_dropped(work, "one line allows and another denies");
}

/* systemd takes y, t and the like, in any case. */
static void put_bool(struct unit_work *work, struct slice value)
{
	const struct unit_key *key = work->now->key;

	if (is_one_of(value, "1 yes y true t on"))
		put(work, SLICE("yes"), "");
	else if (key->how == UNIT_ALWAYS)
		unit_dropped(work, key->text);
	else if (is_one_of(value, "0 no n false f off"))
		put(work, SLICE("no"), "");
	else
		unit_dropped(work, "neither yes nor no");
}

/* One bound of LimitCPU=, LimitRTTIME= or LimitNICE= as a bare number. */
static bool add_bound(struct buf *out, const char *key, struct slice bound)
{
	bool is_cpu = strcmp(key, "LimitCPU") == 0;
	bool is_time = is_cpu || strcmp(key, "LimitRTTIME") == 0;
	bool is_nice = strcmp(key, "LimitNICE") == 0;
	uint64_t ms, plain;
	uint32_t level;

	if (num_u64(&plain, bound) || slice_eq(bound, "infinity")) {
		buf_add(out, bound.at, bound.len);
		return true;
	}
	if (is_time && num_span_ms(&ms, bound) && ms < UINT64_MAX / 1000) {
		plain = is_cpu ? (ms + 999) / 1000 : ms * 1000;
		buf_fmt(out, "%llu", (unsigned long long)plain);
		return true;
	}
	struct slice digits = { bound.at + 1, bound.len - 1 };

	if (!is_nice || !bound.len || !num_u32(&level, digits) || level > 20)
		return false;
	buf_fmt(out, "%u", bound.at[0] == '-' ? 20 + level : 20 - level);
	return bound.at[0] == '-' || bound.at[0] == '+';
}

static void put_limit(struct unit_work *work, struct slice value)
{
	auto_buf struct buf text = { 0 };
	struct slice rest = value, soft;
	bool is_number = true;

	for (int i = 0; slice_cut(&soft, &rest, ':'); i++) {
		buf_text(&text, i ? ":" : "");
		is_number = is_number &&
			    add_bound(&text, work->now->item->name, soft);
	}
	bool is_same = slice_eq(buf_slice(&text), work->now->item->value);

	if (is_number && !is_same)
		put(work, buf_slice(&text), "a bare number, in the key's unit");
	else
		put(work, value, ""); /* sizes are read alike */
}

/* SIGRTMIN+3, which libc counts from 34 and the kernel from 32. */
static void put_signal(struct unit_work *work, struct slice value)
{
	struct slice rest = value;
	auto_buf struct buf text = { 0 };
	uint32_t above;

	if (slice_has_prefix(rest, "SIG"))
		rest = (struct slice){ rest.at + 3, rest.len - 3 };
	if (!slice_has_prefix(rest, "RTMIN+") ||
	    !num_u32(&above, (struct slice){ rest.at + 6, rest.len - 6 }) ||
	    above > 30) {
		put(work, value, "");
		return;
	}
	buf_fmt(&text, "%u", 34 + above);
	put(work, buf_slice(&text), "by number");
}

static void put_user(struct unit_work *work, struct slice value)
{
	auto_buf struct buf why = { 0 };

	if (is_account(value)) {
		put(work, value, "");
		return;
	}
	work->is_user_number = true;
	buf_text(&why, "the image has root, nobody and nonroot: files that "
		       "belong to ");
	buf_add(&why, value.at, value.len);
	buf_text(&why, " have to be 65532's, or give a number");
	put(work, SLICE("65532"), why.at);
}

static void put_group(struct unit_work *work, struct slice value)
{
	if (is_account(value))
		put(work, value, "");
	else
		unit_dropped(work, "the image has no such group: it is that of "
				   "User=");
}

static void put_directory(struct unit_work *work, struct slice value)
{
	bool may_lack = slice_has_prefix(value, "-");

	if (may_lack)
		value = (struct slice){ value.at + 1, value.len - 1 };
	if (slice_eq(value, "~"))
		unit_dropped(work, "homes are the image's: name the directory");
	else if (may_lack)
		put(work, value, "the builder makes it if nothing else does");
	else
		put_value(work, value);
}

/* Words that ours become; NULL: the default, which is not written. */
struct word_of {
	const char *theirs, *ours, *why;
};

static void put_word(struct unit_work *work, struct slice value,
		     const struct word_of *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!slice_eq(value, words[i].theirs))
			continue;
		put(work, slice_from(words[i].ours), words[i].why);
		return;
	}
	put(work, value, "");
}

static void put_type(struct unit_work *work, struct slice value)
{
	static const struct word_of words[] = {
		{ "forking", "simple",
		  "give the program the option that keeps it in the foreground" },
		{ "oneshot", "simple", "the container ends with the program" },
		{ "idle", "simple", "there are no other jobs to wait for" },
		{ "dbus", "simple", "a container has no bus" },
		{ "notify-reload", "notify",
		  "reload by a signal, which pith-init passes on" },
	};

	put_word(work, value, words, sizeof(words) / sizeof(words[0]));
}

static void put_kill_mode(struct unit_work *work, struct slice value)
{
	static const struct word_of words[] = {
		{ "control-group", "all", "by another name" },
		{ "none", "process", "a container leaves no process behind" },
	};

	put_word(work, value, words, sizeof(words) / sizeof(words[0]));
}

/* Each as its own, unless a later line says it. */
static void put_timeouts(struct unit_work *work, struct slice value)
{
	static const char *const keys[] = { "TimeoutStartSec",
					    "TimeoutStopSec" };
	auto_buf struct buf now = { 0 };

	for (size_t k = 0; k < 2; k++) {
		bool is_said = false;

		for (size_t i = 0; i < work->count; i++)
			if (&work->entries[i] > work->now &&
			    work->entries[i].item->name &&
			    strcmp(work->entries[i].item->name, keys[k]) == 0)
				is_said = true;
		if (is_said)
			continue;
		if (!unit_emit(work, keys[k], value))
			return;
		buf_fmt(&now, "%s%s=", now.len ? " " : "", keys[k]);
		buf_add(&now, value.at, value.len);
	}
	buf_add(&now, "", 0);
	unit_changed(work, now.at, "");
}

/* The names of sysexits.h and of the LSB that systemd has. */
static int exit_code(struct slice word)
{
	static const struct {
		const char *name;
		int code;
	} codes[] = {
		{ "SUCCESS", 0 },	 { "FAILURE", 1 },
		{ "USAGE", 64 },	 { "DATAERR", 65 },
		{ "NOINPUT", 66 },	 { "NOUSER", 67 },
		{ "NOHOST", 68 },	 { "UNAVAILABLE", 69 },
		{ "SOFTWARE", 70 },	 { "OSERR", 71 },
		{ "OSFILE", 72 },	 { "CANTCREAT", 73 },
		{ "IOERR", 74 },	 { "TEMPFAIL", 75 },
		{ "PROTOCOL", 76 },	 { "NOPERM", 77 },
		{ "CONFIG", 78 },	 { "INVALIDARGUMENT", 2 },
		{ "NOTIMPLEMENTED", 3 }, { "NOPERMISSION", 4 },
		{ "NOTINSTALLED", 5 },	 { "NOTCONFIGURED", 6 },
		{ "NOTRUNNING", 7 },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (slice_eq(word, codes[i].name))
			return codes[i].code;
	return -1;
}

static void put_codes(struct unit_work *work)
{
	auto_buf struct buf all = { 0 };
	auto_buf struct buf text = { 0 };
	const char *why = join(&all, work);
	struct slice rest = buf_slice(&all);
	struct slice word;

	while (slice_word(&word, &rest)) {
		int code = exit_code(word);

		buf_text(&text, text.len ? " " : "");
		if (code >= 0)
			buf_fmt(&text, "%d", code);
		else
			buf_add(&text, word.at, word.len);
		if (code >= 0 && why && !*why)
			why = "by number";
	}
	put(work, buf_slice(&text), why ? why : "");
}

/* A flat switch: what is done with each kind of key. */
void unit_convert(struct unit_work *work)
{
	struct slice value = slice_from(work->now->item->value);

	switch ((enum unit_how)work->now->key->how) {
	case UNIT_DROP:
		unit_dropped(work, work->now->key->text);
		break;
	case UNIT_VALUE:
	case UNIT_LIST:
	case UNIT_SPAN:
		put_value(work, value);
		break;
	case UNIT_JOIN:
		put_joined(work);
		break;
	case UNIT_RENAME:
		put(work, value, "the name of today");
		break;
	case UNIT_BOOL:
	case UNIT_ALWAYS:
		put_bool(work, value);
		break;
	case UNIT_LIMIT:
		put_limit(work, value);
		break;
	case UNIT_SIGNAL:
		put_signal(work, value);
		break;
	case UNIT_USER:
		put_user(work, value);
		break;
	case UNIT_GROUP:
		put_group(work, value);
		break;
	case UNIT_DIRECTORY:
		put_directory(work, value);
		break;
	case UNIT_TYPE:
		put_type(work, value);
		break;
	case UNIT_TIMEOUT_SEC:
		put_timeouts(work, value);
		break;
	case UNIT_EXIT_STATUS:
		put_codes(work);
		break;
	case UNIT_KILL_MODE:
		put_kill_mode(work, value);
		break;
	case UNIT_FILTER:
		unit_convert_filter(work);
		break;
	case UNIT_GROUPS:
	case UNIT_ENVIRONMENT:
	case UNIT_ENVIRONMENT_FILE:
	case UNIT_CREDENTIAL:
		unit_convert_words(work);
		break;
	case UNIT_EXEC_START:
	case UNIT_COMMANDS:
		break; /* unit_exec.c, before all others */
	}
}
