#include "data/unit_import.h"

#include <stdlib.h>

#include "arch/arch.h"
#include "data/service_key.h"
#include "data/unit_work.h"

char *unit_keep(struct unit_work *work, struct slice text)
{
	work->texts = mem_grow(work->texts, work->text_count + 1,
			       sizeof(*work->texts));
	return work->texts[work->text_count++] = mem_text(text);
}

static void say(struct unit_work *work, const char *fate, const char *now,
		const char *why)
{
	const struct unit_item *item = work->now->item;
	struct buf *said = &work->now->said;

	buf_text(said, item->file);
	buf_fmt(said, ":%u: %s: ", item->line, fate);
	if (item->name) {
		buf_text(said, item->name);
		buf_text(said, "=");
	}
	buf_text(said, item->value);
	if (now) {
		buf_text(said, ": now ");
		buf_text(said, *now ? now : "nothing");
	}
	if (*why) {
		buf_text(said, ": ");
		buf_text(said, why);
	}
	buf_text(said, "\n");
}

void unit_kept(struct unit_work *work)
{
	work->kept++;
	say(work, "kept", NULL, "");
}

void unit_changed(struct unit_work *work, const char *now, const char *why)
{
	work->changed++;
	say(work, "changed", now, why);
}

void unit_dropped(struct unit_work *work, const char *why)
{
	work->dropped++;
	say(work, "dropped", NULL, why);
}

/* A line of a recipe holds no control character, and none is continued. */
static bool is_line(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] < ' ' && value.at[i] != '\t')
			return false;
	return !value.len || value.at[value.len - 1] != '\\';
}

static int set_harden(struct unit_work *work, int key, struct slice value,
		      struct err *err)
{
	struct harden was = work->harden;

	if (harden_set(&work->harden, (size_t)key, arch_host(), value, err) ==
	    0)
		return 0;
	work->harden = was;
	return -1;
}

/* Not the program's words, and no user: a builder reads those. */
static int set_service(struct unit_work *work, const char *key,
		       struct slice value, struct err *err)
{
	struct service was = work->service;
	char *text = unit_keep(work, value);

	if (service_set(&work->service, slice_from(key), text, value.len,
			err) == 0)
		return 0;
	work->service = was;
	return -1;
}

/* A key that is no list stands once in a section. */
static bool is_twice(const struct unit_work *work, const char *key, int harden)
{
	auto_buf struct buf line = { 0 };
	struct service_key row;
	int i = service_key_find(&row, slice_from(key), &(struct err){ 0 });

	if (harden >= 0 ? harden_is_list((size_t)harden)
			: i < 0 || service_key_is_list(row))
		return false;
	buf_fmt(&line, "\n%s=", key);
	return strstr(work->section->at, line.at);
}

bool unit_emit(struct unit_work *work, const char *key, struct slice value)
{
	int harden = harden_find(slice_from(key));
	struct err err = { 0 };
	int got;

	if (!is_line(value))
		got = err_set(&err, 0,
			      "a control character, or '\\' at the end, is in "
			      "no line of a recipe");
	else if (is_twice(work, key, harden))
		got = err_set(&err, 0, "%s= is there already", key);
	else if (harden >= 0)
		got = set_harden(work, harden, value, &err);
	else
		got = set_service(work, key, value, &err);
	if (got < 0) {
		unit_dropped(work, err.text);
		return false;
	}
	buf_text(work->section, key);
	buf_text(work->section, "=");
	buf_add(work->section, value.at, value.len);
	buf_text(work->section, "\n");
	return true;
}

const char *unit_target(const struct unit_entry *entry)
{
	return entry->key->how == UNIT_RENAME ? "StartLimitIntervalSec"
					      : entry->item->name;
}

/* A later line takes the place of this one. */
static bool replaces(const struct unit_entry *later,
		     const struct unit_entry *entry)
{
	bool is_list = false;

	if (!later->key)
		return false;
	switch ((enum unit_how)entry->key->how) {
	case UNIT_DROP:
		return false;
	case UNIT_LIST:
	case UNIT_GROUPS:
	case UNIT_ENVIRONMENT:
	case UNIT_ENVIRONMENT_FILE:
	case UNIT_CREDENTIAL:
	case UNIT_EXEC_START:
	case UNIT_COMMANDS:
	case UNIT_FILTER:
		is_list = true;
		break;
	default:
		break;
	}
	if (later->key->how == UNIT_TIMEOUT_SEC &&
	    (strcmp(unit_target(entry), "TimeoutStartSec") == 0 ||
	     strcmp(unit_target(entry), "TimeoutStopSec") == 0))
		return true;
	return strcmp(unit_target(later), unit_target(entry)) == 0 &&
	       (!is_list || !*later->item->value);
}

static void find_keys(struct unit_work *work, const struct unit *unit)
{
	work->count = unit->count;
	work->entries = mem_new(unit->count, sizeof(*work->entries));
	for (size_t i = 0; i < unit->count; i++) {
		const struct unit_item *item = &unit->items[i];
		struct unit_entry *entry = &work->entries[i];
		bool is_ours = item->section == UNIT_SERVICE ||
			       item->section == UNIT_UNIT ||
			       item->section == UNIT_INSTALL;

		entry->item = item;
		if (item->name && is_ours)
			entry->key = unit_key_find(item->section,
						   slice_from(item->name));
		for (size_t j = 0; j < i; j++)
			if (entry->key && work->entries[j].key &&
			    replaces(entry, &work->entries[j]))
				work->entries[j].instead = item;
	}
}

