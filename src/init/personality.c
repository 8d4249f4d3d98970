#include "init/personality.h"

#include <errno.h>
#include <stddef.h>

#include "init/apply.h"
#include "init/log.h"

enum {
	PITH = PERSONALITY_PITH,
	TINI = PERSONALITY_TINI,
	DUMB = PERSONALITY_DUMB,
	CATATONIT = PERSONALITY_CATATONIT,
	PAUSE = PERSONALITY_PAUSE,
	ALL = UINT8_MAX,
};

enum row { ROW_PITH, ROW_TINI, ROW_DUMB, ROW_CATATONIT, ROW_PAUSE };

static const struct personality personalities[] = {
	[ROW_PITH] = {
		.name = "pith-init",
		.version = "pith-init ",
		.kind = PITH,
		.failed = APPLY_FAILED,
		.refused = APPLY_NOT_EXECUTABLE,
		.missing = APPLY_NOT_FOUND,
		.behaviour = { .verbosity = LOG_WARNING,
			       .adopts = true,
			       .stops = true },
	},
	[ROW_TINI] = {
		.name = "tini",
		.version = "tini version ", /* docker info looks for this */
		.kind = TINI,
		.failed = 1,
		.refused = APPLY_NOT_EXECUTABLE,
		.missing = APPLY_NOT_FOUND,
		.other = 1,
		.behaviour = { .session = BEHAVIOUR_SESSION_GROUP,
			       .verbosity = LOG_WARNING,
			       .notes_orphans = true },
	},
	[ROW_DUMB] = {
		.name = "dumb-init",
		.version = "dumb-init v",
		.kind = DUMB,
		.failed = 1,
		.refused = 2,
		.missing = 2,
		.is_on_stderr = true,
		.behaviour = { .session = BEHAVIOUR_SESSION_OWN,
			       .to_group = true,
			       .ends_group = true,
			       .suspends = true },
	},
	[ROW_CATATONIT] = {
		.name = "catatonit",
		.version = "tini version ", /* for the same reason */
		.kind = CATATONIT,
		.failed = 1,
		.refused = 1,
		.missing = 1,
		.behaviour = { .session = BEHAVIOUR_SESSION_GROUP,
			       .verbosity = LOG_WARNING,
			       .adopts = true },
	},
	[ROW_PAUSE] = {
		.name = "pause",
		.version = "pause ",
		.kind = PAUSE,
		.failed = 1,
		.behaviour = { .verbosity = LOG_WARNING,
			       .adopts = true,
			       .pauses = true },
	},
};

/*
 * By how the name begins, so that tini-static and dumb-init_1.2.5_x86_64 are
 * meant, too. Docker and podman install theirs under names of their own.
 */
static const struct {
	char start[12];
	uint8_t row;
} names[] = {
	{ "tini", ROW_TINI },
	{ "docker-init", ROW_TINI },
	{ "dumb-init", ROW_DUMB },
	{ "catatonit", ROW_CATATONIT },
	{ "podman-init", ROW_CATATONIT },
	{ "pause", ROW_PAUSE },
	{ "", ROW_PITH }, /* last: every name begins so */
};

#define SET(field, value) offsetof(struct behaviour, field), value

static const struct {
	char letter;
	struct option option;
} letters[] = {
	{ 'o', { PITH, OPTION_SETTING, 0 } },
	{ 'g', { PITH | TINI | CATATONIT, SET(to_group, true) } },
	{ 'c', { PITH | DUMB, SET(session, BEHAVIOUR_SESSION_SAME) } },
	{ 's', { PITH | TINI, SET(adopts, true) } },
	{ 'w', { PITH | TINI, SET(notes_reaping, true) } },
	{ 'v', { PITH | TINI, SET(verbosity, OPTION_MORE) } },
	{ 'v', { DUMB, SET(verbosity, LOG_DEBUG) } },
	{ 'v', { PAUSE, SET(answer, BEHAVIOUR_VERSION) } },
	{ 'P', { PITH | CATATONIT, SET(pauses, true) } },
	{ 'h', { ALL, SET(answer, BEHAVIOUR_HELP) } },
	{ 'V', { PITH | DUMB | CATATONIT, SET(answer, BEHAVIOUR_VERSION) } },
	{ 'l', { PITH | TINI, SET(answer, BEHAVIOUR_LICENSE) } },
	{ 'L', { PITH | CATATONIT, SET(answer, BEHAVIOUR_LICENSE) } },
	{ 'p', { PITH | TINI, OPTION_DEATH_SIGNAL, 0 } },
	{ 'r', { PITH | DUMB, OPTION_REWRITE, 0 } },
	{ 'e', { PITH | TINI, OPTION_SUCCESS, 0 } },
};

