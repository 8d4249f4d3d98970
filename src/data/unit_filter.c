/* SystemCallFilter= of a unit: systemd's words, as a policy of pith's has them. */
#include "arch/arch.h"
#include "data/unit_work.h"

/* Groups that pith has under the same name, with the same calls. */
static bool is_group(struct slice word)
{
	static const char *const groups[] = {
		"@aio",		  "@basic-io",	 "@chown",	    "@clock",
		"@cpu-emulation", "@debug",	 "@file-system",    "@io-event",
		"@ipc",		  "@keyring",	 "@memlock",	    "@module",
		"@mount",	  "@network-io", "@obsolete",	    "@pkey",
		"@privileged",	  "@process",	 "@raw-io",	    "@reboot",
		"@resources",	  "@sandbox",	 "@setuid",	    "@signal",
		"@swap",	  "@sync",	 "@system-service", "@timer",
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (slice_eq(word, groups[i]))
			return true;
	return false;
}

static bool is_call(struct slice word)
{
	for (size_t i = 0; arch_all[i]; i++)
		if (arch_syscall_nr(arch_all[i], word) >= 0)
			return true;
	return false;
}

/* The words of one line, and what has to be said of them. */
struct filter_line {
	struct buf words;
	struct buf why;
	bool is_denied;
	bool has_base; /* systemd's @default is in it */
};

static void lose(struct filter_line *line, struct slice word, const char *why)
{
	buf_text(&line->why, line->why.len ? "; " : "");
	buf_add(&line->why, word.at, word.len);
	buf_text(&line->why, why);
}

static void add_word(struct filter_line *line, struct slice word)
{
	struct slice action = word, name;
	bool is_default;

	slice_cut(&name, &action, ':');
	is_default = slice_eq(name, "@default");
	line->has_base = line->has_base || is_default ||
			 slice_eq(name, "@system-service");
	if (slice_eq(name, "execve") || slice_eq(name, "execveat")) {
		lose(line, name, " is for AllowExec=yes");
		return;
	}
	if (!is_default && !is_group(name) && !is_call(name)) {
		lose(line, name,
		     name.at[0] == '@' ? ": pith has no such group"
				       : ": no such call");
		return;
	}
	if (is_default)
		lose(line, name, " is @base here");
	buf_text(&line->words, line->words.len ? " " : "");
	if (is_default)
		name = SLICE("@base");
	buf_add(&line->words, name.at, name.len);
	if (action.len)
		buf_text(&line->words, ":");
	buf_add(&line->words, action.at, action.len);
}

static void put_line(struct unit_work *work, struct filter_line *line)
{
	auto_buf struct buf value = { 0 };
	auto_buf struct buf now = { 0 };

	if (!line->words.len) {
		unit_dropped(work, line->why.len ? line->why.at : "no word");
		return;
	}
	buf_text(&value, line->is_denied ? "~" : "");
	buf_add(&value, line->words.at, line->words.len);
	if (!unit_emit(work, "SystemCallFilter", buf_slice(&value)))
		return;
	buf_text(&now, "SystemCallFilter=");
	buf_add(&now, value.at, value.len);
	if (line->why.len)
		unit_changed(work, now.at, line->why.at);
	else
		unit_kept(work);
}

/* The first list says whether the lists allow or deny. */
static void see_first(struct filter_line *line)
{
	if (line->is_denied) {
		lose(line, SLICE(""),
		     "these are denied of @default, not of "
		     "every call there is");
	} else if (!line->has_base) {
		buf_text(&line->words, line->words.len ? " @base" : "");
		lose(line, SLICE(""), "systemd adds its @default");
	}
}

void unit_convert_filter(struct unit_work *work)
{
	struct slice rest = slice_from(work->now->item->value);
	struct filter_line line = { 0 };
	struct slice word;

	if (slice_has_prefix(rest, "~")) {
		line.is_denied = true;
		rest = (struct slice){ rest.at + 1, rest.len - 1 };
	}
	while (slice_word(&word, &rest))
		add_word(&line, word);
	if (!work->service.filter.count)
		see_first(&line);
	put_line(work, &line);
	buf_free(&line.words);
	buf_free(&line.why);
}