/* What systemd ignores, too, and what says nothing. */
static bool is_void(struct unit_work *work)
{
	const struct unit_item *item = work->now->item;
	const struct unit_item *instead = work->now->instead;
	auto_buf struct buf why = { 0 };

	if (item->section == UNIT_NOWHERE)
		unit_dropped(work, "stands before the first section");
	else if (item->section == UNIT_ELSEWHERE)
		unit_dropped(work, "a section that services do not have");
	else if (!item->name)
		unit_dropped(work, "is not Key=Value");
	else if (!work->now->key)
		unit_dropped(work, "systemd has no such key there");
	else if (instead) {
		buf_text(&why,
			 *instead->value ? "replaced at " : "emptied at ");
		buf_text(&why, instead->file);
		buf_fmt(&why, ":%u", instead->line);
		unit_dropped(work, why.at);
	} else if (!*item->value && work->now->key->how != UNIT_DROP)
		unit_dropped(work, "empty, which is the default");
	else
		return false;
	return true;
}

static bool is_live(const struct unit_entry *entry, enum unit_how how)
{
	return entry->key && entry->key->how == how && !entry->instead &&
	       *entry->item->value;
}

/*
 * One program is started: of several ExecStart= the last, and the others are
 * before it, behind every ExecStartPre=. The rest stands as in the unit.
 */
static void convert_all(struct unit_work *work)
{
	size_t last = work->count;

	for (size_t i = 0; i < work->count; i++) {
		work->now = &work->entries[i];
		if (is_live(work->now, UNIT_ENVIRONMENT))
			unit_read_variables(work);
		if (is_live(work->now, UNIT_EXEC_START))
			last = i;
	}
	for (size_t i = 0; i < work->count; i++) {
		work->now = &work->entries[i];
		if (is_live(work->now, UNIT_COMMANDS))
			unit_convert_commands(work);
	}
	for (size_t i = 0; i < work->count; i++) {
		work->now = &work->entries[i];
		if (is_live(work->now, UNIT_EXEC_START))
			unit_convert_exec(work, i == last);
	}
	for (size_t i = 0; i < work->count; i++) {
		work->now = &work->entries[i];
		if (!is_live(work->now, UNIT_COMMANDS) &&
		    !is_live(work->now, UNIT_EXEC_START) && !is_void(work))
			unit_convert(work);
	}
}

/* Whether the unit says something about a key, dropped or not. */
static bool has(const struct unit_work *work, const char *name)
{
	for (size_t i = 0; i < work->count; i++)
		if (work->entries[i].key && !work->entries[i].instead &&
		    *work->entries[i].item->value &&
		    strcmp(work->entries[i].item->name, name) == 0)
			return true;
	return false;
}

/* Defaults that differ where the unit is silent. */
static void print_notes(struct buf *report, const struct unit_work *work)
{
	static const struct {
		const char *key;
		const char *other;
		const char *note;
	} notes[] = {
		{ "User", "DynamicUser",
		  "User= is not in the unit: systemd starts it as root, pith as "
		  "65532" },
		{ "SystemCallFilter", "",
		  "SystemCallFilter= is not in the unit: systemd allows every "
		  "call, pith those of @default" },
		{ "TimeoutStopSec", "TimeoutSec",
		  "TimeoutStopSec= is not in the unit: 90 seconds to systemd, 8 "
		  "to pith" },
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (!has(work, notes[i].key) && !has(work, notes[i].other))
			buf_fmt(report, "note: %s\n", notes[i].note);
	if (has(work, "SystemCallFilter") &&
	    !has(work, "SystemCallErrorNumber"))
		buf_text(report, "note: SystemCallErrorNumber= is not in the "
				 "unit: systemd kills for other calls, pith "
				 "answers EPERM\n");
	buf_text(report,
		 "note: the program starts once and no other is started but "
		 "with AllowExec=yes\n");
}

static void finish(struct buf *report, struct unit_work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		buf_text(report, work->entries[i].said.at);
		buf_free(&work->entries[i].said);
	}
	print_notes(report, work);
	buf_fmt(report, "%zu kept, %zu changed, %zu dropped\n", work->kept,
		work->changed, work->dropped);
	for (size_t i = 0; i < work->text_count; i++)
		free(work->texts[i]);
	free(work->texts);
	free(work->entries);
}

int unit_import(struct buf *section, struct buf *report,
		const struct unit *unit, const struct unit_name *name,
		struct err *err)
{
	struct unit_work work = { .section = section, .name = name };

	service_defaults(&work.service);
	buf_text(section, "[Service]\n");
	find_keys(&work, unit);
	convert_all(&work);
	bool has_program = work.service.exec.count > 0;

	finish(report, &work);
	return has_program ? 0 : err_set(err, 0, "no ExecStart= is left");
}