static const struct {
	char word[13];
	struct option option;
} words[] = {
	{ "help", { PITH | DUMB, SET(answer, BEHAVIOUR_HELP) } },
	{ "version", { ALL, SET(answer, BEHAVIOUR_VERSION) } },
	{ "verbose", { PITH | DUMB, SET(verbosity, LOG_DEBUG) } },
	{ "single-child",
	  { PITH | DUMB, SET(session, BEHAVIOUR_SESSION_SAME) } },
	{ "rewrite", { PITH | DUMB, OPTION_REWRITE, 0 } },
	{ "pause", { PITH, SET(pauses, true) } },
	{ "explain", { PITH, SET(answer, BEHAVIOUR_EXPLAIN) } },
	{ "check", { PITH, SET(answer, BEHAVIOUR_CHECK) } },
};

static const struct {
	char name[25];
	char value; /* the only one that counts; 0: any does, even none */
	struct option option;
} variables[] = {
	{ "TINI_KILL_PROCESS_GROUP=", 0, { PITH | TINI, SET(to_group, true) } },
	{ "TINI_SUBREAPER=", 0, { PITH | TINI, SET(adopts, true) } },
	{ "TINI_VERBOSITY=", 0, { PITH | TINI, OPTION_VERBOSITY, 0 } },
	{ "DUMB_INIT_SETSID=",
	  '0',
	  { PITH | DUMB, SET(session, BEHAVIOUR_SESSION_SAME) } },
	{ "DUMB_INIT_DEBUG=", '1', { PITH | DUMB, SET(verbosity, LOG_DEBUG) } },
	{ "CATATONIT_DEBUG=",
	  0,
	  { PITH | CATATONIT, SET(verbosity, LOG_DEBUG) } },
};

enum {
	LETTERS = sizeof(letters) / sizeof(letters[0]),
	WORDS = sizeof(words) / sizeof(words[0]),
	VARIABLES = sizeof(variables) / sizeof(variables[0]),
};

_Static_assert((int)LETTERS < (int)PERSONALITY_LETTERS, "room for all letters");

/* What follows start in text, or NULL where text begins otherwise. */
static const char *after(const char *text, const char *start)
{
	while (*start)
		if (*text++ != *start++)
			return NULL;
	return text;
}

const struct personality *personality_of(const char *path)
{
	const char *base = path;
	int i = 0;

	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	while (!after(base, names[i].start))
		i++;
	return &personalities[names[i].row];
}

int personality_exit(const struct personality *as, int code, int error)
{
	if (code == APPLY_FAILED)
		return as->failed;
	if (as->other && error && error != ENOENT && error != EACCES)
		return as->other;
	return code == APPLY_NOT_FOUND ? as->missing : as->refused;
}

const struct option *personality_letter(const struct personality *as,
					char letter)
{
	for (int i = 0; i < LETTERS; i++)
		if (letters[i].letter == letter &&
		    letters[i].option.in & as->kind)
			return &letters[i].option;
	return NULL;
}

const struct option *personality_word(const struct personality *as,
				      struct slice name)
{
	for (int i = 0; i < WORDS; i++)
		if (words[i].option.in & as->kind &&
		    slice_eq(name, words[i].word))
			return &words[i].option;
	return NULL;
}

const struct option *personality_variable(const struct personality *as,
					  const char *assignment,
					  const char **value)
{
	for (int i = 0; i < VARIABLES; i++) {
		const char *text = after(assignment, variables[i].name);
		char only = variables[i].value;

		if (!text || !(variables[i].option.in & as->kind))
			continue;
		*value = text;
		if (!only || (text[0] == only && !text[1]))
			return &variables[i].option;
	}
	return NULL;
}

void personality_letters(char out[PERSONALITY_LETTERS],
			 const struct personality *as)
{
	for (int i = 0; i < LETTERS; i++)
		if (letters[i].option.in & as->kind)
			*out++ = letters[i].letter;
	*out = '\0';
}
